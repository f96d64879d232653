/**
 * What a module of OPA exports (https://www.openpolicyagent.org/docs/wasm#exports), over cells. Where 0 tells a host of a failure,
 * null is a cell of its own: `NULL_CELL`, which `fromHost` takes back.
 */
import {
  LIST,
  OBJECT,
  STRING,
  allocate,
  bytesOf,
  elementOf,
  heap,
  keyAt,
  newObject,
  reach,
  setEntry,
  sizeOf,
  tagOf,
  valueAt,
} from './cells'
import { sortEntries } from './entries'
import { forgetData, prepareData, setHeapBack } from './judging/parameters'
import { equalText } from './values/text'
import { decoded, problem, readProjected } from './json/read'
import { begin, finish, setSpaced, writeValue } from './json/write'

/** The tag of null; only what a host holds has it. */
export const NULL: u8 = 13
export const NULL_CELL: u32 = <u32>memory.data<u32>([13, 0, 0, 0], 8)

const ALL: u32 = <u32>memory.data<u32>([1, 0, 0, 0, 0], 8)

/** A value that a host hands back: its null is 0. */
export function fromHost(value: u32): u32 {
  return value == NULL_CELL ? 0 : value
}

/** A value for a host, in which 0 would be a failure. */
export function toHost(value: u32): u32 {
  return value == 0 ? NULL_CELL : value
}

export function opa_malloc(size: u32): u32 {
  return allocate(size)
}

/** Frees nothing: cells point into the texts they were read from. */
export function opa_free(_address: u32): void {}

/** Frees nothing, as `opa_free`. */
export function opa_value_free(_value: u32): void {}

/** Reads all of a JSON text, which the cells point into: 0 where it is none. */
export function opa_json_parse(address: u32, size: u32): u32 {
  const end = address + size
  if (end < address || end + 128 < end) return 0
  reach(end + 128)
  const value = readProjected(address, end, ALL)
  if (problem != 0) return 0
  // hosts read the data document once, and keep it over evaluations
  prepareData(value)
  return toHost(value)
}

/** As `opa_json_parse`: sets, which OPA reads here too, are refused. */
export function opa_value_parse(address: u32, size: u32): u32 {
  return opa_json_parse(address, size)
}

/** The JSON text of a value, with a NUL behind it. */
export function opa_json_dump(value: u32): u32 {
  begin()
  writeValue(value)
  return finish()
}

/** The text of a value as OPA prints its own ones, with blanks. */
export function opa_value_dump(value: u32): u32 {
  setSpaced(true)
  const text = opa_json_dump(value)
  setSpaced(false)
  return text
}

/** The error codes of OPA. */
const OK: i32 = 0
const INVALID_TYPE: i32 = 2
const INVALID_PATH: i32 = 3

/** Sets a value in an object; objects that are missing on the way to it are made. */
export function opa_value_add_path(base: u32, path: u32, value: u32): i32 {
  forgetData()
  if (!isPath(path)) return INVALID_PATH
  const last = sizeOf(path) - 1
  let object = base
  for (let i: u32 = 0; i <= last; i++) {
    if (object == 0 || tagOf(object) != OBJECT) return INVALID_TYPE
    const key = decoded(elementOf(path, i))
    const index = indexOf(object, key)
    if (i == last) put(object, index, key, fromHost(value))
    else if (index < sizeOf(object)) object = valueAt(object, index)
    else {
      const made = newObject(0)
      put(object, index, key, made)
      object = made
    }
  }
  return OK
}

/** Takes the entry at the end of a path out of its object; one that is not there is as good as taken out. */
export function opa_value_remove_path(base: u32, path: u32): i32 {
  forgetData()
  if (!isPath(path)) return INVALID_PATH
  const last = sizeOf(path) - 1
  let object = base
  for (let i: u32 = 0; i <= last; i++) {
    if (object == 0 || tagOf(object) != OBJECT) return OK
    const index = indexOf(object, decoded(elementOf(path, i)))
    if (index == sizeOf(object)) return OK
    if (i == last) remove(object, index)
    else object = valueAt(object, index)
  }
  return OK
}

/** Whether a value is a list of strings, with one at least. */
function isPath(path: u32): bool {
  if (path == 0 || tagOf(path) != LIST || sizeOf(path) == 0) return false
  for (let i: u32 = 0, size = sizeOf(path); i < size; i++) {
    const key = elementOf(path, i)
    if (key == 0 || tagOf(key) != STRING) return false
  }
  return true
}

/** The index of the entry of a key, or the number of entries. */
function indexOf(object: u32, key: u32): u32 {
  const size = sizeOf(object)
  for (let i: u32 = 0; i < size; i++) if (equalText(keyAt(object, i), key)) return i
  return size
}

/** Sets the value of an entry, which may be a new one behind the others. */
function put(object: u32, index: u32, key: u32, value: u32): void {
  const size = sizeOf(object)
  if (index < size) key = keyAt(object, index)
  else {
    const entries = allocate((size + 1) << 3)
    memory.copy(entries, bytesOf(object), size << 3)
    store<u32>(object, entries, 4)
    store<u32>(object, size + 1, 8)
  }
  setEntry(object, index, key, value)
  // the entries of what was read are in this order, and stay in it
  sortEntries(bytesOf(object), sizeOf(object))
}

function remove(object: u32, index: u32): void {
  const size = sizeOf(object)
  const at = bytesOf(object) + (index << 3)
  memory.copy(at, at + 8, (size - index - 1) << 3)
  store<u32>(object, size - 1, 8)
}

export function opa_heap_ptr_get(): u32 {
  return heap
}

export function opa_heap_ptr_set(to: u32): void {
  setHeapBack(to)
}

// there are no free blocks to keep
export function opa_heap_blocks_stash(): void {}

export function opa_heap_stash_clear(): void {}

export function opa_heap_blocks_restore(): void {}

/** An evaluation that is called step by step: its input, data, result and entry point, 0 where the host gave none. */
export function opa_eval_ctx_new(): u32 {
  const context = allocate(16)
  store<u64>(context, 0)
  store<u64>(context, 0, 8)
  return context
}

export function opa_eval_ctx_set_input(context: u32, value: u32): void {
  store<u32>(context, value)
}

export function opa_eval_ctx_set_data(context: u32, value: u32): void {
  store<u32>(context, value, 4)
}

export function opa_eval_ctx_set_entrypoint(context: u32, entrypoint: u32): void {
  store<u32>(context, entrypoint, 12)
}

export function opa_eval_ctx_get_result(context: u32): u32 {
  return load<u32>(context, 8)
}
