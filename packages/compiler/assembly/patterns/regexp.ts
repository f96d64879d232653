/**
 * Reads RE2 syntax as re2js does, step by step: which patterns it refuses for their size or depth depends on the trees it makes on
 * the way, on what it joins and on which nodes it uses again.
 */
import { allocate } from '../cells'
import {
  LAST_RUNE,
  appendFolded,
  appendGroup,
  appendNamed,
  appendOthers,
  appendRange,
  appendSet,
  clean,
  contains,
  foldedSet,
  forgetOrbits,
  lengthOf,
  lowestCase,
  newWords,
  nextCase,
  push,
  setLength,
  setWord,
  wordAt,
} from './rune-sets'

export const NO_MATCH: u32 = 0
export const EMPTY_MATCH: u32 = 1
export const LITERAL: u32 = 2
export const CHAR_CLASS: u32 = 3
export const ANY_CHAR_NOT_NL: u32 = 4
export const ANY_CHAR: u32 = 5
export const BEGIN_LINE: u32 = 6
export const END_LINE: u32 = 7
export const BEGIN_TEXT: u32 = 8
export const END_TEXT: u32 = 9
export const WORD_BOUNDARY: u32 = 10
export const NO_WORD_BOUNDARY: u32 = 11
export const CAPTURE: u32 = 12
export const STAR: u32 = 13
export const PLUS: u32 = 14
export const QUEST: u32 = 15
export const REPEAT: u32 = 16
export const CONCAT: u32 = 17
export const ALTERNATE: u32 = 18
const LEFT_PAREN: u32 = 21
const VERTICAL_BAR: u32 = 22

export const FOLD_CASE: u32 = 1
const DOT_NL: u32 = 8
const ONE_LINE: u32 = 16
const NON_GREEDY: u32 = 32
/** The syntax of Perl, classes that match newlines, and \p. */
const PERL: u32 = 4 | 64 | 128 | ONE_LINE

const MOST_NODES_DEEP: u32 = 1000
const LARGEST: u32 = 1398101
const MOST_RUNES: u32 = 33554432
const MOST_REPEATS: i32 = 1000
const UNBOUNDED: i32 = -1

/**
 * A node: its kind, its flags, its children and how many they are, the list of its code points or ranges, the bounds of a
 * repetition, whether it captures, its height and its size where they are known, and the number of its set for the compiler.
 */
const FLAGS: usize = 4
const SUBS: usize = 8
const COUNT: usize = 12
const RUNES: u32 = 16
const MIN: usize = 28
const MAX: usize = 32
const CAPTURES: usize = 36
const HEIGHT: usize = 40
const SIZE: usize = 44
const SET: usize = 48
const NODE_SIZE: u32 = 56

export function kindOf(node: u32): u32 {
  return load<u32>(node)
}

export function nodeFlags(node: u32): u32 {
  return load<u32>(node, FLAGS)
}

/** The code points of a literal, or the ranges of a class. */
export function runesOf(node: u32): u32 {
  return node + RUNES
}

export function childCount(node: u32): u32 {
  return load<u32>(node, COUNT)
}

export function childAt(node: u32, index: u32): u32 {
  return load<u32>(load<u32>(node, SUBS) + (index << 2))
}

export function fewest(node: u32): i32 {
  return load<i32>(node, MIN)
}

/** The most repetitions, or -1. */
export function most(node: u32): i32 {
  return load<i32>(node, MAX)
}

export function setOf(node: u32): u32 {
  return load<u32>(node, SET)
}

export function rememberSet(node: u32, set: u32): void {
  store<u32>(node, set, SET)
}

function setChild(node: u32, index: u32, child: u32): void {
  store<u32>(load<u32>(node, SUBS) + (index << 2), child)
}

function setChildren(node: u32, children: u32, count: u32): void {
  store<u32>(node, children, SUBS)
  store<u32>(node, count, COUNT)
}

function setOnly(node: u32, child: u32): void {
  const children = allocate(4)
  store<u32>(children, child)
  setChildren(node, children, 1)
}

function isFolded(node: u32): bool {
  return (nodeFlags(node) & FOLD_CASE) != 0
}

/** The pattern, one word a code point: where it begins, where reading is, and how long it is. */
let text: u32 = 0
let at: u32 = 0
let end: u32 = 0
let failed: bool = false

let flags: u32 = 0
let stack: u32 = 0
let names: u32 = 0
/** Nodes to use again, by their first child; a leaf ends them, and is never used again itself. */
let free: u32 = 0
let nodes: u32 = 0
let runes: u32 = 0
let repeats: u32 = 0
let checksHeight: bool = false
let checksSize: bool = false

function fail(): void {
  failed = true
}

function peek(): u32 {
  return load<u32>(text + (at << 2))
}

function runeAt(index: u32): u32 {
  return load<u32>(text + (index << 2))
}

