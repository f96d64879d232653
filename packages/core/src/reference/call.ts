import type { OperatorName } from '../ir/operators.js'
import { equalJson, type Json } from '../json.js'
import {
  addIntegers,
  compareNumbers,
  integerOf,
  integerResult,
  isInteger,
  isNumber,
  type JsonNumber,
  multiplyIntegers,
  numberText,
  parseDecimal,
  subtractIntegers,
} from '../values/decimal.js'
import { addressWithin, networksOverlap } from '../values/cidr.js'
import { parseDuration } from '../values/duration.js'
import { parseImageReference, within } from '../values/image-reference.js'
import { matchesPattern, patternProblem } from '../values/pattern.js'
import { addQuantities, compareRatio, parseQuantity } from '../values/quantity.js'
import { matchesSelector } from '../values/selector.js'
import { compareVersions, parseVersion, type Version } from '../values/semver.js'
import { addDuration, differenceOf, parseTimestamp } from '../values/timestamp.js'
import { lowerAscii, messageText, textLength } from '../values/text.js'
import { like, wildcardProblem } from '../values/wildcard.js'
import { Fault } from './fault.js'
import { DomainValue, type Elements, isObject, type Value } from './value.js'

/**
 * What an operator gives on operands that are all there and of their types: the meaning of the table's rows.
 *
 * Undefined is missing. Operators whose row says `test` or `total`, and those that iterate, are in `evaluate.ts`.
 */
export function call(name: OperatorName, operands: readonly Value[]): Value {
  const [a, b, c] = operands
  const text = (value: Value): string => value as string
  const integer = (value: JsonNumber | 'overflow' | undefined): Value =>
    value === 'overflow' ? new Fault('error', 'overflow', 'the result is not an integer within ±2^53') : value
  switch (name) {
    case 'equals':
      return equalJson(a as Json, b as Json)
    case 'startsWith':
      return text(a).startsWith(text(b))
    case 'endsWith':
      return text(a).endsWith(text(b))
    case 'includes':
      return text(a).includes(text(b))
    case 'contains':
      return typeof a === 'string'
        ? typeof b === 'string' && a.includes(b)
        : Array.isArray(a) && a.some((element: Json) => element !== null && equalJson(element, b as Json))
    case 'like':
      return like(text(a), text(b))
    case 'matches':
      return matchesPattern(text(b), text(a))
    case 'lower':
      return lowerAscii(text(a))
    case 'length':
      return textLength(text(a))
    case 'split':
      return text(b) === '' ? [...text(a)] : text(a).split(text(b))
    case 'trimPrefix':
      return text(a).startsWith(text(b)) ? text(a).slice(text(b).length) : text(a)
    case 'toNumber':
      // no engine has to make a number of hundreds of digits out of a short text
      return /[eE][+-]?[0-9]{3,}$/.test(text(a)) ? undefined : parseDecimal(text(a))
    case 'text':
      return joinText(operands)
    case 'plus':
      return integer(addIntegers(a as JsonNumber, b as JsonNumber))
    case 'minus':
      return integer(subtractIntegers(a as JsonNumber, b as JsonNumber))
    case 'times':
      return integer(multiplyIntegers(a as JsonNumber, b as JsonNumber))
    case 'number.between':
      return (
        compareNumbers(a as JsonNumber, b as JsonNumber) >= 0 &&
        compareNumbers(a as JsonNumber, c as JsonNumber) <= 0
      )
    case 'quantity':
      return domainValue('quantity', parseQuantity(a as string | JsonNumber))
    case 'quantity.plus': {
      const sum = addQuantities(nanos(a), nanos(b))
      return sum === undefined
        ? new Fault('error', 'overflow', 'the sum is out of the range of quantities')
        : domainValue('quantity', sum)
    }
    case 'semver':
      return domainValue('semver', parseVersion(text(a)))
    case 'duration':
      return domainValue('duration', parseDuration(text(a)))
    case 'timestamp':
      return domainValue('timestamp', parseTimestamp(text(a)))
    case 'timestamp.plus':
      return domainValue('timestamp', addDuration(nanos(a), nanos(b)))
    case 'timestamp.minus':
      return domainValue('duration', differenceOf(nanos(a), nanos(b)))
    case 'ratio.gt':
    case 'ratio.gte':
    case 'ratio.lt':
    case 'ratio.lte': {
      const order = ratioOrder(a, b, c as JsonNumber)
      return order === undefined ? undefined : holds(name.slice('ratio.'.length), order)
    }
    case 'imageRef.registry':
      return parseImageReference(text(a))?.registry
    case 'imageRef.repository':
      return parseImageReference(text(a))?.repository
    case 'imageRef.name':
      return parseImageReference(text(a))?.name
    case 'imageRef.tag':
      return parseImageReference(text(a))?.tag
    case 'imageRef.digest':
      return parseImageReference(text(a))?.digest
    case 'imageRef.within': {
      const reference = parseImageReference(text(a))
      return reference === undefined ? undefined : within(reference, text(b))
    }
    case 'sum':
      return sumOf(a as readonly Value[])
    case 'cidr.contains':
      return addressWithin(text(a), text(b))
    case 'cidr.overlaps':
      return networksOverlap(text(a), text(b))
    case 'matchesSelector':
      return matchesSelector(a as Json, isObject(b) ? b : {})
    default:
      return comparison(name, a, b)
  }
}

