import { allocate, bytesOf, keyAt, sizeOf } from './cells'
import { compareBytes } from './bytes'
import { equalText } from './text'

/** Objects with more entries than this are sorted before keys are looked up in them. */
const FEW: u32 = 8

/** Orders keys, by size first: most differ in it. */
function compareKeys(a: u32, b: u32): i32 {
  const x = sizeOf(a)
  const y = sizeOf(b)
  if (x != y) return x < y ? -1 : 1
  return compareBytes(bytesOf(a), x, bytesOf(b), y)
}

/**
 * The addresses of an object's entries ordered by key, or 0 of an object with few. Heap sort: it needs no more space and has no
 * bad cases, which keys that somebody chose could hit.
 */
export function sortedEntries(object: u32): u32 {
  const count = sizeOf(object)
  if (count <= FEW) return 0
  const order = allocate(count << 2)
  for (let i: u32 = 0; i < count; i++) store<u32>(order + (i << 2), bytesOf(object) + (i << 3))
  for (let i = count >> 1; i > 0; i--) sink(order, i - 1, count)
  for (let last = count - 1; last > 0; last--) {
    const greatest = load<u32>(order)
    store<u32>(order, load<u32>(order + (last << 2)))
    store<u32>(order + (last << 2), greatest)
    sink(order, 0, last)
  }
  return order
}

function sink(order: u32, at: u32, count: u32): void {
  const entry = load<u32>(order + (at << 2))
  const key = load<u32>(entry)
  while (true) {
    let child = (at << 1) + 1
    if (child >= count) break
    let greater = load<u32>(order + (child << 2))
    if (child + 1 < count) {
      const other = load<u32>(order + (child << 2), 4)
      if (compareKeys(load<u32>(greater), load<u32>(other)) < 0) {
        greater = other
        child++
      }
    }
    if (compareKeys(key, load<u32>(greater)) >= 0) break
    store<u32>(order + (at << 2), greater)
    at = child
  }
  store<u32>(order + (at << 2), entry)
}

/** The address of the entry of an object with a key, or 0; `order` is what `sortedEntries` gave of the object. */
export function entryOf(object: u32, order: u32, key: u32): u32 {
  const count = sizeOf(object)
  if (order == 0) {
    for (let i: u32 = 0; i < count; i++) {
      if (equalText(keyAt(object, i), key)) return bytesOf(object) + (i << 3)
    }
    return 0
  }
  let low: u32 = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    const entry = load<u32>(order + (middle << 2))
    const found = compareKeys(load<u32>(entry), key)
    if (found == 0) return entry
    if (found < 0) low = middle + 1
    else high = middle
  }
  return 0
}
