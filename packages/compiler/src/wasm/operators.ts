import type { OperatorName } from '@gatewright/core'

/** Functions of the runtime that give the value of an operator from operands that are all there: 0 where it is missing. */
export const values: Readonly<Partial<Record<OperatorName, string>>> = {
  lower: 'lower',
  length: 'length',
  split: 'split',
  trimPrefix: 'trimPrefix',
  toNumber: 'toNumber',
  plus: 'plus',
  minus: 'minus',
  times: 'times',
  quantity: 'quantity',
  'quantity.plus': 'quantityPlus',
  semver: 'semver',
  duration: 'duration',
  timestamp: 'timestamp',
  'timestamp.plus': 'timestampPlus',
  'timestamp.minus': 'timestampMinus',
  'imageRef.registry': 'imageRegistry',
  'imageRef.repository': 'imageRepository',
  'imageRef.name': 'imageName',
  'imageRef.tag': 'imageTag',
  'imageRef.digest': 'imageDigest',
}

/** Functions of the runtime that answer a predicate: 0 or 1, 2 where it is missing, or a fault. */
export const predicates: Readonly<Partial<Record<OperatorName, string>>> = {
  equals: 'equals',
  startsWith: 'startsWith',
  endsWith: 'endsWith',
  includes: 'includes',
  contains: 'contains',
  like: 'like',
  matches: 'matches',
  'number.between': 'between',
  'imageRef.within': 'imageWithin',
  'cidr.contains': 'cidrContains',
  'cidr.overlaps': 'cidrOverlaps',
}

/** Functions of the runtime that order two operands, by the family of the operator. */
export const orders: Readonly<Record<string, string>> = {
  number: 'compareNumbers',
  quantity: 'compareNanos',
  duration: 'compareNanos',
  timestamp: 'compareNanos',
  semver: 'compareVersions',
}
