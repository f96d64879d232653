/**
 * What a value may be, in the language's own terms: nothing of zod, JSON Schema or Kubernetes is in it.
 *
 * Front ends (zod schemas, the generated Kubernetes documents, CRDs) are turned into it once; expressions carry it to know
 * their fields and operations, and the IR keeps of it only the type that each read declares. `fields`, `items`, `values` and a
 * field's `schema` may be getters that resolve on first use, so recursive schemas are ordinary objects.
 */
export type Schema =
  | StringSchema
  | NumberSchema
  | BooleanSchema
  | ScalarSchema
  | ListSchema
  | MapSchema
  | ObjectSchema
  | UnionSchema
  | UnknownSchema

/** A grammar that a text follows: it gives the value an order and a unit. */
export type Unit = 'quantity' | 'duration' | 'timestamp'

export interface StringSchema {
  readonly type: 'string'
  /** The literals of an enumeration, when it is one. */
  readonly values?: readonly string[]
  readonly unit?: Unit
}

export interface NumberSchema {
  readonly type: 'number'
  readonly integer?: boolean
}

export interface BooleanSchema {
  readonly type: 'boolean'
}

/** A value of several scalar types: IntOrString, a quantity written as a number or a text. */
export interface ScalarSchema {
  readonly type: 'scalar'
  readonly of: readonly ('string' | 'number' | 'boolean')[]
  readonly unit?: Unit
}

export interface ListSchema {
  readonly type: 'list'
  readonly items: Schema
}

/** An object whose keys are data: labels, limits. */
export interface MapSchema {
  readonly type: 'map'
  readonly values: Schema
}

export interface ObjectSchema {
  readonly type: 'object'
  /** The name people know it by: `Container`. */
  readonly name?: string
  readonly fields: Readonly<Record<string, Field>>
}

export interface Field {
  readonly schema: Schema
  readonly required?: boolean
  /** A filter has seen to it that it is there; what filters leave out may lack it. */
  readonly narrowed?: boolean
}

/** One of several object shapes, told apart by a field with a literal. */
export interface UnionSchema {
  readonly type: 'union'
  readonly variants: readonly ObjectSchema[]
}

/** Any JSON value. */
export interface UnknownSchema {
  readonly type: 'unknown'
}