/** Whether one character is at a place. */
function isAt(index: u32, rune: u32): bool {
  return index < end && runeAt(index) == rune
}

function next(): u32 {
  return runeAt(at++)
}

function newNode(kind: u32): u32 {
  let node = free
  if (node != 0 && childCount(node) > 0) {
    free = childAt(node, 0)
    const size = load<u32>(node, SIZE)
    const height = load<u32>(node, HEIGHT)
    memory.fill(node, 0, NODE_SIZE)
    store<u32>(node, size, SIZE)
    store<u32>(node, height, HEIGHT)
  } else {
    node = allocate(NODE_SIZE)
    memory.fill(node, 0, NODE_SIZE)
    nodes++
  }
  store<u32>(node, kind)
  return node
}

function reuse(node: u32): void {
  store<u32>(node, 0, HEIGHT)
  if (childCount(node) > 0) setChild(node, 0, free)
  free = node
}

function checkLimits(node: u32): void {
  if (runes > MOST_RUNES) fail()
  checkSize(node)
  checkHeight(node)
}

function checkSize(node: u32): void {
  if (!checksSize) {
    if (repeats == 0) repeats = 1
    if (kindOf(node) == REPEAT) {
      let times = most(node) == UNBOUNDED ? fewest(node) : most(node)
      if (times <= 0) times = 1
      if (<u32>times > LARGEST / repeats) repeats = LARGEST
      else repeats *= <u32>times
    }
    if (nodes < LARGEST / repeats) return
    checksSize = true
    for (let i: u32 = 0, depth = lengthOf(stack); i < depth; i++) checkSize(wordAt(stack, i))
  }
  if (sizeOfTree(node, true) > LARGEST) fail()
}

function sizeOfTree(node: u32, again: bool): u32 {
  if (!again && load<u32>(node, SIZE) != 0) return load<u32>(node, SIZE)
  let size: u64 = 0
  const kind = kindOf(node)
  if (kind == LITERAL) size = lengthOf(runesOf(node))
  else if (kind == CAPTURE || kind == STAR) size = <u64>2 + sizeOfTree(childAt(node, 0), false)
  else if (kind == PLUS || kind == QUEST) size = <u64>1 + sizeOfTree(childAt(node, 0), false)
  else if (kind == CONCAT || kind == ALTERNATE) {
    const count = childCount(node)
    for (let i: u32 = 0; i < count; i++) size += sizeOfTree(childAt(node, i), false)
    if (kind == ALTERNATE && count > 1) size += count - 1
  } else if (kind == REPEAT) {
    const sub = <u64>sizeOfTree(childAt(node, 0), false)
    if (most(node) == UNBOUNDED) size = fewest(node) == 0 ? 2 + sub : 1 + <u64>fewest(node) * sub
    else size = <u64>most(node) * sub + <u64>(most(node) - fewest(node))
  }
  const result = <u32>min(max(size, 1), <u64>u32.MAX_VALUE)
  store<u32>(node, result, SIZE)
  return result
}

function checkHeight(node: u32): void {
  if (nodes < MOST_NODES_DEEP) return
  if (!checksHeight) {
    checksHeight = true
    for (let i: u32 = 0, depth = lengthOf(stack); i < depth; i++) checkHeight(wordAt(stack, i))
  }
  if (heightOf(node, true) > MOST_NODES_DEEP) fail()
}

function heightOf(node: u32, again: bool): u32 {
  if (!again && load<u32>(node, HEIGHT) != 0) return load<u32>(node, HEIGHT)
  let height: u32 = 1
  for (let i: u32 = 0, count = childCount(node); i < count; i++) {
    height = max(height, 1 + heightOf(childAt(node, i), false))
  }
  store<u32>(node, height, HEIGHT)
  return height
}

function top(below: u32): u32 {
  return wordAt(stack, lengthOf(stack) - 1 - below)
}

function pop(): u32 {
  const node = top(0)
  setLength(stack, lengthOf(stack) - 1)
  return node
}

/** Whether a class is a letter of either case, and no more. */
function isBothCases(ranges: u32): bool {
  const length = lengthOf(ranges)
  if (length != 2 && length != 4) return false
  const first = wordAt(ranges, 0)
  const second = length == 4 ? wordAt(ranges, 2) : wordAt(ranges, 1)
  if (length == 4) {
    if (first != wordAt(ranges, 1) || second != wordAt(ranges, 3)) return false
  } else if (first + 1 != second) return false
  return nextCase(first) == second && nextCase(second) == first
}

function becomeLiteral(node: u32, rune: u32, to: u32): void {
  store<u32>(node, LITERAL)
  store<u32>(node, to, FLAGS)
  setRunes(node, rune)
}

/** One code point of its own. */
function setRunes(node: u32, rune: u32): void {
  memory.fill(runesOf(node), 0, 12)
  push(runesOf(node), rune)
}

