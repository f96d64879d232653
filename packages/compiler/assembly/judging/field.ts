/** How expressions read values. */
import {
  bytesOf,
  flagsOf,
  NAMED,
  newFault,
  newObject,
  OBJECT,
  setEntry,
  sizeOf,
  tagOf,
  TRUE,
  UNKNOWN,
  STRING,
  newFault,
} from '../cells'
import { graver, isFault } from './elements'
import { equalText } from '../values/text'

/** An object's own value under a key; faults stay. */
export function fieldOf(given: u32, key: u32): u32 {
  if (given == 0) return 0
  const tag = tagOf(given)
  if (tag != OBJECT) return tag < UNKNOWN ? 0 : load<u32>(given, 12) == 0 ? given : partOf(given, key)
  const count = sizeOf(given)
  const entries = bytesOf(given)
  // keys that a policy names are the same cells wherever they are read
  for (let i: u32 = 0; i < count; i++) {
    const at = entries + (i << 3)
    if (load<u32>(at) == key) return load<u32>(at, 4)
  }
  if ((flagsOf(given) & NAMED) != 0) return 0
  const size = sizeOf(key)
  for (let i: u32 = 0; i < count; i++) {
    const at = entries + (i << 3)
    if (sizeOf(load<u32>(at)) == size && equalText(load<u32>(at), key)) return load<u32>(at, 4)
  }
  return 0
}

/** The value under a computed key; one that is missing or no string gives missing. */
export function getOf(given: u32, key: u32): u32 {
  if (isFault(key)) return graver(isFault(given) ? given : 0, key)
  if (key == 0 || tagOf(key) != STRING) return 0
  return fieldOf(given, key)
}

/** The value if it is of one of the types, a bit for each tag; faults stay. */
export function typed(value: u32, types: u32): u32 {
  if (value == 0) return 0
  const tag = tagOf(value)
  return ((types >> tag) & 1) != 0 || tag >= UNKNOWN ? value : 0
}

/** What a value is as a condition: 1 for true, the value where it is a fault, else 0. */
export function truth(value: u32): u32 {
  if (value == 0) return 0
  const tag = tagOf(value)
  return tag == TRUE ? 1 : tag >= UNKNOWN ? value : 0
}

/** The field of a record that has a fault: the field itself where it is there. */
function partOf(fault: u32, key: u32): u32 {
  const parts = load<u32>(fault, 12)
  const count = sizeOf(parts)
  for (let i: u32 = 0; i < count; i++) {
    const at = bytesOf(parts) + (i << 3)
    if (equalText(load<u32>(at), key)) return load<u32>(at, 4)
  }
  return fault
}

/** A value as it is handed on: of a record with a fault, the fault alone. */
export function settled(value: u32): u32 {
  if (!isFault(value) || load<u32>(value, 12) == 0) return value
  return newFault(tagOf(value), load<u32>(value, 4), load<u32>(value, 8))
}

/**
 * An object built of the values of an array, each after the cell of its key. Missing ones are absent. Where one is a fault the record
 * is that fault, the first one, with all fields behind it.
 */
export function builtRecord(entries: u32, count: u32): u32 {
  const record = newObject(count)
  let fault: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const value = load<u32>(entries + (i << 3), 4)
    if (fault == 0 && isFault(value)) fault = value
    setEntry(record, i, load<u32>(entries + (i << 3)), value)
  }
  if (fault != 0) {
    const cell = newFault(tagOf(fault), load<u32>(fault, 4), load<u32>(fault, 8))
    store<u32>(cell, record, 12)
    return cell
  }
  let kept: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const value = load<u32>(entries + (i << 3), 4)
    if (value != 0) setEntry(record, kept++, load<u32>(entries + (i << 3)), value)
  }
  store<u32>(record, kept, 8)
  return record
}
