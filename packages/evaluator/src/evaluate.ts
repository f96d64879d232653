import {
  type CheckedPolicy,
  defaultBudget,
  distinctPolicies,
  type Inventory,
  type Json,
  judgedObject,
  type JudgeOptions,
  kindOf,
  nearest,
  type ParameterProblem,
  type Policy,
  type Profile,
  readParameters,
  type Reason,
  type Review,
  type Verdict,
} from '@gatewright/core'
import { podTemplatePath } from '@gatewright/kubernetes'
import { checkedIr, type Engine, type Prepared } from './engine.js'
import { javascriptEngine } from './javascript-engine.js'
import { type Match, matchObject } from './match.js'
import { matchShapeProblems } from './match-problems.js'
import { type Normalized, normalize, normalizeJson } from './normalize.js'
import { namesPodFields, unknownPodTemplate } from './pod-template-search.js'
import { readText } from './read-text.js'
import { wasmEngine } from './wasm/engine.js'
import { TextJudge, type TextVerdicts } from './wasm/text-judge.js'

/** One policy's answer for one object. */
export interface Judgement {
  readonly policy: Policy
  readonly verdict: Verdict
}

/** All answers for one input; or why it could not be judged at all, which is an error for every policy. */
export interface Evaluation {
  readonly judgements: readonly Judgement[]
  readonly problem?: Reason
  /** What the reader of a report should know of the object: that a part of it was looked at by no policy. */
  readonly notes: readonly Reason[]
}

export interface EvaluatorOptions {
  /** The engine that judges; without it texts are judged by WebAssembly, and what is parsed already by JavaScript. */
  readonly engine?: Engine
  /** Whether `evaluateText` refuses what is wrong in parts of a text that no policy reads; it does unless this is `lax`. */
  readonly reading?: 'strict' | 'lax'
  readonly match?: Match
  /** Parameters by policy id; they go before those that a policy was given by `with`. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly inventory?: Inventory
  /** Looks up a namespace object, for namespace selectors. */
  readonly namespaceObject?: (name: string) => Json | undefined
  /** Elements that one evaluation may visit. */
  readonly budget?: number
}

/** Judges inputs by policies. */
export interface Evaluator {
  readonly policies: readonly Policy[]
  /** Parameters that are wrong; the policies they belong to give an error for every object. */
  readonly parameterProblems: readonly {
    readonly policy: Policy
    readonly problems: readonly ParameterProblem[]
  }[]
  /** Judges an input in any of the shapes that `normalize` reads. */
  evaluate(input: unknown): Evaluation
  /** As `evaluate`, of a value that is JSON already; it is not copied. */
  evaluateJson(input: Json): Evaluation
  /**
   * As `evaluate`, of the JSON text of an input, with every digit of its numbers. All policies are judged in one pass over the
   * text, without parsing it to objects, unless a `match`, a budget or another engine asks for these.
   */
  evaluateText(input: string | Uint8Array): Evaluation
}

interface Ready {
  readonly policy: Policy
  readonly ir: CheckedPolicy
  readonly prepared: Prepared
  readonly parameters: Json
  readonly problem?: Reason
}

/**
 * Prepares policies to judge inputs with. Wrong parameters and a match that cannot be read are error verdicts, not exceptions; two
 * different policies of one id, and parameters for a policy that is not there, throw.
 */
export function evaluator(of: readonly (Policy | Profile)[], options: EvaluatorOptions = {}): Evaluator {
  return stepwise(of, options).evaluator
}

/** An evaluator with the steps by which it judges texts, for those who have the module run elsewhere. */
export function stepwise(
  of: readonly (Policy | Profile)[],
  options: EvaluatorOptions,
): { readonly evaluator: Evaluator; readonly steps: TextSteps } {
  const { engine = javascriptEngine } = options
  const policies = distinctPolicies(of)
  refuseUnknown(policies, options.parameters)
  const parameterProblems: { policy: Policy; problems: readonly ParameterProblem[] }[] = []
  const ready = policies.map((policy): Ready => {
    const read = readParameters(policy, givenFor(policy, options.parameters))
    const ir = checkedIr(policy)
    const prepared = engine.prepare(ir)
    if ('parameters' in read) return { policy, ir, prepared, parameters: read.parameters }
    parameterProblems.push({ policy, problems: read.problems })
    const message = read.problems
      .map((each) => `${each.path.join('.') || 'parameters'}: ${each.message}`)
      .join('; ')
    return { policy, ir, prepared, parameters: {}, problem: { code: 'invalid-parameters', message } }
  })
  const wrong = matchError(options.match)
  const fits = engine.prepareFits?.(ready.map(({ ir }) => ir))
  const judgeOne: Judging = (of, by = ready) =>
    judgeAll('problem' in of || wrong === undefined ? of : { problem: wrong }, by, options, fits)
  const steps = textSteps(ready, options, judgeOne)
  return {
    evaluator: {
      policies,
      parameterProblems,
      evaluate: (input) => judgeOne(normalize(input)),
      evaluateJson: (input) => judgeOne(normalizeJson(input)),
      evaluateText: (input) => {
        const begun = steps.begin(input)
        if (!('judge' in begun)) return begun
        return steps.end(input, begun.judge.judge(input, begun.data))
      },
    },
    steps,
  }
}