function pushNode(node: u32): void {
  const own = runesOf(node)
  runes += lengthOf(own)
  const isClass = kindOf(node) == CHAR_CLASS
  if (isClass && lengthOf(own) == 2 && wordAt(own, 0) == wordAt(own, 1)) {
    const rune = wordAt(own, 0)
    if (joinLiterals(rune, flags & ~FOLD_CASE)) return
    becomeLiteral(node, rune, flags & ~FOLD_CASE)
  } else if (isClass && isBothCases(own)) {
    const rune = wordAt(own, 0)
    if (joinLiterals(rune, flags | FOLD_CASE)) return
    becomeLiteral(node, rune, flags | FOLD_CASE)
  } else joinLiterals(-1, 0)
  push(stack, node)
  checkLimits(node)
}

/** Joins the two literals on top of the stack; the upper one becomes a next literal, where there is one. */
function joinLiterals(rune: i32, to: u32): bool {
  if (lengthOf(stack) < 2) return false
  const upper = top(0)
  const lower = top(1)
  if (kindOf(upper) != LITERAL || kindOf(lower) != LITERAL || isFolded(upper) != isFolded(lower)) return false
  for (let i: u32 = 0, length = lengthOf(runesOf(upper)); i < length; i++) {
    push(runesOf(lower), wordAt(runesOf(upper), i))
  }
  if (rune >= 0) {
    setRunes(upper, rune)
    store<u32>(upper, to, FLAGS)
    return true
  }
  pop()
  reuse(upper)
  return false
}

function pushLiteral(rune: u32): void {
  const node = newNode(LITERAL)
  store<u32>(node, flags, FLAGS)
  setRunes(node, flags & FOLD_CASE ? lowestCase(rune) : rune)
  pushNode(node)
}

function pushKind(kind: u32): u32 {
  const node = newNode(kind)
  store<u32>(node, flags, FLAGS)
  pushNode(node)
  return node
}

function repeat(kind: u32, low: i32, high: i32, followsRepeat: bool): void {
  let own = flags
  if (isAt(at, 63)) {
    at++
    own ^= NON_GREEDY
  }
  if (followsRepeat || lengthOf(stack) == 0 || kindOf(top(0)) >= LEFT_PAREN) return fail()
  const sub = top(0)
  const node = newNode(kind)
  store<i32>(node, low, MIN)
  store<i32>(node, high, MAX)
  store<u32>(node, own, FLAGS)
  setOnly(node, sub)
  setWord(stack, lengthOf(stack) - 1, node)
  checkLimits(node)
  if (failed) return
  if (kind == REPEAT && (low >= 2 || high >= 2) && !isRepeatable(node, MOST_REPEATS)) fail()
}

/** Whether no part of a tree is repeated more often than that. */
function isRepeatable(node: u32, limit: i32): bool {
  if (kindOf(node) == REPEAT) {
    let times = most(node)
    if (times == 0) return true
    if (times < 0) times = fewest(node)
    if (times > limit) return false
    if (times > 0) limit /= times
  }
  for (let i: u32 = 0, count = childCount(node); i < count; i++) {
    if (!isRepeatable(childAt(node, i), limit)) return false
  }
  return true
}

/** How many nodes are on the stack above a parenthesis or a bar. */
function countToPseudo(): u32 {
  let count: u32 = 0
  while (count < lengthOf(stack) && kindOf(top(count)) < LEFT_PAREN) count++
  return count
}

/** Takes as many nodes from the stack. */
function take(count: u32): u32 {
  const nodes = allocate(count << 2)
  const length = lengthOf(stack) - count
  memory.copy(nodes, load<u32>(stack) + (length << 2), count << 2)
  setLength(stack, length)
  return nodes
}

function concatenate(): void {
  joinLiterals(-1, 0)
  const count = countToPseudo()
  if (count == 0) return pushNode(newNode(EMPTY_MATCH))
  pushNode(collapse(take(count), count, CONCAT))
}

function alternate(): void {
  const count = countToPseudo()
  const subs = take(count)
  if (count == 0) return pushNode(newNode(NO_MATCH))
  cleanAlternative(load<u32>(subs + (count << 2) - 4))
  pushNode(collapse(subs, count, ALTERNATE))
}

function cleanAlternative(node: u32): void {
  if (kindOf(node) != CHAR_CLASS) return
  const ranges = runesOf(node)
  clean(ranges)
  const length = lengthOf(ranges)
  if (length == 2 && wordAt(ranges, 0) == 0 && wordAt(ranges, 1) == LAST_RUNE) {
    store<u32>(node, ANY_CHAR)
    memory.fill(ranges, 0, 12)
  } else if (
    length == 4 &&
    wordAt(ranges, 0) == 0 &&
    wordAt(ranges, 1) == 9 &&
    wordAt(ranges, 2) == 11 &&
    wordAt(ranges, 3) == LAST_RUNE
  ) {
    store<u32>(node, ANY_CHAR_NOT_NL)
    memory.fill(ranges, 0, 12)
  }
}

