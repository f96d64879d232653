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
import { javascriptEngine } from './javascript-engine.js'
import { wasmEngine } from './wasm/engine.js'

/** A way to judge: every engine gives the same verdicts, at its own speed. */
export interface Engine {
  readonly name: EngineName
  /** Prepares a policy; what it gives may be used for any number of reviews, at the same time too. */
  prepare(policy: CheckedPolicy): Prepared
  /** Prepares whether a review fits its schema wherever policies read it, for an engine that gains by knowing it of all at once. */
  prepareFits?(policies: readonly CheckedPolicy[]): (review: Review) => boolean
}

export type EngineName = 'javascript' | 'wasm' | 'opa-wasm' | 'reference'

export interface Prepared {
  judge(parameters: Json, review: Review, options?: JudgeOptions): Verdict
}

/** The reference interpreter; the slowest and plainest, to check others by. */
export const referenceEngine: Engine = {
  name: 'reference',
  prepare: (policy) => ({
    judge: (parameters, review, options) => judge(policy, parameters, review, options),
  }),
}

/** The engines by name; `opa-wasm` is had from `@gatewright/evaluator/opa-wasm`. */
export const engines: Readonly<Record<Exclude<EngineName, 'opa-wasm'>, Engine>> = {
  javascript: javascriptEngine,
  wasm: wasmEngine,
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
