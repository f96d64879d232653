import {
  distinctPolicies,
  type Json,
  judge,
  type Policy,
  type Profile,
  readParameters,
  type Verdict,
} from '@gatewright/core'
import { checkedIr } from '@gatewright/evaluator'
import type { Candidate } from '../search/candidates.js'
import { askGenerated } from '../search/generated.js'
import { type Parts, questionOf, type Stored, storedOf } from '../search/parts.js'
import { type AskedQuestion, judgedReview } from '../search/questions.js'
import { smallerParts } from '../search/smallest.js'
import { type Decision, decisionOf, differenceOf, verdictDifference } from './difference.js'
import { type ComparedEngine, comparedEngines, type EngineAnswer } from './engines.js'
import type { GivenQuestion } from '../cases.js'
import { questionsFrom } from './given-questions.js'
import { rounded } from './rounded.js'

export interface ComparisonOptions {
  /** How many questions are made up for each policy, beside those given; 300 by default. */
  readonly runs?: number
  /** What the questions are made from; 1 by default. */
  readonly seed?: number
  /** Questions to ask as they are, and to make others from. */
  readonly objects?: readonly GivenQuestion[]
  /** Parameters by policy id, over those of `with`; those that questions vary go before them. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** The engines; all by default. */
  readonly engines?: readonly ComparedEngine[]
}

/** How many questions had each verdict, as the reference has it. */
export type VerdictCounts = Readonly<Partial<Record<Verdict['verdict'], number>>>

/** A question of which an engine says something else than the reference. */
export interface EngineDifference {
  /** What is different: the verdicts, the violations, their order, the misfits, a reason. */
  readonly what: string
  /** The smallest that was found: an object, or an AdmissionReview where there is more to it. */
  readonly object: Json
  readonly parameters: Readonly<Record<string, Json>>
  /** The other objects, where they are of the search's own making. */
  readonly inventory?: Stored
  readonly reference: Decision
  /** What the engine says; undefined where it gives no decision. */
  readonly engine: Decision | undefined
}

/** What came of one engine for one policy. */
export interface EngineResult {
  readonly engine: string
  /** Why nothing was compared: the engine is not there, or its back end refuses the policy. */
  readonly notCompared?: string
  /** How many questions were compared, and how many of them had each verdict. */
  readonly compared: number
  readonly verdicts: VerdictCounts
  /** Questions that the engine cannot be told, by the reason. */
  readonly untold: Readonly<Record<string, number>>
  /** How many questions it answers differently, and the smallest that was found. */
  readonly different: number
  readonly difference?: EngineDifference
}

export interface PolicyComparison {
  readonly policy: string
  /** Questions that engines are asked, and how many had each verdict. */
  readonly questions: number
  readonly verdicts: VerdictCounts
  /** Questions that no engine is asked, since the parameters are refused or the object is of no kind. */
  readonly unasked: number
  readonly engines: readonly EngineResult[]
}

interface Asked extends AskedQuestion {
  readonly candidate: Candidate
  readonly expected: Verdict
}

/**
 * Holds engines against the reference interpreter: verdicts, violations with their places, messages and details, and reasons, on
 * questions that are given and made up. What is not compared is in the result with the reason.
 */
export function compareEngines(
  policies: readonly (Policy | Profile)[],
  options: ComparisonOptions = {},
): readonly PolicyComparison[] {
  const { engines = comparedEngines } = options
  const all = engines.map((engine) => ({ engine, absent: engine.absent() }))
  return distinctPolicies(policies).map((policy) => {
    const own = new Reference(policy, options.parameters?.[policy.id])
    const { asked, unasked } = own.questions(options)
    return {
      policy: policy.id,
      questions: asked.length,
      verdicts: counted(asked),
      unasked,
      engines: all.map(({ engine, absent }) =>
        absent === undefined ? result(engine, own, asked) : notCompared(engine.name, absent),
      ),
    }
  })
}

const notCompared = (engine: string, reason: string): EngineResult => ({
  engine,
  notCompared: reason,
  compared: 0,
  verdicts: {},
  untold: {},
  different: 0,
})

function counted(asked: readonly Asked[]): VerdictCounts {
  const counts: Partial<Record<Verdict['verdict'], number>> = {}
  for (const { expected } of asked) counts[expected.verdict] = (counts[expected.verdict] ?? 0) + 1
  return counts
}

/** A policy as the reference judges it. */
class Reference {
  readonly policy: Policy
  readonly #given: Readonly<Record<string, unknown>>

