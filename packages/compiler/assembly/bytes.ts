import { allocate, heap, setHeap } from './cells'

/** How many bytes two runs have in common from their beginning. */
function sharedBytes(a: u32, b: u32, size: u32): u32 {
  let at: u32 = 0
  while (size - at >= 8) {
    const difference = load<u64>(a + at) ^ load<u64>(b + at)
    if (difference != 0) return at + (<u32>ctz(difference) >> 3)
    at += 8
  }
  while (at < size && load<u8>(a + at) == load<u8>(b + at)) at++
  return at
}

/** Whether two runs of the same size have the same bytes. */
export function equalBytes(a: u32, b: u32, size: u32): bool {
  return sharedBytes(a, b, size) == size
}

/** As `equalBytes`, where there is room: looks at up to seven bytes behind the last ones. */
export function sameBytes(a: u32, b: u32, size: u32): bool {
  if (size < 8) {
    if (size == 0) return true
    return (load<u64>(a) ^ load<u64>(b)) << (64 - (size << 3)) == 0
  }
  if (load<u64>(a) != load<u64>(b)) return false
  const last = size - 8
  for (let i: u32 = 8; i < last; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false
  return load<u64>(a + last) == load<u64>(b + last)
}

/** Orders two runs of bytes: -1, 0 or 1. */
export function compareBytes(a: u32, sizeA: u32, b: u32, sizeB: u32): i32 {
  const size = min(sizeA, sizeB)
  const at = sharedBytes(a, b, size)
  if (at == size) return i32(sizeA > sizeB) - i32(sizeA < sizeB)
  return load<u8>(a + at) < load<u8>(b + at) ? -1 : 1
}

/** Where a byte stands first, or the end where it does not. */
export function indexOfByte(at: u32, end: u32, byte: u8): u32 {
  if (ASC_FEATURE_SIMD) {
    const wanted = i8x16.splat(byte)
    while (at + 16 <= end) {
      const found = i8x16.bitmask(i8x16.eq(v128.load(at), wanted))
      if (found != 0) return at + <u32>ctz(found)
      at += 16
    }
  }
  while (at < end && load<u8>(at) != byte) at++
  return at
}

/**
 * Where a run of bytes that is not empty stands first in another, or 0. Knuth, Morris and Pratt's search: linear whatever the
 * texts are. Its table is made only once the search falls back, which most never do.
 */
export function find(at: u32, end: u32, wanted: u32, size: u32): u32 {
  if (end - at < size) return 0
  const limit = end - size + 1
  const mark = heap
  let table: u32 = 0
  let matched: u32 = 0
  let found: u32 = 0
  while (true) {
    if (matched == 0) {
      if (at < limit) at = indexOfByte(at, limit, load<u8>(wanted))
      if (at >= limit) break
      at++
      matched = 1
    }
    if (matched == size) {
      found = at - size
      break
    }
    if (at == end) break
    if (load<u8>(at) == load<u8>(wanted + matched)) {
      at++
      matched++
    } else if (matched == 1) {
      matched = 0
    } else {
      if (table == 0) table = bordersOf(wanted, size)
      matched = load<u32>(table + ((matched - 1) << 2))
    }
  }
  setHeap(mark)
  return found
}

/** For each beginning of a run of bytes, how long the longest shorter one is that it ends with. */
function bordersOf(bytes: u32, size: u32): u32 {
  if (size >= 1 << 29) unreachable()
  const table = allocate(size << 2)
  store<u32>(table, 0)
  let length: u32 = 0
  for (let i: u32 = 1; i < size; i++) {
    const byte = load<u8>(bytes + i)
    while (length > 0 && load<u8>(bytes + length) != byte) length = load<u32>(table + ((length - 1) << 2))
    if (load<u8>(bytes + length) == byte) length++
    store<u32>(table + (i << 2), length)
  }
  return table
}

export function isDigit(byte: u8): bool {
  return <u8>(byte - 0x30) < 10
}

export function isLower(byte: u8): bool {
  return <u8>(byte - 0x61) < 26
}

export function isLetter(byte: u8): bool {
  return isLower(byte | 0x20)
}

/** The end of the digits that begin at a place. */
export function skipDigits(at: u32, end: u32): u32 {
  while (at < end && isDigit(load<u8>(at))) at++
  return at
}

/** The place after the code point at a place of UTF-8. */
export function nextPoint(at: u32, end: u32): u32 {
  do at++
  while (at < end && (load<u8>(at) & 0xc0) == 0x80)
  return at
}

/** Whether bytes are those of a constant of this runtime. */
export function isWord(at: u32, size: u32, word: string): bool {
  if (size != <u32>word.length) return false
  for (let i: u32 = 0; i < size; i++) {
    if (<i32>load<u8>(at + i) != word.charCodeAt(i)) return false
  }
  return true
}

/** Writes a constant of this runtime, ASCII only, and gives the place after it. */
export function writeWord(at: u32, word: string): u32 {
  const size = <u32>word.length
  for (let i: u32 = 0; i < size; i++) store<u8>(at + i, <u8>word.charCodeAt(i))
  return at + size
}
