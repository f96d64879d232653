import type { Json } from '../json.js'
import type { Domain, OperandType } from '../ir/operators.js'
import type { Node, ReadType } from '../ir/node.js'
import { operatorOf } from '../ir/operators.js'
import { Decimal, isNumber } from '../values/decimal.js'
import type { Path } from '../verdict.js'
import { Fault } from './fault.js'

/** What an expression can be: JSON, missing (undefined or null), a domain value, or a fault. */
export type Value = Json | undefined | DomainValue | Fault

/** A value of a domain: a quantity in nanos, a duration or a time in nanoseconds, a version. */
export class DomainValue {
  readonly domain: Domain
  readonly value: unknown

  constructor(domain: Domain, value: unknown) {
    this.domain = domain
    this.value = value
  }
}

/** A value and the place in the judged object that it came from, where it came from one. */
export interface Located {
  readonly value: Value
  readonly path: Path | undefined
  /** The path ends here: a computed key stands next, so that nothing below is part of it (law 8). */
  readonly ended?: boolean
  /** Of an input: what stands there is no object, so that the input, which would be under it, cannot be had. */
  readonly misshapen?: Path
  /** The fields of a record that an expression built, each with its own place. */
  readonly parts?: Readonly<Record<string, Located>>
}

/** A list's elements; `rest` says that there may be others, or that the list could not be had. */
export interface Elements {
  readonly items: readonly Located[]
  readonly rest: Fault | undefined
}

/** Whether a JSON value is an object with keys. */
export function isObject(value: Value): value is Readonly<Record<string, Json>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Decimal) &&
    !(value instanceof DomainValue) &&
    !(value instanceof Fault)
  )
}

const checks: Readonly<Record<ReadType, (value: Value) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => isNumber(value),
  boolean: (value) => typeof value === 'boolean',
  'string-or-number': (value) => typeof value === 'string' || isNumber(value),
  scalar: (value) => typeof value === 'string' || typeof value === 'boolean' || isNumber(value),
  list: (value) => Array.isArray(value),
  object: isObject,
  unknown: (value) => value !== null && value !== undefined,
}

/** Whether a value that is not missing is of a declared type. */
export function isOfType(value: Value, type: ReadType): boolean {
  return checks[type](value)
}

/** A value as it is used (law 1): missing when it is null or not of the type. Faults stay. */
export function used(value: Value, type: OperandType): Value {
  if (value === undefined || value === null || value instanceof Fault || type === 'any')
    return value ?? undefined
  if (value instanceof DomainValue) return value.domain === type || type === 'unknown' ? value : undefined
  if (type === 'quantity' || type === 'duration' || type === 'timestamp' || type === 'semver')
    return undefined
  return isOfType(value, type) ? value : undefined
}

function literalType(value: Json): ReadType {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'boolean'
  if (isNumber(value)) return 'number'
  if (Array.isArray(value)) return 'list'
  return value === null ? 'unknown' : 'object'
}

const joinTypes = (types: readonly OperandType[]): OperandType =>
  types.every((type) => type === types[0]) ? (types[0] ?? 'unknown') : 'unknown'

/** The type that a node declares of its value. */
export function typeOf(node: Node): OperandType {
  switch (node.kind) {
    case 'field':
    case 'get':
    case 'at':
    case 'narrow':
    case 'find':
    case 'variable':
      return node.type
    case 'call':
      return operatorOf(node.operator).gives
    case 'default':
      return joinTypes([typeOf(node.of), typeOf(node.otherwise)])
    case 'when':
      return joinTypes([...node.cases.map((each) => typeOf(each.then)), typeOf(node.otherwise)])
    case 'list':
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'concat':
    case 'distinct':
    case 'duplicates':
    case 'keys':
    case 'inventory':
      return 'list'
    case 'record':
      return 'object'
    case 'some':
    case 'every':
    case 'and':
    case 'or':
    case 'not':
    case 'decide':
      return 'boolean'
    case 'literal':
      return literalType(node.value)
    case 'input':
      return 'unknown'
  }
}