function collapse(subs: u32, count: u32, kind: u32): u32 {
  if (count == 1) return load<u32>(subs)
  let total: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const sub = load<u32>(subs + (i << 2))
    total += kindOf(sub) == kind ? childCount(sub) : 1
  }
  const all = allocate(total << 2)
  let to = all
  for (let i: u32 = 0; i < count; i++) {
    const sub = load<u32>(subs + (i << 2))
    if (kindOf(sub) != kind) {
      store<u32>(to, sub)
      to += 4
      continue
    }
    const size = childCount(sub) << 2
    memory.copy(to, load<u32>(sub, SUBS), size)
    to += size
    reuse(sub)
  }
  const node = newNode(kind)
  setChildren(node, all, total)
  if (kind == ALTERNATE) {
    const kept = factor(all, total)
    setChildren(node, all, kept)
    if (kept == 1) {
      const only = load<u32>(all)
      reuse(node)
      return only
    }
  }
  return node
}

function isClassLike(node: u32): bool {
  const kind = kindOf(node)
  return (
    (kind == LITERAL && lengthOf(runesOf(node)) == 1) ||
    kind == CHAR_CLASS ||
    kind == ANY_CHAR_NOT_NL ||
    kind == ANY_CHAR
  )
}

function matchesRune(node: u32, rune: u32): bool {
  const kind = kindOf(node)
  if (kind == LITERAL) return lengthOf(runesOf(node)) == 1 && wordAt(runesOf(node), 0) == rune
  if (kind == CHAR_CLASS) return contains(runesOf(node), rune)
  if (kind == ANY_CHAR_NOT_NL) return rune != 10
  return kind == ANY_CHAR
}

function appendLiteral(list: u32, node: u32): void {
  const rune = wordAt(runesOf(node), 0)
  if (isFolded(node)) appendFolded(list, rune, rune)
  else appendRange(list, rune, rune)
}

/** Makes one class match what another matches too. */
function mergeClass(to: u32, from: u32): void {
  const kind = kindOf(to)
  if (kind == ANY_CHAR_NOT_NL) {
    if (matchesRune(from, 10)) store<u32>(to, ANY_CHAR)
  } else if (kind == CHAR_CLASS) {
    if (kindOf(from) == LITERAL) appendLiteral(runesOf(to), from)
    else appendSet(runesOf(to), runesOf(from))
  } else if (kind == LITERAL) {
    if (wordAt(runesOf(from), 0) == wordAt(runesOf(to), 0) && nodeFlags(from) == nodeFlags(to)) return
    const list = newWords()
    appendLiteral(list, to)
    appendLiteral(list, from)
    store<u32>(to, CHAR_CLASS)
    memory.copy(runesOf(to), list, 12)
  }
}

/** The part of a literal: where it begins is shared, which never grows in place. */
function slice(list: u32, words: u32, from: u32, to: u32): void {
  store<u32>(list, words + (from << 2))
  store<u32>(list, to - from, 4)
  store<u32>(list, to - from, 8)
}

