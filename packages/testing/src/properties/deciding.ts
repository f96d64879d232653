import { canonicalText, type Json, type Verdict } from '@gatewright/core'
import { type Engine, engines } from '@gatewright/evaluator'
import { verdictDifference } from '../equivalence/difference.js'
import type { Question } from '../search/questions.js'
import type { Property } from './property.js'
import type { Subject } from './subject.js'

const ours = 'this is a fault of Gatewright: please report it with the seed'

/** The engines that are there without a program of others, beside the reference. */
const compared: readonly Engine[] = [engines.javascript, engines.wasm]

interface Disagreement {
  readonly engine: string
  readonly verdict: Verdict
  readonly difference: string
}

/** The engines that do not say what the reference says, with all of it; none where they agree. */
function disagreeing(question: Question, subject: Subject, expected: Verdict): readonly Disagreement[] {
  return compared.flatMap((engine) => {
    const verdict = subject.verdictBy(engine, question)
    const difference = verdictDifference(expected, verdict)
    return difference === undefined ? [] : [{ engine: engine.name, verdict, difference }]
  })
}

const all = ['valid', 'nearly-valid', 'hostile'] as const

export const neverThrows: Property = {
  name: 'never-throws',
  says: 'whatever the policy is asked, there is a verdict',
  advice: ours,
  modes: all,
  shownBy: 'questions',
  tried: (question, subject) => {
    try {
      subject.verdict(question)
      return 'holds'
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return {
        because: `judging throws: ${message}`,
        first: {
          question,
          verdict: { verdict: 'error', violations: [], reasons: [{ code: 'thrown', message }] },
        },
      }
    }
  },
}

export const decidesValid: Property = {
  name: 'decides',
  says: 'a valid object with parameters that are taken is allowed, denied or none of the policy’s, never an error',
  advice:
    'say in the schema of the parameters what the rule asks of them (a pattern, a range), and decide what a missing or odd value means with `ifMissing` or `default`',
  shownBy: 'valid objects',
  tried: (question, subject) => {
    const answered = subject.answered(question)
    const { verdict } = answered.verdict
    const isOdd =
      verdict === 'error' ||
      (verdict === 'invalid' && subject.policy.ir.target.builtIn === true) ||
      (verdict === 'undetermined' && question.inventory === undefined)
    if (!isOdd) return 'holds'
    return { because: `a valid object is ${verdict === 'error' ? 'an error' : verdict}`, first: answered }
  },
}

export const enginesAgree: Property = {
  name: 'engines-agree',
  says: 'the reference interpreter, JavaScript and WebAssembly say the same, verdict and violations',
  advice: ours,
  modes: all,
  shownBy: 'questions',
  enough: 50,
  tried: (question, subject) => {
    const first = { question, verdict: subject.verdictBy(engines.reference, question) }
    const [other] = disagreeing(question, subject, first.verdict)
    if (other === undefined) return 'holds'
    return {
      because: `\`${other.engine}\` says something else than the reference interpreter: ${other.difference}`,
      first,
      then: { question, verdict: other.verdict },
    }
  },
}

export const repeatable: Property = {
  name: 'repeatable',
  says: 'the same question has the same answer each time, and asking changes nothing of it',
  advice: ours,
  modes: all,
  shownBy: 'questions',
  enough: 50,
  tried: (question, subject) => {
    const before = canonicalText(question.object)
    const first = subject.answered(question)
    const again = subject.verdictBy(engines.javascript, question)
    const isSame = canonicalText(first.verdict as unknown as Json) === canonicalText(again as unknown as Json)
    if (isSame && canonicalText(question.object) === before) return 'holds'
    return {
      because: isSame ? 'the object is changed by judging it' : 'the second answer is another one',
      first,
      then: { question, verdict: again },
    }
  },
}
