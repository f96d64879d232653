/**
 * Reads JSON (RFC 8259) in one pass. A trie says what is wanted of a document: only that becomes cells, everything else is
 * skipped without being looked at closely, unless reading is strict.
 *
 * A node of a trie is five words:
 *
 *   +0  flags: with WHOLE everything beneath is wanted, with this same node
 *   +4  the number of its fields
 *   +8  the address of its fields: for each the cell of its key, a decoded string, and the node of its value
 *   +12 the node of a list's elements; where it is 0 a list is read as an empty one
 *   +16 the node of the values of all other keys; where it is 0 those are skipped
 *
 * The entries of an object are in the order of the fields, or, where other keys are wanted too, in that of the keys.
 *
 * Cells point into the text, which has to stay. Reading puts quotes behind its end, where every search stops, and in the end puts
 * back what was there; it looks at up to 128 bytes behind the end.
 */
import {
  ESCAPED,
  INTEGER,
  LIST,
  NAMED,
  NUMBER,
  OBJECT,
  READ,
  STRING,
  allocate,
  bytesOf,
  flagsOf,
  heap,
  reach,
  setHeap,
  sizeOf,
} from '../cells'
import { lastOfEach, sortEntries } from '../entries'
import { sameBytes } from '../bytes'

export const WHOLE: u32 = 1

/** Nothing but white space. */
export const EMPTY: u32 = 1
/** The text ends inside of a value. */
export const TRUNCATED: u32 = 2
/** A byte that cannot be where it is. */
export const UNEXPECTED: u32 = 3
/** Something follows the document. */
export const TRAILING: u32 = 4
/** An exponent beyond ±100,000, as `parseDecimal` refuses it. */
export const EXPONENT: u32 = 5
/** A control character in a string. */
export const CONTROL: u32 = 6
export const BAD_ESCAPE: u32 = 7
/** Bytes that are no UTF-8. */
export const BAD_UTF8: u32 = 8
/** More than 1,000 levels of what is wanted. */
export const TOO_DEEP: u32 = 9
/** A byte order mark. */
export const MARK: u32 = 10

/** Why the last document was refused; 0 where it was not. */
export let problem: u32 = 0
/** The offset in the document at which it was refused. */
export let problemAt: u32 = 0

const DEEPEST: u32 = 1000

/** The cells of true and false. */
export const FALSE_CELL: u32 = <u32>memory.data<u32>([1, 0, 0, 0], 8)
export const TRUE_CELL: u32 = <u32>memory.data<u32>([2, 0, 0, 0], 8)

let strict: bool = false
/** Where the text begins and ends. */
let begin: u32 = 0
let stop: u32 = 0
/** What the last function that read a value made of it. */
let made: u32 = 0
/** The flags of the string that was read last. */
let textFlags: u32 = 0
/** The number that was read last, and whether this is its value. */
let integer: i64 = 0
let isSmall: bool = false

/** Whether what is skipped is checked as well. */
export function setStrict(on: u32): void {
  strict = on != 0
}

/** Reads a document: the cell of what is wanted of it. Null is 0; a refusal is 0 with a problem. Under no node all is skipped. */
export function readProjected(at: u32, end: u32, node: u32): u32 {
  problem = 0
  problemAt = 0
  begin = at
  stop = end
  const first = load<u64>(end)
  const second = load<u64>(end, 8)
  store<u64>(end, 0x2222222222222222)
  store<u64>(end, 0x2222222222222222, 8)
  // cells must not lie in what is put back
  if (heap < end + 16) setHeap(end + 16)
  made = 0
  const behind = readDocument(node)
  store<u64>(end, first)
  store<u64>(end, second, 8)
  return behind == 0 ? 0 : made
}

function readDocument(node: u32): u32 {
  if (stop - begin >= 3 && (load<u32>(begin) & 0xffffff) == 0xbfbbef) return fail(MARK, begin)
  let p = skipSpace(begin)
  if (p == stop) {
    problem = EMPTY
    problemAt = p - begin
    return 0
  }
  p = node == 0 ? skipValue(p, 0) : readValue(p, node, 0)
  if (p == 0) return 0
  p = skipSpace(p)
  return p < stop ? fail(TRAILING, p) : p
}

