import { allocate, bytesOf, ERROR, literal, newFault, newString, sizeOf } from '../cells'
import { find, indexOfByte, nextPoint, writeWord } from '../bytes'

const STAR: u8 = 0x2a
const QUESTION: u8 = 0x3f

/** What is wrong with a wildcard pattern: `[`, `{` and `\` have other meanings in other tools and are refused. 0 if nothing. */
export function wildcardProblem(pattern: u32): u32 {
  const begin = bytesOf(pattern)
  const size = sizeOf(pattern)
  const end = begin + size
  for (let at = begin; at < end; at++) {
    const byte = load<u8>(at)
    if (byte != 0x5b && byte != 0x7b && byte != 0x5c) continue
    const message = allocate(size + 120)
    let to = writeWord(message, 'the wildcard pattern `')
    memory.copy(to, begin, size)
    to = writeWord(to + size, '` has `')
    store<u8>(to, byte)
    to = writeWord(to + 1, '`; only `*` (any run of characters) and `?` (one) have a meaning')
    return newFault(ERROR, literal('invalid-pattern'), newString(message, to - message))
  }
  return 0
}

/** Whether a text matches a wildcard pattern: `*` is any run of characters, `/` included, and `?` is one code point. */
export function like(text: u32, pattern: u32): u32 {
  const begin = bytesOf(text)
  const textEnd = begin + sizeOf(text)
  const from = bytesOf(pattern)
  const patternEnd = from + sizeOf(pattern)
  const star = indexOfByte(from, patternEnd, STAR)
  let at = matchAt(begin, textEnd, from, star)
  if (at == 0) return 0
  if (star == patternEnd) return u32(at == textEnd)
  let last = patternEnd - 1
  while (load<u8>(last) != STAR) last--
  const end = matchBack(at, textEnd, last + 1, patternEnd)
  if (end == 0) return 0
  // what stands between stars is taken where it comes first: that leaves the most to those behind it
  for (let next = star + 1; next <= last;) {
    const to = indexOfByte(next, last, STAR)
    if (to > next) {
      at = matchFrom(at, end, next, to)
      if (at == 0) return 0
    }
    next = to + 1
  }
  return 1
}

/** Where a part of a pattern without a star ends that matches at a place of a text, or 0. */
function matchAt(at: u32, end: u32, part: u32, partEnd: u32): u32 {
  for (; part < partEnd; part++) {
    if (at >= end) return 0
    const wanted = load<u8>(part)
    if (wanted == QUESTION) at = nextPoint(at, end)
    else if (load<u8>(at++) != wanted) return 0
  }
  return at
}

/** Where a part of a pattern without a star begins that matches the end of a text, not before a place, or 0. */
function matchBack(begin: u32, at: u32, part: u32, partEnd: u32): u32 {
  while (partEnd > part) {
    if (at <= begin) return 0
    const wanted = load<u8>(--partEnd)
    at--
    if (wanted == QUESTION) {
      while ((load<u8>(at) & 0xc0) == 0x80) at--
    } else if (load<u8>(at) != wanted) return 0
  }
  return at
}

/** Where the first match of a part of a pattern ends, or 0. */
function matchFrom(at: u32, end: u32, part: u32, partEnd: u32): u32 {
  const size = partEnd - part
  if (indexOfByte(part, partEnd, QUESTION) == partEnd) {
    const found = find(at, end, part, size)
    return found == 0 ? 0 : found + size
  }
  for (; at < end; at = nextPoint(at, end)) {
    const found = matchAt(at, end, part, partEnd)
    if (found != 0) return found
  }
  return 0
}
