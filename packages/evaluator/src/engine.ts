import { compileFits, compileJavaScript } from '@gatewright/compiler'
import {
  type CheckedPolicy,
  check,
  type Json,
  judge,
  type JudgeOptions,
  type Policy,
  type Review,
  type Verdict,
} from '@gatewright/core'

/** A way to judge: every engine gives the same verdicts, at its own speed. */
export interface Engine {
  readonly name: EngineName
  /** Prepares a policy; what it gives may be used for any number of reviews, at the same time too. */
  prepare(policy: CheckedPolicy): Prepared
  /** Prepares whether a review fits its schema wherever policies read it, for an engine that gains by knowing it of all at once. */
  prepareFits?(policies: readonly CheckedPolicy[]): (review: Review) => boolean
}

export type EngineName = 'javascript' | 'reference'

export interface Prepared {
  judge(parameters: Json, review: Review, options?: JudgeOptions): Verdict
}

const prepared = new WeakMap<CheckedPolicy, Prepared>()

/** Closures over the policy; for everyday use. */
export const javascriptEngine: Engine = {
  name: 'javascript',
  prepare: (policy) => {
    let known = prepared.get(policy)
    if (known === undefined) prepared.set(policy, (known = compileJavaScript(policy)))
    return known
  },
  prepareFits: compileFits,
}

/** The reference interpreter; the slowest and plainest, to check others by. */
export const referenceEngine: Engine = {
  name: 'reference',
  prepare: (policy) => ({
    judge: (parameters, review, options) => judge(policy, parameters, review, options),
  }),
}

/** The engines by name. */
export const engines: Readonly<Record<EngineName, Engine>> = {
  javascript: javascriptEngine,
  reference: referenceEngine,
}

/** A policy checked for the back ends; one that an author defined always passes. */
export function checkedIr(policy: Policy): CheckedPolicy {
  const result = check(policy.ir)
  if ('problems' in result) {
    throw new TypeError(
      `policy \`${policy.id}\` is not sound: ${result.problems.map(({ message }) => message).join('; ')}`,
    )
  }
  return result
}