/** Notes a problem, and gives the place that stops the reading. */
function fail(code: u32, at: u32): u32 {
  if (problem == 0) {
    problem = at >= stop ? TRUNCATED : code
    problemAt = min(at, stop) - begin
  }
  return 0
}

function skipSpace(p: u32): u32 {
  return load<u8>(p) > 0x20 ? p : skipSpaces(p)
}

function skipSpaces(p: u32): u32 {
  while (true) {
    const c = load<u8>(p)
    if (c == 0x20) {
      p++
      while (load<u64>(p) == 0x2020202020202020) p += 8
    } else if (c == 0x0a || c == 0x0d || c == 0x09) p++
    else return p
  }
}

/** Reads a value: the place behind it, and the value in `made`. */
function readValue(p: u32, node: u32, depth: u32): u32 {
  const c = load<u8>(p)
  if (c == 0x22) {
    const start = p + 1
    p = readText(start)
    if (p != 0) {
      const cell = allocate(16)
      store<u32>(cell, <u32>STRING | (textFlags << 8))
      store<u32>(cell, start, 4)
      store<u32>(cell, p - 1 - start, 8)
      made = textFlags == 0 ? cell : decoded(cell)
    }
    return p
  }
  if (c == 0x7b) return readObject(p, node, depth)
  if (c == 0x5b) return readList(p, node, depth)
  if (c == 0x74) {
    made = TRUE_CELL
    return skipWord(p)
  }
  if (c == 0x66) {
    made = FALSE_CELL
    return skipWord(p)
  }
  if (c == 0x6e) {
    made = 0
    return skipWord(p)
  }
  return readNumber(p)
}

function readNumber(p: u32): u32 {
  const behind = numberEnd(p)
  if (behind == 0) return 0
  const cell = allocate(24)
  // the text of -0 is 0 as well
  if (isSmall && integer == 0) p = behind - 1
  store<u32>(cell, <u32>NUMBER | (isSmall ? (<u32>(INTEGER | READ)) << 8 : 0))
  store<u32>(cell, p, 4)
  store<u32>(cell, behind - p, 8)
  store<u32>(cell, 0, 12)
  store<i64>(cell, isSmall ? integer : 0, 16)
  made = cell
  return behind
}

/** The place behind a number, its value in `integer` where it has up to 18 digits and no fraction or exponent. */
function numberEnd(p: u32): u32 {
  const negative = load<u8>(p) == 0x2d
  if (negative) p++
  const first = p
  let digit: u32 = <u32>load<u8>(p) - 0x30
  if (digit > 9) return fail(UNEXPECTED, p)
  let value: i64 = digit
  p++
  if (digit != 0) {
    while (true) {
      digit = <u32>load<u8>(p) - 0x30
      if (digit > 9) break
      value = value * 10 + digit
      p++
    }
  }
  let c = load<u8>(p)
  isSmall = p - first <= 18
  integer = negative ? -value : value
  if (c != 0x2e && (c | 0x20) != 0x65) return p
  isSmall = false
  if (c == 0x2e) {
    p = digitsEnd(p + 1)
    if (p == 0) return 0
    c = load<u8>(p)
  }
  return (c | 0x20) == 0x65 ? exponentEnd(p + 1) : p
}

function digitsEnd(p: u32): u32 {
  if (<u32>load<u8>(p) - 0x30 > 9) return fail(UNEXPECTED, p)
  do p++
  while (<u32>load<u8>(p) - 0x30 <= 9)
  return p
}

function exponentEnd(p: u32): u32 {
  const start = p
  const sign = load<u8>(p)
  if (sign == 0x2b || sign == 0x2d) p++
  const first = p
  p = digitsEnd(p)
  if (p == 0) return 0
  // no more characters than `parseDecimal` takes
  if (p - start > 8) return fail(EXPONENT, start)
  let power: u32 = 0
  for (let i = first; i < p; i++) power = power * 10 + load<u8>(i) - 0x30
  return power > 100_000 ? fail(EXPONENT, start) : p
}

