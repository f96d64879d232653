import type { ReadType } from './node.js'

/**
 * The operators, one row each.
 *
 * `answers` says what a missing operand does: `predicate`, the answer is missing and must be decided; `test`, it decides by
 * itself; `value`, the result is missing; `total`, the operator handles it. An operand is used (law 1): one that is not of the
 * type its parameter names is missing. An operand that is an error or unknown makes the call so, error first.
 */
export interface Operator {
  readonly answers: 'predicate' | 'test' | 'value' | 'total'
  /** The operands' types; the last one repeats when `variadic`. */
  readonly operands: readonly OperandType[]
  readonly variadic?: true
  /** What it gives. A domain value can only be compared or computed with, never passed on. */
  readonly gives: OperandType
  readonly meaning: string
}

/** A type of JSON value, or a domain value: a quantity, duration, timestamp or version that was read. `any` is not checked. */
export type OperandType = ReadType | 'any' | Domain

export type Domain = 'quantity' | 'duration' | 'timestamp' | 'semver'

const predicate = (operands: readonly OperandType[], meaning: string): Operator => ({
  answers: 'predicate',
  operands,
  gives: 'boolean',
  meaning,
})
const value = (operands: readonly OperandType[], gives: OperandType, meaning: string): Operator => ({
  answers: 'value',
  operands,
  gives,
  meaning,
})

type Comparison = 'gt' | 'gte' | 'lt' | 'lte' | 'equals'

const ordered = <D extends string>(domain: D, type: OperandType): Record<`${D}.${Comparison}`, Operator> => {
  const rows: Record<string, Operator> = {
    [`${domain}.gt`]: predicate([type, type], 'is greater than'),
    [`${domain}.gte`]: predicate([type, type], 'is at least'),
    [`${domain}.lt`]: predicate([type, type], 'is less than'),
    [`${domain}.lte`]: predicate([type, type], 'is at most'),
    [`${domain}.equals`]: predicate([type, type], 'equals in value'),
  }
  return rows
}

/** The names of the operators. Those with a dot belong to a family. */
export type OperatorName =
  | 'is'
  | 'equals'
  | 'in'
  | 'exists'
  | 'sameAs'
  | 'startsWith'
  | 'endsWith'
  | 'includes'
  | 'contains'
  | 'like'
  | 'matches'
  | 'lower'
  | 'length'
  | 'split'
  | 'trimPrefix'
  | 'toNumber'
  | 'text'
  | 'message'
  | 'join'
  | `number.${Comparison}`
  | 'number.between'
  | 'plus'
  | 'minus'
  | 'times'
  | 'count'
  | 'sum'
  | 'quantity'
  | `quantity.${Comparison}`
  | 'quantity.plus'
  | `ratio.${'gt' | 'gte' | 'lt' | 'lte'}`
  | 'semver'
  | `semver.${Comparison}`
  | 'duration'
  | `duration.${Comparison}`
  | 'timestamp'
  | `timestamp.${Comparison}`
  | 'timestamp.plus'
  | 'timestamp.minus'
  | `imageRef.${'registry' | 'repository' | 'name' | 'tag' | 'digest' | 'within'}`
  | 'cidr.contains'
  | 'cidr.overlaps'
  | 'matchesSelector'

