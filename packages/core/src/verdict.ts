import type { Json } from './json.js'
import type { Severity } from './ir/node.js'
import { compareText } from './values/text.js'

/** A place in an object: keys and indices from the root. */
export type Path = readonly (string | number)[]

/** What a policy found. Known by policy, code and `at`, and by the message where several share these (law 8). */
export interface Violation {
  readonly policy: string
  readonly code: string
  readonly at: Path
  readonly message: string
  readonly details: Readonly<Record<string, Json>>
  readonly severity: Severity
  readonly fix: readonly Fix[]
}

/** A change that mends a violation: the value to set at a path, or the path to remove. */
export type Fix =
  | { readonly kind: 'set'; readonly at: Path; readonly value: Json }
  | { readonly kind: 'remove'; readonly at: Path }

/** Why a verdict is not a plain pass or denial. */
export interface Reason {
  readonly code: string
  readonly message: string
  readonly at?: Path
}

/**
 * One policy's answer for one object. Only `allowed` is a pass.
 *
 * `not-applicable`: the match, the target or the policy's `when` leaves the object out. `invalid`: the object does not fit its
 * schema where the policy reads it. `undetermined`: the answer hangs on something unknown. `error`: it could not be judged.
 * A `denied` verdict carries violations; an `error` may carry those that were found all the same.
 */
export interface Verdict {
  readonly verdict: 'allowed' | 'denied' | 'not-applicable' | 'invalid' | 'undetermined' | 'error'
  readonly violations: readonly Violation[]
  readonly reasons: readonly Reason[]
}

/** Orders paths element by element: numbers by value before strings by code point, a prefix first. */
export function comparePaths(a: Path, b: Path): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const x = a[i] as string | number
    const y = b[i] as string | number
    if (x === y) continue
    if (typeof x === 'number') return typeof y === 'number' ? x - y : -1
    return typeof y === 'number' ? 1 : compareText(x, y)
  }
  return a.length - b.length
}

/** The order of violations in a verdict: by `at`, then code, then message. */
export function compareViolations(a: Violation, b: Violation): number {
  return comparePaths(a.at, b.at) || compareText(a.code, b.code) || compareText(a.message, b.message)
}