function skipWord(p: u32): u32 {
  const word = load<u32>(p)
  if (word == 0x65757274 || word == 0x6c6c756e) return p + 4
  if (word == 0x736c6166 && load<u8>(p, 4) == 0x65) return p + 5
  return fail(UNEXPECTED, wrongByte(p))
}

/** The first byte that is not that of the word that begins here. */
function wrongByte(p: u32): u32 {
  const c = load<u8>(p)
  let word: u64 = c == 0x74 ? 0x65757274 : c == 0x66 ? 0x65736c6166 : 0x6c6c756e
  while (load<u8>(p) == <u8>word) {
    word >>= 8
    p++
  }
  return p
}

function readList(p: u32, node: u32, depth: u32): u32 {
  const child = (load<u32>(node) & WHOLE) != 0 ? node : load<u32>(node, 12)
  if (depth >= DEEPEST) return fail(TOO_DEEP, p)
  const cell = allocate(16)
  store<u32>(cell, LIST)
  store<u64>(cell, 0, 4)
  if (child == 0) {
    p = skipValue(p, depth)
    made = cell
    return p
  }
  p = skipSpace(p + 1)
  if (load<u8>(p) == 0x5d) {
    made = cell
    return p + 1
  }
  let capacity: u32 = 4
  let elements = allocate(16)
  let count: u32 = 0
  while (true) {
    p = readValue(p, child, depth + 1)
    if (p == 0) return 0
    if (count == capacity) {
      elements = larger(elements, capacity << 2)
      capacity <<= 1
    }
    store<u32>(elements + (count << 2), made)
    count++
    p = skipSpace(p)
    const c = load<u8>(p)
    if (c == 0x2c) p = skipSpace(p + 1)
    else if (c == 0x5d) break
    else return fail(UNEXPECTED, p)
  }
  store<u32>(cell, elements, 4)
  store<u32>(cell, count, 8)
  made = cell
  return p + 1
}

/** Twice the space, with what was in the first half. */
function larger(from: u32, size: u32): u32 {
  const to = allocate(size << 1)
  memory.copy(to, from, size)
  return to
}

function readObject(p: u32, node: u32, depth: u32): u32 {
  const whole = (load<u32>(node) & WHOLE) != 0
  const fieldCount: u32 = whole ? 0 : load<u32>(node, 4)
  const fields = load<u32>(node, 8)
  const others = whole ? node : load<u32>(node, 16)
  if (depth >= DEEPEST) return fail(TOO_DEEP, p)
  const cell = allocate(16)
  store<u32>(cell, OBJECT)
  store<u64>(cell, 0, 4)
  if ((fieldCount | others) == 0) {
    p = skipValue(p, depth)
    made = cell
    return p
  }
  p = skipSpace(p + 1)
  if (load<u8>(p) == 0x7d) {
    made = cell
    return p + 1
  }
  // each field has its place, so that the last one of equal keys stays; entries of other keys follow
  let capacity = others == 0 ? fieldCount : fieldCount + 4
  let entries = allocate(capacity << 3)
  for (let i: u32 = 0; i < fieldCount; i++) store<u64>(entries + (i << 3), 0)
  let count = fieldCount
  const careful = strict || others != 0
  while (true) {
    if (load<u8>(p) != 0x22) return fail(UNEXPECTED, p)
    const key = p + 1
    let bytes = key
    p = careful ? readText(key) : keyEnd(key)
    if (p == 0) return 0
    let size = p - 1 - key
    if (textFlags != 0) {
      bytes = (heap + 7) & ~7
      reach(bytes + size + 8)
      size = unescape(bytes, key, size)
    }
    if (load<u8>(p) != 0x3a) {
      p = skipSpace(p)
      if (load<u8>(p) != 0x3a) return fail(UNEXPECTED, p)
    }
    p = skipSpace(p + 1)
    let field: u32 = 0
    while (field < fieldCount) {
      const known = load<u32>(fields + (field << 3))
      if (sizeOf(known) == size && sameBytes(bytesOf(known), bytes, size)) break
      field++
    }
    if (field < fieldCount) {
      const at = fields + (field << 3)
      p = readValue(p, load<u32>(at, 4), depth + 1)
      if (p == 0) return 0
      store<u32>(entries + (field << 3), load<u32>(at))
      store<u32>(entries + (field << 3), made, 4)
    } else if (others != 0) {
      if (bytes != key) setHeap(bytes + size)
      const name = allocate(16)
      store<u32>(name, STRING)
      store<u32>(name, bytes, 4)
      store<u32>(name, size, 8)
      p = readValue(p, others, depth + 1)
      if (p == 0) return 0
      if (count == capacity) {
        entries = larger(entries, capacity << 3)
        capacity <<= 1
      }
      store<u32>(entries + (count << 3), name)
      store<u32>(entries + (count << 3), made, 4)
      count++
    } else {
      p = skipValue(p, depth + 1)
      if (p == 0) return 0
    }
    let c = load<u8>(p)
    if (c <= 0x20) {
      p = skipSpaces(p)
      c = load<u8>(p)
    }
    if (c == 0x2c) p = skipSpace(p + 1)
    else if (c == 0x7d) break
    else return fail(UNEXPECTED, p)
  }
  let kept: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const entry = load<u64>(entries + (i << 3))
    if (<u32>entry == 0) continue
    if (kept != i) store<u64>(entries + (kept << 3), entry)
    kept++
  }
  if (others != 0) {
    sortEntries(entries, kept)
    kept = lastOfEach(entries, kept)
  }
  if (others == 0) store<u8>(cell, NAMED, 1)
  store<u32>(cell, entries, 4)
  store<u32>(cell, kept, 8)
  made = cell
  return p + 1
}

