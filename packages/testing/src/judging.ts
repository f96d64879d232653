import {
  explain,
  explanationText,
  type Inventory,
  type Json,
  judgedObject,
  kindOf,
  nearest,
  type Policy,
  readParameters,
  type Review,
  targetMismatch,
  type Verdict,
  type WithParameters,
} from '@gatewright/core'
import { evaluate, type Match, normalize } from '@gatewright/evaluator'
import type { Expected } from './cases.js'
import { tellAsked } from './recording/asked.js'
import { jsonOf } from './review.js'

/** What a policy is told beside the object. */
export interface Context<P = Readonly<Record<string, unknown>>> {
  /** Parameters, over those that the policy was given by `with`. */
  readonly parameters?: WithParameters<P>
  /** Which objects the policy is for, as a configuration or a constraint would say. */
  readonly match?: Match
  /** The other objects: `inventory([…], { complete: true })`. */
  readonly inventory?: Inventory
  /** The Namespace objects that a namespace selector of `match` may ask. */
  readonly namespaces?: readonly object[]
}

export const contextKeys = ['parameters', 'match', 'inventory', 'namespaces'] as const

/** A verdict with what there is to show of how it came about. */
export interface Judged {
  readonly policy: Policy
  readonly verdict: Verdict
  /** What was judged; undefined where the input is no review. */
  readonly review: Review | undefined
  /** A `match` left the object out before the policy was asked. */
  readonly isLeftOut: boolean
  /** The verdict explained, where there was anything to evaluate. */
  readonly explanation: () => string | undefined
}

/** The verdict of a policy on an object or an AdmissionReview, by the default engine. */
export function verdictOf<P>(policy: Policy<P>, object: object, context: Context<P> = {}): Verdict {
  const found = judged(policy, object, context)
  tellJudged(found, object, context, 'nothing')
  return found.verdict
}

/** Tells of a question whose answer was as a test expects. */
export function tellJudged(
  { policy, verdict, isLeftOut }: Judged,
  object: unknown,
  context: object,
  asserted: Expected | 'all' | 'nothing',
): void {
  const { parameters = {}, inventory } = context as Context
  tellAsked({ policy, object, parameters, inventory, asserted, verdict, isLeftOut })
}

/** Judges an object. Throws a `TypeError` for what is no policy, and for a context with unknown parts. */
export function judged(policy: unknown, object: unknown, context: object = {}): Judged {
  refuseNoPolicy(policy)
  const known = only(context, contextKeys, 'the context of a policy')
  const { parameters, match, inventory } = known
  const namespaces = known.namespaces?.map((each) => jsonOf(each, 'a namespace'))
  const [judgement] = evaluate([policy], object, {
    ...(match !== undefined && { match }),
    ...(parameters !== undefined && { parameters: { [policy.id]: parameters } }),
    ...(inventory !== undefined && { inventory }),
    ...(namespaces !== undefined && {
      namespaceObject: (name: string) => namespaces.find((each) => nameOf(each) === name),
    }),
  }).judgements
  if (judgement === undefined) throw new TypeError(`policy \`${policy.id}\` gave no verdict`)
  const normalized = normalize(object)
  const review = 'problem' in normalized ? undefined : normalized.review
  const { verdict } = judgement
  const isLeftOut = verdict.reasons.some(({ code }) => /^(?:invalid-)?match/.test(code))
  return {
    policy,
    verdict,
    review,
    isLeftOut,
    explanation: () => {
      if (review === undefined || isLeftOut) return undefined
      return explained(policy, inventory === undefined ? review : { ...review, inventory }, parameters)
    },
  }
}

function explained(policy: Policy, review: Review, parameters: Context['parameters']): string | undefined {
  if (targetMismatch(policy.ir.target, review) !== undefined) return undefined
  const read = readParameters(policy, parameters)
  return 'problems' in read ? undefined : explanationText(explain(policy.ir, read.parameters, review))
}

function refuseNoPolicy(value: unknown): asserts value is Policy {
  if (typeof value === 'object' && value !== null) {
    if ('ir' in value && 'with' in value) return
    if ('policies' in value)
      throw new TypeError('a profile has several policies, and each its own verdict: expect one of them')
  }
  throw new TypeError('what is expected to judge is no policy: write expect(policy)')
}

/** An object with no keys but those that it may have: a misspelt one would be an expectation that is never looked at. */
export function only<K extends string>(
  given: object,
  keys: readonly K[],
  what: string,
): { readonly [key in K]?: key extends keyof Context ? Context[key] : unknown } {
  const unknown = Object.keys(given).find((key) => !(keys as readonly string[]).includes(key))
  if (unknown === undefined) return given
  const near = nearest(unknown, keys)
  throw new TypeError(
    `${what} has no \`${unknown}\`${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
  )
}

interface Named {
  readonly metadata?: { readonly name?: Json; readonly namespace?: Json } | null
}

const nameOf = (object: Json): Json | undefined => (object as Named | null)?.metadata?.name

/** What people call the object of a review: `Pod shop/app`. */
export function titleOf(review: Review | undefined): string {
  const object = review === undefined ? undefined : judgedObject(review)
  const kind = kindOf(object)
  if (object === undefined || kind === undefined) return 'the input'
  const { metadata } = object as Named
  const path = [metadata?.namespace, metadata?.name].filter((each) => typeof each === 'string').join('/')
  return path === '' ? kind.kind : `${kind.kind} ${path}`
}
