import type { Json, SourceLocation, Verdict } from '@gatewright/core'

/** A line of a record that says what a policy is; it stands above the questions that it is asked. */
export interface PolicyLine {
  readonly version: 1
  readonly kind: 'policy'
  readonly id: string
  /** SHA-256 of the IR. */
  readonly digest: string
  /** Where the policy is written. */
  readonly source?: SourceLocation
  readonly ir: Json
}

/** A line of a record that says what a policy was asked, and what a test asserted. */
export interface AskedLine {
  readonly version: 1
  readonly kind: 'asked'
  readonly policy: string
  readonly digest: string
  readonly test?: string
  readonly object: Json
  /** The parameters with their defaults. */
  readonly parameters: Json
  readonly inventory?: Json
  /** Without it, the whole of the verdict was asserted. */
  readonly expected?: RecordedExpectation
  /** A `match` left the object out. */
  readonly isLeftOut?: boolean
}

export interface RecordedExpectation {
  readonly verdict: Verdict['verdict']
  readonly violation?: {
    readonly code?: string
    readonly count?: number
    readonly at?: string | readonly (string | number)[]
    readonly message?: string | { readonly source: string; readonly flags: string }
  }
}
