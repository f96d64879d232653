import { compareNumbers, Decimal, decimalOf, type JsonNumber } from './decimal.js'

const grammar =
  /^([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]+)?$/

const decimalPowers: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const binaryPowers: Readonly<Record<string, bigint>> = {
  Ki: 10n,
  Mi: 20n,
  Gi: 30n,
  Ti: 40n,
  Pi: 50n,
  Ei: 60n,
}

const bound = 2n ** 63n * 1_000_000_000n

/**
 * Reads a Kubernetes quantity exactly, in nanos; undefined for a text outside the grammar, one that is no multiple of a nano or
 * has a binary suffix and more than nine decimals, and one whose value is not below 2^63. Source: the grammar of `k8s.io/apimachinery/pkg/api/resource.Quantity`.
 */
export function parseQuantity(of: string | JsonNumber): bigint | undefined {
  if (typeof of !== 'string') return inNanos(decimalOf(of), 1n)
  if (of.length > 100) return undefined
  const match = grammar.exec(of)
  if (match === null) return undefined
  const [, sign = '', digits = '', suffix = ''] = match
  const [whole = '', fraction = ''] = digits.split('.')
  const coefficient = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n)
  const power = binaryPowers[suffix]
  // the factor of 2 brings no end to the decimals that would have to be kept
  if (power !== undefined && fraction.replace(/0+$/, '').length > 9) return undefined
  if (power !== undefined) return inNanos(new Decimal(coefficient, -fraction.length), 2n ** power)
  const exponent = decimalPowers[suffix] ?? Number(suffix.slice(1))
  if (Math.abs(exponent) > 1000) return undefined
  return inNanos(new Decimal(coefficient, exponent - fraction.length), 1n)
}

function inNanos({ coefficient, exponent }: Decimal, times: bigint): bigint | undefined {
  const power = exponent + 9
  if (power > 60 && coefficient !== 0n) return undefined
  const scaled = coefficient * times
  let nanos: bigint
  if (power >= 0) {
    nanos = scaled * 10n ** BigInt(power)
  } else {
    if (power < -200) return undefined
    const divisor = 10n ** BigInt(-power)
    if (scaled % divisor !== 0n) return undefined
    nanos = scaled / divisor
  }
  return inRange(nanos) ? nanos : undefined
}

const inRange = (nanos: bigint): boolean => nanos < bound && nanos > -bound

/** The sum of two quantities in nanos; undefined when it is out of range. */
export function addQuantities(a: bigint, b: bigint): bigint | undefined {
  return inRange(a + b) ? a + b : undefined
}

/** A bound of a ratio is below this, and has at most as many digits behind the point. */
const largestBound = 10n ** 18n
const mostDecimals = 18

/**
 * How `a / b` stands to `n`, exactly; undefined when `b` is zero, and where `n` has 19 digits or more before the point or behind
 * it, so that no engine has to multiply numbers without a limit.
 */
export function compareRatio(a: bigint, b: bigint, n: JsonNumber): -1 | 0 | 1 | undefined {
  if (b === 0n || compareNumbers(n, largestBound) >= 0 || compareNumbers(n, -largestBound) <= 0)
    return undefined
  const { coefficient, exponent } = decimalOf(n)
  if (exponent < -mostDecimals) return undefined
  const order = compareNumbers(a, new Decimal(b * coefficient, exponent))
  return b > 0n ? order : (-order as -1 | 0 | 1)
}