/** How a text is judged: what is asked of a module, and what is made of what it says. */
export interface TextSteps {
  /** What a module is to be asked, with which data; or the evaluation, where none is asked. */
  begin(input: unknown): Evaluation | { readonly judge: TextJudge; readonly data: string }
  end(input: string | Uint8Array, said: TextVerdicts): Evaluation
}

/** Judges what was read, by all policies or by some. */
type Judging = (of: Normalized | { readonly problem: Reason }, by?: readonly Ready[]) => Evaluation

/** Judges texts, by one module where that can be; what else there is to say is said of what the text is parsed to. */
function textSteps(ready: readonly Ready[], options: EvaluatorOptions, judgeOne: Judging): TextSteps {
  const { engine = wasmEngine, match, budget = defaultBudget, reading = 'strict' } = options
  let judge: TextJudge | undefined
  let isMade = engine !== wasmEngine || match !== undefined || budget !== defaultBudget
  const begin: TextSteps['begin'] = (input) => {
    if (typeof input !== 'string' && !(input instanceof Uint8Array))
      return judgeOne({ problem: { code: 'bad-input', message: 'the input is neither a text nor bytes' } })
    if (!isMade) {
      judge = TextJudge.of(
        ready.filter(({ problem }) => problem === undefined),
        reading === 'strict',
      )
      isMade = true
    }
    const data = judge?.dataFor(input, options.inventory)
    return judge === undefined || data === undefined ? judgeOne(parsed(input)) : { judge, data }
  }
  const end: TextSteps['end'] = (input, said) => {
    if (said === 'parse') return judgeOne(parsed(input))
    if ('problem' in said) return judgeOne(said)
    const { verdicts } = said
    const others = ready.filter(({ ir, problem }) => problem === undefined && !verdicts.has(ir))
    const mayBeNoted = !said.isWorkload && namesPodFields(input) && judgesPods(ready)
    const normalized = others.length > 0 || mayBeNoted ? parsed(input) : undefined
    if (normalized !== undefined && 'problem' in normalized) return judgeOne(normalized)
    const rest =
      normalized === undefined || others.length === 0 ? [] : judgeOne(normalized, others).judgements
    const judgements = ready.map(({ policy, ir, problem }): Judgement => {
      const verdict = problem === undefined ? verdicts.get(ir) : errorVerdict(problem)
      return verdict === undefined
        ? (rest.find((each) => each.policy === policy) as Judgement)
        : { policy, verdict }
    })
    return { judgements, notes: normalized === undefined ? [] : notesOn(normalized, ready) }
  }
  return { begin, end }
}

function parsed(input: string | Uint8Array): Normalized | { readonly problem: Reason } {
  const read = readText(input)
  return 'problem' in read ? read : normalize(read.value)
}

/** Parameters of a policy that is not there would be lost, and with them the limits that somebody has set. */
function refuseUnknown(policies: readonly Policy[], parameters: EvaluatorOptions['parameters'] = {}): void {
  const ids = policies.map(({ id }) => id)
  const unknown = Object.keys(parameters).find((id) => !ids.includes(id))
  if (unknown === undefined) return
  const near = nearest(unknown, ids)
  const help = near === undefined ? '' : `; did you mean \`${near}\`?`
  throw new TypeError(`there are parameters for \`${unknown}\`, which is none of the policies${help}`)
}

/** A policy may be called `constructor`, so only what is the map's own counts. */
function givenFor(
  { id }: Policy,
  parameters: EvaluatorOptions['parameters'] = {},
): Readonly<Record<string, unknown>> | undefined {
  return Object.hasOwn(parameters, id) ? parameters[id] : undefined
}

