import { newNanos } from '../cells'

/** The lower 64 bits of a quantity, a duration or a time. */
export function lowOf(value: u32): u64 {
  return load<u64>(value, 8)
}

/** The upper 64 bits, with the sign. */
export function highOf(value: u32): i64 {
  return load<i64>(value, 16)
}

export function isZero(value: u32): bool {
  return (lowOf(value) | <u64>highOf(value)) == 0
}

/** Orders two quantities, two durations or two times: -1, 0 or 1. */
export function compareNanos(a: u32, b: u32): i32 {
  return compareWide(lowOf(a), highOf(a), lowOf(b), highOf(b))
}

function compareWide(lowA: u64, highA: i64, lowB: u64, highB: i64): i32 {
  if (highA != highB) return highA < highB ? -1 : 1
  return i32(lowA > lowB) - i32(lowA < lowB)
}

/** Whether a value lies in a range; the bounds are multiples of 10^9, and the upper one is outside. */
export function isBetween(value: u32, least: i64, bound: i64): bool {
  const low = scaled(least, 0)
  const atLeast = compareWide(lowOf(value), highOf(value), low, scaledHigh) >= 0
  const high = scaled(bound, 0)
  return atLeast && compareWide(lowOf(value), highOf(value), high, scaledHigh) < 0
}

/** `a + b`, or `a - b`, of the kind that a tag says. The operands are far from the bounds of 128 bits. */
export function sumOf(tag: u8, a: u32, b: u32): u32 {
  const low = lowOf(a) + lowOf(b)
  return newNanos(tag, low, highOf(a) + highOf(b) + i64(low < lowOf(b)))
}

export function differenceOf(tag: u8, a: u32, b: u32): u32 {
  const low = lowOf(a) - lowOf(b)
  return newNanos(tag, low, highOf(a) - highOf(b) - i64(lowOf(a) < lowOf(b)))
}

/** A value of a sign and a magnitude. */
export function signed(tag: u8, negative: bool, low: u64, high: u64): u32 {
  if (!negative) return newNanos(tag, low, <i64>high)
  return newNanos(tag, -low, <i64>(~high + u64(low == 0)))
}

/** The upper half of what `scaled` gave last. */
export let scaledHigh: i64 = 0

/** `value × 10^9 + nanos` in 128 bits: the lower half. */
export function scaled(value: i64, nanos: u32): u64 {
  const factor: u64 = 1000000000
  const lower = (<u64>value & 0xffffffff) * factor + nanos
  const upper = (value >> 32) * <i64>factor + <i64>(lower >> 32)
  scaledHigh = upper >> 32
  return ((<u64>upper) << 32) | (lower & 0xffffffff)
}
