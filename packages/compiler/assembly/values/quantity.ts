import {
  allocate,
  bytesOf,
  ERROR,
  heap,
  INTEGER,
  literal,
  newFault,
  newNanos,
  NUMBER,
  QUANTITY,
  setHeap,
  sizeOf,
  STRING,
  tagOf,
} from '../cells'
import { isDigit, skipDigits } from '../bytes'
import { highOf, isZero, lowOf, scaled, scaledHigh, signed, sumOf } from './nanos'
import {
  digits,
  first,
  integerOf,
  magnitude,
  negative,
  parse,
  readDecimal,
  readNumber,
  readPower,
} from './number'

/** 2^63 in nanos, which every quantity is below, has so many digits. */
const MOST_DIGITS: i32 = 28

/** Longest text that is read. */
const LONGEST: u32 = 100

/** The quantity that a text or a number is, in nanos; missing where the reference's `parseQuantity` gives none. */
export function quantity(value: u32): u32 {
  if (tagOf(value) == STRING) return ofText(bytesOf(value), sizeOf(value))
  if (readNumber(value) & INTEGER) {
    const low = scaled(integerOf(value), 0)
    return newNanos(QUANTITY, low, scaledHigh)
  }
  readDecimal(value)
  return inNanos(negative, magnitude, 0)
}

function ofText(at: u32, size: u32): u32 {
  if (size == 0 || size > LONGEST) return 0
  const end = at + size
  let minus = false
  if (load<u8>(at) == 0x2b || load<u8>(at) == 0x2d) {
    minus = load<u8>(at) == 0x2d
    at++
  }
  const point = skipDigits(at, end)
  let next = point
  if (next < end && load<u8>(next) == 0x2e) next = skipDigits(next + 1, end)
  // there is a digit before the point or behind it
  if (next == at || (next == at + 1 && point == at)) return 0
  parse(at, next)
  const rest = end - next
  if (rest == 0) return inNanos(minus, magnitude, 0)
  const suffix = load<u8>(next)
  if (rest == 1) {
    const power = powerOf(suffix)
    return power == NONE ? 0 : inNanos(minus, magnitude + power, 0)
  }
  if (rest == 2 && load<u8>(next, 1) == 0x69) {
    const power = powerOf(suffix == 0x4b ? 0x6b : suffix == 0x6b ? 0 : suffix)
    if (power == NONE || power < 3) return 0
    // a multiple of a nano before the factor of 2
    return inNanos(minus, magnitude, (power / 3) * 10)
  }
  if ((suffix | 0x20) != 0x65) return 0
  const sign = load<u8>(next, 1)
  const powerAt = next + (isDigit(sign) ? 1 : 2)
  if ((!isDigit(sign) && sign != 0x2b && sign != 0x2d) || powerAt == end || skipDigits(powerAt, end) != end)
    return 0
  const power = readPower(next + 1, end)
  return power > 1000 || power < -1000 ? 0 : inNanos(minus, magnitude + power, 0)
}

const NONE: i32 = 100

/** The power of ten of a suffix. */
function powerOf(suffix: u8): i32 {
  switch (suffix) {
    case 0x6e: // n
      return -9
    case 0x75: // u
      return -6
    case 0x6d: // m
      return -3
    case 0x6b: // k
      return 3
    case 0x4d: // M
      return 6
    case 0x47: // G
      return 9
    case 0x54: // T
      return 12
    case 0x50: // P
      return 15
    case 0x45: // E
      return 18
    default:
      return NONE
  }
}

/** The upper half of the decimal that `wholeOf` gave last. */
let wideHigh: u64 = 0

/** The first digits of the decimal that was read, with zeros behind: the lower half of 128 bits, which must hold them. */
function wholeOf(count: i32): u64 {
  let low: u64 = 0
  let high: u64 = 0
  let at = first
  for (let i = 0; i < count; i++) {
    let digit: u64 = 0
    if (i < digits) {
      if (load<u8>(at) == 0x2e) at++
      digit = <u64>(load<u8>(at++) - 0x30)
    }
    const lower = (low & 0xffffffff) * 10 + digit
    const upper = (low >> 32) * 10 + (lower >> 32)
    high = high * 10 + (upper >> 32)
    low = (upper << 32) | (lower & 0xffffffff)
  }
  wideHigh = high
  return low
}