/** Takes out what alternatives begin with in common, and joins classes; gives the number of those that are left. */
function factor(subs: u32, count: u32): u32 {
  if (count < 2) return count

  // literal prefixes
  let start: u32 = 0
  let kept: u32 = 0
  let prefixWords: u32 = 0
  let prefixLength: u32 = 0
  let prefixFlags: u32 = 0
  for (let i: u32 = 0; i <= count; i++) {
    let words: u32 = 0
    let length: u32 = 0
    let ownFlags: u32 = 0
    if (i < count) {
      let first = load<u32>(subs + (i << 2))
      if (kindOf(first) == CONCAT && childCount(first) > 0) first = childAt(first, 0)
      if (kindOf(first) == LITERAL) {
        words = load<u32>(runesOf(first))
        length = lengthOf(runesOf(first))
        ownFlags = nodeFlags(first) & FOLD_CASE
      }
      if (ownFlags == prefixFlags) {
        let same: u32 = 0
        while (
          same < prefixLength &&
          same < length &&
          load<u32>(prefixWords + (same << 2)) == load<u32>(words + (same << 2))
        )
          same++
        if (same > 0) {
          prefixLength = same
          continue
        }
      }
    }
    if (i == start + 1) {
      store<u32>(subs + (kept << 2), load<u32>(subs + (start << 2)))
      kept++
    } else if (i > start) {
      const prefix = newNode(LITERAL)
      store<u32>(prefix, prefixFlags, FLAGS)
      slice(runesOf(prefix), prefixWords, 0, prefixLength)
      for (let j = start; j < i; j++) {
        const rest = withoutString(load<u32>(subs + (j << 2)), prefixLength)
        store<u32>(subs + (j << 2), rest)
        checkLimits(rest)
        if (failed) return count
      }
      store<u32>(subs + (kept << 2), prefixed(prefix, subs + (start << 2), i - start))
      kept++
    }
    start = i
    prefixWords = words
    prefixLength = length
    prefixFlags = ownFlags
  }
  count = kept

  // other prefixes, of one character or a fixed number of them
  start = 0
  kept = 0
  let first: u32 = 0
  for (let i: u32 = 0; i <= count; i++) {
    let own: u32 = 0
    if (i < count) {
      own = leadingNode(load<u32>(subs + (i << 2)))
      if (first != 0 && own != 0 && isPrefix(first) && sameNodes(first, own)) continue
    }
    if (i == start + 1) {
      store<u32>(subs + (kept << 2), load<u32>(subs + (start << 2)))
      kept++
    } else if (i > start) {
      for (let j = start; j < i; j++) {
        const rest = withoutNode(load<u32>(subs + (j << 2)), j != start)
        store<u32>(subs + (j << 2), rest)
        checkLimits(rest)
        if (failed) return count
      }
      store<u32>(subs + (kept << 2), prefixed(first, subs + (start << 2), i - start))
      kept++
    }
    start = i
    first = own
  }
  count = kept

  // runs of classes
  start = 0
  kept = 0
  for (let i: u32 = 0; i <= count; i++) {
    if (i < count && isClassLike(load<u32>(subs + (i << 2)))) continue
    if (i == start + 1) {
      store<u32>(subs + (kept << 2), load<u32>(subs + (start << 2)))
      kept++
    } else if (i > start) {
      let largest = start
      for (let j = start + 1; j < i; j++) {
        const a = load<u32>(subs + (largest << 2))
        const b = load<u32>(subs + (j << 2))
        if (kindOf(a) < kindOf(b) || (kindOf(a) == kindOf(b) && lengthOf(runesOf(a)) < lengthOf(runesOf(b))))
          largest = j
      }
      const to = load<u32>(subs + (largest << 2))
      store<u32>(subs + (largest << 2), load<u32>(subs + (start << 2)))
      store<u32>(subs + (start << 2), to)
      for (let j = start + 1; j < i; j++) {
        const from = load<u32>(subs + (j << 2))
        mergeClass(to, from)
        reuse(from)
      }
      cleanAlternative(to)
      store<u32>(subs + (kept << 2), to)
      kept++
    }
    if (i < count) {
      store<u32>(subs + (kept << 2), load<u32>(subs + (i << 2)))
      kept++
    }
    start = i + 1
  }
  count = kept

  // runs of empty alternatives
  kept = 0
  for (let i: u32 = 0; i < count; i++) {
    const node = load<u32>(subs + (i << 2))
    if (i + 1 < count && kindOf(node) == EMPTY_MATCH && kindOf(load<u32>(subs + (i << 2) + 4)) == EMPTY_MATCH)
      continue
    store<u32>(subs + (kept << 2), node)
    kept++
  }
  return kept
}

/** What follows a prefix in common, behind it. */
function prefixed(prefix: u32, subs: u32, count: u32): u32 {
  const suffix = collapse(subs, count, ALTERNATE)
  const node = newNode(CONCAT)
  const children = allocate(8)
  store<u32>(children, prefix)
  store<u32>(children, suffix, 4)
  setChildren(node, children, 2)
  return node
}

function leadingNode(node: u32): u32 {
  if (kindOf(node) == EMPTY_MATCH) return 0
  if (kindOf(node) != CONCAT || childCount(node) == 0) return node
  const first = childAt(node, 0)
  return kindOf(first) == EMPTY_MATCH ? 0 : first
}

/** Whether a node is taken out as a prefix of alternatives. */
function isPrefix(node: u32): bool {
  if (isClassLike(node)) return true
  return kindOf(node) == REPEAT && fewest(node) == most(node) && isClassLike(childAt(node, 0))
}

/** Whether two nodes are equal; of those that are taken out as a prefix. */
function sameNodes(a: u32, b: u32): bool {
  const kind = kindOf(a)
  if (kind != kindOf(b)) return false
  if (kind == LITERAL || kind == CHAR_CLASS) {
    if (isFolded(a) != isFolded(b)) return false
    const length = lengthOf(runesOf(a))
    if (length != lengthOf(runesOf(b))) return false
    for (let i: u32 = 0; i < length; i++) {
      if (wordAt(runesOf(a), i) != wordAt(runesOf(b), i)) return false
    }
  } else if (kind == REPEAT) {
    return (
      (nodeFlags(a) & NON_GREEDY) == (nodeFlags(b) & NON_GREEDY) &&
      fewest(a) == fewest(b) &&
      most(a) == most(b) &&
      sameNodes(childAt(a, 0), childAt(b, 0))
    )
  }
  return true
}

