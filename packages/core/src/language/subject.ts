import type { CallNode, FixNode, Node, RuleNode } from '../ir/node.js'
import type { Schema } from '../schema.js'

/** What a recorded expression is, behind the proxy that authors hold. */
export type Subject =
  | ValueSubject
  | ConditionSubject
  | UndecidedSubject
  | RatioSubject
  | RuleSubject
  | FixSubject

/**
 * Whether a value can be missing, as far as its schema tells. `narrowed`: a filter has seen to it that it is there;
 * `unknown`: no schema says.
 */
export type Presence = 'present' | 'narrowed' | 'maybe' | 'unknown'

export interface ValueSubject {
  readonly is: 'value'
  readonly node: Node
  readonly schema: Schema
  readonly presence: Presence
  /** The target's schema vouches for its shape. */
  readonly vouched: boolean
  /** A domain value that operators work on, where `node` is the text that was written. */
  readonly domain?: DomainView
  /** A name for the elements of this list: `container`. */
  readonly elementName?: string
  /** Names that a target adds to the fields of one of its inputs. */
  readonly views?: Readonly<Record<string, () => unknown>>
}

/** How an expression of a domain is read: a text to be parsed by the operator, or a domain value already. */
export interface DomainView {
  readonly name: 'quantity' | 'duration' | 'timestamp' | 'semver'
  readonly parsed: boolean
}

export interface ConditionSubject {
  readonly is: 'condition'
  readonly node: Node
}

/** A predicate whose operands may be missing. */
export interface UndecidedSubject {
  readonly is: 'undecided'
  readonly call: CallNode
  readonly negated: boolean
  /** An operand may be missing by its schema, so that the author has to decide. */
  readonly mustDecide: boolean
  /** What it is where the author does not decide; absent where a missing operand would be one that the schema requires. */
  readonly whenMissing?: boolean
}

export interface RatioSubject {
  readonly is: 'ratio'
  readonly dividend: ValueSubject
  readonly divisor: ValueSubject
}

export interface RuleSubject {
  readonly is: 'rule'
  readonly rules: readonly RuleNode[]
}

export interface FixSubject {
  readonly is: 'fix'
  readonly fix: FixNode
}
