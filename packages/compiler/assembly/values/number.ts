import {
  allocate,
  bytesOf,
  elementOf,
  ERROR,
  flagsOf,
  heap,
  INTEGER,
  literal,
  newFault,
  newInteger,
  newNumber,
  NUMBER,
  READ,
  setHeap,
  sizeOf,
  tagOf,
} from '../cells'
import { isDigit, skipDigits } from '../bytes'

/** Arithmetic is with integers within ±2^53 (law 6). */
const LIMIT: i64 = 9007199254740992

/**
 * The decimal that was read last: `0.d1d2d3… × 10^magnitude`. Its significant digits begin at `first`, with a point among them
 * where the text has one there; `digits` says how many they are up to the last that is not 0. Zero has none.
 */
export let negative: bool = false
export let first: u32 = 0
export let digits: i32 = 0
export let magnitude: i32 = 0

/** Reads a number as a decimal. May allocate what only this decimal needs. */
export function readDecimal(number: u32): void {
  if (flagsOf(number) & INTEGER) {
    const integer = integerOf(number)
    const size = digitsOf(integer)
    const at = allocate(size)
    writeInteger(at, size, integer)
    parse(at, at + size)
  } else {
    const at = bytesOf(number)
    parse(at, at + sizeOf(number))
  }
}

/** Reads a text in JSON grammar; also a part of one without an exponent. */
export function parse(at: u32, end: u32): void {
  negative = load<u8>(at) == 0x2d
  if (negative) at++
  first = 0
  digits = 0
  magnitude = 0
  let seen: i32 = 0
  let point = false
  for (; at < end; at++) {
    const byte = load<u8>(at)
    if (byte == 0x2e) {
      point = true
      continue
    }
    if (!isDigit(byte)) break
    if (first == 0) {
      if (byte == 0x30) {
        if (point) magnitude--
        continue
      }
      first = at
    }
    if (!point) magnitude++
    seen++
    if (byte != 0x30) digits = seen
  }
  if (at < end) magnitude += readPower(at + 1, end)
}

/** An exponent with its sign; one that is out of all range is cut at ±10^8. */
export function readPower(at: u32, end: u32): i32 {
  const minus = load<u8>(at) == 0x2d
  if (minus || load<u8>(at) == 0x2b) at++
  let power: i32 = 0
  for (; at < end; at++) power = min(power * 10 + <i32>(load<u8>(at) - 0x30), 100000000)
  return minus ? -power : power
}

/** Looks at a number, once: its flags, with INTEGER where it is an integer within ±(2^63 - 1). */
export function readNumber(number: u32): u8 {
  let flags = flagsOf(number)
  if (flags & (READ | INTEGER)) return flags
  const at = bytesOf(number)
  parse(at, at + sizeOf(number))
  flags |= READ
  // nineteen digits are less than 2^64
  if (digits == 0 || (magnitude >= digits && magnitude <= 19)) {
    const value = digits == 0 ? 0 : leadingDigits(magnitude)
    if (value <= <u64>i64.MAX_VALUE) {
      store<i64>(number, negative ? -(<i64>value) : <i64>value, 16)
      flags |= INTEGER
    }
  }
  store<u8>(number, flags, 1)
  return flags
}

/** The first digits of the decimal that was read, with zeros behind where it has no more; at most 19. */
function leadingDigits(count: i32): u64 {
  let value: u64 = 0
  let at = first
  for (let i = 0; i < count; i++) {
    if (i < digits && load<u8>(at) == 0x2e) at++
    value = value * 10 + (i < digits ? <u64>(load<u8>(at++) - 0x30) : 0)
  }
  return value
}

/** The value of a number whose INTEGER flag is set. */
export function integerOf(number: u32): i64 {
  return load<i64>(number, 16)
}

/** How many characters an integer has. */
export function digitsOf(integer: i64): u32 {
  let size: u32 = integer < 0 ? 2 : 1
  for (let rest = magnitudeOf(integer) / 10; rest != 0; rest /= 10) size++
  return size
}

/** Writes an integer that has so many characters. */
export function writeInteger(at: u32, size: u32, integer: i64): void {
  if (integer < 0) store<u8>(at, 0x2d)
  let place = at + size
  let rest = magnitudeOf(integer)
  do {
    store<u8>(--place, <u8>(0x30 + (rest % 10)))
    rest /= 10
  } while (rest != 0)
}

function magnitudeOf(integer: i64): u64 {
  return <u64>(integer < 0 ? -integer : integer)
}