function withoutFirst(node: u32): void {
  setChildren(node, load<u32>(node, SUBS) + 4, childCount(node) - 1)
}

function becomeEmpty(node: u32): void {
  store<u32>(node, EMPTY_MATCH)
  setChildren(node, 0, 0)
}

function withoutString(node: u32, length: u32): u32 {
  if (kindOf(node) == CONCAT && childCount(node) > 0) {
    const sub = withoutString(childAt(node, 0), length)
    setChild(node, 0, sub)
    if (kindOf(sub) != EMPTY_MATCH) return node
    reuse(sub)
    if (childCount(node) < 2) {
      becomeEmpty(node)
      return node
    }
    if (childCount(node) == 2) {
      const rest = childAt(node, 1)
      reuse(node)
      return rest
    }
    withoutFirst(node)
    return node
  }
  if (kindOf(node) == LITERAL) {
    const own = runesOf(node)
    slice(own, load<u32>(own), length, lengthOf(own))
    if (lengthOf(own) == 0) store<u32>(node, EMPTY_MATCH)
  }
  return node
}

function withoutNode(node: u32, again: bool): u32 {
  if (kindOf(node) == CONCAT && childCount(node) > 0) {
    if (again) reuse(childAt(node, 0))
    withoutFirst(node)
    if (childCount(node) == 0) becomeEmpty(node)
    else if (childCount(node) == 1) {
      const rest = childAt(node, 0)
      reuse(node)
      return rest
    }
    return node
  }
  if (again) reuse(node)
  return newNode(EMPTY_MATCH)
}

/** Puts a bar, if there is one right below the top, above it; joins classes on its sides. */
function swapBar(): bool {
  const depth = lengthOf(stack)
  if (depth < 2 || kindOf(top(1)) != VERTICAL_BAR) return false
  const upper = top(0)
  if (depth >= 3 && isClassLike(upper) && isClassLike(top(2))) {
    let to = top(2)
    let from = upper
    if (kindOf(from) > kindOf(to)) {
      from = to
      to = upper
      setWord(stack, depth - 3, to)
    }
    mergeClass(to, from)
    reuse(from)
    pop()
    return true
  }
  if (depth >= 3) cleanAlternative(top(2))
  setWord(stack, depth - 1, top(1))
  setWord(stack, depth - 2, upper)
  return true
}

function readBar(): void {
  concatenate()
  if (!swapBar()) pushKind(VERTICAL_BAR)
}

function finishGroup(): void {
  concatenate()
  if (swapBar()) pop()
  alternate()
}

function readRightParen(): void {
  finishGroup()
  if (lengthOf(stack) < 2) return fail()
  const inner = pop()
  const paren = pop()
  if (kindOf(paren) != LEFT_PAREN) return fail()
  flags = nodeFlags(paren)
  if (load<u32>(paren, CAPTURES) == 0) return pushNode(inner)
  store<u32>(paren, CAPTURE)
  setOnly(paren, inner)
  pushNode(paren)
}

function isWordRune(rune: u32): bool {
  return isAlphanumeric(rune) || rune == 95
}

function isAlphanumeric(rune: u32): bool {
  return rune - 48 < 10 || (rune | 32) - 97 < 26
}

/** Opens a group that captures. */
function openCapture(): void {
  store<u32>(pushKind(LEFT_PAREN), 1, CAPTURES)
}

function readName(begin: u32): void {
  let close = begin
  while (close < end && runeAt(close) != 62) close++
  if (close >= end || close == begin) return fail()
  for (let i = begin; i < close; i++) if (!isWordRune(runeAt(i))) return fail()
  openCapture()
  const size = close - begin
  for (let i: u32 = 0, count = lengthOf(names); i < count; i += 2) {
    if (wordAt(names, i + 1) != size) continue
    let same: u32 = 0
    while (same < size && runeAt(wordAt(names, i) + same) == runeAt(begin + same)) same++
    if (same == size) return fail()
  }
  push(names, begin)
  push(names, size)
  at = close + 1
}

/** Reads what begins with a parenthesis and a question mark. */
function readFlags(): void {
  if (isAt(at + 2, 60)) return readName(at + 3)
  if (isAt(at + 2, 80) && isAt(at + 3, 60)) return readName(at + 4)
  at += 2
  let changed = flags
  let negative = false
  let sawFlag = false
  while (at < end) {
    const rune = next()
    if (rune == 105) changed |= FOLD_CASE
    else if (rune == 109) changed &= ~ONE_LINE
    else if (rune == 115) changed |= DOT_NL
    else if (rune == 85) changed |= NON_GREEDY
    else if (rune == 45) {
      if (negative) break
      negative = true
      // the flags that follow are set in what is negated once more in the end
      changed = ~changed
      sawFlag = false
      continue
    } else if (rune == 58 || rune == 41) {
      if (negative) {
        if (!sawFlag) break
        changed = ~changed
      }
      if (rune == 58) pushKind(LEFT_PAREN)
      flags = changed
      return
    } else break
    sawFlag = true
  }
  fail()
}

