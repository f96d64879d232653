import {
  type Domain,
  isObject,
  isOfType,
  type Json,
  type Node,
  type OperandType,
  type ReadType,
  typeOf,
} from '@gatewright/core'

/** Whether a constant can be had as a value of a type. */
export const fits = (value: Json, type: OperandType): boolean =>
  type === 'any' || isDomain(type) || (value !== null && isOfType(value, type))

/** Whether a type is one of the values that JSON does not have. */
export const isDomain = (type: OperandType): type is Domain =>
  type === 'quantity' || type === 'duration' || type === 'timestamp' || type === 'semver'

const jsonTypes: Readonly<Record<ReadType, readonly string[]>> = {
  string: ['string'],
  number: ['number'],
  boolean: ['boolean'],
  'string-or-number': ['string', 'number'],
  scalar: ['string', 'number', 'boolean'],
  list: ['array'],
  object: ['object'],
  unknown: ['array', 'boolean', 'number', 'object', 'string'],
}

/** The types of JSON that a declared type is of, by the names that `type_name` has for them. */
export const jsonTypesOf = (type: OperandType): readonly string[] =>
  type === 'any' || isDomain(type) ? jsonTypes.unknown : jsonTypes[type]

/** The declared type that a name of `type_name` is of. */
export function typeNamed(name: string | undefined): ReadType {
  return name === 'array' ? 'list' : (name as ReadType)
}

/** Whether values of a type are compared as they stand, rather than part by part. */
export const isScalarType = (type: OperandType): boolean =>
  ['string', 'number', 'boolean', 'string-or-number', 'scalar'].includes(type)

/** Whether a constant can equal a value of what its expression declares. */
export function isOfDeclaredType(node: Node, value: Json): boolean {
  const declared = typeOf(node)
  switch (declared) {
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'number':
      return typeof value !== 'string' && typeof value !== 'boolean'
    case 'string-or-number':
      return typeof value !== 'boolean'
    case 'list':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    default:
      return true
  }
}

/** Whether values of what two expressions declare can be equal; OPA refuses a comparison that it knows to be false. */
export function mayBeEqual(a: Node, b: Node): boolean {
  const [x, y] = [jsonTypesOf(typeOf(a)), jsonTypesOf(typeOf(b))]
  return x.some((each) => y.includes(each))
}

/** Whether two expressions are of one scalar type. */
export const areAlike = (a: Node, b: Node): boolean =>
  ['string', 'number', 'boolean'].includes(typeOf(a)) && typeOf(a) === typeOf(b)
