/**
 * Sets of code points, as RE2 writes them: lists of words, two for each range. A list is three words, where its words are, how
 * many it has and for how many there is room. Everything here is scratch of reading a pattern.
 */
import { allocate } from '../cells'
import {
  CATEGORY_NAMES,
  CATEGORY_RUNS,
  CATEGORY_RUNS_SIZE,
  GROUP_MASKS,
  GROUP_NAMES,
  ORBITS,
  ORBITS_SIZE,
  PROPERTIES,
  SCRIPT_NAMES,
  SCRIPT_RUNS,
  SCRIPT_RUNS_SIZE,
} from './generated/unicode'

export const LAST_RUNE: u32 = 0x10ffff

export function newWords(): u32 {
  const list = allocate(12)
  memory.fill(list, 0, 12)
  return list
}

export function lengthOf(list: u32): u32 {
  return load<u32>(list, 4)
}

export function wordAt(list: u32, index: u32): u32 {
  return load<u32>(load<u32>(list) + (index << 2))
}

export function setWord(list: u32, index: u32, word: u32): void {
  store<u32>(load<u32>(list) + (index << 2), word)
}

export function setLength(list: u32, length: u32): void {
  store<u32>(list, length, 4)
}

export function push(list: u32, word: u32): void {
  const length = lengthOf(list)
  if (length == load<u32>(list, 8)) {
    const room = max(<u32>4, length << 1)
    const words = allocate(room << 2)
    memory.copy(words, load<u32>(list), length << 2)
    store<u32>(list, words)
    store<u32>(list, room, 8)
  }
  setLength(list, length + 1)
  setWord(list, length, word)
}

export function appendRange(list: u32, low: u32, high: u32): void {
  const length = lengthOf(list)
  const end = load<u32>(list) + (length << 2)
  // the last two ranges, since those of both cases of letters grow side by side
  for (let back: u32 = 2; back <= 4; back += 2) {
    if (length < back) break
    const at = end - (back << 2)
    const rangeLow = load<u32>(at)
    const rangeHigh = load<u32>(at, 4)
    if (low <= rangeHigh + 1 && rangeLow <= high + 1) {
      if (low < rangeLow) store<u32>(at, low)
      if (high > rangeHigh) store<u32>(at, high, 4)
      return
    }
  }
  push(list, low)
  push(list, high)
}

export function appendSet(list: u32, set: u32): void {
  for (let i: u32 = 0, length = lengthOf(set); i < length; i += 2) {
    appendRange(list, wordAt(set, i), wordAt(set, i + 1))
  }
}

/** Orders the ranges of a set and joins those that touch. */
export function clean(list: u32): void {
  const length = lengthOf(list)
  if (length < 4) return
  const words = load<u32>(list)
  const count = length >> 1
  let ordered = true
  let last: u64 = 0
  for (let i: u32 = 0; i < count; i++) {
    const at = words + (i << 3)
    // by the low end, and of two with the same one the longer first
    const key = ((<u64>load<u32>(at)) << 32) | <u64>(0xffffffff - load<u32>(at, 4))
    store<u64>(at, key)
    if (key < last) ordered = false
    last = key
  }
  if (!ordered) sortKeys(words, count)
  let kept: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(words + (i << 3))
    const low = <u32>(key >> 32)
    const high = 0xffffffff - <u32>key
    if (kept > 0 && low <= load<u32>(words + (kept << 3) - 4) + 1) {
      if (high > load<u32>(words + (kept << 3) - 4)) store<u32>(words + (kept << 3) - 4, high)
      continue
    }
    store<u32>(words + (kept << 3), low)
    store<u32>(words + (kept << 3), high, 4)
    kept++
  }
  setLength(list, kept << 1)
}

/** Sorts as many numbers, in place: no input makes this quadratic. */
export function sortKeys(keys: u32, count: u32): void {
  for (let i = count >> 1; i > 0; i--) sink(keys, i - 1, count)
  for (let last = count - 1; last > 0; last--) {
    const key = load<u64>(keys + (last << 3))
    store<u64>(keys + (last << 3), load<u64>(keys))
    store<u64>(keys, key)
    sink(keys, 0, last)
  }
}

function sink(keys: u32, index: u32, count: u32): void {
  const key = load<u64>(keys + (index << 3))
  while (true) {
    let child = (index << 1) + 1
    if (child >= count) break
    if (child + 1 < count && load<u64>(keys + (child << 3)) < load<u64>(keys + (child << 3), 8)) child++
    const below = load<u64>(keys + (child << 3))
    if (key >= below) break
    store<u64>(keys + (index << 3), below)
    index = child
  }
  store<u64>(keys + (index << 3), key)
}

/** Everything that is not in a set whose ranges are in order, into another. */
export function appendOthers(list: u32, set: u32): void {
  let next: u32 = 0
  for (let i: u32 = 0, length = lengthOf(set); i < length; i += 2) {
    const low = wordAt(set, i)
    if (next < low) appendRange(list, next, low - 1)
    next = wordAt(set, i + 1) + 1
  }
  if (next <= LAST_RUNE) appendRange(list, next, LAST_RUNE)
}

