/** The review that an input is, in whichever of the shapes that policies are asked about. */
import {
  bytesOf,
  keyAt,
  LIST,
  literal,
  newObject,
  newString,
  OBJECT,
  setEntry,
  sizeOf,
  STRING,
  tagOf,
  valueAt,
} from '../cells'

export let object: u32 = 0
export let oldObject: u32 = 0
/** The operation: a text, or 0 where the request does not say and nobody can tell. */
export let operation: u32 = 0
/** A bit for the operation, in the order CREATE, UPDATE, DELETE, CONNECT. */
export let operationBit: u32 = 0
/** What is judged: the object, or for a deletion the one that goes. */
export let judged: u32 = 0
/** The group, the version and the kind of what is judged; 0 where it does not say. */
export let group: u32 = 0
export let version: u32 = 0
export let kind: u32 = 0
/** Why the input is no review: one of the numbers below, with a text that belongs to it. */
export let badInput: u32 = 0
export let badText: u32 = 0

export const NOT_AN_OBJECT: u32 = 1
export const UNREAD_VERSION: u32 = 2
export const NO_REQUEST: u32 = 3
export const LIST_OF_OBJECTS: u32 = 4
export const NO_OPERATION: u32 = 5
export const NO_OBJECTS: u32 = 6
export const NO_OBJECT: u32 = 7
export const NO_OLD_OBJECT: u32 = 8

let request: u32 = 0
let asked: u32 = 0

/** Whether a string is a constant of the runtime, which is ASCII. */
export function isText(given: u32, text: string): bool {
  if (given == 0 || tagOf(given) != STRING || sizeOf(given) != <u32>text.length) return false
  const bytes = bytesOf(given)
  for (let i = 0; i < text.length; i++) if (load<u8>(bytes + i) != <u8>text.charCodeAt(i)) return false
  return true
}

/** The number of the entry of an object that has this key; -1 where none has. */
function find(given: u32, name: string): i32 {
  if (given == 0 || tagOf(given) != OBJECT) return -1
  const count = sizeOf(given)
  for (let i: u32 = 0; i < count; i++) if (isText(keyAt(given, i), name)) return i
  return -1
}

/** The value of a field that is named by a constant of the runtime. */
export function named(given: u32, name: string): u32 {
  const at = find(given, name)
  return at < 0 ? 0 : valueAt(given, at)
}

function objectOr0(value: u32): u32 {
  return value != 0 && tagOf(value) == OBJECT ? value : 0
}

function bad(why: u32, text: u32): void {
  badInput = why
  badText = text
}

/** Takes apart an input: a bare object, an AdmissionReview with a request, or Gatekeeper's `{ review }`. */
export function readReview(input: u32): void {
  object = oldObject = operation = judged = group = version = kind = request = asked = badInput = badText = 0
  if (objectOr0(input) == 0) return bad(NOT_AN_OBJECT, input)
  if (isText(named(input, 'kind'), 'AdmissionReview')) {
    const written = find(input, 'apiVersion')
    if (written >= 0) {
      const version = valueAt(input, written)
      // v1beta1 has the same request; reviews written by hand often have no version at all
      if (!isText(version, 'admission.k8s.io/v1') && !isText(version, 'admission.k8s.io/v1beta1'))
        return bad(UNREAD_VERSION, version)
    }
    const asks = objectOr0(named(input, 'request'))
    if (asks == 0) return bad(NO_REQUEST, 0)
    readRequest(asks)
  } else if (
    find(input, 'kind') < 0 &&
    find(input, 'apiVersion') < 0 &&
    objectOr0(named(input, 'review')) != 0
  ) {
    readRequest(named(input, 'review'))
  } else {
    object = input
    operation = literal('CREATE')
    operationBit = 1
    readKind(input)
    const items = named(input, 'items')
    if (kind != 0 && items != 0 && tagOf(items) == LIST) bad(LIST_OF_OBJECTS, 0)
  }
}

function readRequest(given: u32): void {
  request = given
  object = objectOr0(named(given, 'object'))
  oldObject = objectOr0(named(given, 'oldObject'))
  const at = find(given, 'operation')
  operation = at < 0 ? 0 : valueAt(given, at)
  // Gatekeeper's audit asks about objects that are there, with an operation that is empty
  const says = at >= 0 && !isText(operation, '')
  if (!says) operation = 0
  const deletes = isText(operation, 'DELETE')
  const connects = isText(operation, 'CONNECT')
  if (says && !deletes && !connects && !isText(operation, 'CREATE') && !isText(operation, 'UPDATE'))
    return bad(NO_OPERATION, operation)
  // Gatekeeper gives the object that goes as the object too; alone, it was not read for what policies ask of an old one
  if (deletes && object != 0 && oldObject == 0) return bad(NO_OLD_OBJECT, 0)
  if (deletes) object = 0
  if (object == 0 && oldObject == 0 && !connects) return bad(NO_OBJECTS, 0)
  if (object == 0 && !deletes && !connects) return bad(NO_OBJECT, operation)
  if (operation == 0) operation = literal(oldObject == 0 ? 'CREATE' : 'UPDATE')
  operationBit = deletes ? 4 : connects ? 8 : isText(operation, 'CREATE') ? 1 : 2
  readKind(object == 0 ? oldObject : object)
}

function readKind(given: u32): void {
  judged = given
  const written = named(given, 'apiVersion')
  const name = named(given, 'kind')
  if (written == 0 || name == 0 || tagOf(written) != STRING || tagOf(name) != STRING) return
  const bytes = bytesOf(written)
  const size = sizeOf(written)
  let slash: u32 = 0
  while (slash < size && load<u8>(bytes + slash) != 0x2f) slash++
  kind = name
  group = newString(bytes, slash == size ? 0 : slash)
  version = slash == size ? written : newString(bytes + slash + 1, size - slash - 1)
}

/** The request as rules read it: its fields that are there, and the operation. */
export function askedRequest(): u32 {
  if (asked != 0) return asked
  asked = newObject(6)
  let count: u32 = 0
  count = take(count, 'name')
  count = take(count, 'namespace')
  count = take(count, 'subResource')
  count = take(count, 'dryRun')
  count = take(count, 'userInfo')
  setEntry(asked, count++, literal('operation'), operation)
  store<u32>(asked, count, 8)
  return asked
}

function take(count: u32, name: string): u32 {
  const value = named(request, name)
  if (value == 0) return count
  setEntry(asked, count, literal(name), value)
  return count + 1
}
