import {
  allocate,
  bytesOf,
  FALSE,
  INTEGER,
  LIST,
  newInteger,
  newList,
  newString,
  NUMBER,
  OBJECT,
  plain,
  setElement,
  sizeOf,
  STRING,
  tagOf,
  TRUE,
} from '../cells'
import { compareBytes, equalBytes, find, nextPoint, writeWord } from '../bytes'
import { digitsOf, integerOf, readNumber, writeInteger } from './number'

/** Orders two texts by Unicode code point, which is the order of their UTF-8. */
export function compareText(a: u32, b: u32): i32 {
  return compareBytes(bytesOf(a), sizeOf(a), bytesOf(b), sizeOf(b))
}

export function equalText(a: u32, b: u32): bool {
  const size = sizeOf(a)
  return size == sizeOf(b) && equalBytes(bytesOf(a), bytesOf(b), size)
}

export function startsWith(a: u32, b: u32): u32 {
  const size = sizeOf(b)
  return u32(size <= sizeOf(a) && equalBytes(bytesOf(a), bytesOf(b), size))
}

export function endsWith(a: u32, b: u32): u32 {
  const size = sizeOf(b)
  const whole = sizeOf(a)
  return u32(size <= whole && equalBytes(bytesOf(a) + (whole - size), bytesOf(b), size))
}

export function includes(a: u32, b: u32): u32 {
  const size = sizeOf(b)
  if (size == 0) return 1
  const at = bytesOf(a)
  return u32(find(at, at + sizeOf(a), bytesOf(b), size) != 0)
}

/** ASCII letters in lower case; all else as it is. */
export function lower(a: u32): u32 {
  const size = sizeOf(a)
  const from = bytesOf(a)
  const to = allocate(size)
  for (let i: u32 = 0; i < size; i++) {
    const byte = load<u8>(from + i)
    store<u8>(to + i, <u8>(byte - 0x41) < 26 ? byte | 0x20 : byte)
  }
  return newString(to, size)
}

/** The number of code points. */
export function length(a: u32): u32 {
  return newInteger(<i64>pointsIn(bytesOf(a), sizeOf(a)))
}

/** The number of code points in UTF-8. */
export function pointsIn(at: u32, size: u32): u32 {
  const end = at + size
  let points: u32 = 0
  for (; at < end; at++) points += u32((load<u8>(at) & 0xc0) != 0x80)
  return points
}

/** The parts between separators, which share the text's bytes; an empty separator gives the code points. */
export function split(a: u32, separator: u32): u32 {
  let at = bytesOf(a)
  const end = at + sizeOf(a)
  const size = sizeOf(separator)
  if (size == 0) {
    const points = newList(pointsIn(at, end - at))
    for (let i: u32 = 0; at < end; i++) {
      const next = nextPoint(at, end)
      setElement(points, i, newString(at, next - at))
      at = next
    }
    return points
  }
  const bytes = bytesOf(separator)
  let count: u32 = 1
  for (let next = find(at, end, bytes, size); next != 0; next = find(next + size, end, bytes, size)) count++
  const parts = newList(count)
  for (let i: u32 = 0; i < count; i++) {
    const next = i + 1 < count ? find(at, end, bytes, size) : end
    setElement(parts, i, newString(at, next - at))
    at = next + size
  }
  return parts
}

/** The text without a prefix, where it has it. */
export function trimPrefix(a: u32, b: u32): u32 {
  const size = sizeOf(b)
  return startsWith(a, b) ? newString(bytesOf(a) + size, sizeOf(a) - size) : a
}

/** The parts joined; missing when one is no scalar, or a number that is not an integer below 2^63. */
export function text(parts: u32, count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const part = load<u32>(parts + (i << 2))
    if (part == 0) return 0
    const tag = tagOf(part)
    if (tag > STRING || (tag == NUMBER && !(readNumber(part) & INTEGER))) return 0
  }
  return joined(parts, count, 0, 0, false)
}

/** The parts joined as law 8 prints them. */
export function message(parts: u32, count: u32): u32 {
  return joined(parts, count, 0, 0, true)
}

/** The elements of a list as law 8 prints them, with a separator between. */
export function join(list: u32, separator: u32): u32 {
  return joined(bytesOf(list), sizeOf(list), bytesOf(separator), sizeOf(separator), true)
}

function joined(parts: u32, count: u32, separator: u32, width: u32, oneLine: bool): u32 {
  let size: u64 = 0
  for (let i: u32 = 0; i < count; i++) {
    size += shown(load<u32>(parts + (i << 2)), 0, oneLine) + (i > 0 ? width : 0)
    // a list can hold the same long text many times
    if (size > 0x7fffffff) unreachable()
  }
  const bytes = allocate(<u32>size)
  let at = bytes
  for (let i: u32 = 0; i < count; i++) {
    if (i > 0) {
      memory.copy(at, separator, width)
      at += width
    }
    at += <u32>shown(load<u32>(parts + (i << 2)), at, oneLine)
  }
  return newString(bytes, <u32>size)
}

/** Writes what is shown of a value at a place, and gives its size; at 0 nothing is written. */
function shown(value: u32, at: u32, oneLine: bool): u64 {
  let word = '<missing>'
  if (value != 0) {
    const tag = tagOf(value)
    if (tag == STRING) {
      plain(value)
      if (oneLine) return inOneLine(value, at)
      const size = sizeOf(value)
      if (at != 0) memory.copy(at, bytesOf(value), size)
      return size
    }
    if (tag == NUMBER) {
      if (readNumber(value) & INTEGER) {
        const integer = integerOf(value)
        const size = digitsOf(integer)
        if (at != 0) writeInteger(at, size, integer)
        return size
      }
      word = '<number>'
    } else if (tag == TRUE) word = 'true'
    else if (tag == FALSE) word = 'false'
    else if (tag == LIST) word = '<list>'
    else if (tag == OBJECT) word = '<object>'
  }
  if (at != 0) writeWord(at, word)
  return word.length
}

/** A text with U+FFFD for each control character and line or paragraph separator. */
function inOneLine(value: u32, to: u32): u64 {
  let at = bytesOf(value)
  const end = at + sizeOf(value)
  let size: u64 = 0
  while (at < end) {
    const byte = load<u8>(at)
    // U+0080 to U+009F are C2 80 to C2 9F, and U+2028 and U+2029 are E2 80 A8 and E2 80 A9
    const width: u32 =
      byte < 0x20 || byte == 0x7f
        ? 1
        : byte == 0xc2 && load<u8>(at, 1) < 0xa0
          ? 2
          : byte == 0xe2 && load<u8>(at, 1) == 0x80 && (load<u8>(at, 2) | 1) == 0xa9
            ? 3
            : 0
    if (width == 0) {
      if (to != 0) store<u8>(to + <u32>size, byte)
      size++
      at++
    } else {
      if (to != 0) {
        store<u16>(to + <u32>size, 0xbfef)
        store<u8>(to + <u32>size, 0xbd, 2)
      }
      size += 3
      at += width
    }
  }
  return size
}
