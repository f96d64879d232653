/**
 * Where the object does not fit what its target's schema says of the parts that a policy reads. The encoder lays the reads out as
 * nodes of 32-bit words: the types that the schema allows, a bit for each tag, 0 for any; whether the part has to be there; the
 * number of its fields and where they are, each a key and a node; the nodes of its elements and of its other values, or 0; and the
 * types as people call them.
 */
import { elementOf, keyAt, LIST, OBJECT, sizeOf, tagOf, valueAt } from '../cells'
import { newElements, push } from './elements'
import { fieldOf } from './field'
import { indexPlace, keyPlace } from './place'

/** What does not fit: elements whose value is the node, with how it fails in the lowest bits, at its place. 0 where all fits. */
export let problems: u32 = 0
export const WRONG_TYPE: u32 = 1
export const REQUIRED: u32 = 2
/** What stands where an input would be is no object. */
export const NO_OBJECT: u32 = 3

export function beginProblems(): void {
  problems = 0
}

export function setProblems(to: u32): void {
  problems = to
}

export function report(how: u32, node: u32, place: u32): void {
  if (problems == 0) problems = newElements(8)
  push(problems, node | how, place)
}

/** What a part should be, as people call it. */
export function typeWords(node: u32): u32 {
  return load<u32>(node, 24)
}

/** What is read by all policies of a module has no words there, but the number of a slot. */
export function slotOfShape(node: u32): u32 {
  return load<u32>(node, 24)
}

/** Whether a value fits what is read of it; places are made only where it does not. */
export function fits(node: u32, value: u32): bool {
  if (value == 0) return load<u32>(node, 4) == 0
  const types = load<u32>(node)
  const tag = tagOf(value)
  if (types != 0 && ((types >> tag) & 1) == 0) return false
  if (tag == OBJECT) {
    const count = load<u32>(node, 8)
    const fields = load<u32>(node, 12)
    for (let i: u32 = 0; i < count; i++) {
      const at = fields + (i << 3)
      if (!fits(load<u32>(at, 4), fieldOf(value, load<u32>(at)))) return false
    }
    const values = load<u32>(node, 20)
    if (values != 0) {
      const entries = sizeOf(value)
      for (let i: u32 = 0; i < entries; i++) if (!fits(values, valueAt(value, i))) return false
    }
  } else if (tag == LIST) {
    const elements = load<u32>(node, 16)
    if (elements != 0) {
      const count = sizeOf(value)
      for (let i: u32 = 0; i < count; i++) if (!fits(elements, elementOf(value, i))) return false
    }
  }
  return true
}

/** Adds what is wrong with a value that is read in this way. */
export function findMisfits(node: u32, value: u32, place: u32): void {
  if (value == 0) {
    if (load<u32>(node, 4) != 0) report(REQUIRED, node, place)
    return
  }
  const types = load<u32>(node)
  const tag = tagOf(value)
  if (types != 0 && ((types >> tag) & 1) == 0) return report(WRONG_TYPE, node, place)
  if (tag == OBJECT) {
    const count = load<u32>(node, 8)
    const fields = load<u32>(node, 12)
    for (let i: u32 = 0; i < count; i++) {
      const key = load<u32>(fields + (i << 3))
      findMisfits(load<u32>(fields + (i << 3), 4), fieldOf(value, key), keyPlace(place, key))
    }
    const values = load<u32>(node, 20)
    const entries: u32 = values == 0 ? 0 : sizeOf(value)
    for (let i: u32 = 0; i < entries; i++)
      findMisfits(values, valueAt(value, i), keyPlace(place, keyAt(value, i)))
  } else if (tag == LIST) {
    const elements = load<u32>(node, 16)
    const count: u32 = elements == 0 ? 0 : sizeOf(value)
    for (let i: u32 = 0; i < count; i++) findMisfits(elements, elementOf(value, i), indexPlace(place, i))
  }
}
