/** The elements of a list that an expression gives, each a value with its place, and the fault that stands for those that cannot be had. */
import {
  allocate,
  bytesOf,
  ERROR,
  keyAt,
  LIST,
  OBJECT,
  setElement,
  sizeOf,
  tagOf,
  UNKNOWN,
  valueAt,
  newList,
} from '../cells'
import { compareValues, equalValues } from '../values/equality'
import { keyPlace, indexPlace } from './place'
import { compareText } from '../values/text'

export function newElements(capacity: u32): u32 {
  const elements = allocate(16)
  const items = allocate(capacity << 3)
  store<u32>(elements, 0)
  store<u32>(elements, capacity, 4)
  store<u32>(elements, items, 8)
  store<u32>(elements, 0, 12)
  return elements
}

export function countOf(elements: u32): u32 {
  return load<u32>(elements)
}

export function itemValue(elements: u32, index: u32): u32 {
  return load<u32>(load<u32>(elements, 8) + (index << 3))
}

export function itemPlace(elements: u32, index: u32): u32 {
  return load<u32>(load<u32>(elements, 8) + (index << 3), 4)
}

export function restOf(elements: u32): u32 {
  return load<u32>(elements, 12)
}

export function setRest(elements: u32, fault: u32): void {
  store<u32>(elements, fault, 12)
}

export function push(elements: u32, value: u32, place: u32): void {
  const count = load<u32>(elements)
  let items = load<u32>(elements, 8)
  if (count == load<u32>(elements, 4)) {
    const capacity = max<u32>(8, count << 1)
    const larger = allocate(capacity << 3)
    memory.copy(larger, items, count << 3)
    store<u32>(elements, capacity, 4)
    store<u32>(elements, larger, 8)
    items = larger
  }
  store<u32>(items + (count << 3), value)
  store<u32>(items + (count << 3), place, 4)
  store<u32>(elements, count + 1)
}

/** The graver of two faults, 0 for none: an error before what is unknown, else the first. */
export function graver(a: u32, b: u32): u32 {
  if (a == 0) return b
  if (b == 0) return a
  return tagOf(b) == ERROR && tagOf(a) != ERROR ? b : a
}

/** Whether a value is a fault. */
export function isFault(value: u32): bool {
  return value != 0 && tagOf(value) >= UNKNOWN
}

/** The worst of what stands for elements that cannot be had, and of faults among them. */
export function worstOf(elements: u32): u32 {
  let fault = restOf(elements)
  const count = countOf(elements)
  for (let i: u32 = 0; i < count; i++) {
    const value = itemValue(elements, i)
    if (isFault(value)) fault = graver(fault, value)
  }
  return fault
}

/** The elements as a list; or why they cannot be had. */
export function listOf(elements: u32): u32 {
  const fault = worstOf(elements)
  if (fault != 0) return fault
  const count = countOf(elements)
  const list = newList(count)
  for (let i: u32 = 0; i < count; i++) setElement(list, i, itemValue(elements, i))
  return list
}

/** The elements of a value that is a list; none of anything else. */
export function elementsOf(value: u32, place: u32): u32 {
  if (value == 0 || tagOf(value) != LIST) {
    const none = newElements(0)
    if (isFault(value)) setRest(none, value)
    return none
  }
  const count = sizeOf(value)
  const elements = newElements(count)
  for (let i: u32 = 0; i < count; i++) {
    push(elements, load<u32>(bytesOf(value) + (i << 2)), place == 0 ? 0 : indexPlace(place, i))
  }
  return elements
}

/** The elements that equal an earlier one, or those that do not. */
export function occurrences(elements: u32, repeated: bool): u32 {
  const count = countOf(elements)
  const kept = newElements(count)
  const marks = repeatedOnes(elements)
  let rest = restOf(elements)
  for (let i: u32 = 0; i < count; i++) {
    const value = itemValue(elements, i)
    if (isFault(value)) rest = graver(rest, value)
    if (value == 0 || isFault(value)) continue
    if ((load<u8>(marks + i) != 0) == repeated) push(kept, value, itemPlace(elements, i))
  }
  setRest(kept, rest)
  return kept
}

