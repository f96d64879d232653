import { type Json, parseDecimal } from '@gatewright/core'
import { isTimestamp } from './timestamp.js'

/** What go-yaml makes of a scalar, before it becomes JSON. */
export type Resolved =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'timestamp'; readonly value: string }

const nothing: Resolved = { kind: 'null' }
const yes: Resolved = { kind: 'boolean', value: true }
const no: Resolved = { kind: 'boolean', value: false }

const float = (value: number): Resolved => ({ kind: 'float', value })

const words: ReadonlyMap<string, Resolved> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, yes] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, no] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, nothing] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, float(NaN)] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, float(Infinity)] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, float(-Infinity)] as const),
])

const pointFirst = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?$/
const basedInteger = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/
const decimalFloat = /^[+-]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]+)?$/
const signedBinary = /^0b([+-]?)([01]+)$/

const int64 = 2n ** 63n
const uint64 = 2n ** 64n

/**
 * Resolves a plain scalar by the rules of go-yaml 2.4, measured against it: YAML 1.1 words and number forms without the
 * sexagesimal ones. Anything else is text.
 */
export function resolvePlain(text: string): Resolved {
  const word = words.get(text)
  if (word !== undefined) return word
  const first = text.charCodeAt(0)
  if (first === 0x2e) return resolvePointFirst(text)
  const digit = first >= 0x30 && first <= 0x39
  if (!digit && first !== 0x2b && first !== 0x2d) return { kind: 'text', value: text }
  if (isTimestamp(text)) return { kind: 'timestamp', value: text }
  return resolveNumber(text.replaceAll('_', '')) ?? { kind: 'text', value: text }
}

function resolvePointFirst(text: string): Resolved {
  if (pointFirst.test(text)) {
    const value = Number(text.replaceAll('_', ''))
    if (Number.isFinite(value)) return float(value)
  }
  return { kind: 'text', value: text }
}

function resolveNumber(text: string): Resolved | undefined {
  const based = basedInteger.exec(text)
  if (based !== null) {
    const [, sign = '', hexadecimal, binary, octal, decimal = '0'] = based
    const digits =
      hexadecimal !== undefined
        ? `0x${hexadecimal}`
        : binary !== undefined
          ? `0b${binary}`
          : octal !== undefined
            ? `0o${octal}`
            : decimal
    const integer = inRange(sign, BigInt(digits))
    if (integer !== undefined) return integer
  }
  if (decimalFloat.test(text)) {
    const value = Number(text)
    if (Number.isFinite(value)) return float(value)
  }
  const signed = signedBinary.exec(text)
  if (signed !== null) return inRange(signed[1] ?? '', BigInt(`0b${signed[2]}`))
  return undefined
}

/** An int64, or without a sign a uint64. */
function inRange(sign: string, magnitude: bigint): Resolved | undefined {
  if (sign === '-') return magnitude <= int64 ? { kind: 'integer', value: -magnitude } : undefined
  return magnitude < (sign === '+' ? int64 : uint64) ? { kind: 'integer', value: magnitude } : undefined
}

/** Whether the text of a scalar under this tag is resolved and must come out as the tag says. */
const checkedTags: ReadonlyMap<string, readonly Resolved['kind'][]> = new Map([
  ['bool', ['boolean']],
  ['int', ['integer']],
  ['float', ['float', 'integer']],
  ['null', ['null']],
  ['timestamp', ['timestamp']],
])

/**
 * Resolves a scalar under one of YAML's own tags, such as `int`; undefined when go-yaml would refuse it. Other tags have no
 * meaning for it: the text stays text.
 */
export function resolveTagged(tag: string, text: string): Resolved | undefined {
  if (tag === 'binary') return resolveBinary(text)
  const expected = checkedTags.get(tag)
  if (expected === undefined) return { kind: 'text', value: text }
  // the timestamp rule comes before numbers, and no number has a timestamp's form
  const resolved = resolvePlain(text)
  if (!expected.includes(resolved.kind)) return undefined
  if (tag !== 'float' || resolved.kind !== 'integer') return resolved
  return resolved.value < int64 ? float(Number(resolved.value)) : undefined
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Refuses also what is no UTF-8: go-yaml would put U+FFFD for each bad byte. */
function resolveBinary(text: string): Resolved | undefined {
  const joined = text.replace(/[\r\n]/g, '')
  if (!base64.test(joined)) return undefined
  try {
    return { kind: 'text', value: utf8.decode(Buffer.from(joined, 'base64')) }
  } catch {
    return undefined
  }
}

/** The value as JSON; undefined for what JSON cannot hold (infinities and not-a-number). */
export function jsonOf(resolved: Resolved): Json | undefined {
  switch (resolved.kind) {
    case 'null':
      return null
    case 'integer': {
      const double = Number(resolved.value)
      return Number.isSafeInteger(double) ? double : resolved.value
    }
    case 'float': {
      const { value } = resolved
      if (!Number.isFinite(value)) return undefined
      if (value === 0) return 0
      return Number.isInteger(value) && !Number.isSafeInteger(value)
        ? parseDecimal(String(value).replace('e+', 'e'))
        : value
    }
    default:
      return resolved.value
  }
}

/** The text of a key; undefined for null, for integers beyond int64, and for a float whose text would be another number. */
export function keyText(resolved: Resolved): string | undefined {
  switch (resolved.kind) {
    case 'null':
      return undefined
    case 'boolean':
      return String(resolved.value)
    case 'integer':
      return resolved.value < int64 ? String(resolved.value) : undefined
    case 'float':
      return floatKey(resolved.value)
    default:
      return resolved.value
  }
}

/** As Go prints a float32 in its shortest form, `%g`. */
function floatKey(value: number): string | undefined {
  if (Number.isNaN(value)) return '.nan'
  if (value === Infinity) return '.inf'
  if (value === -Infinity) return '-.inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const single = Math.fround(value)
  for (let digits = 1; digits <= 7; digits++) {
    const shortest = Number(single.toPrecision(digits))
    if (Math.fround(shortest) !== single) continue
    return shortest === value && single !== 0 && Number.isFinite(single) ? generalFormat(value) : undefined
  }
  return undefined
}

function generalFormat(value: number): string {
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(value)
  const sign = exponent < 0 ? '-' : '+'
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}
