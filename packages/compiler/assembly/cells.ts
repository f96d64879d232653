/**
 * Values in linear memory. A value is the address of a cell, 0 where it is missing; null is missing too.
 *
 * Cells are eight-byte aligned and begin with their tag. Nothing is freed: what an evaluation allocates goes with it, since the
 * host sets the heap pointer back. Constants of a policy are cells that the encoder has laid into the module's data.
 */

export const FALSE: u8 = 1
export const TRUE: u8 = 2
export const NUMBER: u8 = 3
export const STRING: u8 = 4
export const LIST: u8 = 5
export const OBJECT: u8 = 6
export const QUANTITY: u8 = 7
export const DURATION: u8 = 8
export const TIMESTAMP: u8 = 9
export const SEMVER: u8 = 10
/** The value is not known yet. */
export const UNKNOWN: u8 = 11
/** Computing the value failed. */
export const ERROR: u8 = 12

/**
 * Strings and numbers: their bytes. A string whose ESCAPED flag is set is still as JSON escapes it; `decoded` makes it plain
 * UTF-8 in place. A number is its JSON text; with INTEGER its value is beside it, and it lies within ±(2^63 - 1).
 */
export const ESCAPED: u8 = 1
export const INTEGER: u8 = 2
/** A number whose text has been looked at. */
export const READ: u8 = 4
/** An object whose keys are all cells of the encoder, so that one is found by its address alone. */
export const NAMED: u8 = 8

/** The end of what is allocated; the host reads it and sets it back. */
export let heap: u32 = 0

export function setHeap(to: u32): void {
  heap = to
}

/** Space for an evaluation, eight-byte aligned. Traps when memory cannot grow. */
export function allocate(size: u32): u32 {
  const at = (heap + 7) & ~7
  const end = at + size
  if (end < at) unreachable()
  if (end > (<u32>memory.size()) << 16) grow(end)
  heap = end
  return at
}

/** Makes all memory below an address addressable, and allocates nothing. Traps when memory cannot grow. */
export function reach(end: u32): void {
  if (end > (<u32>memory.size()) << 16) grow(end)
}

function grow(end: u32): void {
  const pages = memory.size()
  const needed = <i32>((<u64>end + 0xffff) >> 16) - pages
  // doubling keeps the number of steps low; the exact need is the second try
  if (memory.grow(max(needed, pages)) < 0 && memory.grow(needed) < 0) unreachable()
}

export function tagOf(value: u32): u8 {
  return load<u8>(value)
}

export function flagsOf(value: u32): u8 {
  return load<u8>(value, 1)
}

/** Where the bytes of a string or a number begin. */
export function bytesOf(value: u32): u32 {
  return load<u32>(value, 4)
}

/** How many bytes a string or a number has, elements a list, or entries an object. */
export function sizeOf(value: u32): u32 {
  return load<u32>(value, 8)
}

/** A string of plain UTF-8 bytes, which it does not copy. */
export function newString(bytes: u32, size: u32): u32 {
  const cell = allocate(16)
  store<u32>(cell, STRING)
  store<u32>(cell, bytes, 4)
  store<u32>(cell, size, 8)
  return cell
}

/** A number in JSON grammar that has not been looked at yet; its text is not copied. */
export function newNumber(bytes: u32, size: u32): u32 {
  const cell = allocate(24)
  store<u32>(cell, NUMBER)
  store<u32>(cell, bytes, 4)
  store<u32>(cell, size, 8)
  return cell
}

/** A number with an integer value. */
export function newInteger(value: i64): u32 {
  const cell = allocate(24)
  store<u32>(cell, NUMBER | ((<u32>(INTEGER | READ)) << 8))
  store<u32>(cell, 0, 4)
  store<u32>(cell, 0, 8)
  store<i64>(cell, value, 16)
  return cell
}

/** A list with room for its elements, all missing. */
export function newList(count: u32): u32 {
  // the code points of a huge text could be more than their addresses have room for
  if (count >= 1 << 28) unreachable()
  const cell = allocate(16)
  const elements = allocate(count << 2)
  memory.fill(elements, 0, count << 2)
  store<u32>(cell, LIST)
  store<u32>(cell, elements, 4)
  store<u32>(cell, count, 8)
  return cell
}

export function elementOf(list: u32, index: u32): u32 {
  return load<u32>(bytesOf(list) + (index << 2))
}

export function setElement(list: u32, index: u32, value: u32): void {
  store<u32>(bytesOf(list) + (index << 2), value)
}

/** An object with room for its entries; each is the cell of its key, a decoded string, and that of its value. Keys differ. */
export function newObject(count: u32): u32 {
  const cell = allocate(16)
  const entries = allocate(count << 3)
  store<u32>(cell, OBJECT)
  store<u32>(cell, entries, 4)
  store<u32>(cell, count, 8)
  return cell
}

export function keyAt(object: u32, index: u32): u32 {
  return load<u32>(bytesOf(object) + (index << 3))
}

export function valueAt(object: u32, index: u32): u32 {
  return load<u32>(bytesOf(object) + (index << 3), 4)
}

export function setEntry(object: u32, index: u32, key: u32, value: u32): void {
  const at = bytesOf(object) + (index << 3)
  store<u32>(at, key)
  store<u32>(at, value, 4)
}

/**
 * A fault: its tag, and the cells of its code and message, both strings. A record that an expression built and that has a fault for
 * a field is one too; the fields that could be had are behind it.
 */
export function newFault(tag: u8, code: u32, message: u32): u32 {
  const cell = allocate(16)
  store<u32>(cell, tag)
  store<u32>(cell, code, 4)
  store<u32>(cell, message, 8)
  store<u32>(cell, 0, 12)
  return cell
}

/** A quantity, a duration or a time: 128 bits of nanos, the lower ones first. */
export function newNanos(tag: u8, low: u64, high: i64): u32 {
  const cell = allocate(24)
  store<u32>(cell, tag)
  store<u64>(cell, low, 8)
  store<i64>(cell, high, 16)
  return cell
}

/** A string within a list or an object that must have been decoded; what is still escaped would compare wrong, so it traps. */
export function plain(text: u32): u32 {
  if (flagsOf(text) & ESCAPED) unreachable()
  return text
}

/** A string made of a constant of this runtime: only characters below U+0800. */
export function literal(text: string): u32 {
  const length = text.length
  const bytes = allocate(length << 1)
  let at = bytes
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) {
      store<u8>(at++, <u8>code)
    } else {
      store<u8>(at++, <u8>(0xc0 | (code >> 6)))
      store<u8>(at++, <u8>(0x80 | (code & 0x3f)))
    }
  }
  return newString(bytes, at - bytes)
}
