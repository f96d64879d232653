/** What compiled policies call besides the operators: answers, faults and elements. */
import { elementOf, LIST, newInteger, newList, sizeOf, STRING, tagOf } from '../cells'
import { countOf, graver, isFault, itemPlace, itemValue, restOf } from './elements'
import { equalValues } from '../values/equality'
import { indexPlace } from './place'
import { FALSE_CELL, TRUE_CELL } from '../json/read'
import { join } from '../values/text'

/** An answer is 0 or 1, or a fault. */
function isFaultAnswer(answer: u32): bool {
  return answer > 1
}

/** A number that counts. */
export function integer(value: u32): u32 {
  return newInteger(value)
}

/** An answer as a value. */
export function boxed(answer: u32): u32 {
  return answer == 0 ? FALSE_CELL : answer == 1 ? TRUE_CELL : answer
}

/** As `boxed`, of one that may be missing, which is 2. */
export function boxedAnswer(answer: u32): u32 {
  return answer == 2 ? 0 : boxed(answer)
}

/** An answer, or what stands for one that is missing. */
export function settledAnswer(answer: u32, otherwise: u32): u32 {
  return answer == 2 ? otherwise : answer
}

export function negated(answer: u32): u32 {
  return isFaultAnswer(answer) ? answer : 1 - answer
}

/** The graver of a fault and of an answer, where that is one. */
export function graverAnswer(fault: u32, answer: u32): u32 {
  return isFaultAnswer(answer) ? graver(fault, answer) : fault
}

/** The graver of a fault and of a value, where that is one. */
export function graverOf(fault: u32, value: u32): u32 {
  return isFault(value) ? graver(fault, value) : fault
}

/** A text, else missing. */
export function sureText(value: u32): u32 {
  return value != 0 && tagOf(value) == STRING ? value : 0
}

export function isThere(value: u32): u32 {
  return isFault(value) ? value : value == 0 ? 0 : 1
}

export function is(value: u32, other: u32): u32 {
  if (isFault(value)) return isFault(other) ? graver(value, other) : value
  if (isFault(other)) return other
  return value != 0 && other != 0 && equalValues(value, other) ? 1 : 0
}

/** Whether both are there and equal. */
export function equals(a: u32, b: u32): u32 {
  return equalValues(a, b) ? 1 : 0
}

export function sameAs(a: u32, b: u32): u32 {
  const fault = graverOf(isFault(a) ? a : 0, b)
  if (fault != 0) return fault
  if (a == 0 || b == 0) return a == b ? 1 : 0
  return equalValues(a, b) ? 1 : 0
}

/** A list as it is; a fault too; an empty one for anything else. */
export function listOrEmpty(value: u32): u32 {
  return value != 0 && (tagOf(value) == LIST || isFault(value)) ? value : newList(0)
}

export function joined(list: u32, separator: u32): u32 {
  return separator == 0 || tagOf(separator) != STRING ? 0 : join(list, separator)
}

function numberAt(count: u32, index: i32): i32 {
  const at = index < 0 ? <i32>count + index : index
  return at < <i32>count ? at : -1
}

/** An element of a value by its position, from the end where it is negative. */
export function elementAt(list: u32, index: i32): u32 {
  if (list == 0 || tagOf(list) != LIST) return isFault(list) ? list : 0
  const at = numberAt(sizeOf(list), index)
  return at < 0 ? 0 : elementOf(list, at)
}

/** The place of an element of a value. */
export function elementPlace(place: u32, list: u32, index: i32): u32 {
  if (list == 0 || tagOf(list) != LIST) return 0
  const at = numberAt(sizeOf(list), index)
  return at < 0 ? 0 : indexPlace(place, at)
}

export function itemAt(elements: u32, index: i32): u32 {
  if (restOf(elements) != 0) return restOf(elements)
  const at = numberAt(countOf(elements), index)
  return at < 0 ? 0 : itemValue(elements, at)
}

export function itemPlaceAt(elements: u32, index: i32): u32 {
  if (restOf(elements) != 0) return 0
  const at = numberAt(countOf(elements), index)
  return at < 0 ? 0 : itemPlace(elements, at)
}

export function countOfList(list: u32): u32 {
  if (isFault(list)) return list
  return newInteger(list != 0 && tagOf(list) == LIST ? sizeOf(list) : 0)
}

export function countOfElements(elements: u32): u32 {
  const rest = restOf(elements)
  return rest != 0 ? rest : newInteger(countOf(elements))
}
