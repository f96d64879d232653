import type { Json } from '../json.js'
import type { OperatorName } from './operators.js'

/**
 * The intermediate representation: what a policy means, as plain JSON, with nothing of a front end or a back end in it.
 *
 * Nodes are shared by identity: a `const` that an author uses twice is one node. Each kind's comment says what it is on a
 * missing value, a value of the wrong type and an empty list; that comment is the specification of every back end.
 * "Missing" is JSON null or nothing there. "Used" means that a value which is not of the node's declared type counts as
 * missing; "passed on" means it is kept as it is (law 1).
 */
export type Node =
  | LiteralNode
  | InputNode
  | VariableNode
  | FieldNode
  | GetNode
  | AtNode
  | NarrowNode
  | CallNode
  | DefaultNode
  | WhenNode
  | ListNode
  | RecordNode
  | FilterNode
  | MapNode
  | FlatMapNode
  | ConcatNode
  | DistinctNode
  | DuplicatesNode
  | KeysNode
  | InventoryNode
  | FindNode
  | SomeNode
  | EveryNode
  | AndNode
  | OrNode
  | NotNode
  | DecideNode

/** What a read declares of its value. `scalar` is any of string, number and boolean; `unknown` is any value that is not null. */
export type ReadType =
  | 'string'
  | 'number'
  | 'boolean'
  | 'string-or-number'
  | 'scalar'
  | 'list'
  | 'object'
  | 'unknown'

/** A JSON constant. A list or an object is one value, not a construction. */
export interface LiteralNode {
  readonly kind: 'literal'
  readonly value: Json
}

/** A root that the target, the request or the parameters supply, by its name in the target. Missing when it is not there. */
export interface InputNode {
  readonly kind: 'input'
  readonly name: string
}

/** The element, or with `index` its position in the list, that the enclosing iteration binds under this number. */
export interface VariableNode {
  readonly kind: 'variable'
  readonly id: number
  /** A readable name for printed forms: `container`. */
  readonly name: string
  readonly index: boolean
  readonly type: ReadType
  /** The target's schema says so of the list's elements. */
  readonly vouched: boolean
}

/** An object's own field. Missing on a missing value, on anything but an object, and when there is no such key. */
export interface FieldNode {
  readonly kind: 'field'
  readonly of: Node
  readonly key: string
  readonly type: ReadType
  /** The target's schema says so; a value of another type there makes the object invalid. */
  readonly vouched: boolean
  /** The schema requires it: where it is assumed to be there and is not, the object is invalid. */
  readonly required: boolean
}

/** A map's value under a computed key; as a field. A key that is missing or no string gives missing. */
export interface GetNode {
  readonly kind: 'get'
  readonly of: Node
  readonly key: Node
  readonly type: ReadType
  readonly vouched: boolean
}

/** A list's element by position; from the end when negative. Missing past either end and on anything but a list. */
export interface AtNode {
  readonly kind: 'at'
  readonly list: Node
  readonly index: number
  readonly type: ReadType
  /** The target's schema says so of the list's elements. */
  readonly vouched: boolean
}

/** The value if it is of this type, else missing. */
export interface NarrowNode {
  readonly kind: 'narrow'
  readonly of: Node
  readonly type: ReadType
}

/** An operator of the table in `operators.ts`, which says what it is on missing operands. */
export interface CallNode {
  readonly kind: 'call'
  readonly operator: OperatorName
  readonly arguments: readonly Node[]
}

/** `of` where it is there, else `otherwise`, which may be missing itself. Both are used. */
export interface DefaultNode {
  readonly kind: 'default'
  readonly of: Node
  readonly otherwise: Node
}

/** The value of the first case whose condition holds, else `otherwise`. The value is used. */
export interface WhenNode {
  readonly kind: 'when'
  readonly cases: readonly { readonly if: Node; readonly then: Node }[]
  readonly otherwise: Node
}

/** A list built of expressions. Missing items keep their place. */
export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

/** An object built of expressions. A missing field is absent. */
export interface RecordNode {
  readonly kind: 'record'
  readonly fields: Readonly<Record<string, Node>>
}

