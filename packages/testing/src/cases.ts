import type { Inventory, Path, Policy, Verdict } from '@gatewright/core'
import type { ExpectedViolation } from './expected-violation.js'

/** A question that is given: an object or an AdmissionReview, with what else policies are told. */
export interface GivenQuestion {
  readonly object: unknown
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly inventory?: Inventory
}

/** What a policy is asked, and what it has to say. */
export interface PolicyCase extends GivenQuestion {
  readonly name?: string
  /** What a test asserts; without it, all that the policy itself says of the object: verdict, codes, places and messages. */
  readonly expected?: Expected
}

/** What a test asserts of a verdict. Codes, places and messages are those of the violations, in any order. */
export interface Expected {
  readonly verdict: Verdict['verdict']
  readonly codes?: readonly string[]
  /** Paths, or as they are printed: `spec.containers[0].image`. */
  readonly places?: readonly (Path | string)[]
  readonly messages?: readonly string[]
  /** What some of the violations are like, or as many as its `count`, as `toDeny()` takes it. */
  readonly violation?: ExpectedViolation
}

/** Cases, or assertions of one's own that throw where they do not hold. */
export type Suite = readonly PolicyCase[] | ((policy: Policy) => void)
