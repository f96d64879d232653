import {
  canonicalText,
  type Json,
  kindOf,
  type KindPath,
  type Operation,
  type Policy,
  readParameters,
  type ReadTree,
  type Verdict,
} from '@gatewright/core'
import {
  checkedIr,
  type Engine,
  evaluate,
  javascriptEngine,
  normalizeJson,
  type Prepared,
} from '@gatewright/evaluator'
import { podTemplatePath, podTemplatePaths } from '@gatewright/kubernetes'
import { readsBelow } from '../arbitrary/bias.js'
import { type Parts, partsOf, questionOf } from '../search/parts.js'
import { type AskedQuestion, type Question, judgedReview } from '../search/questions.js'
import { containerLists } from './pods.js'
import type { Answered } from './property.js'

/** What a check of a policy is told beside the policy. */
export interface SubjectOptions {
  /** Names of parameters that are lists of exemptions. */
  readonly exemptions: readonly string[] | undefined
}

type Kind = Pick<KindPath, 'group' | 'kind'>

/** A policy that is put to the test: it answers questions, and tells what it reads. */
export class Subject {
  readonly policy: Policy
  readonly options: SubjectOptions
  readonly #prepared = new Map<Engine, Prepared>()
  readonly #answers = new WeakMap<Question, Verdict>()
  readonly #parameters = new WeakMap<object, ReturnType<typeof readParameters>>()
  readonly #policies: readonly [Policy]
  readonly #elements = new Map<string, readonly Json[]>()
  /** Questions that the policy is asked, to take parts of others from. */
  seen: readonly Question[] = []

  constructor(policy: Policy, options: SubjectOptions) {
    this.policy = policy
    this.options = options
    this.#policies = [policy]
  }

  /** What the policy says, by the engine that judges parsed objects. */
  verdict(question: Question): Verdict {
    let verdict = this.#answers.get(question)
    if (verdict === undefined)
      this.#answers.set(question, (verdict = this.verdictBy(javascriptEngine, question)))
    return verdict
  }

  answered(question: Question): Answered {
    return { question, verdict: this.verdict(question) }
  }

  /** What the policy says by an engine. */
  verdictBy(engine: Engine, question: Question): Verdict {
    const asked = this.#asked(question)
    if (asked === undefined) return this.evaluated(engine, question)
    let prepared = this.#prepared.get(engine)
    if (prepared === undefined)
      this.#prepared.set(engine, (prepared = engine.prepare(checkedIr(this.policy))))
    return prepared.judge(asked.parameters, asked.review)
  }

