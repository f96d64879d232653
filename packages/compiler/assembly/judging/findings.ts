/**
 * What the rules of a policy find: violations, which are a set in one order, and faults. A found violation is a block of words: the
 * table of its deny, its place, its message, the values of its details, the places and values of its fixes.
 */
import { allocate, ERROR, tagOf } from '../cells'
import { countOf, itemValue, newElements, push } from './elements'
import { compareValues } from '../values/equality'
import { comparePlaces } from './place'
import { compareText, equalText } from '../values/text'

const SIZE: u32 = 24

export let violations: u32 = 0
export let faults: u32 = 0
export let hasError: bool = false

export function beginFindings(): void {
  violations = 0
  faults = 0
  hasError = false
}

export function setFindings(found: u32, failed: u32, isError: bool): void {
  violations = found
  faults = failed
  hasError = isError
}

/** A table of a deny: its code, its number in the policy, its details and its fixes, each a count and where they are. */
export function codeOf(deny: u32): u32 {
  return load<u32>(deny)
}

export function numberOf(deny: u32): u32 {
  return load<u32>(deny, 4)
}

export function detailCount(deny: u32): u32 {
  return load<u32>(deny, 8)
}

export function detailKey(deny: u32, index: u32): u32 {
  return load<u32>(load<u32>(deny, 12) + (index << 2))
}

export function fixCount(deny: u32): u32 {
  return load<u32>(deny, 16)
}

/** Whether a fix sets a value; else it removes one. */
export function setsValue(deny: u32, index: u32): bool {
  return load<u32>(load<u32>(deny, 20) + (index << 2)) != 0
}

export function denyOf(found: u32): u32 {
  return load<u32>(found)
}

export function placeOf(found: u32): u32 {
  return load<u32>(found, 4)
}

export function messageOf(found: u32): u32 {
  return load<u32>(found, 8)
}

export function detailOf(found: u32, index: u32): u32 {
  return load<u32>(load<u32>(found, 12) + (index << 2))
}

export function fixPlace(found: u32, index: u32): u32 {
  return load<u32>(load<u32>(found, 16) + (index << 3))
}

export function fixValue(found: u32, index: u32): u32 {
  return load<u32>(load<u32>(found, 16) + (index << 3), 4)
}

/** Adds a violation; `details` and `fixes` are addresses of arrays, as long as the deny says. */
export function addViolation(deny: u32, place: u32, message: u32, details: u32, fixes: u32): void {
  if (violations == 0) violations = newElements(8)
  const found = allocate(SIZE)
  store<u32>(found, deny)
  store<u32>(found, place, 4)
  store<u32>(found, message, 8)
  store<u32>(found, details, 12)
  store<u32>(found, fixes, 16)
  push(violations, found, 0)
}

/** Adds a fault; equal ones count once. */
export function addFault(fault: u32): void {
  if (tagOf(fault) == ERROR) hasError = true
  if (faults == 0) faults = newElements(4)
  const count = countOf(faults)
  for (let i: u32 = 0; i < count; i++) {
    const other = itemValue(faults, i)
    if (other == fault) return
    if (
      equalText(load<u32>(other, 4), load<u32>(fault, 4)) &&
      equalText(load<u32>(other, 8), load<u32>(fault, 8))
    )
      return
  }
  push(faults, fault, 0)
}

/** By place, then code, then message (law 8). */
function compare(a: u32, b: u32): i32 {
  const order = comparePlaces(placeOf(a), placeOf(b))
  if (order != 0) return order
  const codes = compareText(codeOf(denyOf(a)), codeOf(denyOf(b)))
  return codes != 0 ? codes : compareText(messageOf(a), messageOf(b))
}

/** Orders those that stand together by their details, whose keys are in order; 0 where they are one. */
function compareDetails(a: u32, b: u32): i32 {
  const deny = denyOf(a)
  const other = denyOf(b)
  const count = detailCount(deny)
  if (count != detailCount(other)) return count < detailCount(other) ? -1 : 1
  let order = 0
  for (let i: u32 = 0; i < count && order == 0; i++) {
    if (deny != other) order = compareText(detailKey(deny, i), detailKey(other, i))
    if (order == 0) order = compareValues(shownDetail(detailOf(a, i)), shownDetail(detailOf(b, i)))
  }
  return order
}

/** Details that cannot be shown are null. */
export function shownDetail(value: u32): u32 {
  return value != 0 && tagOf(value) <= 6 ? value : 0
}

/** Sorts violations, by their details as well where that is asked for; those that are equal keep their order. Gives where they are then. */
function sorted(from: u32, count: u32, wholly: bool): u32 {
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
          (right >= end || order(load<u32>(from + (left << 3)), load<u32>(from + (right << 3)), wholly) <= 0)
        store<u64>(to + (at << 3), load<u64>(from + ((takesLeft ? left++ : right++) << 3)))
      }
    }
    const other = from
    from = to
    to = other
  }
  return from
}

function order(a: u32, b: u32, wholly: bool): i32 {
  const found = compare(a, b)
  return found == 0 && wholly ? compareDetails(a, b) : found
}

/** Sorts the violations, and drops those that equal an earlier one. */
export function settle(): void {
  if (violations == 0) return
  const count = countOf(violations)
  const all = sorted(load<u32>(violations, 8), count, false)
  store<u32>(violations, all, 8)
  let stands = false
  for (let i: u32 = 1; i < count && !stands; i++)
    stands = compare(load<u32>(all + ((i - 1) << 3)), load<u32>(all + (i << 3))) == 0
  if (!stands) return
  // those that are equal are next to each other in a second order, in which each has its number in the first
  let copy = allocate(count << 3)
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(copy + (i << 3), load<u32>(all + (i << 3)))
    store<u32>(copy + (i << 3), i, 4)
  }
  copy = sorted(copy, count, true)
  for (let i: u32 = 1; i < count; i++) {
    const at = copy + (i << 3)
    if (order(load<u32>(at - 8), load<u32>(at), true) == 0) store<u32>(all + (load<u32>(at, 4) << 3), 1, 4)
  }
  let kept: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const at = all + (i << 3)
    if (load<u32>(at, 4) != 0) continue
    store<u64>(all + (kept++ << 3), <u64>load<u32>(at))
  }
  store<u32>(violations, kept)
}