/** The place behind a string that is not looked at closely, from behind its first quote. */
function textEnd(p: u32): u32 {
  p = quoteIn(p)
  return p < stop ? p + 1 : fail(TRUNCATED, p)
}

/** The quote that ends a string. There is one behind the text. */
function quoteIn(p: u32): u32 {
  while (true) {
    p = quoteOrEscape(p)
    if (load<u8>(p) == 0x22) return p
    p += 2
  }
}

function quoteOrEscape(p: u32): u32 {
  if (ASC_FEATURE_SIMD) {
    while (true) {
      const block = v128.load(p)
      const found = i8x16.bitmask(
        v128.or(i8x16.eq(block, i8x16.splat(0x22)), i8x16.eq(block, i8x16.splat(0x5c))),
      )
      if (found != 0) return p + ctz(found)
      p += 16
    }
  } else {
    while (true) {
      const block = load<u64>(p)
      const found = equalBytes(block, 0x2222222222222222) | equalBytes(block, 0x5c5c5c5c5c5c5c5c)
      if (found != 0) return p + (<u32>ctz(found) >> 3)
      p += 8
    }
  }
}

/** The highest bit of each byte that is that of a pattern. */
function equalBytes(block: u64, pattern: u64): u64 {
  const difference = block ^ pattern
  return ~(((difference & 0x7f7f7f7f7f7f7f7f) + 0x7f7f7f7f7f7f7f7f) | difference) & 0x8080808080808080
}

/** The place behind a key that is only compared; where it has escapes they are checked. */
function keyEnd(start: u32): u32 {
  textFlags = 0
  const p = quoteOrEscape(start)
  if (load<u8>(p) != 0x22) return readText(start)
  return p < stop ? p + 1 : fail(TRUNCATED, p)
}

/** Checks a string, from behind its first quote: the place behind its last one, and its flags in `textFlags`. */
function readText(p: u32): u32 {
  let flags: u32 = 0
  while (true) {
    p = noticeable(p)
    const c = load<u8>(p)
    if (c == 0x22) {
      textFlags = flags
      return p < stop ? p + 1 : fail(TRUNCATED, p)
    }
    if (c == 0x5c) {
      flags = ESCAPED
      p = escapeEnd(p)
    } else p = c < 0x20 ? fail(CONTROL, p) : sequencesEnd(p)
    if (p == 0) return 0
  }
}

