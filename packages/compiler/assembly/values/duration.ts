import { bytesOf, DURATION, newNanos, sizeOf } from '../cells'
import { skipDigits } from '../bytes'
import { pointsIn } from './text'

/** Durations are below 2^63 nanoseconds. */
const MOST: u64 = 1 << 63

/** Longest text that is read, without its sign; in characters, as the micro sign is one. */
const LONGEST: u32 = 200

/** The duration that a text is in Go's grammar; missing where it is none. */
export function duration(text: u32): u32 {
  let at = bytesOf(text)
  const end = at + sizeOf(text)
  if (at == end) return 0
  const minus = load<u8>(at) == 0x2d
  if (minus || load<u8>(at) == 0x2b) at++
  if (at == end || pointsIn(at, end - at) > LONGEST) return 0
  if (at + 1 == end && load<u8>(at) == 0x30) return newNanos(DURATION, 0, 0)
  let nanos: u64 = 0
  while (at < end) {
    const point = skipDigits(at, end)
    let amountEnd = point
    if (point < end && load<u8>(point) == 0x2e) amountEnd = skipDigits(point + 1, end)
    // there is a digit before the point or behind it
    if (amountEnd == at || (point == at && amountEnd == at + 1)) return 0
    readUnit(amountEnd, end)
    if (unitNanos == 0) return 0
    const most = MOST / unitNanos
    let whole: u64 = 0
    for (; at < point; at++) {
      if (whole > MOST / 10) return 0
      whole = whole * 10 + (load<u8>(at) - 0x30)
      if (whole > most) return 0
    }
    const more = whole * unitNanos + fractionOf(point + 1, amountEnd)
    if (more > MOST - nanos) return 0
    nanos += more
    at = unitEnd
  }
  if (minus) return newNanos(DURATION, -nanos, nanos == 0 ? 0 : -1)
  return nanos == MOST ? 0 : newNanos(DURATION, nanos, 0)
}

/** The nanoseconds of the decimals behind a point, cut below one: a digit at a time from the last one, which stays exact. */
function fractionOf(at: u32, end: u32): u64 {
  let nanos: u64 = 0
  while (end > at) {
    end--
    nanos = (<u64>(load<u8>(end) - 0x30) * unitNanos + nanos) / 10
  }
  return nanos
}

/** The unit that was read last, 0 for none, and where it ends. */
let unitNanos: u64 = 0
let unitEnd: u32 = 0

function readUnit(at: u32, end: u32): void {
  unitNanos = 0
  if (at >= end) return
  const byte = load<u8>(at)
  unitEnd = at + 1
  const followed = unitEnd < end && load<u8>(unitEnd) == 0x73
  if (byte == 0x68) unitNanos = 3600000000000
  else if (byte == 0x73) unitNanos = 1000000000
  else if (byte == 0x6d && !followed) unitNanos = 60000000000
  else {
    // the micro sign is U+00B5 or the Greek letter U+03BC
    if (at + 2 < end && (load<u16>(at) == 0xb5c2 || load<u16>(at) == 0xbcce)) {
      unitNanos = load<u8>(at, 2) == 0x73 ? 1000 : 0
      unitEnd = at + 3
      return
    }
    if (!followed) return
    unitEnd++
    if (byte == 0x6d) unitNanos = 1000000
    else if (byte == 0x75) unitNanos = 1000
    else if (byte == 0x6e) unitNanos = 1
  }
}
