import {
  elementOf,
  FALSE,
  heap,
  keyAt,
  LIST,
  NUMBER,
  OBJECT,
  plain,
  SEMVER,
  setHeap,
  sizeOf,
  STRING,
  tagOf,
  TRUE,
  UNKNOWN,
  valueAt,
} from '../cells'
import { entryOf, orderedEntries, sortedEntries } from '../entries'
import { compareNanos } from './nanos'
import { compareNumbers } from './number'
import { compareVersions } from './semver'
import { compareText, equalText, includes } from './text'

/** Whether two values are equal as JSON: numbers by exact value, objects whatever the order of their keys; null equals null. */
export function equalValues(a: u32, b: u32): bool {
  if (a == b) return true
  if (a == 0 || b == 0) return false
  const tag = tagOf(a)
  // whether what is not known is equal cannot be told, and who calls has to see to it before
  if (tag >= UNKNOWN || tagOf(b) >= UNKNOWN) unreachable()
  if (tag != tagOf(b)) return false
  if (tag == STRING) return equalText(plain(a), plain(b))
  if (tag == NUMBER) return compareNumbers(a, b) == 0
  if (tag == LIST) return equalLists(a, b)
  if (tag == OBJECT) return equalObjects(a, b)
  if (tag == TRUE || tag == FALSE) return true
  return tag == SEMVER ? compareVersions(a, b) == 0 : compareNanos(a, b) == 0
}

function equalLists(a: u32, b: u32): bool {
  const count = sizeOf(a)
  if (count != sizeOf(b)) return false
  for (let i: u32 = 0; i < count; i++) {
    if (!equalValues(elementOf(a, i), elementOf(b, i))) return false
  }
  return true
}

function equalObjects(a: u32, b: u32): bool {
  const count = sizeOf(a)
  if (count != sizeOf(b)) return false
  let i: u32 = 0
  // most objects have their keys in the same order
  for (; i < count && equalText(keyAt(a, i), keyAt(b, i)); i++) {
    if (!equalValues(valueAt(a, i), valueAt(b, i))) return false
  }
  if (i == count) return true
  const mark = heap
  const order = sortedEntries(b)
  for (; i < count; i++) {
    const entry = entryOf(b, order, keyAt(a, i))
    if (entry == 0 || !equalValues(valueAt(a, i), load<u32>(entry, 4))) break
  }
  setHeap(mark)
  return i == count
}

/** An order of values in which those that are equal, and no others, are 0. */
export function compareValues(a: u32, b: u32): i32 {
  if (a == b) return 0
  if (a == 0 || b == 0) return a == 0 ? -1 : 1
  const tag = tagOf(a)
  const other = tagOf(b)
  if (tag >= UNKNOWN || other >= UNKNOWN) unreachable()
  if (tag != other) return tag < other ? -1 : 1
  if (tag == STRING) return compareText(plain(a), plain(b))
  if (tag == NUMBER) return compareNumbers(a, b)
  if (tag == LIST) return compareLists(a, b)
  if (tag == OBJECT) return compareObjects(a, b)
  if (tag == TRUE || tag == FALSE) return 0
  return tag == SEMVER ? compareVersions(a, b) : compareNanos(a, b)
}

function compareLists(a: u32, b: u32): i32 {
  const count = sizeOf(a)
  if (count != sizeOf(b)) return count < sizeOf(b) ? -1 : 1
  let order = 0
  for (let i: u32 = 0; i < count && order == 0; i++) order = compareValues(elementOf(a, i), elementOf(b, i))
  return order
}

function compareObjects(a: u32, b: u32): i32 {
  const count = sizeOf(a)
  if (count != sizeOf(b)) return count < sizeOf(b) ? -1 : 1
  const mark = heap
  const first = orderedEntries(a)
  const second = orderedEntries(b)
  let order = 0
  for (let i: u32 = 0; i < count && order == 0; i++) {
    order = compareText(load<u32>(first + (i << 3)), load<u32>(second + (i << 3)))
    if (order == 0) order = compareValues(load<u32>(first + (i << 3), 4), load<u32>(second + (i << 3), 4))
  }
  setHeap(mark)
  return order
}

/** Whether a text contains a text, or a list an element that equals the value; false of anything else. */
export function contains(a: u32, b: u32): u32 {
  const tag = tagOf(a)
  if (tag == STRING) return tagOf(b) == STRING ? includes(a, plain(b)) : 0
  if (tag != LIST) return 0
  const count = sizeOf(a)
  for (let i: u32 = 0; i < count; i++) {
    if (equalValues(elementOf(a, i), b)) return 1
  }
  return 0
}
