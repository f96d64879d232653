import { bytesOf, DURATION, newNanos, sizeOf, TIMESTAMP } from '../cells'
import { isDigit, skipDigits } from '../bytes'
import { differenceOf, highOf, isBetween, lowOf, scaled, scaledHigh, sumOf } from './nanos'

/** The years 0 to 9999, in seconds since 1970; the latest is outside. */
const EARLIEST: i64 = -62167219200
const LATEST: i64 = 253402300800

/** The RFC 3339 time that a text is; missing where it is none. */
export function timestamp(text: u32): u32 {
  let at = bytesOf(text)
  const size = sizeOf(text)
  const end = at + size
  // `2006-01-02T15:04:05Z` is the shortest, and the longest has 30 decimals and an offset
  if (size < 20 || size > 56) return 0
  if (!hasForm(at, 'dddd-dd-ddTdd:dd:dd')) return 0
  const year = twoDigits(at) * 100 + twoDigits(at + 2)
  const month = twoDigits(at + 5)
  const day = twoDigits(at + 8)
  const hour = twoDigits(at + 11)
  const minute = twoDigits(at + 14)
  const second = twoDigits(at + 17)
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return 0
  if (hour > 23 || minute > 59 || second > 59) return 0
  at += 19
  let nanos: u32 = 0
  if (load<u8>(at) == 0x2e) {
    const from = at + 1
    at = skipDigits(from, end)
    if (at == from || at - from > 30 || at == end) return 0
    for (let i: u32 = 0; i < 9; i++) nanos = nanos * 10 + (from + i < at ? load<u8>(from + i) - 0x30 : 0)
  }
  const zone = load<u8>(at)
  let offset = 0
  if (zone != 0x5a) {
    if ((zone != 0x2b && zone != 0x2d) || end - at != 6 || !hasForm(at + 1, 'dd:dd')) return 0
    const hours = twoDigits(at + 1)
    const minutes = twoDigits(at + 4)
    if (hours > 23 || minutes > 59) return 0
    offset = hours * 3600 + minutes * 60
    if (zone == 0x2d) offset = -offset
  } else if (end - at != 1) return 0
  const seconds = <i64>daysSince1970(year, month, day) * 86400 + (hour * 3600 + minute * 60 + second - offset)
  const low = scaled(seconds, nanos)
  return newNanos(TIMESTAMP, low, scaledHigh)
}

/** Whether bytes are those of a form, in which `d` stands for a digit. */
function hasForm(at: u32, form: string): bool {
  for (let i = 0; i < form.length; i++) {
    const byte = load<u8>(at + i)
    if (form.charCodeAt(i) == 0x64 ? !isDigit(byte) : <i32>byte != form.charCodeAt(i)) return false
  }
  return true
}

function twoDigits(at: u32): i32 {
  return <i32>load<u8>(at) * 10 + <i32>load<u8>(at, 1) - 0x30 * 11
}

function daysIn(year: i32, month: i32): i32 {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
}

/** Days of a date of the Gregorian calendar: years begin in March, so that the day that leap years add is the last. */
function daysSince1970(year: i32, month: i32, day: i32): i32 {
  // 400 years more keep divisions of the year 0's January positive
  const y = (month > 2 ? year : year - 1) + 400
  const days = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return y * 365 + y / 4 - y / 100 + y / 400 + days - 719468 - 146097
}

/** The time so much later; missing outside the years 0 to 9999. */
export function timestampPlus(time: u32, duration: u32): u32 {
  const sum = sumOf(TIMESTAMP, time, duration)
  return isBetween(sum, EARLIEST, LATEST) ? sum : 0
}

/** How much later the first time is; missing where no duration is that long. */
export function timestampMinus(a: u32, b: u32): u32 {
  const difference = differenceOf(DURATION, a, b)
  return highOf(difference) == <i64>lowOf(difference) >> 63 ? difference : 0
}
