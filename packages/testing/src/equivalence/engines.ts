import {
  compileJavaScript,
  emitPlainly,
  emitRego,
  emitRegoFiles,
  emittedRuntime,
  type Plainly,
  RegoUnsupported,
} from '@gatewright/compiler'
import type { CheckedPolicy, PolicyIr, Verdict } from '@gatewright/core'
import { DataDocument, type Engine, javascriptEngine, moduleJudge, reviewText } from '@gatewright/evaluator'
import { opaModuleJudge } from '@gatewright/evaluator/opa-wasm'
import type { AskedQuestion } from '../search/questions.js'
import type { Decision } from './difference.js'
import { evaluatedByOpa, OpaFailure, opaVersion } from '../opa.js'

/** What an engine says of a question: a whole verdict, a decision, nothing at all, or why it cannot be told the question. */
export type EngineAnswer =
  | { readonly verdict: Verdict }
  | { readonly decision: Decision | undefined }
  | { readonly untold: string }

/** An engine that is held against the reference. */
export interface ComparedEngine {
  readonly name: string
  /** Why it cannot be asked here; undefined where it can. */
  readonly absent: () => string | undefined
  /** Gets a policy ready for many questions at a time; or says why the back end refuses it. */
  readonly prepare: (
    policy: CheckedPolicy,
  ) => ((questions: readonly AskedQuestion[]) => readonly EngineAnswer[]) | { readonly refused: string }
  /** It reads numbers into doubles, so that no more than these can be compared. */
  readonly isRough?: boolean
}

const present = (): undefined => undefined

/** An engine of the evaluator's kind, which judges all it is asked. */
export const inProcess = (engine: Pick<Engine, 'prepare'>, name: string): ComparedEngine => ({
  name,
  absent: present,
  prepare: (policy) => {
    const prepared = engine.prepare(policy)
    return (questions) =>
      questions.map(({ parameters, review }) => ({ verdict: prepared.judge(parameters, review) }))
  },
})

/** The function that is emitted for a policy. */
export function plainlyOf(policy: PolicyIr): Plainly {
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function(`return (${emitPlainly(policy)})`) as () => (runtime: object) => Plainly
  return make()(emittedRuntime)
}

/** Judges as a module does that was built ahead. */
export const emittedEngine: Pick<Engine, 'prepare'> = {
  prepare: (policy) => compileJavaScript(policy, plainlyOf(policy)),
}

const emitted: ComparedEngine = {
  ...inProcess(emittedEngine, 'emitted'),
  absent: () => {
    try {
      // oxlint-disable-next-line typescript/no-implied-eval
      return typeof new Function('') === 'function' ? undefined : 'source is not evaluated here'
    } catch {
      return 'this place does not let source be evaluated'
    }
  },
}

const wasm: ComparedEngine = {
  name: 'wasm',
  absent: present,
  prepare: (policy) => {
    const module = moduleJudge(policy)
    if ('refused' in module) return module
    return (questions) =>
      questions.map(({ parameters, review }) => {
        const verdict = module.judge(parameters, review)
        return verdict === undefined ? { untold: cannotBeSaid } : { verdict }
      })
  },
}

const opaWasm: ComparedEngine = {
  name: 'opa-wasm',
  absent: present,
  isRough: true,
  prepare: (policy) => {
    const module = opaModuleJudge(policy)
    if ('refused' in module) return module
    return (questions) =>
      questions.map(({ parameters, review }) => {
        const said = module.judge(parameters, review)
        return 'untold' in said ? said : { decision: said }
      })
  },
}

const cannotBeSaid = 'the question cannot be said in the documents that modules read'

/** OPA itself, with the Rego that is emitted: all questions of a policy in one run. */
export const opaEngine = (program: string = 'opa'): ComparedEngine => ({
  name: 'opa',
  absent: () => {
    try {
      opaVersion(program)
      return undefined
    } catch (error) {
      if (error instanceof OpaFailure) return error.message
      throw error
    }
  },
  prepare: (policy) => {
    try {
      emitRego({ ir: policy })
    } catch (error) {
      if (error instanceof RegoUnsupported) return { refused: error.message }
      throw error
    }
    const data = new DataDocument([policy])
    return (questions) => askOpa(policy, questions, data, program)
  },
})

function askOpa(
  policy: CheckedPolicy,
  questions: readonly AskedQuestion[],
  data: DataDocument,
  program: string,
): readonly EngineAnswer[] {
  const told = new Map<string, number>()
  const cases = questions.map(({ parameters, review }) => {
    const input = reviewText(review)
    const given = data.text([parameters], review.inventory)
    if (input === undefined || given === undefined) return undefined
    const index = told.get(given) ?? told.size
    told.set(given, index)
    return `{"input":${input},"told":${index}}`
  })
  const asked = cases.map((each) => each ?? 'null')
  const rule = [
    'package equivalence\n\nanswers := [[i, decision] |\n\tsome i, each in data.equivalence_questions.cases\n\teach != null',
    '\ttold := data.equivalence_questions.told[each.told]',
    `\tdecision := data.${emitRego({ ir: policy }).package}.decision with input as each.input`,
    '\t\twith data.gatewright.parameters as told.gatewright.parameters',
    '\t\twith data.gatewright.inventory as told.gatewright.inventory',
    '\t\twith data.inventory as object.get(told, "inventory", {})\n]\n',
  ].join('\n')
  const answers = evaluatedByOpa(
    [
      ...emitRegoFiles([{ ir: policy }]),
      { path: 'equivalence.rego', text: rule },
      {
        path: 'data.json',
        text: `{"equivalence_questions":{"cases":[${asked.join()}],"told":[${[...told.keys()].join()}]}}`,
      },
    ],
    'data.equivalence.answers',
    program,
  ) as unknown as readonly (readonly [number, Decision])[]
  const found = new Map(answers.map(([i, decision]) => [Number(i), decision] as const))
  return cases.map((each, i) => (each === undefined ? { untold: cannotBeSaid } : { decision: found.get(i) }))
}

/** One that cannot be compared yet. */
const later = (name: string, reason: string): ComparedEngine => ({
  name,
  absent: () => reason,
  prepare: () => ({ refused: reason }),
})

/** All engines that are held against the reference; another one is a row more. */
export const comparedEngines: readonly ComparedEngine[] = [
  inProcess(javascriptEngine, 'javascript'),
  emitted,
  wasm,
  opaWasm,
  opaEngine(),
  later('gator', 'constraint templates are not compared yet'),
  later('cel', 'policies in CEL are not compared yet'),
]