const NONE: i32 = -1
const TOO_LONG: i32 = -2

function readInteger(): i32 {
  const begin = at
  let value: i32 = 0
  while (at < end && peek() - 48 < 10) {
    if (at - begin < 8) value = value * 10 + <i32>(peek() - 48)
    at++
  }
  const size = at - begin
  if (size == 0 || (size > 1 && runeAt(begin) == 48)) return NONE
  return size > 8 ? TOO_LONG : value
}

let low: i32 = 0
let high: i32 = 0

/** Reads the bounds of a repetition; whether they are such. */
function readBounds(): bool {
  at++
  const least = readInteger()
  if (least == NONE || at >= end) return false
  let greatest = least
  if (peek() == 44) {
    at++
    if (at >= end) return false
    if (peek() == 125) greatest = UNBOUNDED
    else {
      greatest = readInteger()
      if (greatest == NONE) return false
    }
  }
  if (!isAt(at, 125)) return false
  at++
  if (
    least < 0 ||
    least > MOST_REPEATS ||
    greatest == TOO_LONG ||
    greatest > MOST_REPEATS ||
    (greatest >= 0 && least > greatest)
  )
    fail()
  low = least
  high = greatest
  return true
}

function hexDigit(rune: u32): i32 {
  if (rune - 48 < 10) return rune - 48
  const letter = (rune | 32) - 97
  return rune < 128 && letter < 6 ? letter + 10 : -1
}

function isOctalDigit(index: u32): bool {
  return index < end && runeAt(index) - 48 < 8
}

function readHex(): u32 {
  if (at >= end) return failedRune()
  const rune = next()
  if (rune == 123) {
    let value: u32 = 0
    const begin = at
    while (true) {
      if (at >= end) return failedRune()
      const digit = next()
      if (digit == 125) break
      const nibble = hexDigit(digit)
      if (nibble < 0) return failedRune()
      value = (value << 4) | nibble
      if (value > LAST_RUNE) return failedRune()
    }
    return at - 1 == begin ? failedRune() : value
  }
  if (at >= end) return failedRune()
  const upper = hexDigit(rune)
  const lower = hexDigit(next())
  return upper < 0 || lower < 0 ? failedRune() : (upper << 4) | lower
}

function failedRune(): u32 {
  fail()
  return 0
}

function readEscape(): u32 {
  at++
  if (at >= end) return failedRune()
  const rune = next()
  if (rune - 48 < 8) {
    if (rune != 48 && !isOctalDigit(at)) return failedRune()
    let value = rune - 48
    for (let i = 1; i < 3 && isOctalDigit(at); i++) value = (value << 3) + next() - 48
    return value
  }
  if (rune == 120) return readHex()
  if (rune == 97) return 7
  if (rune == 102) return 12
  if (rune == 110) return 10
  if (rune == 114) return 13
  if (rune == 116) return 9
  if (rune == 118) return 11
  return rune < 128 && !isAlphanumeric(rune) ? rune : failedRune()
}

function readClassRune(): u32 {
  if (at >= end) return failedRune()
  return peek() == 92 ? readEscape() : next()
}

function addSet(to: u32, set: u32, negated: bool): void {
  if (flags & FOLD_CASE) set = foldedSet(set)
  if (negated) appendOthers(to, set)
  else appendSet(to, set)
}

/** Reads \d, \s or \w or what is not in them; whether there is one. */
function readPerlClass(to: u32): bool {
  if (!isAt(at, 92) || at + 1 >= end) return false
  const rune = runeAt(at + 1)
  const letter = rune | 32
  if (letter != 100 && letter != 115 && letter != 119) return false
  const name = allocate(4)
  store<u32>(name, letter)
  const set = newWords()
  appendGroup(set, name, 1)
  addSet(to, set, rune != letter)
  at += 2
  return true
}

/** Reads a class of POSIX; whether there is one. */
function readPosixClass(to: u32): bool {
  let close = at + 1
  while (close < end && !(runeAt(close) == 58 && isAt(close + 1, 93))) close++
  if (close >= end) return false
  let begin = at + 2
  const negated = isAt(begin, 94)
  if (negated) begin++
  const set = newWords()
  // those of Perl have names of one letter
  if (close < begin + 2 || !appendGroup(set, text + (begin << 2), close - begin)) fail()
  else addSet(to, set, negated)
  at = close + 2
  return true
}