/** A byte for each element: 1 where it equals an earlier one. Found by sorting, so that no list makes it slow. */
function repeatedOnes(elements: u32): u32 {
  const count = countOf(elements)
  const marks = allocate(count)
  memory.fill(marks, 0, count)
  let from = allocate(count << 2)
  let to = allocate(count << 2)
  let known: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const value = itemValue(elements, i)
    if (value != 0 && !isFault(value)) store<u32>(from + (known++ << 2), i)
  }
  // runs that double are merged: equal elements keep their order
  for (let width: u32 = 1; width < known; width <<= 1) {
    for (let start: u32 = 0; start < known; start += width << 1) {
      const middle = min(start + width, known)
      const end = min(start + (width << 1), known)
      let left = start
      let right = middle
      for (let at = start; at < end; at++) {
        const takesLeft =
          left < middle &&
          (right >= end ||
            compareValues(
              itemValue(elements, load<u32>(from + (left << 2))),
              itemValue(elements, load<u32>(from + (right << 2))),
            ) <= 0)
        store<u32>(to + (at << 2), load<u32>(from + ((takesLeft ? left++ : right++) << 2)))
      }
    }
    const other = from
    from = to
    to = other
  }
  for (let i: u32 = 1; i < known; i++) {
    const index = load<u32>(from + (i << 2))
    if (equalValues(itemValue(elements, load<u32>(from + ((i - 1) << 2))), itemValue(elements, index)))
      store<u8>(marks + index, 1)
  }
  return marks
}

/** The keys of an object whose value is not null, by code point. */
export function keysOf(value: u32, place: u32): u32 {
  if (value == 0 || tagOf(value) != OBJECT) {
    const none = newElements(0)
    if (isFault(value)) setRest(none, value)
    return none
  }
  const count = sizeOf(value)
  const keys = newElements(count)
  for (let i: u32 = 0; i < count; i++) {
    if (valueAt(value, i) != 0) push(keys, keyAt(value, i), 0)
  }
  sortKeys(keys)
  for (let i: u32 = 0; i < countOf(keys); i++) {
    store<u32>(load<u32>(keys, 8) + (i << 3), place == 0 ? 0 : keyPlace(place, itemValue(keys, i)), 4)
  }
  return keys
}

/** Sorts elements that are texts, by merging runs that double, so that no input makes it slow. */
export function sortKeys(keys: u32): void {
  const count = countOf(keys)
  let from = load<u32>(keys, 8)
  let to = allocate(count << 3)
  for (let width: u32 = 1; width < count; width <<= 1) {
    for (let start: u32 = 0; start < count; start += width << 1) {
      const middle = min(start + width, count)
      const end = min(start + (width << 1), count)
      let left = start
      let right = middle
      for (let at = start; at < end; at++) {
        const takesLeft =
          left < middle &&
          (right >= end || compareText(load<u32>(from + (left << 3)), load<u32>(from + (right << 3))) <= 0)
        store<u64>(to + (at << 3), load<u64>(from + ((takesLeft ? left++ : right++) << 3)))
      }
    }
    const other = from
    from = to
    to = other
  }
  store<u32>(keys, from, 8)
}

/** Whether a value equals an element; a fault among them leaves it open where none does. Answers as a condition does. */
export function isIn(value: u32, elements: u32): u32 {
  if (isFault(value)) return value
  if (value == 0) return 0
  let fault = restOf(elements)
  const count = countOf(elements)
  for (let i: u32 = 0; i < count; i++) {
    const item = itemValue(elements, i)
    if (item == 0) continue
    if (isFault(item)) fault = graver(fault, item)
    else if (equalValues(value, item)) return 1
  }
  return fault
}

/** Whether a value equals an element of a list that has no faults. */
export function isInList(value: u32, list: u32): u32 {
  if (value == 0) return 0
  if (isFault(value)) return value
  if (list == 0 || tagOf(list) != LIST) return isFault(list) ? list : 0
  const count = sizeOf(list)
  for (let i: u32 = 0; i < count; i++) {
    const item = load<u32>(bytesOf(list) + (i << 2))
    if (item != 0 && equalValues(value, item)) return 1
  }
  return 0
}
