/**
 * Why a value cannot be had: it is not known, or computing it failed. A fault travels like a value, so that what decides
 * without it still decides (`false and error` is false) and the answer does not hang on the order of evaluation.
 */
export class Fault {
  readonly kind: 'error' | 'undetermined'
  readonly code: string
  readonly message: string

  constructor(kind: 'error' | 'undetermined', code: string, message: string) {
    this.kind = kind
    this.code = code
    this.message = message
  }
}

/** Stands in an object for a part that is not known yet, such as a Terraform value that only `apply` will tell. */
export const unknownValue: Fault = new Fault('undetermined', 'unknown-value', 'the value is not known yet')

/** The graver of two: an error before what is unknown, else the first. */
export function graver(a: Fault | undefined, b: Fault | undefined): Fault | undefined {
  if (a === undefined) return b
  if (b === undefined) return a
  return b.kind === 'error' && a.kind !== 'error' ? b : a
}

/** Evaluation took more steps than it may; not a value, since no answer can do without the rest. */
export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded'
}
