/** Compiles patterns to programs. */
import { allocate, setHeap } from '../cells'
import { PROGRAM } from './automaton'
import { bytesFrom, codePointAt } from './code-points'
import {
  HEADER,
  MATCH,
  BRANCH,
  RUNE,
  ASSERT,
  AT_LINE_BEGIN,
  AT_LINE_END,
  AT_TEXT_BEGIN,
  AT_TEXT_END,
  AT_WORD,
  NOT_AT_WORD,
  IS_NEWLINE,
  IS_WORD,
} from './program'
import {
  ALTERNATE,
  ANY_CHAR,
  ANY_CHAR_NOT_NL,
  BEGIN_LINE,
  BEGIN_TEXT,
  CAPTURE,
  CHAR_CLASS,
  CONCAT,
  EMPTY_MATCH,
  END_LINE,
  END_TEXT,
  FOLD_CASE,
  LITERAL,
  NO_WORD_BOUNDARY,
  PLUS,
  QUEST,
  REPEAT,
  STAR,
  WORD_BOUNDARY,
  childAt,
  childCount,
  fewest,
  kindOf,
  most,
  nodeFlags,
  readRegexp,
  rememberSet,
  runesOf,
  setOf,
} from './regexp'
import {
  LAST_RUNE,
  appendFolded,
  appendRange,
  appendSet,
  clean,
  lengthOf,
  newWords,
  push,
  setLength,
  setWord,
  sortKeys,
  wordAt,
} from './rune-sets'

/** Longest pattern that is read, in UTF-16 units. */
const LONGEST: u32 = 4096

let code: u32 = 0
let assertions: u32 = 0
/** Sets that differ, and a table to find them by what they have. */
let sets: u32 = 0
let setTable: u32 = 0
let setMask: u32 = 0
let scratch: u32 = 0

function emit(operation: u32, out: u32, argument: u32): u32 {
  const index = lengthOf(code) / 3
  push(code, operation)
  push(code, out)
  push(code, argument)
  return index
}

/** The number of a set. */
function numberOf(set: u32): u32 {
  const length = lengthOf(set)
  let hash: u32 = length
  for (let i: u32 = 0; i < length; i++) hash = (hash ^ wordAt(set, i)) * 0x9e3779b1
  let slot = (hash ^ (hash >> 15)) & setMask
  while (true) {
    const number = load<u32>(setTable + (slot << 2))
    if (number == 0) break
    if (sameWords(wordAt(sets, number - 1), set)) return number - 1
    slot = (slot + 1) & setMask
  }
  const own = newWords()
  for (let i: u32 = 0; i < length; i++) push(own, wordAt(set, i))
  push(sets, own)
  store<u32>(setTable + (slot << 2), lengthOf(sets))
  return lengthOf(sets) - 1
}

function sameWords(a: u32, b: u32): bool {
  const length = lengthOf(a)
  if (length != lengthOf(b)) return false
  for (let i: u32 = 0; i < length; i++) if (wordAt(a, i) != wordAt(b, i)) return false
  return true
}

function assertion(flag: u32, next: u32): u32 {
  assertions |= flag
  return emit(ASSERT, next, flag)
}

function literal(node: u32, next: u32): u32 {
  const runes = runesOf(node)
  const folded = (nodeFlags(node) & FOLD_CASE) != 0
  for (let i = lengthOf(runes); i > 0; i--) {
    const rune = wordAt(runes, i - 1)
    setLength(scratch, 0)
    if (folded) appendFolded(scratch, rune, rune)
    else appendRange(scratch, rune, rune)
    clean(scratch)
    next = emit(RUNE, next, numberOf(scratch))
  }
  return next
}

function runeClass(node: u32, next: u32): u32 {
  let number = setOf(node)
  if (number == 0) {
    setLength(scratch, 0)
    const kind = kindOf(node)
    if (kind == CHAR_CLASS) appendSet(scratch, runesOf(node))
    else if (kind == ANY_CHAR) appendRange(scratch, 0, LAST_RUNE)
    else if (kind == ANY_CHAR_NOT_NL) {
      appendRange(scratch, 0, 9)
      appendRange(scratch, 11, LAST_RUNE)
    }
    clean(scratch)
    number = numberOf(scratch) + 1
    rememberSet(node, number)
  }
  return emit(RUNE, next, number - 1)
}

