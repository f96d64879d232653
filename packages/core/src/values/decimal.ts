/** A JSON number, exact: a double whose shortest text has the value, an integer beyond ±(2^53-1), or any other decimal. */
export type JsonNumber = number | bigint | Decimal

/** An exact decimal that is no double: `coefficient × 10^exponent`, without trailing zeros in the coefficient. */
export class Decimal {
  readonly coefficient: bigint
  readonly exponent: number

  constructor(coefficient: bigint, exponent: number) {
    let c = coefficient
    let e = exponent
    while (c !== 0n && c % 10n === 0n) {
      c /= 10n
      e++
    }
    this.coefficient = c
    this.exponent = c === 0n ? 0 : e
  }
}

const numberGrammar = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/

/** Exponents beyond this are refused: OPA refuses them too, and no field needs them. */
const largestExponent = 100_000

/**
 * Reads a number in JSON grammar (RFC 8259, section 6) exactly; undefined for anything else, and for exponents beyond ±100,000.
 */
export function parseDecimal(text: string): JsonNumber | undefined {
  const match = numberGrammar.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', power = '0'] = match
  if (power.length > 8) return undefined
  const exponent = Number(power)
  if (Math.abs(exponent) > largestExponent) return undefined
  const double = Number(text)
  if (double === 0 && /^[0.]*$/.test(whole + fraction)) return 0
  const digits = whole + fraction
  const decimal = new Decimal(BigInt(sign + digits), exponent - fraction.length)
  return simplest(decimal, double)
}

/** The simplest form of a decimal: a double that is it, a big integer, or itself. */
function simplest(decimal: Decimal, double: number): JsonNumber {
  if (Number.isFinite(double) && double !== 0) {
    const same = decimalOf(double)
    if (same.coefficient === decimal.coefficient && same.exponent === decimal.exponent) {
      if (!Number.isInteger(double) || Number.isSafeInteger(double)) return double
    }
  }
  if (decimal.exponent >= 0 && decimal.exponent <= 1000)
    return decimal.coefficient * 10n ** BigInt(decimal.exponent)
  return decimal
}

/** Whether a value is a number: finite, or one of the exact forms. */
export function isNumber(value: unknown): value is JsonNumber {
  return (
    (typeof value === 'number' && Number.isFinite(value)) ||
    typeof value === 'bigint' ||
    value instanceof Decimal
  )
}

/** The exact decimal of a number; a double is what its shortest text says. */
export function decimalOf(value: JsonNumber): Decimal {
  if (value instanceof Decimal) return value
  if (typeof value === 'bigint') return new Decimal(value, 0)
  const [mantissa = '0', power = '0'] = String(value).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return new Decimal(BigInt(whole + fraction), Number(power) - fraction.length)
}

/** Orders two numbers by exact value. */
export function compareNumbers(a: JsonNumber, b: JsonNumber): -1 | 0 | 1 {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0
  return compareDecimals(decimalOf(a), decimalOf(b))
}

function compareDecimals(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const signA = signOf(a)
  const signB = signOf(b)
  if (signA !== signB) return signA < signB ? -1 : 1
  if (signA === 0) return 0
  // magnitudes first: aligning exponents that are far apart would make huge integers
  const magnitude = magnitudeOf(a) - magnitudeOf(b)
  if (magnitude !== 0) return magnitude * signA < 0 ? -1 : 1
  const least = Math.min(a.exponent, b.exponent)
  const x = a.coefficient * 10n ** BigInt(a.exponent - least)
  const y = b.coefficient * 10n ** BigInt(b.exponent - least)
  return x < y ? -1 : x > y ? 1 : 0
}

const signOf = ({ coefficient }: Decimal): -1 | 0 | 1 => (coefficient < 0n ? -1 : coefficient > 0n ? 1 : 0)

/** The power of ten above the number: digits before the decimal point. */
function magnitudeOf({ coefficient, exponent }: Decimal): number {
  const digits = String(coefficient < 0n ? -coefficient : coefficient).length
  return digits + exponent
}

/** Whether two numbers have the same value. */
export function equalNumbers(a: JsonNumber, b: JsonNumber): boolean {
  return compareNumbers(a, b) === 0
}

/** The number in JSON grammar, with all its digits. */
export function numberText(value: JsonNumber): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value).replace('e+', 'e')
  return `${value.coefficient}e${value.exponent}`
}

/** Whether a number has no fraction. */
export function isInteger(value: JsonNumber): boolean {
  if (typeof value === 'bigint') return true
  return typeof value === 'number' ? Number.isInteger(value) : value.exponent >= 0
}

/** The value of a number without a fraction. */
export function integerOf(value: JsonNumber): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? BigInt(value) : integerOf(decimalOf(value))
  }
  return value.coefficient * 10n ** BigInt(value.exponent)
}

const limit = 2n ** 53n

/** An integer result of arithmetic: `'overflow'` beyond ±2^53 (law 6). */
export function integerResult(value: bigint): JsonNumber | 'overflow' {
  return value > limit || value < -limit ? 'overflow' : simplest(new Decimal(value, 0), Number(value))
}

type Arithmetic = (a: bigint, b: bigint) => bigint

function integers(a: JsonNumber, b: JsonNumber, compute: Arithmetic): JsonNumber | 'overflow' | undefined {
  if (!isInteger(a) || !isInteger(b)) return undefined
  if (beyond(a) || beyond(b)) return 'overflow'
  return integerResult(compute(integerOf(a), integerOf(b)))
}

const beyond = (value: JsonNumber): boolean =>
  compareNumbers(value, limit) > 0 || compareNumbers(value, -limit) < 0

/** The sum of integers within ±2^53: `'overflow'` beyond, undefined of others (law 6). */
export function addIntegers(a: JsonNumber, b: JsonNumber): JsonNumber | 'overflow' | undefined {
  return integers(a, b, (x, y) => x + y)
}

/** The difference of integers within ±2^53: `'overflow'` beyond, undefined of others (law 6). */
export function subtractIntegers(a: JsonNumber, b: JsonNumber): JsonNumber | 'overflow' | undefined {
  return integers(a, b, (x, y) => x - y)
}

/** The product of integers within ±2^53: `'overflow'` beyond, undefined of others (law 6). */
export function multiplyIntegers(a: JsonNumber, b: JsonNumber): JsonNumber | 'overflow' | undefined {
  return integers(a, b, (x, y) => x * y)
}