  constructor(policy: Policy, given: Readonly<Record<string, unknown>> = {}) {
    this.policy = policy
    this.#given = given
  }

  questions({ runs = 300, seed = 1, objects = [] }: ComparisonOptions): {
    readonly asked: readonly Asked[]
    readonly unasked: number
  } {
    const asked: Asked[] = []
    let unasked = 0
    askGenerated([this.policy], questionsFrom(objects), { runs, seed }, (candidate) => {
      const one = this.asked(candidate, candidate.parts)
      if (one === undefined) {
        unasked++
        return 'unasked'
      }
      asked.push(one)
      const { verdict, violations, reasons } = one.expected
      return [verdict, ...violations.map(({ code }) => code), ...reasons.map(({ code }) => code)].join()
    })
    return { asked, unasked }
  }

  /** A question with what the reference says of it; undefined where no engine would be asked. */
  asked({ given }: Candidate, parts: Parts): Asked | undefined {
    const question = questionOf(parts, given)
    const review = judgedReview(this.policy, question)
    const read = readParameters(this.policy, { ...this.#given, ...question.parameters })
    if (review === undefined || 'problems' in read) return undefined
    return {
      candidate: { parts, question, given },
      parameters: read.parameters,
      review,
      expected: judge(this.policy.ir, read.parameters, review),
    }
  }
}

function result(engine: ComparedEngine, reference: Reference, asked: readonly Asked[]): EngineResult {
  const ask = engine.prepare(checkedIr(reference.policy))
  if ('refused' in ask) return notCompared(engine.name, ask.refused)
  const answers = ask(asked)
  const compared: Asked[] = []
  const different: Asked[] = []
  const untold: Record<string, number> = {}
  for (const [i, each] of asked.entries()) {
    const answer = answers[i] ?? { decision: undefined }
    if ('untold' in answer) {
      untold[answer.untold] = (untold[answer.untold] ?? 0) + 1
      continue
    }
    compared.push(each)
    if (unlike(engine, each.expected, answer) !== undefined) different.push(each)
  }
  const [first] = different
  return {
    engine: engine.name,
    compared: compared.length,
    verdicts: counted(compared),
    untold,
    different: different.length,
    ...(first === undefined ? {} : { difference: smallestDifference(engine, ask, reference, first) }),
  }
}

/** Where an answer is not what the reference says. */
function unlike(
  { isRough = false }: ComparedEngine,
  expected: Verdict,
  answer: EngineAnswer,
): string | undefined {
  if ('untold' in answer) return undefined
  if ('verdict' in answer) return verdictDifference(expected, answer.verdict)
  if (!isRough || answer.decision === undefined) return differenceOf(expected, saidOf(answer))
  return differenceOf(rounded(expected), rounded(saidOf(answer) ?? answer.decision))
}

/** A decision, of which no more than decisions have is looked at. */
function saidOf(answer: EngineAnswer): Decision | undefined {
  if ('untold' in answer) return undefined
  const said = 'verdict' in answer ? answer.verdict : answer.decision
  return said === undefined ? undefined : decisionOf(said as Verdict)
}

/** Rounds of making a question smaller; an engine is asked about all that is smaller in one go. */
const mostRounds = 60
const mostAtOnce = 400

function smallestDifference(
  engine: ComparedEngine,
  ask: (questions: readonly AskedQuestion[]) => readonly EngineAnswer[],
  reference: Reference,
  first: Asked,
): EngineDifference {
  let smallest = first
  for (let round = 0; round < mostRounds; round++) {
    const smaller: Asked[] = []
    for (const parts of smallerParts(smallest.candidate.parts)) {
      const one = reference.asked(first.candidate, parts)
      if (one !== undefined) smaller.push(one)
      if (smaller.length >= mostAtOnce) break
    }
    const answers = smaller.length === 0 ? [] : ask(smaller)
    const found = smaller.find((each, i) => {
      const answer = answers[i] ?? { decision: undefined }
      return unlike(engine, each.expected, answer) !== undefined
    })
    if (found === undefined) break
    smallest = found
  }
  const [answer = { decision: undefined }] = ask([smallest])
  const { question, parts } = smallest.candidate
  const stored = storedOf(parts)
  return {
    what: unlike(engine, smallest.expected, answer) ?? 'it answers differently each time',
    object: question.object,
    parameters: question.parameters as Readonly<Record<string, Json>>,
    ...(stored === undefined ? {} : { inventory: stored }),
    reference: decisionOf(smallest.expected),
    engine: saidOf(answer),
  }
}