/** What loops back to itself through a node, or goes on. */
function loop(node: u32, next: u32): u32 {
  const branch = emit(BRANCH, 0, next)
  const body = build(node, branch)
  setWord(code, branch * 3 + 1, body)
  return branch
}

function repeat(node: u32, next: u32): u32 {
  const sub = childAt(node, 0)
  const low = fewest(node)
  const high = most(node)
  let entry = next
  let copies = low
  if (high < 0) {
    entry = loop(sub, next)
    // once or more is the loop, entered at its body
    if (low > 0) {
      entry = wordAt(code, entry * 3 + 1)
      copies--
    }
  } else for (let i = low; i < high; i++) entry = emit(BRANCH, build(sub, entry), next)
  for (let i = 0; i < copies; i++) entry = build(sub, entry)
  return entry
}

/** The instruction at which a node begins that goes on at another one. */
function build(node: u32, next: u32): u32 {
  const kind = kindOf(node)
  if (kind == LITERAL) return literal(node, next)
  if (kind == EMPTY_MATCH) return next
  if (kind == CONCAT) {
    for (let i = childCount(node); i > 0; i--) next = build(childAt(node, i - 1), next)
    return next
  }
  if (kind == ALTERNATE) {
    const last = childCount(node) - 1
    let entry = build(childAt(node, last), next)
    for (let i = last; i > 0; i--) entry = emit(BRANCH, build(childAt(node, i - 1), next), entry)
    return entry
  }
  if (kind == CAPTURE) return build(childAt(node, 0), next)
  if (kind == STAR) return loop(childAt(node, 0), next)
  if (kind == PLUS) return wordAt(code, loop(childAt(node, 0), next) * 3 + 1)
  if (kind == QUEST) return emit(BRANCH, build(childAt(node, 0), next), next)
  if (kind == REPEAT) return repeat(node, next)
  if (kind == BEGIN_LINE) return assertion(AT_LINE_BEGIN, next)
  if (kind == END_LINE) return assertion(AT_LINE_END, next)
  if (kind == BEGIN_TEXT) return assertion(AT_TEXT_BEGIN, next)
  if (kind == END_TEXT) return assertion(AT_TEXT_END, next)
  if (kind == WORD_BOUNDARY) return assertion(AT_WORD, next)
  if (kind == NO_WORD_BOUNDARY) return assertion(NOT_AT_WORD, next)
  // a class, or nothing that matches, whose set is empty
  return runeClass(node, next)
}

/** The first code points of ranges that no set cuts. */
let firsts: u32 = 0
let classes: u32 = 0
let classTotal: u32 = 0

function rangeOf(rune: u32): u32 {
  let low: u32 = 0
  let high = lengthOf(firsts)
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (wordAt(firsts, middle) <= rune) low = middle
    else high = middle
  }
  return low
}

function divideRunes(): void {
  let count: u32 = 1
  for (let s: u32 = 0; s < lengthOf(sets); s++) count += lengthOf(wordAt(sets, s))
  const keys = allocate(count << 3)
  store<u64>(keys, 0)
  let filled: u32 = 1
  for (let s: u32 = 0; s < lengthOf(sets); s++) {
    const set = wordAt(sets, s)
    for (let i: u32 = 0; i < lengthOf(set); i++) {
      store<u64>(keys + (filled << 3), wordAt(set, i) + (i & 1))
      filled++
    }
  }
  sortKeys(keys, count)
  firsts = newWords()
  for (let i: u32 = 0; i < count; i++) {
    const first = <u32>load<u64>(keys + (i << 3))
    if (first > LAST_RUNE || (i > 0 && load<u64>(keys + ((i - 1) << 3)) == first)) continue
    push(firsts, first)
  }
}