/** The decimal that was read, of another sign and magnitude and times a power of two, in nanos. */
function inNanos(minus: bool, magnitude: i32, shift: i32): u32 {
  if (digits == 0) return newNanos(QUANTITY, 0, 0)
  const count = magnitude + 9
  // digits below a nano, or too many of them: a power of two does not bring the last digit to an end
  if (count < digits || count > MOST_DIGITS) return 0
  let low = wholeOf(count)
  let high = wideHigh
  if (!isBelow(low, high, shift)) return 0
  if (shift > 0) {
    high = (high << shift) | (low >> (64 - shift))
    low <<= shift
  }
  return signed(QUANTITY, minus, low, high)
}

/** Whether nanos are below `2^(63 - shift) × 10^9`. */
function isBelow(low: u64, high: u64, shift: i32): bool {
  const half = scaled((<i64>1) << (62 - shift), 0)
  const boundHigh = ((<u64>scaledHigh) << 1) | (half >> 63)
  return high < boundHigh || (high == boundHigh && low < half << 1)
}

/** The sum of two quantities. */
export function quantityPlus(a: u32, b: u32): u32 {
  const sum = sumOf(QUANTITY, a, b)
  const size = absolute(sum)
  return isBelow(lowOf(size), <u64>highOf(size), 0)
    ? sum
    : newFault(ERROR, literal('overflow'), literal('the sum is out of the range of quantities'))
}

function absolute(nanos: u32): u32 {
  if (highOf(nanos) >= 0) return nanos
  const low = lowOf(nanos)
  return newNanos(QUANTITY, -low, ~highOf(nanos) + i64(low == 0))
}

/** A bound of a ratio is below 10^18, and has at most as many digits behind the point. */
const RATIO_DIGITS: i32 = 18

/**
 * How `a / b` stands to `n`: -1, 0 or 1, and 2 where that is missing: an operand is neither a quantity nor a number that can be
 * read as one, `b` is zero, or `n` has too many digits.
 */
export function compareRatio(a: u32, b: u32, n: u32): i32 {
  const mark = heap
  const order = ratioOrder(ratioOperand(a), ratioOperand(b), n)
  setHeap(mark)
  return order
}

function ratioOperand(value: u32): u32 {
  const tag = tagOf(value)
  return tag == QUANTITY ? value : tag == NUMBER ? quantity(value) : 0
}

function ratioOrder(a: u32, b: u32, n: u32): i32 {
  if (a == 0 || b == 0 || isZero(b)) return 2
  readNumber(n)
  readDecimal(n)
  if (digits != 0 && (magnitude > RATIO_DIGITS || digits - magnitude > RATIO_DIGITS)) return 2
  const signB = highOf(b) < 0 ? -1 : 1
  const sign = isZero(a) ? 0 : highOf(a) < 0 ? -1 : 1
  const signOfBound = digits == 0 ? 0 : negative ? -signB : signB
  if (sign != signOfBound) return sign < signOfBound ? -signB : signB
  if (sign == 0) return 0
  // |a| × 10^18 against |b| × (|n| × 10^18)
  const low = wholeOf(magnitude + RATIO_DIGITS)
  const bound = newNanos(QUANTITY, low, <i64>wideHigh)
  const one = newNanos(QUANTITY, 1000000000000000000, 0)
  return compareProducts(product(absolute(a), one), product(absolute(b), bound)) * sign * signB
}

/** The product of two values of 128 bits, in 256. */
function product(a: u32, b: u32): u32 {
  const to = allocate(32)
  memory.fill(to, 0, 32)
  for (let i: u32 = 0; i < 16; i += 4) {
    let carry: u64 = 0
    for (let j: u32 = 0; j < 16; j += 4) {
      const at = to + i + j
      const part = <u64>load<u32>(a + i, 8) * <u64>load<u32>(b + j, 8) + load<u32>(at) + carry
      store<u32>(at, <u32>part)
      carry = part >> 32
    }
    store<u32>(to + i, <u32>carry, 16)
  }
  return to
}

function compareProducts(a: u32, b: u32): i32 {
  for (let i: i32 = 24; i >= 0; i -= 8) {
    const x = load<u64>(a + i)
    const y = load<u64>(b + i)
    if (x != y) return x < y ? -1 : 1
  }
  return 0
}