  /** What the policy says when it is asked as users ask it. */
  evaluated(engine: Engine, { object, parameters, inventory }: Question): Verdict {
    const { judgements } = evaluate(this.#policies, object, {
      engine,
      parameters: { [this.policy.id]: parameters },
      ...(inventory === undefined ? {} : { inventory }),
    })
    return judgements[0]?.verdict as Verdict
  }

  #asked(question: Question): AskedQuestion | undefined {
    const { parameters } = question
    let read = this.#parameters.get(parameters)
    if (read === undefined) this.#parameters.set(parameters, (read = readParameters(this.policy, parameters)))
    const review = judgedReview(this.policy, question)
    return 'problems' in read || review === undefined ? undefined : { review, parameters: read.parameters }
  }

  /** What the policy reads below a root, for objects of a kind; undefined where it is nothing. */
  reads(root: 'object' | 'oldObject' | 'request' | 'parameters', object: Json): ReadTree | undefined {
    return readsBelow(this.#policies, root, kindOf(object) ?? { group: '', kind: '' })
  }

  /** The elements that the questions have in a list among their parameters. */
  elementsSeen(name: string): readonly Json[] {
    const known = this.#elements.get(name)
    if (known !== undefined) return known
    const elements = this.seen.flatMap(({ parameters }) => {
      const list = parameters[name]
      return Array.isArray(list) ? (list as readonly Json[]) : []
    })
    const apart = [...new Map(elements.map((each) => [canonicalText(each), each])).values()]
    this.#elements.set(name, apart)
    return apart
  }

  get operations(): readonly Operation[] {
    const { operations = ['CREATE', 'UPDATE'] } = this.policy.ir.target
    return operations
  }

  /** Whether the target takes objects of a kind. */
  takes(of: { readonly group: string; readonly kind: string }): boolean {
    const { kinds } = this.policy.ir.target
    return (
      kinds === undefined ||
      kinds.some(
        ({ group, kind }) => (group === '*' || group === of.group) && (kind === '*' || kind === of.kind),
      )
    )
  }

  /** Whether the policy looks into the pods of one of its kinds. */
  get readsPods(): boolean {
    return this.#podReads().length > 0
  }

  /** Whether the policy looks at containers of these pods. */
  get readsContainers(): boolean {
    return this.#podReads().some((spec) =>
      containerLists.some((list) => spec.fields.get(list)?.elements !== undefined),
    )
  }

  /** Whether the policy looks at a field of containers. */
  readsOfContainers(field: string): boolean {
    return this.#podReads().some((spec) =>
      containerLists.some((list) => spec.fields.get(list)?.elements?.fields.has(field) === true),
    )
  }

  /** Whether the policy looks at a field of the security context of pods, or of their containers. */
  readsShared(field: string): boolean {
    const isIn = (reads: ReadTree | undefined): boolean =>
      reads?.fields.get('securityContext')?.fields.has(field) === true
    return this.#podReads().some(
      (spec) => isIn(spec) || containerLists.some((list) => isIn(spec.fields.get(list)?.elements)),
    )
  }

  /** Whether the policy looks at the paths of host path volumes. */
  get readsHostPaths(): boolean {
    return this.#podReads().some((spec) => readAt(spec, ['volumes', 0, 'hostPath', 'path']) !== undefined)
  }

  /** What the policy reads of the specs of pods, by its kinds. */
  #podReads(): readonly ReadTree[] {
    const { kinds = [] } = this.policy.ir.target
    const taken: readonly Kind[] = kinds.flatMap((each): readonly Kind[] =>
      each.group === '*' ? podTemplatePaths : [each],
    )
    return taken.flatMap((kind) => {
      const path = podTemplatePath(kind)
      if (path === undefined) return []
      const reads = readAt(readsBelow(this.#policies, 'object', kind), [...path, 'spec'])
      return reads === undefined ? [] : [reads]
    })
  }
}

/** The reads at a path; undefined where nothing below it is read. */
export function readAt(
  reads: ReadTree | undefined,
  path: readonly (string | number)[],
): ReadTree | undefined {
  return path.reduce<ReadTree | undefined>(
    (tree, step) => (typeof step === 'number' ? tree?.elements : (tree?.fields.get(step) ?? tree?.values)),
    reads,
  )
}

/** The object of a question as it would be made anew, and judged by itself; undefined where there is none. */
export function creation({ object, parameters, inventory }: Question): Question | undefined {
  const normalized = normalizeJson(object)
  if ('problem' in normalized) return undefined
  const of = normalized.review.object
  return of === undefined ? undefined : { object: of, parameters, inventory }
}

/** A question with other parts. */
export function changed(question: Question, change: (parts: Parts) => Parts): Question | undefined {
  const parts = partsOf(question)
  if (parts === undefined) return undefined
  // what is known of the parameters is known by the identity of the map
  return { ...questionOf(change(parts), question.inventory), parameters: question.parameters }
}

/** The object of a question that is no review. */
export const withObject = (question: Question, object: Json): Question => ({ ...question, object })

/** A change of an object, as an API server asks about it. */
export function updated(
  question: Question,
  oldObject: Json,
  more: Readonly<Record<string, Json>> = {},
): Question {
  const { object, parameters, inventory } = question
  const parts: Parts = {
    object,
    oldObject,
    operation: 'UPDATE',
    ...(Object.keys(more).length === 0 ? {} : { request: more }),
    parameters: {},
  }
  return { ...questionOf(parts, inventory), parameters }
}

/** A question about the removal of its object. */
export function removed(question: Question): Question {
  const { object, parameters, inventory } = question
  return {
    ...questionOf({ oldObject: object, operation: 'DELETE', parameters: {} }, inventory),
    parameters,
  }
}

export const isDenied = ({ verdict }: Verdict): boolean => verdict === 'denied'