/** What makes a pattern operand an error, before the text is looked at. */
export function patternFault(name: OperatorName, pattern: Value): Fault | undefined {
  if (typeof pattern !== 'string') return undefined
  const problem =
    name === 'matches' ? patternProblem(pattern) : name === 'like' ? wildcardProblem(pattern) : undefined
  return problem === undefined ? undefined : new Fault('error', 'invalid-pattern', problem)
}

/** The parts of a `text` joined; missing when a number has no plain digits. */
function joinText(parts: readonly Value[]): string | undefined {
  const texts = parts.map(scalarText)
  return texts.includes(undefined) ? undefined : texts.join('')
}

function scalarText(value: Value): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (!isNumber(value)) return undefined
  const shown = messageText(value)
  return shown === '<number>' ? undefined : numberText(value)
}

/**
 * The sum of integers; an error where their magnitudes add up to more than 2^53, so that no engine has to compute with more, and
 * the answer does not hang on the order (law 6). Missing when one is no integer.
 */
export function sumOf(values: readonly Value[]): Value {
  let total = 0n
  let magnitude = 0n
  for (const value of values) {
    if (!isNumber(value) || !isInteger(value)) return undefined
    const integer = integerOf(value)
    total += integer
    magnitude += integer < 0n ? -integer : integer
  }
  const result = integerResult(magnitude) === 'overflow' ? 'overflow' : integerResult(total)
  return result === 'overflow'
    ? new Fault('error', 'overflow', 'the magnitudes add up to more than 2^53')
    : result
}

/** The elements of a list as law 8 prints them, with a separator between. */
export function joinElements(elements: Elements, separator: string): string {
  return elements.items.map(({ value }) => holeText(value)).join(separator)
}

/** A value as a message shows it (law 8). What cannot be had is shown as missing. */
export function holeText(value: Value): string {
  return messageText(value instanceof Fault || value instanceof DomainValue ? undefined : value)
}

const domainValue = (domain: DomainValue['domain'], value: unknown): Value =>
  value === undefined ? undefined : new DomainValue(domain, value)

const nanos = (value: Value): bigint => (value as DomainValue).value as bigint

function comparison(name: OperatorName, a: Value, b: Value): boolean {
  const [domain, operator] = name.split('.') as [string, string]
  if (domain === 'number') return holds(operator, compareNumbers(a as JsonNumber, b as JsonNumber))
  const x = (a as DomainValue).value
  const y = (b as DomainValue).value
  if (domain === 'semver') return holds(operator, compareVersions(x as Version, y as Version))
  return holds(operator, (x as bigint) < (y as bigint) ? -1 : (x as bigint) > (y as bigint) ? 1 : 0)
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case 'gt':
      return order > 0
    case 'gte':
      return order >= 0
    case 'lt':
      return order < 0
    case 'lte':
      return order <= 0
    case 'equals':
      return order === 0
    default:
      throw new TypeError(`no meaning for the comparison \`${operator}\``)
  }
}

/** How a / b stands to n; undefined where an operand is no quantity, b is zero, or n has too many digits. */
function ratioOrder(a: Value, b: Value, n: JsonNumber): number | undefined {
  const x = ratioOperand(a)
  const y = ratioOperand(b)
  return x === undefined || y === undefined ? undefined : compareRatio(x, y, n)
}

/** In nanos; a number is read as the quantity that it is. */
function ratioOperand(value: Value): bigint | undefined {
  if (value instanceof DomainValue) return value.domain === 'quantity' ? nanos(value) : undefined
  return isNumber(value) ? parseQuantity(value) : undefined
}