export const operators: Readonly<Record<OperatorName, Operator>> = {
  // equality and presence
  is: {
    answers: 'test',
    operands: ['unknown', 'any'],
    gives: 'boolean',
    meaning: 'equals the literal; false when missing',
  },
  equals: predicate(['unknown', 'unknown'], 'equals the other value (law 6)'),
  in: {
    answers: 'test',
    operands: ['unknown', 'list'],
    gives: 'boolean',
    meaning: 'equals an element of the list; false when missing, and of a missing list',
  },
  exists: {
    answers: 'test',
    operands: ['unknown'],
    gives: 'boolean',
    meaning: 'is there, of its declared type',
  },
  sameAs: {
    answers: 'test',
    operands: ['unknown', 'unknown'],
    gives: 'boolean',
    meaning: 'both are there and equal, or both are missing',
  },
  // text (law 7)
  startsWith: predicate(['string', 'string'], 'begins with the text'),
  endsWith: predicate(['string', 'string'], 'ends with the text'),
  includes: predicate(['string', 'string'], 'contains the text'),
  contains: predicate(
    ['unknown', 'unknown'],
    'a text contains the text, a list has an element that equals it; false of anything else',
  ),
  like: predicate(
    ['string', 'string'],
    'matches the wildcard pattern: `*` any run of characters, `?` one; a pattern with `[`, `{` or `\\` is an error',
  ),
  matches: predicate(
    ['string', 'string'],
    'the RE2 pattern is found in it; a pattern that is not valid is an error, also when the text is missing',
  ),
  lower: value(['string'], 'string', 'ASCII letters in lower case'),
  length: value(['string'], 'number', 'number of code points'),
  split: value(
    ['string', 'string'],
    'list',
    'parts between separators; an empty separator gives the code points',
  ),
  trimPrefix: value(['string', 'string'], 'string', 'without the prefix, where it has it'),
  toNumber: value(
    ['string'],
    'number',
    'the number that the text is in JSON grammar, with an exponent of at most two digits; else missing',
  ),
  text: {
    answers: 'value',
    operands: ['scalar'],
    variadic: true,
    gives: 'string',
    meaning:
      'the parts joined, numbers in plain digits where they are integers below 2^63; any other number is missing',
  },
  message: {
    answers: 'total',
    operands: ['any'],
    variadic: true,
    gives: 'string',
    meaning: 'the parts joined as law 8 prints them; never missing, an error or unknown',
  },
  join: {
    answers: 'value',
    operands: ['list', 'string'],
    gives: 'string',
    meaning:
      'the elements as law 8 prints them, with the separator between; a missing list joins to the empty text',
  },
  // numbers (law 6)
  ...ordered('number', 'number'),
  'number.between': predicate(
    ['number', 'number', 'number'],
    'is at least the first and at most the second bound',
  ),
  plus: value(
    ['number', 'number'],
    'number',
    'sum of integers within ±2^53; beyond, an error; of others, missing',
  ),
  minus: value(['number', 'number'], 'number', 'difference, as plus'),
  times: value(['number', 'number'], 'number', 'product, as plus'),
  // lists
  count: {
    answers: 'total',
    operands: ['list'],
    gives: 'number',
    meaning: 'number of elements; 0 of a missing list',
  },
  sum: {
    answers: 'value',
    operands: ['list'],
    gives: 'number',
    meaning:
      'sum of the elements, which are integers whose magnitudes add up to at most 2^53; beyond, an error; 0 of a missing list; missing when an element is no integer',
  },
  // quantities: Kubernetes' grammar, exact
  quantity: value(['string-or-number'], 'quantity', 'the quantity that the text or number is, else missing'),
  ...ordered('quantity', 'quantity'),
  'quantity.plus': value(
    ['quantity', 'quantity'],
    'quantity',
    'exact sum; beyond the range of quantities, an error',
  ),
  // a ratio can only be compared; a zero divisor makes it missing. Operands are quantities, or numbers that are read as such. A
  // bound with more than 18 digits before the point or behind it makes it missing.
  'ratio.gt': predicate(
    ['any', 'any', 'number'],
    'the first divided by the second is greater than the number',
  ),
  'ratio.gte': predicate(['any', 'any', 'number'], 'the ratio is at least the number'),
  'ratio.lt': predicate(['any', 'any', 'number'], 'the ratio is less than the number'),
  'ratio.lte': predicate(['any', 'any', 'number'], 'the ratio is at most the number'),
  // versions
  semver: value(['string'], 'semver', 'the semantic version that the text is, else missing'),
  ...ordered('semver', 'semver'),
  // time
  duration: value(['string'], 'duration', "the duration that the text is in Go's grammar, else missing"),
  ...ordered('duration', 'duration'),
  timestamp: value(['string'], 'timestamp', 'the RFC 3339 time that the text is, else missing'),
  ...ordered('timestamp', 'timestamp'),
  'timestamp.plus': value(
    ['timestamp', 'duration'],
    'timestamp',
    'the time so much later; out of range, missing',
  ),
  'timestamp.minus': value(
    ['timestamp', 'timestamp'],
    'duration',
    'how much later the first is; out of range, missing',
  ),
  // images
  'imageRef.registry': value(['string'], 'string', "the image's registry, `docker.io` where it names none"),
  'imageRef.repository': value(['string'], 'string', "the image's repository, `library/nginx` for `nginx`"),
  'imageRef.name': value(['string'], 'string', 'registry and repository'),
  'imageRef.tag': value(['string'], 'string', 'the tag, missing where there is none'),
  'imageRef.digest': value(['string'], 'string', 'the digest, missing where there is none'),
  'imageRef.within': predicate(
    ['string', 'string'],
    'the image lies in the registry or repository, by whole components; one that cannot be read is missing',
  ),
  // addresses
  'cidr.contains': predicate(
    ['string', 'string'],
    'the network holds the address or network; unreadable is missing',
  ),
  'cidr.overlaps': predicate(['string', 'string'], 'the networks share an address; unreadable is missing'),
  // labels
  matchesSelector: predicate(
    ['object', 'any'],
    'the label selector matches the labels, none where they are missing; a selector that cannot be read is missing',
  ),
}

/** The row of an operator. */
export function operatorOf(name: OperatorName): Operator {
  return operators[name]
}

/** The operator names, in the order of the table. */
export const operatorNames: readonly OperatorName[] = Object.keys(operators) as OperatorName[]