/** Reads \p or \P; whether there is one. */
function readUnicodeClass(to: u32): bool {
  if (!isAt(at, 92) || !(isAt(at + 1, 112) || isAt(at + 1, 80))) return false
  let negated = runeAt(at + 1) == 80
  at += 2
  if (at >= end) {
    fail()
    return true
  }
  let begin = at
  let close = at + 1
  if (next() == 123) {
    begin = at
    close = at
    while (close < end && runeAt(close) != 125) close++
    if (close >= end) {
      fail()
      return true
    }
    at = close + 1
  }
  if (begin < close && runeAt(begin) == 94) {
    negated = !negated
    begin++
  }
  const set = newWords()
  if (!appendNamed(set, text + (begin << 2), close - begin)) fail()
  else addSet(to, set, negated)
  return true
}

function readClass(): void {
  at++
  const node = newNode(CHAR_CLASS)
  store<u32>(node, flags, FLAGS)
  const set = newWords()
  const negated = isAt(at, 94)
  if (negated) at++
  let first = true
  while (first || !isAt(at, 93)) {
    first = false
    if (failed) return
    if (isAt(at, 91) && isAt(at + 1, 58) && readPosixClass(set)) continue
    if (readUnicodeClass(set) || readPerlClass(set)) continue
    const least = readClassRune()
    let greatest = least
    if (isAt(at, 45) && !failed) {
      at++
      if (isAt(at, 93)) at--
      else {
        greatest = readClassRune()
        if (greatest < least) fail()
      }
    }
    if (failed) return
    if (flags & FOLD_CASE) appendFolded(set, least, greatest)
    else appendRange(set, least, greatest)
  }
  at++
  clean(set)
  let ranges = set
  if (negated) {
    ranges = newWords()
    appendOthers(ranges, set)
  }
  memory.copy(runesOf(node), ranges, 12)
  pushNode(node)
}

/** Reads what is between \Q and \E, or to the end. */
function readQuoted(): void {
  while (at < end) {
    if (peek() == 92 && isAt(at + 1, 69)) {
      at += 2
      return
    }
    pushLiteral(next())
    if (failed) return
  }
}

function readBackslash(): void {
  if (at + 1 < end) {
    const rune = runeAt(at + 1)
    let kind: u32 = 0
    if (rune == 65) kind = BEGIN_TEXT
    else if (rune == 98) kind = WORD_BOUNDARY
    else if (rune == 66) kind = NO_WORD_BOUNDARY
    else if (rune == 122) kind = END_TEXT
    else if (rune == 67) return fail()
    if (kind != 0) {
      at += 2
      pushKind(kind)
      return
    }
    if (rune == 81) {
      at += 2
      return readQuoted()
    }
  }
  const node = newNode(CHAR_CLASS)
  store<u32>(node, flags, FLAGS)
  const set = newWords()
  if (readUnicodeClass(set) || readPerlClass(set)) {
    memory.copy(runesOf(node), set, 12)
    if (!failed) pushNode(node)
    return
  }
  reuse(node)
  const rune = readEscape()
  if (!failed) pushLiteral(rune)
}

/** The tree of a pattern, given as one word a code point; 0 where re2js refuses it. */
export function readRegexp(codePoints: u32, count: u32): u32 {
  text = codePoints
  at = 0
  end = count
  failed = false
  flags = PERL
  stack = newWords()
  names = newWords()
  free = 0
  nodes = 0
  runes = 0
  repeats = 0
  checksHeight = false
  checksSize = false
  forgetOrbits()
  let followsRepeat = false
  while (at < end && !failed) {
    let isRepeat = false
    const rune = peek()
    if (rune == 40) {
      if (isAt(at + 1, 63)) readFlags()
      else {
        openCapture()
        at++
      }
    } else if (rune == 124) {
      readBar()
      at++
    } else if (rune == 41) {
      readRightParen()
      at++
    } else if (rune == 94) {
      pushKind(flags & ONE_LINE ? BEGIN_TEXT : BEGIN_LINE)
      at++
    } else if (rune == 36) {
      pushKind(flags & ONE_LINE ? END_TEXT : END_LINE)
      at++
    } else if (rune == 46) {
      pushKind(flags & DOT_NL ? ANY_CHAR : ANY_CHAR_NOT_NL)
      at++
    } else if (rune == 91) readClass()
    else if (rune == 42 || rune == 43 || rune == 63) {
      at++
      isRepeat = true
      repeat(rune == 42 ? STAR : rune == 43 ? PLUS : QUEST, 0, 0, followsRepeat)
    } else if (rune == 123) {
      const before = at
      if (readBounds()) {
        isRepeat = true
        if (!failed) repeat(REPEAT, low, high, followsRepeat)
      } else {
        at = before
        pushLiteral(next())
      }
    } else if (rune == 92) readBackslash()
    else pushLiteral(next())
    followsRepeat = isRepeat
  }
  if (failed) return 0
  finishGroup()
  return failed || lengthOf(stack) != 1 ? 0 : wordAt(stack, 0)
}
