import type { Severity } from '../ir/node.js'
import type { StringExpr, Value } from './expression.js'
import type { decision } from './phantom.js'

type Hint = 'this may be missing: add .ifMissing(true) or .ifMissing(false), or .default(…) before the test'

/** Keeps expressions out of `if`, `&&`, `?:` and `await`: TypeScript and the linter take them for promises. */
export interface NotAValue {
  /** @deprecated not callable */
  then(use: (never: never) => unknown): never
}

/** What conditions can be asked. */
export interface Truth {
  and(this: Condition, ...others: Condition[]): Condition
  or(this: Condition, ...others: Condition[]): Condition
  /** The complement. */
  not(this: Condition): Condition
  /** What the test is when an operand is missing. */
  ifMissing(value: boolean): Condition
  /** A violation where the condition holds. */
  deny(this: Condition, violation: Violation): Rule
}

/** A test that may meet a missing value. Decide it with `.ifMissing(…)`, or give the operand a `.default(…)`. */
export interface Undecided extends Truth, NotAValue {
  readonly [decision]: 'decided' | Hint
}

/** True or false, for every input. */
export interface Condition extends Undecided {
  readonly [decision]: 'decided'
}

/** What a rule reports. */
export interface Violation {
  /** Plain text, or `message` with expressions in it. */
  readonly message: string | StringExpr<string, unknown>
  /** The field that is wrong: a path in the judged object; it need not be there. */
  readonly at?: Value<unknown>
  /** Names this violation among those of its policy; by default its place, `1`, `2` … */
  readonly code?: string
  /** Where it differs from the policy's. */
  readonly severity?: Severity
  readonly details?: Readonly<Record<string, string | number | boolean | Value<unknown>>>
  readonly fix?: Fix | readonly Fix[]
}

/** A change that mends a violation, made by `set` or `remove`. */
export interface Fix {
  readonly [decision]: 'a fix: made by set(…) or remove(…)'
}

/** What a policy denies. */
export interface Rule {
  readonly [decision]: 'a rule: end the chain with .deny(…)'
}

export type Rules = Rule | readonly Rules[]