/** Judges one input by policies; for many inputs, prepare an `evaluator`. */
export function evaluate(
  policies: readonly (Policy | Profile)[],
  input: unknown,
  options: EvaluatorOptions = {},
): Evaluation {
  return evaluator(policies, options).evaluate(input)
}

function judgeAll(
  normalized: Normalized | { readonly problem: Reason },
  ready: readonly Ready[],
  options: EvaluatorOptions,
  fits: ((review: Review) => boolean) | undefined,
): Evaluation {
  if ('problem' in normalized) {
    const { problem } = normalized
    return {
      judgements: ready.map(({ policy }) => ({ policy, verdict: errorVerdict(problem) })),
      problem,
      notes: [],
    }
  }
  const unnamed = kindOf(judgedObject(normalized.review)) === undefined
  const matching = matchOf(normalized, options)
  if (matching !== undefined) {
    return { judgements: ready.map(({ policy }) => ({ policy, verdict: matching })), notes: [] }
  }
  const review =
    options.inventory === undefined
      ? normalized.review
      : { ...normalized.review, inventory: options.inventory }
  const judgeOptions: JudgeOptions = {
    fits: fits?.(review) === true,
    ...(options.budget === undefined ? {} : { budget: options.budget }),
  }
  const judgements = ready.map(({ policy, prepared, parameters, problem }): Judgement => ({
    policy,
    verdict:
      problem !== undefined
        ? errorVerdict(problem)
        : unnamed && policy.ir.target.kinds !== undefined
          ? noKind
          : prepared.judge(parameters, review, judgeOptions),
  }))
  return { judgements, notes: notesOn(normalized, ready) }
}

/** A match that cannot be read leaves out nothing and lets nothing through: it is an error for every object. */
function matchError(match: Match | undefined): Reason | undefined {
  if (match === undefined) return undefined
  const problems = matchShapeProblems(match as Json)
  if (problems.length === 0) return undefined
  return { code: 'invalid-match', message: `the match cannot be read: ${problems.join('; ')}` }
}

/**
 * The verdict that the match gives; undefined where the object matches. A change is judged where what the object becomes matches, or what it
 * was, as in Gatekeeper: nobody gets out of a match by a change. Source: Gatekeeper, `pkg/target/matcher.go`.
 */
function matchOf(
  { review, namespace, namespaceObject }: Normalized,
  options: EvaluatorOptions,
): Verdict | undefined {
  const object = judgedObject(review)
  if (options.match === undefined || object === undefined) return undefined
  const known = namespaceObject
  const lookUp = known === undefined ? options.namespaceObject : () => known
  const context = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(lookUp === undefined ? {} : { namespaceObject: lookUp }),
  }
  const was = review.oldObject
  const all = was === undefined || was === null || was === object ? [object] : [object, was]
  const reasons: Reason[] = []
  for (const each of all) {
    const matching = matchObject(options.match, each, context)
    if ('error' in matching) return errorVerdict(matching.error)
    if (matching.matches) return undefined
    reasons.push(matching.reason)
  }
  return { verdict: 'not-applicable', violations: [], reasons: reasons.slice(0, 1) }
}

const errorVerdict = (reason: Reason): Verdict => ({ verdict: 'error', violations: [], reasons: [reason] })

/** What no cluster would take is not said to be of another kind. */
const noKind: Verdict = {
  verdict: 'invalid',
  violations: [],
  reasons: [{ code: 'no-kind', message: 'the object has no `apiVersion` and `kind`' }],
}

/** What no policy looked at, where people would think that one did. */
function notesOn({ review }: Normalized, ready: readonly Ready[]): readonly Reason[] {
  const object = judgedObject(review)
  const kind = kindOf(object)
  if (object === undefined || kind === undefined || podTemplatePath(kind) !== undefined) return []
  if (!judgesPods(ready)) return []
  const path = unknownPodTemplate(object)
  if (path === undefined) return []
  const message = `\`${kind.kind}\` holds a pod at \`${path}\` that no policy about workloads looks at`
  return [{ code: 'unknown-pod-template', message }]
}

const judgesPods = (ready: readonly Ready[]): boolean =>
  ready.some(({ ir }) => ir.target.kinds?.some((each) => podTemplatePath(each) !== undefined))
