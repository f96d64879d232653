/** The keys of objects: their order, and that they differ. */
import { bytesOf, sizeOf } from './cells'

/** Whether as many bytes are equal. Looks at up to seven bytes behind the last ones. */
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

/** Orders texts by code point, which is how their UTF-8 bytes are ordered: below, at or above 0. */
export function compareTexts(a: u32, aSize: u32, b: u32, bSize: u32): i32 {
  const size = min(aSize, bSize)
  let i: u32 = 0
  while (i + 8 <= size) {
    const x = load<u64>(a + i)
    const y = load<u64>(b + i)
    if (x != y) return bswap(x) < bswap(y) ? -1 : 1
    i += 8
  }
  for (; i < size; i++) {
    const difference = <i32>load<u8>(a + i) - <i32>load<u8>(b + i)
    if (difference != 0) return difference
  }
  return aSize == bSize ? 0 : aSize < bSize ? -1 : 1
}

function compareKeys(a: u32, b: u32): i32 {
  return compareTexts(bytesOf(a), sizeOf(a), bytesOf(b), sizeOf(b))
}

/** The key of an entry of those at an address. */
function keyOf(entries: u32, index: u32): u32 {
  return load<u32>(entries + (index << 3))
}

/** Whether an entry goes before another; equal keys keep the order in which their cells were allocated. */
function isBefore(a: u64, b: u64): bool {
  const order = compareKeys(<u32>a, <u32>b)
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
    if (compareKeys(keyOf(entries, i - 1), keyOf(entries, i)) >= 0) return false
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
    if (i + 1 < count && compareKeys(keyOf(entries, i), keyOf(entries, i + 1)) == 0) continue
    if (kept != i) store<u64>(entries + (kept << 3), load<u64>(entries + (i << 3)))
    kept++
  }
  return kept
}

/** Whether two decoded strings are equal. */
export function sameTexts(a: u32, b: u32): bool {
  return sizeOf(a) == sizeOf(b) && compareKeys(a, b) == 0
}