/** Makes ranges that no set tells apart one class. */
function joinRanges(): void {
  const count = lengthOf(firsts)
  const words = count << 2
  classes = allocate(words)
  const members = allocate(words)
  const inside = allocate(words)
  const renamed = allocate(words)
  memory.fill(classes, 0, words)
  memory.fill(inside, 0, words)
  const touched = newWords()
  store<u32>(members, count)
  classTotal = 1
  for (let s: u32 = 0; s < lengthOf(sets); s++) {
    const set = wordAt(sets, s)
    setLength(touched, 0)
    for (let i: u32 = 0; i < lengthOf(set); i += 2) {
      const last = wordAt(set, i + 1)
      for (let r = rangeOf(wordAt(set, i)); r < count && wordAt(firsts, r) <= last; r++) {
        const own = load<u32>(classes + (r << 2))
        const seen = load<u32>(inside + (own << 2))
        if (seen == 0) push(touched, own)
        store<u32>(inside + (own << 2), seen + 1)
      }
    }
    for (let i: u32 = 0; i < lengthOf(touched); i++) {
      const own = wordAt(touched, i)
      const seen = load<u32>(inside + (own << 2))
      const all = load<u32>(members + (own << 2))
      let to = own
      if (seen < all) {
        to = classTotal++
        store<u32>(members + (own << 2), all - seen)
        store<u32>(members + (to << 2), seen)
      }
      store<u32>(renamed + (own << 2), to)
      store<u32>(inside + (own << 2), 0)
    }
    for (let i: u32 = 0; i < lengthOf(set); i += 2) {
      const last = wordAt(set, i + 1)
      for (let r = rangeOf(wordAt(set, i)); r < count && wordAt(firsts, r) <= last; r++) {
        store<u32>(classes + (r << 2), load<u32>(renamed + (load<u32>(classes + (r << 2)) << 2)))
      }
    }
  }
}

function wordSet(): u32 {
  setLength(scratch, 0)
  appendRange(scratch, 48, 57)
  appendRange(scratch, 65, 90)
  appendRange(scratch, 95, 95)
  appendRange(scratch, 97, 122)
  return numberOf(scratch)
}

function newlineSet(): u32 {
  setLength(scratch, 0)
  appendRange(scratch, 10, 10)
  return numberOf(scratch)
}

/** Whether nothing is matched unless the text begins there. */
function anchors(entry: u32): bool {
  const count = lengthOf(code) / 3
  const seen = allocate(count)
  memory.fill(seen, 0, count)
  const pending = newWords()
  push(pending, entry)
  while (lengthOf(pending) > 0) {
    const index = wordAt(pending, lengthOf(pending) - 1)
    setLength(pending, lengthOf(pending) - 1)
    if (load<u8>(seen + index)) continue
    store<u8>(seen + index, 1)
    const operation = wordAt(code, index * 3)
    if (operation == MATCH || operation == RUNE) return false
    const argument = wordAt(code, index * 3 + 2)
    if (operation == ASSERT && argument == AT_TEXT_BEGIN) continue
    push(pending, wordAt(code, index * 3 + 1))
    if (operation == BRANCH) push(pending, argument)
  }
  return true
}

function setTraits(traits: u32, set: u32, trait: u32): void {
  const ranges = wordAt(sets, set)
  for (let i: u32 = 0; i < lengthOf(ranges); i += 2) {
    for (
      let r = rangeOf(wordAt(ranges, i));
      r < lengthOf(firsts) && wordAt(firsts, r) <= wordAt(ranges, i + 1);
      r++
    ) {
      const at = traits + load<u32>(classes + (r << 2))
      store<u8>(at, load<u8>(at) | <u8>trait)
    }
  }
}

/** How many bytes the last program has. */
export let programSize: u32 = 0
/** Whether the last pattern was refused for its length alone. */
export let tooLong: bool = false

/** A pattern compiled, with nothing else left on the heap; 0 where it is not RE2 syntax. */
export function compile(bytes: u32, size: u32): u32 {
  const mark = allocate(0)
  const program = compileAbove(bytes, size)
  if (program == 0) {
    setHeap(mark)
    return 0
  }
  memory.copy(mark, program, programSize)
  setHeap(mark + programSize)
  return mark
}