/** The next quote, escape, control character or byte beyond ASCII. */
function noticeable(p: u32): u32 {
  if (ASC_FEATURE_SIMD) {
    while (true) {
      const block = v128.load(p)
      // bytes beyond ASCII are below 0 here
      const found = i8x16.bitmask(
        v128.or(
          v128.or(i8x16.eq(block, i8x16.splat(0x22)), i8x16.eq(block, i8x16.splat(0x5c))),
          i8x16.lt_s(block, i8x16.splat(0x20)),
        ),
      )
      if (found != 0) return p + ctz(found)
      p += 16
    }
  } else {
    while (true) {
      const block = load<u64>(p)
      const control = ~((block & 0x7f7f7f7f7f7f7f7f) + 0x6060606060606060)
      const found =
        equalBytes(block, 0x2222222222222222) |
        equalBytes(block, 0x5c5c5c5c5c5c5c5c) |
        ((control | block) & 0x8080808080808080)
      if (found != 0) return p + (<u32>ctz(found) >> 3)
      p += 8
    }
  }
}

function escapeEnd(p: u32): u32 {
  const c = load<u8>(p, 1)
  if (c == 0x75) {
    for (let i: u32 = 2; i < 6; i++) if (hexDigit(load<u8>(p + i)) > 15) return fail(BAD_ESCAPE, p + i)
    return p + 6
  }
  if (c == 0x22 || c == 0x5c || c == 0x2f || c == 0x62 || c == 0x66 || c == 0x6e || c == 0x72 || c == 0x74)
    return p + 2
  return fail(BAD_ESCAPE, p + 1)
}

/** The value of a hexadecimal digit, above 15 for anything else. */
function hexDigit(c: u32): u32 {
  if (c - 0x30 <= 9) return c - 0x30
  const letter = (c | 0x20) - 0x61
  return letter < 6 ? letter + 10 : 16
}

/** The place behind characters beyond ASCII, which have to be UTF-8 (table 3-7 of the Unicode standard). */
function sequencesEnd(p: u32): u32 {
  while (true) {
    const c: u32 = load<u8>(p)
    if (c < 0x80) return p
    const next: u32 = load<u8>(p, 1)
    if (c < 0xe0) {
      if (c < 0xc2 || !isTail(next)) return fail(BAD_UTF8, p)
      p += 2
    } else if (c < 0xf0) {
      if (!isTail(next) || !isTail(load<u8>(p, 2))) return fail(BAD_UTF8, p)
      if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next >= 0xa0)) return fail(BAD_UTF8, p)
      p += 3
    } else {
      if (c > 0xf4 || !isTail(next) || !isTail(load<u8>(p, 2)) || !isTail(load<u8>(p, 3)))
        return fail(BAD_UTF8, p)
      if ((c == 0xf0 && next < 0x90) || (c == 0xf4 && next >= 0x90)) return fail(BAD_UTF8, p)
      p += 4
    }
  }
}

function isTail(c: u32): bool {
  return (c & 0xc0) == 0x80
}

/** Makes a string plain UTF-8, in space of its own: a host may ask again about its text. Gives the string back. */
export function decoded(string: u32): u32 {
  if ((flagsOf(string) & ESCAPED) != 0) {
    const size = sizeOf(string)
    const bytes = allocate(size)
    store<u32>(string, unescape(bytes, bytesOf(string), size), 8)
    store<u32>(string, bytes, 4)
    store<u8>(string, flagsOf(string) & ~ESCAPED, 1)
  }
  return string
}

/** Writes checked text without its escapes, which is never longer; gives its size. */
function unescape(to: u32, from: u32, size: u32): u32 {
  const start = to
  const end = from + size
  while (from < end) {
    const c: u32 = load<u8>(from)
    if (c != 0x5c) {
      store<u8>(to++, c)
      from++
      continue
    }
    const letter: u32 = load<u8>(from, 1)
    if (letter != 0x75) {
      store<u8>(to++, plain(letter))
      from += 2
      continue
    }
    let point = unitAt(from)
    from += 6
    if (point >= 0xd800 && point < 0xe000) {
      const low =
        point < 0xdc00 && from + 6 <= end && load<u8>(from) == 0x5c && load<u8>(from, 1) == 0x75
          ? unitAt(from)
          : 0
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00)
        from += 6
      } else point = 0xfffd
    }
    to = writePoint(to, point)
  }
  return to - start
}