/** What an iteration binds and computes. `index` counts positions in the list iterated, from 0. */
export interface Lambda {
  readonly element: VariableNode
  readonly index: VariableNode
  readonly body: Node
}

/** The elements for which the body holds, in order, with their places. A missing list, or anything but a list, is empty (law 4). */
export interface FilterNode extends Iteration {
  readonly kind: 'filter'
}

/** The body for each element, missing results included. */
export interface MapNode extends Iteration {
  readonly kind: 'map'
}

/** The elements of the body's lists, one list after the other. */
export interface FlatMapNode extends Iteration {
  readonly kind: 'flatMap'
}

/** The elements of each list, one list after the other. Missing lists are empty. */
export interface ConcatNode {
  readonly kind: 'concat'
  readonly lists: readonly Node[]
}

/** The elements without those that equal an earlier one. Missing elements are dropped. */
export interface DistinctNode {
  readonly kind: 'distinct'
  readonly list: Node
}

/** The elements that equal an earlier one. Missing elements equal nothing. */
export interface DuplicatesNode {
  readonly kind: 'duplicates'
  readonly list: Node
}

/** The keys of an object whose value is not null, by code point. Anything but an object has none. */
export interface KeysNode {
  readonly kind: 'keys'
  readonly of: Node
}

/**
 * The other objects of the cluster of one resource, in one namespace when `namespace` is given, ordered by namespace and name.
 * A namespace that is missing selects the objects without one. Where the inventory is not complete, what is not in it is unknown.
 */
export interface InventoryNode {
  readonly kind: 'inventory'
  readonly resource: InventoryResource
  readonly namespace?: Node
}

export interface InventoryResource {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** The first element for which the body holds, or missing. */
export interface FindNode extends Iteration {
  readonly kind: 'find'
  readonly type: ReadType
}

/** Whether the body holds for an element; false for an empty list. */
export interface SomeNode extends Iteration {
  readonly kind: 'some'
}

/** Whether the body holds for each element; true for an empty list. */
export interface EveryNode extends Iteration {
  readonly kind: 'every'
}

interface Iteration {
  readonly list: Node
  readonly lambda: Lambda
}

/** Whether all hold; true of none. A false one decides, whatever the others are; else an error, else an unknown one does. */
export interface AndNode {
  readonly kind: 'and'
  readonly all: readonly Node[]
}

/** Whether one holds; false of none. A true one decides, whatever the others are; else an error, else an unknown one does. */
export interface OrNode {
  readonly kind: 'or'
  readonly any: readonly Node[]
}

/** The complement (law 3). */
export interface NotNode {
  readonly kind: 'not'
  readonly of: Node
}

/**
 * A predicate, and what it is when an operand is missing.
 *
 * `assumed`: nobody decided, because the schema requires the operands; it reads as false, and an object without them is invalid.
 */
export interface DecideNode {
  readonly kind: 'decide'
  readonly of: CallNode
  readonly missing: boolean
  readonly assumed: boolean
}

/** A statement of a policy. */
export type RuleNode = DenyNode | EachNode | OnlyIfNode

/** A violation where the condition holds. */
export interface DenyNode {
  readonly kind: 'deny'
  readonly if: Node
  readonly violation: ViolationNode
}

/** The rules for each element of a list. */
export interface EachNode {
  readonly kind: 'each'
  readonly list: Node
  readonly element: VariableNode
  readonly index: VariableNode
  readonly rules: readonly RuleNode[]
}

/** The rules where the condition holds. */
export interface OnlyIfNode {
  readonly kind: 'onlyIf'
  readonly if: Node
  readonly rules: readonly RuleNode[]
}

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info'

/** What a deny reports. Building it never fails and never changes a verdict (law 8). */
export interface ViolationNode {
  readonly code: string
  readonly message: Node
  /** A path into the judged object: inputs, fields, elements. Without it the violation is about the whole object. */
  readonly at?: Node
  readonly severity?: Severity
  readonly details?: Readonly<Record<string, Node>>
  readonly fix?: readonly FixNode[]
}

/** A change of the object that mends the violation. */
export type FixNode =
  | { readonly kind: 'set'; readonly at: Node; readonly value: Node }
  | { readonly kind: 'remove'; readonly at: Node }