/** Orders two numbers by exact value: -1, 0 or 1. */
export function compareNumbers(a: u32, b: u32): i32 {
  if (readNumber(a) & readNumber(b) & INTEGER) {
    const x = integerOf(a)
    const y = integerOf(b)
    return i32(x > y) - i32(x < y)
  }
  const mark = heap
  readDecimal(a)
  const sign = signOf()
  const firstA = first
  const digitsA = digits
  const magnitudeA = magnitude
  readDecimal(b)
  const signB = signOf()
  let order = i32(sign > signB) - i32(sign < signB)
  if (order == 0 && sign != 0) {
    order =
      magnitudeA != magnitude
        ? magnitudeA < magnitude
          ? -1
          : 1
        : compareDigits(firstA, digitsA, first, digits)
    order *= sign
  }
  setHeap(mark)
  return order
}

function signOf(): i32 {
  return digits == 0 ? 0 : negative ? -1 : 1
}

/** Orders decimals of the same magnitude by their digits, the last of which is not 0. */
function compareDigits(a: u32, digitsA: i32, b: u32, digitsB: i32): i32 {
  for (let i = min(digitsA, digitsB); i > 0; i--) {
    if (load<u8>(a) == 0x2e) a++
    if (load<u8>(b) == 0x2e) b++
    const x = load<u8>(a++)
    const y = load<u8>(b++)
    if (x != y) return x < y ? -1 : 1
  }
  return i32(digitsA > digitsB) - i32(digitsA < digitsB)
}

/** Whether a number has no fraction. */
export function isInteger(number: u32): bool {
  if (readNumber(number) & INTEGER) return true
  readDecimal(number)
  return magnitude >= digits
}

/** Whether a number is at least the first and at most the second bound. */
export function between(a: u32, low: u32, high: u32): u32 {
  return u32(compareNumbers(a, low) >= 0 && compareNumbers(a, high) <= 0)
}

export function plus(a: u32, b: u32): u32 {
  return canCompute(a, b) ? result(integerOf(a) + integerOf(b)) : refused(a, b)
}

export function minus(a: u32, b: u32): u32 {
  return canCompute(a, b) ? result(integerOf(a) - integerOf(b)) : refused(a, b)
}

export function times(a: u32, b: u32): u32 {
  if (!canCompute(a, b)) return refused(a, b)
  const x = integerOf(a)
  const y = integerOf(b)
  // the product itself can have 107 bits
  return x != 0 && magnitudeOf(y) > <u64>LIMIT / magnitudeOf(x) ? overflow() : newInteger(x * y)
}

function canCompute(a: u32, b: u32): bool {
  return inLimit(a) && inLimit(b)
}

/** Whether a number is an integer within ±2^53. */
function inLimit(number: u32): bool {
  return (readNumber(number) & INTEGER) != 0 && magnitudeOf(integerOf(number)) <= <u64>LIMIT
}

/** What arithmetic gives of operands that it does not take. */
function refused(a: u32, b: u32): u32 {
  return isInteger(a) && isInteger(b) ? overflow() : 0
}

function result(value: i64): u32 {
  return magnitudeOf(value) > <u64>LIMIT ? overflow() : newInteger(value)
}

function overflow(): u32 {
  return newFault(ERROR, literal('overflow'), literal('the result is not an integer within ±2^53'))
}

/** The sum of the elements, which are integers: an error where their magnitudes add up to more than 2^53, else missing. */
export function sum(list: u32): u32 {
  const count = sizeOf(list)
  let total: i64 = 0
  let magnitudes: u64 = 0
  for (let i: u32 = 0; i < count; i++) {
    const element = elementOf(list, i)
    if (element == 0 || tagOf(element) != NUMBER || !isInteger(element)) return 0
    // beyond the limit nothing is added any more, so that nothing overflows before a later element makes the sum missing
    if (magnitudes > <u64>LIMIT) continue
    if (!inLimit(element)) {
      magnitudes = u64.MAX_VALUE
      continue
    }
    total += integerOf(element)
    magnitudes += magnitudeOf(integerOf(element))
  }
  return magnitudes > <u64>LIMIT
    ? newFault(ERROR, literal('overflow'), literal('the magnitudes add up to more than 2^53'))
    : newInteger(total)
}

/** The number that a text is in JSON grammar, with an exponent of at most two digits; else missing. */
export function toNumber(text: u32): u32 {
  const begin = bytesOf(text)
  const size = sizeOf(text)
  const end = begin + size
  let at = begin
  if (at < end && load<u8>(at) == 0x2d) at++
  let next = skipDigits(at, end)
  if (next == at || (load<u8>(at) == 0x30 && next > at + 1)) return 0
  at = next
  if (at < end && load<u8>(at) == 0x2e) {
    at++
    next = skipDigits(at, end)
    if (next == at) return 0
    at = next
  }
  if (at < end && (load<u8>(at) | 0x20) == 0x65) {
    at++
    if (at < end && (load<u8>(at) == 0x2b || load<u8>(at) == 0x2d)) at++
    next = skipDigits(at, end)
    if (next == at || next > at + 2) return 0
    at = next
  }
  return at == end ? newNumber(begin, size) : 0
}