function plain(letter: u32): u32 {
  if (letter == 0x6e) return 0x0a
  if (letter == 0x74) return 0x09
  if (letter == 0x72) return 0x0d
  if (letter == 0x62) return 0x08
  if (letter == 0x66) return 0x0c
  return letter
}

/** The number of an escape of the form \uXXXX. */
function unitAt(p: u32): u32 {
  return (
    (hexDigit(load<u8>(p, 2)) << 12) |
    (hexDigit(load<u8>(p, 3)) << 8) |
    (hexDigit(load<u8>(p, 4)) << 4) |
    hexDigit(load<u8>(p, 5))
  )
}

/** Writes a character in UTF-8; gives the place behind it. */
export function writePoint(to: u32, point: u32): u32 {
  if (point < 0x80) {
    store<u8>(to, point)
    return to + 1
  }
  if (point < 0x800) {
    store<u8>(to, 0xc0 | (point >> 6))
    store<u8>(to, 0x80 | (point & 63), 1)
    return to + 2
  }
  if (point < 0x10000) {
    store<u8>(to, 0xe0 | (point >> 12))
    store<u8>(to, 0x80 | ((point >> 6) & 63), 1)
    store<u8>(to, 0x80 | (point & 63), 2)
    return to + 3
  }
  store<u8>(to, 0xf0 | (point >> 18))
  store<u8>(to, 0x80 | ((point >> 12) & 63), 1)
  store<u8>(to, 0x80 | ((point >> 6) & 63), 2)
  store<u8>(to, 0x80 | (point & 63), 3)
  return to + 4
}

/** The place behind a value that is not wanted, so many levels down. */
function skipValue(p: u32, above: u32): u32 {
  if (strict) return checkValue(p, above)
  const c = load<u8>(p)
  if (c == 0x22) return textEnd(p + 1)
  if ((c | 0x20) == 0x7b) return skipContainer(p + 1)
  return skipScalar(p)
}

function skipScalar(p: u32): u32 {
  let c: u32 = load<u8>(p)
  if (c == 0x74 || c == 0x66 || c == 0x6e) return skipWord(p)
  if (c != 0x2d && c - 0x30 > 9) return fail(UNEXPECTED, p)
  // digits, signs, points and exponents
  do c = load<u8>(++p)
  while (c - 0x30 <= 9 || c == 0x2e || c == 0x2b || c == 0x2d || (c | 0x20) == 0x65)
  return p
}