export function contains(set: u32, rune: u32): bool {
  for (let i: u32 = 0, length = lengthOf(set); i < length; i += 2) {
    if (wordAt(set, i) <= rune && rune <= wordAt(set, i + 1)) return true
  }
  return false
}

/** The first and the last code point that has another case. */
const FIRST_FOLDED: u32 = 65
const LAST_FOLDED: u32 = 125251

/** Code points that have another case, in order, each with the next one of its orbit; 0 before they are wanted. */
let orbits: u32 = 0

/** What was decoded for another pattern is forgotten: it is gone with its heap. */
export function forgetOrbits(): void {
  orbits = 0
}

/** Where the last number that was read ends. */
let numberEnd: u32 = 0

function numberAt(at: u32): u32 {
  let value: u32 = 0
  let shift: u32 = 0
  while (true) {
    const byte = <u32>load<u8>(at++)
    value |= (byte & 127) << shift
    if (byte < 128) break
    shift += 7
  }
  numberEnd = at
  return value
}

function readOrbits(): void {
  const list = newWords()
  let key: u32 = 0
  let at = ORBITS
  while (at < ORBITS + ORBITS_SIZE) {
    key += numberAt(at)
    const run = numberAt(numberEnd)
    const coded = numberAt(numberEnd)
    at = numberEnd
    let distance = coded & 1 ? -(<i32>((coded + 1) >> 1)) : <i32>(coded >> 1)
    const kind = run % 3
    for (let left = run / 3; ; left--) {
      push(list, key)
      push(list, key + distance)
      if (kind == 2) distance = -distance
      if (left == 0) break
      key += kind == 1 ? 2 : 1
    }
  }
  orbits = list
}

/** The index of the first code point with another case that is at or above one. */
function orbitFrom(rune: u32): u32 {
  if (orbits == 0) readOrbits()
  let low: u32 = 0
  let high = lengthOf(orbits) >> 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (wordAt(orbits, middle << 1) < rune) low = middle + 1
    else high = middle
  }
  return low
}

/** The next code point that differs from one in case only; the code point itself where there is none. */
export function nextCase(rune: u32): u32 {
  if (rune < FIRST_FOLDED || rune > LAST_FOLDED) return rune
  const index = orbitFrom(rune)
  return index << 1 < lengthOf(orbits) && wordAt(orbits, index << 1) == rune
    ? wordAt(orbits, (index << 1) + 1)
    : rune
}

/** The lowest code point that differs from one in case only. */
export function lowestCase(rune: u32): u32 {
  let lowest = rune
  for (let other = nextCase(rune); other != rune; other = nextCase(other)) lowest = min(lowest, other)
  return lowest
}

/** A range, and all that differs from it in case only. */
export function appendFolded(list: u32, low: u32, high: u32): void {
  appendRange(list, low, high)
  if (low <= FIRST_FOLDED && high >= LAST_FOLDED) return
  if (high < FIRST_FOLDED || low > LAST_FOLDED) return
  for (let i = orbitFrom(low) << 1; i < lengthOf(orbits); i += 2) {
    const rune = wordAt(orbits, i)
    if (rune > high) break
    for (let other = wordAt(orbits, i + 1); other != rune; other = nextCase(other)) {
      appendRange(list, other, other)
    }
  }
}

export function foldedSet(set: u32): u32 {
  const folded = newWords()
  for (let i: u32 = 0, length = lengthOf(set); i < length; i += 2) {
    appendFolded(folded, wordAt(set, i), wordAt(set, i + 1))
  }
  clean(folded)
  return folded
}

/** Whether a name, one word a character, is the one at an address, whose length is before it. */
function isName(name: u32, size: u32, at: u32): bool {
  if (load<u8>(at) != size) return false
  for (let i: u32 = 0; i < size; i++) if (load<u32>(name + (i << 2)) != load<u8>(at + 1 + i)) return false
  return true
}

/** The index of a name among those at an address, or -1. */
function indexOfName(name: u32, size: u32, names: u32): i32 {
  for (let index: i32 = 0, at = names; load<u8>(at) != 0; index++, at += load<u8>(at) + 1) {
    if (isName(name, size, at)) return index
  }
  return -1
}

function appendCategories(set: u32, mask: u32): void {
  let rune: u32 = 0
  let at = CATEGORY_RUNS
  while (at < CATEGORY_RUNS + CATEGORY_RUNS_SIZE) {
    const byte = <u32>load<u8>(at++)
    let size = (byte & 7) + 1
    if (size == 8) {
      size += numberAt(at)
      at = numberEnd
    }
    if ((mask >> (byte >> 3)) & 1) appendRange(set, rune, rune + size - 1)
    rune += size
  }
}

