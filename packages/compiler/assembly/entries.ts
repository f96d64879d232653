/** The entries of objects: their order, that their keys differ, and how one is found by its key. */
import { allocate, bytesOf, keyAt, sizeOf } from './cells'
import { compareText, equalText } from './values/text'

/** The key of an entry of those at an address. */
function keyOf(entries: u32, index: u32): u32 {
  return load<u32>(entries + (index << 3))
}

/** Whether an entry goes before another; equal keys keep the order in which their cells were allocated. */
function isBefore(a: u64, b: u64): bool {
  const order = compareText(<u32>a, <u32>b)
  return order == 0 ? <u32>a < <u32>b : order < 0
}

/** Orders entries by key, in place. */
export function sortEntries(entries: u32, count: u32): void {
  if (isAscending(entries, count)) return
  if (count > 16) return heapSort(entries, count)
  for (let i: u32 = 1; i < count; i++) {
    const entry = load<u64>(entries + (i << 3))
    let at = entries + (i << 3)
    while (at > entries && isBefore(entry, load<u64>(at - 8))) {
      store<u64>(at, load<u64>(at - 8))
      at -= 8
    }
    store<u64>(at, entry)
  }
}

/** Whether each key is above the one before it, as in most of what API servers write. */
function isAscending(entries: u32, count: u32): bool {
  for (let i: u32 = 1; i < count; i++) {
    if (compareText(keyOf(entries, i - 1), keyOf(entries, i)) >= 0) return false
  }
  return true
}

// no input makes this quadratic, and it needs no space
function heapSort(entries: u32, count: u32): void {
  for (let i = count >> 1; i > 0; i--) sink(entries, i - 1, count)
  for (let last = count - 1; last > 0; last--) {
    const entry = load<u64>(entries + (last << 3))
    store<u64>(entries + (last << 3), load<u64>(entries))
    store<u64>(entries, entry)
    sink(entries, 0, last)
  }
}

function sink(entries: u32, index: u32, count: u32): void {
  const entry = load<u64>(entries + (index << 3))
  while (true) {
    let child = (index << 1) + 1
    if (child >= count) break
    if (
      child + 1 < count &&
      isBefore(load<u64>(entries + (child << 3)), load<u64>(entries + (child << 3), 8))
    )
      child++
    const below = load<u64>(entries + (child << 3))
    if (!isBefore(entry, below)) break
    store<u64>(entries + (index << 3), below)
    index = child
  }
  store<u64>(entries + (index << 3), entry)
}

/** Leaves the last one of sorted entries with an equal key; gives their number. */
export function lastOfEach(entries: u32, count: u32): u32 {
  let kept: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    if (i + 1 < count && compareText(keyOf(entries, i), keyOf(entries, i + 1)) == 0) continue
    if (kept != i) store<u64>(entries + (kept << 3), load<u64>(entries + (i << 3)))
    kept++
  }
  return kept
}

/** Objects with more entries than this are sorted before keys are looked up in them. */
const FEW: u32 = 8

/** A copy of an object's entries ordered by key, or 0 of an object with few. */
export function sortedEntries(object: u32): u32 {
  return sizeOf(object) <= FEW ? 0 : orderedEntries(object)
}

/** The entries of an object ordered by key: its own where they are, else a copy. */
export function orderedEntries(object: u32): u32 {
  const count = sizeOf(object)
  if (isAscending(bytesOf(object), count)) return bytesOf(object)
  const entries = allocate(count << 3)
  memory.copy(entries, bytesOf(object), count << 3)
  sortEntries(entries, count)
  return entries
}

/** The address of the entry of an object with a key, or 0; `sorted` is what `sortedEntries` gave of the object. */
export function entryOf(object: u32, sorted: u32, key: u32): u32 {
  const count = sizeOf(object)
  if (sorted == 0) {
    for (let i: u32 = 0; i < count; i++) {
      if (equalText(keyAt(object, i), key)) return bytesOf(object) + (i << 3)
    }
    return 0
  }
  let low: u32 = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    const found = compareText(keyOf(sorted, middle), key)
    if (found == 0) return sorted + (middle << 3)
    if (found < 0) low = middle + 1
    else high = middle
  }
  return 0
}