function compileAbove(bytes: u32, size: u32): u32 {
  tooLong = true
  // a UTF-16 unit has three bytes at most
  if (size > 3 * LONGEST) return 0
  const runes = allocate(size << 2)
  let count: u32 = 0
  let units: u32 = 0
  for (let at = bytes; at < bytes + size; count++) {
    const byte = <u32>load<u8>(at)
    const rune = byte < 128 ? byte : codePointAt(at)
    at += byte < 128 ? 1 : bytesFrom(byte)
    units += rune > 0xffff ? 2 : 1
    store<u32>(runes + (count << 2), rune)
  }
  if (units > LONGEST) return 0
  tooLong = false
  const tree = readRegexp(runes, count)
  if (tree == 0) return 0

  code = newWords()
  assertions = 0
  sets = newWords()
  scratch = newWords()
  setMask = 63
  while (setMask < count << 1) setMask = (setMask << 1) | 1
  setTable = allocate((setMask + 1) << 2)
  memory.fill(setTable, 0, (setMask + 1) << 2)
  const entry = build(tree, emit(MATCH, 0, 0))
  const lines = (assertions & (AT_LINE_BEGIN | AT_LINE_END)) != 0
  const words = (assertions & (AT_WORD | NOT_AT_WORD)) != 0
  const newline = lines ? newlineSet() : 0
  const word = words ? wordSet() : 0
  divideRunes()
  joinRanges()

  const ranges = lengthOf(firsts)
  const stride = (classTotal + 7) >> 3
  const firstsAt = HEADER
  const codeAt = firstsAt + (ranges << 2)
  const classesAt = codeAt + (lengthOf(code) << 2)
  const asciiAt = classesAt + (ranges << 1)
  const bitsAt = asciiAt + 256
  const traitsAt = bitsAt + stride * lengthOf(sets)
  programSize = traitsAt + classTotal
  const program = allocate(programSize)
  memory.fill(program, 0, HEADER)
  store<u32>(program, PROGRAM)
  store<u32>(program, classTotal, 4)
  store<u32>(program, ranges, 8)
  store<u32>(program, firstsAt, 12)
  store<u32>(program, classesAt, 16)
  store<u32>(program, asciiAt, 20)
  store<u32>(program, lengthOf(code) / 3, 24)
  store<u32>(program, codeAt, 28)
  store<u32>(program, entry, 32)
  store<u32>(program, bitsAt, 36)
  store<u32>(program, stride, 40)
  store<u32>(program, assertions, 44)
  store<u32>(program, anchors(entry) ? 1 : 0, 48)
  store<u32>(program, traitsAt, 52)
  memory.copy(program + firstsAt, load<u32>(firsts), ranges << 2)
  memory.copy(program + codeAt, load<u32>(code), lengthOf(code) << 2)
  for (let r: u32 = 0; r < ranges; r++) {
    store<u16>(program + classesAt + (r << 1), <u16>load<u32>(classes + (r << 2)))
  }
  for (let rune: u32 = 0; rune < 128; rune++) {
    store<u16>(program + asciiAt + (rune << 1), <u16>load<u32>(classes + (rangeOf(rune) << 2)))
  }
  memory.fill(program + bitsAt, 0, stride * lengthOf(sets))
  for (let s: u32 = 0; s < lengthOf(sets); s++) {
    const set = wordAt(sets, s)
    for (let i: u32 = 0; i < lengthOf(set); i += 2) {
      for (let r = rangeOf(wordAt(set, i)); r < ranges && wordAt(firsts, r) <= wordAt(set, i + 1); r++) {
        const own = load<u32>(classes + (r << 2))
        const at = program + bitsAt + s * stride + (own >> 3)
        store<u8>(at, load<u8>(at) | <u8>((<u32>1) << (own & 7)))
      }
    }
  }
  memory.fill(program + traitsAt, 0, classTotal)
  if (lines) setTraits(program + traitsAt, newline, IS_NEWLINE)
  if (words) setTraits(program + traitsAt, word, IS_WORD)
  return program
}