function appendScript(set: u32, script: u32): void {
  let rune: u32 = 0
  let at = SCRIPT_RUNS
  while (at < SCRIPT_RUNS + SCRIPT_RUNS_SIZE) {
    const found = load<u8>(at) == script
    const size = numberAt(at + 1)
    at = numberEnd
    if (found) appendRange(set, rune, rune + size - 1)
    rune += size
  }
}

function appendProperty(set: u32, name: u32, size: u32): bool {
  let at = PROPERTIES
  while (load<u8>(at) != 0) {
    const found = isName(name, size, at)
    const length = numberAt(at + load<u8>(at) + 1)
    at = numberEnd
    const end = at + length
    if (found) {
      let rune: u32 = 0
      while (at < end) {
        rune += numberAt(at)
        const low = rune
        rune += numberAt(numberEnd)
        at = numberEnd
        appendRange(set, low, rune - 1)
      }
      return true
    }
    at = end
  }
  return false
}

function isText(name: u32, size: u32, text: string): bool {
  if (<i32>size != text.length) return false
  for (let i: u32 = 0; i < size; i++) {
    if (load<u32>(name + (i << 2)) != <u32>text.charCodeAt(i)) return false
  }
  return true
}

/** The code points that \p gives a name to, into an empty set; whether there are such. */
export function appendNamed(set: u32, name: u32, size: u32): bool {
  if (isText(name, size, 'Any')) {
    appendRange(set, 0, LAST_RUNE)
    return true
  }
  if (isText(name, size, 'Ascii')) {
    appendRange(set, 0, 127)
    return true
  }
  if (isText(name, size, 'Assigned')) {
    const unassigned = 1 << indexOfCategory('Cn')
    appendCategories(set, ~unassigned)
    return true
  }
  const category = indexOfName(name, size, CATEGORY_NAMES)
  if (category >= 0) {
    appendCategories(set, 1 << category)
    return true
  }
  // Lc is an alias that RE2 knows
  const group = isText(name, size, 'Lc') ? indexOfGroup('LC') : indexOfName(name, size, GROUP_NAMES)
  if (group >= 0) {
    appendCategories(set, load<u32>(GROUP_MASKS + (group << 2)))
    return true
  }
  if (appendProperty(set, name, size)) return true
  const script = indexOfName(name, size, SCRIPT_NAMES)
  if (script < 0) return false
  appendScript(set, script)
  return true
}

function indexOfText(text: string, names: u32): i32 {
  const name = allocate(text.length << 2)
  for (let i = 0; i < text.length; i++) store<u32>(name + (i << 2), text.charCodeAt(i))
  return indexOfName(name, text.length, names)
}

function indexOfCategory(text: string): i32 {
  return indexOfText(text, CATEGORY_NAMES)
}

function indexOfGroup(text: string): i32 {
  return indexOfText(text, GROUP_NAMES)
}

/** Classes of Perl and POSIX: how long a name is, the name, how many ends ranges have, and these. */
const GROUPS: u32 = <u32>(
  memory.data<u8>([
    1, 100, 2, 48, 57, 1, 115, 6, 9, 10, 12, 13, 32, 32, 1, 119, 8, 48, 57, 65, 90, 95, 95, 97, 122, 5, 97,
    108, 110, 117, 109, 6, 48, 57, 65, 90, 97, 122, 5, 97, 108, 112, 104, 97, 4, 65, 90, 97, 122, 5, 97, 115,
    99, 105, 105, 2, 0, 127, 5, 98, 108, 97, 110, 107, 4, 9, 9, 32, 32, 5, 99, 110, 116, 114, 108, 4, 0, 31,
    127, 127, 5, 100, 105, 103, 105, 116, 2, 48, 57, 5, 103, 114, 97, 112, 104, 2, 33, 126, 5, 108, 111, 119,
    101, 114, 2, 97, 122, 5, 112, 114, 105, 110, 116, 2, 32, 126, 5, 112, 117, 110, 99, 116, 8, 33, 47, 58,
    64, 91, 96, 123, 126, 5, 115, 112, 97, 99, 101, 4, 9, 13, 32, 32, 5, 117, 112, 112, 101, 114, 2, 65, 90,
    4, 119, 111, 114, 100, 8, 48, 57, 65, 90, 95, 95, 97, 122, 6, 120, 100, 105, 103, 105, 116, 6, 48, 57, 65,
    70, 97, 102, 0,
  ])
)

/** The code points of a class of Perl or POSIX, into an empty set; whether there is one with this name. */
export function appendGroup(set: u32, name: u32, size: u32): bool {
  let at = GROUPS
  while (load<u8>(at) != 0) {
    const ranges = at + load<u8>(at) + 1
    const count = <u32>load<u8>(ranges)
    if (isName(name, size, at)) {
      for (let i: u32 = 0; i < count; i += 2) {
        appendRange(set, load<u8>(ranges + 1 + i), load<u8>(ranges + 2 + i))
      }
      return true
    }
    at = ranges + 1 + count
  }
  return false
}
