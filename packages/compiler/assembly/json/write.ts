/**
 * Writes JSON behind the heap, as Go's encoding/json without its escapes for HTML: of U+2028 and U+2029 the bytes, as OPA prints
 * them. Between `begin` and `finish` nothing is allocated.
 */
import {
  FALSE,
  LIST,
  NUMBER,
  OBJECT,
  STRING,
  TRUE,
  bytesOf,
  elementOf,
  heap,
  keyAt,
  reach,
  setHeap,
  sizeOf,
  tagOf,
  valueAt,
} from '../cells'
import { sortEntries } from '../entries'
import { decoded } from './read'

/** Where the text begins, and where its next byte goes. */
let start: u32 = 0
let next: u32 = 0
/** Whether blanks follow colons and commas, as in OPA's own form of values. */
let spaced: bool = false

export function begin(): void {
  start = heap
  next = heap
}

export function setSpaced(on: bool): void {
  spaced = on
}

/** The address of what was written, with a NUL behind it. */
export function finish(): u32 {
  // what was allocated meanwhile lies in the text
  if (heap != start) unreachable()
  writeByte(0)
  setHeap(next)
  return start
}

function room(size: u32): void {
  if (next + size < next) unreachable()
  reach(next + size)
}

export function writeByte(byte: u32): void {
  room(1)
  store<u8>(next++, byte)
}

/** Writes a constant of this runtime. */
export function writeAscii(text: string): void {
  const size = text.length
  room(size)
  for (let i = 0; i < size; i++) store<u8>(next + i, <u8>text.charCodeAt(i))
  next += size
}

/** Writes bytes as they are. */
export function writeBytes(bytes: u32, size: u32): void {
  room(size)
  memory.copy(next, bytes, size)
  next += size
}

/** Writes plain UTF-8 as a string. */
export function writeText(bytes: u32, size: u32): void {
  writeByte(0x22)
  writeEscaped(bytes, size)
  writeByte(0x22)
}

/** Writes plain UTF-8 as a part of a string. */
export function writeEscaped(bytes: u32, size: u32): void {
  const end = bytes + size
  let from = bytes
  for (let p = bytes; p < end; p++) {
    const c: u32 = load<u8>(p)
    if (c >= 0x20 && c != 0x22 && c != 0x5c) continue
    writeBytes(from, p - from)
    from = p + 1
    room(6)
    store<u8>(next, 0x5c)
    const letter = letterOf(c)
    store<u8>(next, letter, 1)
    next += 2
    if (letter != 0x75) continue
    store<u16>(next, 0x3030)
    store<u8>(next, 0x30 + (c >> 4), 2)
    store<u8>(next, (c & 15) < 10 ? 0x30 + (c & 15) : 0x57 + (c & 15), 3)
    next += 4
  }
  writeBytes(from, end - from)
}

/** What follows the backslash of an escape. */
function letterOf(c: u32): u32 {
  if (c == 0x22 || c == 0x5c) return c
  if (c == 0x0a) return 0x6e
  if (c == 0x0d) return 0x72
  if (c == 0x09) return 0x74
  if (c == 0x08) return 0x62
  if (c == 0x0c) return 0x66
  return 0x75
}

export function writeInteger(value: i64): void {
  let rest = <u64>value
  if (value < 0) {
    writeByte(0x2d)
    rest = 0 - rest
  }
  let digits: u32 = 1
  for (let x = rest; x >= 10; x /= 10) digits++
  room(digits)
  for (let p = next + digits; p > next; rest /= 10) store<u8>(--p, 0x30 + <u8>(rest % 10))
  next += digits
}

/** Writes a value, the keys of objects in their order; what JSON does not have is null. */
export function writeValue(value: u32): void {
  const tag: u8 = value == 0 ? 0 : tagOf(value)
  if (tag == STRING) {
    decoded(value)
    writeText(bytesOf(value), sizeOf(value))
  } else if (tag == NUMBER) {
    // an integer that was computed has no text
    if (sizeOf(value) == 0) writeInteger(load<i64>(value, 16))
    else writeBytes(bytesOf(value), sizeOf(value))
  } else if (tag == OBJECT) writeObject(value)
  else if (tag == LIST) writeList(value)
  else if (tag == TRUE) writeWord(0x65757274, 4)
  else if (tag == FALSE) writeWord(0x65736c6166, 5)
  else writeWord(0x6c6c756e, 4)
}

/** Writes up to eight ASCII characters, the first one in the lowest byte. */
function writeWord(word: u64, size: u32): void {
  room(8)
  store<u64>(next, word)
  next += size
}

function writeList(list: u32): void {
  const size = sizeOf(list)
  writeByte(0x5b)
  for (let i: u32 = 0; i < size; i++) {
    if (i > 0) writeSeparator(0x2c)
    writeValue(elementOf(list, i))
  }
  writeByte(0x5d)
}

function writeObject(object: u32): void {
  const size = sizeOf(object)
  // the order of the entries means nothing: they may as well stay sorted
  sortEntries(bytesOf(object), size)
  writeByte(0x7b)
  for (let i: u32 = 0; i < size; i++) {
    if (i > 0) writeSeparator(0x2c)
    const key = keyAt(object, i)
    writeText(bytesOf(key), sizeOf(key))
    writeSeparator(0x3a)
    writeValue(valueAt(object, i))
  }
  writeByte(0x7d)
}

function writeSeparator(byte: u32): void {
  writeByte(byte)
  if (spaced) writeByte(0x20)
}
