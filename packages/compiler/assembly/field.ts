/** How expressions read values. */
import {
  bytesOf,
  flagsOf,
  NAMED,
  elementOf,
  LIST,
  newInteger,
  newList,
  newObject,
  OBJECT,
  setElement,
  setEntry,
  sizeOf,
  tagOf,
  TRUE,
  UNKNOWN,
  valueAt,
  keyAt,
  STRING,
  newFault,
  ERROR,
} from './cells'
import { graver, isFault } from './elements'
import { equalText } from './text'

/** An object's own value under a key; faults stay. */
export function fieldOf(given: u32, key: u32): u32 {
  if (given == 0) return 0
  const tag = tagOf(given)
  if (tag != OBJECT) return tag >= UNKNOWN ? given : 0
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

/** An object built of the values of an array, each after the cell of its key; missing ones are absent, the first fault is what it is. */
export function builtRecord(entries: u32, count: u32): u32 {
  const record = newObject(count)
  let kept: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const value = load<u32>(entries + (i << 3), 4)
    if (isFault(value)) return value
    if (value != 0) setEntry(record, kept++, load<u32>(entries + (i << 3)), value)
  }
  store<u32>(record, kept, 8)
  return record
}