/** The place behind a list or an object, from behind its bracket: only strings and the number of brackets are looked at. */
function skipContainer(p: u32): u32 {
  if (ASC_FEATURE_SIMD) {
    let depth: u32 = 1
    // all bits where a block begins inside of a string
    let inside: u64 = 0
    // 1 where the first byte of a block is escaped by the last one of the block before
    let carried: u64 = 0
    while (p < stop) {
      const a = v128.load(p)
      const b = v128.load(p, 16)
      const c = v128.load(p, 32)
      const d = v128.load(p, 48)
      const slashes = equalIn(a, b, c, d, 0x5c)
      let escaped = carried
      if ((slashes | carried) != 0) {
        // as simdjson finds what odd runs of backslashes escape
        const starting = slashes & ~carried
        const following = (starting << 1) | carried
        const odd = starting & 0xaaaaaaaaaaaaaaaa & ~following
        const sum = odd + starting
        carried = <u64>(sum < odd)
        escaped = (0x5555555555555555 ^ (sum << 1)) & following
      }
      let within = equalIn(a, b, c, d, 0x22) & ~escaped
      within ^= within << 1
      within ^= within << 2
      within ^= within << 4
      within ^= within << 8
      within ^= within << 16
      within ^= within << 32
      within ^= inside
      inside = <u64>(<i64>within >> 63)
      // the two kinds of brackets differ in one bit only
      const bit = i8x16.splat(0x20)
      const e = v128.or(a, bit)
      const f = v128.or(b, bit)
      const g = v128.or(c, bit)
      const h = v128.or(d, bit)
      const opening = equalIn(e, f, g, h, 0x7b) & ~within
      let closing = equalIn(e, f, g, h, 0x7d) & ~within
      const closings = <u32>popcnt(closing)
      if (closings >= depth) {
        let closed: u32 = 0
        while (closing != 0) {
          closed++
          if (depth + <u32>popcnt(opening & (closing ^ (closing - 1))) == closed) {
            p += <u32>ctz(closing)
            return p < stop ? p + 1 : fail(TRUNCATED, p)
          }
          closing &= closing - 1
        }
      }
      depth += <u32>popcnt(opening) - closings
      p += 64
    }
    return fail(TRUNCATED, stop)
  } else {
    let depth: u32 = 1
    while (p < stop) {
      const c = load<u8>(p++)
      if (c == 0x22) p = quoteIn(p) + 1
      else if (c == 0x20) p = skipSpaces(p)
      // outside of a string a backslash hides quotes only, as above
      else if (c == 0x5c && (load<u8>(p) == 0x22 || load<u8>(p) == 0x5c)) p++
      else if ((c | 0x20) == 0x7b) depth++
      else if ((c | 0x20) == 0x7d && --depth == 0) return p
    }
    return fail(TRUNCATED, stop)
  }
}

/** A bit for each byte of four blocks that is a certain one. */
function equalIn(a: v128, b: v128, c: v128, d: v128, byte: u8): u64 {
  const all = i8x16.splat(byte)
  return (
    <u64>(<u32>i8x16.bitmask(i8x16.eq(a, all)) | ((<u32>i8x16.bitmask(i8x16.eq(b, all))) << 16)) |
    ((<u64>(<u32>i8x16.bitmask(i8x16.eq(c, all)) | ((<u32>i8x16.bitmask(i8x16.eq(d, all))) << 16))) << 32)
  )
}

/** The place behind a value, all of which is checked. Containers are bits above the heap: 1 for an object. */
function checkValue(p: u32, above: u32): u32 {
  const open = heap
  reach(open + (min<u32>(stop - p, DEEPEST) >> 3) + 1)
  let depth: u32 = 0
  while (true) {
    const c = load<u8>(p)
    if ((c | 0x20) == 0x7b) {
      if (above + depth >= DEEPEST) return fail(TOO_DEEP, p)
      p = skipSpace(p + 1)
      // closing brackets are two above
      if (load<u8>(p) == c + 2) p++
      else {
        const at = open + (depth >> 3)
        const bit = (<u32>1) << (depth & 7)
        const bits: u32 = load<u8>(at)
        store<u8>(at, c == 0x7b ? bits | bit : bits & ~bit)
        depth++
        if (c == 0x7b) {
          p = checkKey(p)
          if (p == 0) return 0
        }
        continue
      }
    } else if (c == 0x22) p = readText(p + 1)
    else p = c == 0x74 || c == 0x66 || c == 0x6e ? skipWord(p) : numberEnd(p)
    if (p == 0) return 0
    while (true) {
      if (depth == 0) return p
      p = skipSpace(p)
      const c = load<u8>(p)
      const object = ((load<u8>(open + ((depth - 1) >> 3)) >> (<u8>(depth - 1) & 7)) & 1) != 0
      if (c == 0x2c) {
        p = skipSpace(p + 1)
        if (object) p = checkKey(p)
        if (p == 0) return 0
        break
      }
      if (c != (object ? 0x7d : 0x5d)) return fail(UNEXPECTED, p)
      p++
      depth--
    }
  }
}

/** The place of the value behind a key and its colon. */
function checkKey(p: u32): u32 {
  if (load<u8>(p) != 0x22) return fail(UNEXPECTED, p)
  p = readText(p + 1)
  if (p == 0) return 0
  p = skipSpace(p)
  return load<u8>(p) == 0x3a ? skipSpace(p + 1) : fail(UNEXPECTED, p)
}
