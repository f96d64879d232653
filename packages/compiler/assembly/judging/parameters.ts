/** The parameters of policies: what the host's data gives, held to their schema, with its defaults. */
import {
  allocate,
  bytesOf,
  elementOf,
  ERROR,
  FALSE,
  INTEGER,
  flagsOf,
  heap,
  keyAt,
  LIST,
  literal,
  newFault,
  newList,
  newObject,
  NUMBER,
  OBJECT,
  setElement,
  setEntry,
  setHeap,
  sizeOf,
  STRING,
  tagOf,
  TRUE,
  valueAt,
} from '../cells'
import { matchesAutomaton } from '../patterns/automaton'
import { isInList } from './elements'
import { equalValues } from '../values/equality'
import { fieldOf } from './field'
import { functionOf, idOf, parameterSchema, policyAt, policyCount, presetParameters } from '../module'
import { compareNumbers, isInteger } from '../values/number'
import { isText, named } from './review'
import { equalText, pointsIn } from '../values/text'
import { wildcardProblem } from '../values/wildcard'

/** The host's data document. */
export let data: u32 = 0
/** The document that the parameters of all policies were read from last, and where they are. */
let readFrom: u32 = 1
let parameters: u32 = 0
/** Where what was read of them ends. */
let readUntil: u32 = 0

export function setData(value: u32): void {
  data = value
}

/**
 * Reads the parameters of all policies from a data document, to be kept as long as that: the host sets the heap back behind them.
 * A document that is no such data is left alone.
 */
export function prepareData(value: u32): void {
  if (value != 0 && (tagOf(value) != OBJECT || (sizeOf(value) > 0 && named(value, 'gatewright') == 0))) return
  data = value
  const count = policyCount()
  const all = allocate(count << 2)
  for (let i: u32 = 0; i < count; i++) store<u32>(all + (i << 2), readParameters(policyAt(i)))
  parameters = all
  readFrom = value
  readUntil = heap
}

/** Says that a data document has changed. */
export function forgetData(): void {
  readFrom = 1
  readUntil = 0
}

/** Sets the heap back. What was read of parameters is gone where it lies behind, and a new document may come to lie where the old was. */
export function setHeapBack(to: u32): void {
  if (to < readUntil) forgetData()
  setHeap(to)
}

/** The parameters of a policy by its number; an error where what is given does not fit the schema. */
export function parametersOf(policy: u32): u32 {
  return data == readFrom ? load<u32>(parameters + ((functionOf(policy) - 1) << 2)) : readParameters(policy)
}

function readParameters(policy: u32): u32 {
  const schema = parameterSchema(policy)
  const preset = presetParameters(policy)
  const all = named(named(data, 'gatewright'), 'parameters')
  const given = fieldOf(all, idOf(policy))
  const asked = given == 0 ? preset : merged(preset, given)
  if (asked == 0 || tagOf(asked) != OBJECT || !isValid(schema, asked))
    return newFault(ERROR, literal('invalid-parameters'), literal('the parameters do not fit their schema'))
  return withDefaults(schema, asked)
}

/** The entries of two objects; those of the second stand before those of the first. */
function merged(first: u32, second: u32): u32 {
  if (first == 0 || sizeOf(first) == 0 || tagOf(second) != OBJECT) return second
  const object = newObject(sizeOf(first) + sizeOf(second))
  let count: u32 = 0
  for (let i: u32 = 0; i < sizeOf(second); i++)
    setEntry(object, count++, keyAt(second, i), valueAt(second, i))
  for (let i: u32 = 0; i < sizeOf(first); i++) {
    if (!hasKey(second, keyAt(first, i))) setEntry(object, count++, keyAt(first, i), valueAt(first, i))
  }
  store<u32>(object, count, 8)
  return object
}

function hasKey(object: u32, key: u32): bool {
  const count = sizeOf(object)
  for (let i: u32 = 0; i < count; i++) if (equalText(keyAt(object, i), key)) return true
  return false
}

/** Whether a value, 0 for null, is what a JSON Schema allows. The encoder lets through only the keywords that are known here. */
function isValid(schema: u32, value: u32): bool {
  if (tagOf(schema) != OBJECT) return tagOf(schema) != FALSE
  const count = sizeOf(schema)
  for (let i: u32 = 0; i < count; i++) {
    if (!holds(keyAt(schema, i), valueAt(schema, i), schema, value)) return false
  }
  return true
}

function isTagged(value: u32, tag: u8): bool {
  return value != 0 && tagOf(value) == tag
}

/** Whether one keyword of a schema holds. Those about other types of values say nothing. */
function holds(keyword: u32, given: u32, schema: u32, value: u32): bool {
  if (isText(keyword, 'type')) return isOfType(given, value)
  if (isText(keyword, 'enum')) return value == 0 ? hasNull(given) : isInList(value, given) == 1
  if (isText(keyword, 'const')) return equalValues(given, value)
  if (isText(keyword, 'anyOf')) return countValid(given, value) > 0
  if (isText(keyword, 'oneOf')) return countValid(given, value) == 1
  if (isText(keyword, 'allOf')) return countValid(given, value) == sizeOf(given)
  if (isText(keyword, 'not')) return !isValid(given, value)
  if (value == 0) return true
  const tag = tagOf(value)
  if (tag == OBJECT) return objectHolds(keyword, given, schema, value)
  if (tag == LIST) return listHolds(keyword, given, value)
  if (tag == STRING) {
    if (isText(keyword, 'minLength')) return compareCount(pointsIn(bytesOf(value), sizeOf(value)), given) >= 0
    if (isText(keyword, 'automaton')) return matchesAutomaton(value, <u32>load<i64>(given, 16)) != 0
    if (isText(keyword, 'wildcard')) return wildcardProblem(value) == 0
    if (isText(keyword, 'maxLength')) return compareCount(pointsIn(bytesOf(value), sizeOf(value)), given) <= 0
    return true
  }
  if (tag != NUMBER) return true
  if (isText(keyword, 'minimum')) return compareNumbers(value, given) >= 0
  if (isText(keyword, 'maximum')) return compareNumbers(value, given) <= 0
  if (isText(keyword, 'exclusiveMinimum')) return compareNumbers(value, given) > 0
  if (isText(keyword, 'exclusiveMaximum')) return compareNumbers(value, given) < 0
  return true
}

function objectHolds(keyword: u32, given: u32, schema: u32, value: u32): bool {
  const count = sizeOf(value)
  if (isText(keyword, 'minProperties')) return compareCount(count, given) >= 0
  if (isText(keyword, 'maxProperties')) return compareCount(count, given) <= 0
  if (isText(keyword, 'required')) {
    for (let i: u32 = 0; i < sizeOf(given); i++) if (!hasKey(value, elementOf(given, i))) return false
  } else if (isText(keyword, 'properties')) {
    for (let i: u32 = 0; i < sizeOf(given); i++) {
      const key = keyAt(given, i)
      if (hasKey(value, key) && !isValid(valueAt(given, i), fieldOf(value, key))) return false
    }
  } else if (isText(keyword, 'propertyNames')) {
    for (let i: u32 = 0; i < count; i++) if (!isValid(given, keyAt(value, i))) return false
  } else if (isText(keyword, 'additionalProperties')) {
    const properties = named(schema, 'properties')
    for (let i: u32 = 0; i < count; i++) {
      if (properties != 0 && hasKey(properties, keyAt(value, i))) continue
      if (!isValid(given, valueAt(value, i))) return false
    }
  }
  return true
}

function listHolds(keyword: u32, given: u32, value: u32): bool {
  const count = sizeOf(value)
  if (isText(keyword, 'minItems')) return compareCount(count, given) >= 0
  if (isText(keyword, 'maxItems')) return compareCount(count, given) <= 0
  if (isText(keyword, 'items')) {
    for (let i: u32 = 0; i < count; i++) if (!isValid(given, elementOf(value, i))) return false
  } else if (isText(keyword, 'uniqueItems') && isTagged(given, TRUE)) {
    for (let i: u32 = 1; i < count; i++) {
      for (let j: u32 = 0; j < i; j++) if (equalValues(elementOf(value, i), elementOf(value, j))) return false
    }
  }
  return true
}

function hasNull(list: u32): bool {
  for (let i: u32 = 0; i < sizeOf(list); i++) if (elementOf(list, i) == 0) return true
  return false
}

function countValid(schemas: u32, value: u32): u32 {
  let count: u32 = 0
  for (let i: u32 = 0; i < sizeOf(schemas); i++) if (isValid(elementOf(schemas, i), value)) count++
  return count
}

/** Orders a count and a number of a schema, which is a small integer. */
function compareCount(count: u32, number: u32): i32 {
  if ((flagsOf(number) & INTEGER) == 0) return -1
  const bound = load<i64>(number, 16)
  return <i64>count < bound ? -1 : <i64>count > bound ? 1 : 0
}

function isOfType(given: u32, value: u32): bool {
  if (tagOf(given) == LIST) {
    for (let i: u32 = 0; i < sizeOf(given); i++) if (isOfType(elementOf(given, i), value)) return true
    return false
  }
  if (value == 0) return isText(given, 'null')
  const tag = tagOf(value)
  if (tag == STRING) return isText(given, 'string')
  if (tag == NUMBER) return isText(given, 'number') || (isText(given, 'integer') && isInteger(value))
  if (tag == LIST) return isText(given, 'array')
  if (tag == OBJECT) return isText(given, 'object')
  return isText(given, 'boolean')
}

/** A valid value with the defaults that its schema has inside. */
function withDefaults(schema: u32, value: u32): u32 {
  if (value == 0 || tagOf(schema) != OBJECT) return value
  if (tagOf(value) == LIST) {
    const items = named(schema, 'items')
    if (items == 0) return value
    const list = newList(sizeOf(value))
    for (let i: u32 = 0; i < sizeOf(value); i++) setElement(list, i, withDefaults(items, elementOf(value, i)))
    return list
  }
  if (tagOf(value) != OBJECT) return value
  const properties = named(schema, 'properties')
  const others = named(schema, 'additionalProperties')
  const known: u32 = properties == 0 ? 0 : sizeOf(properties)
  const object = newObject(sizeOf(value) + known)
  let count: u32 = 0
  for (let i: u32 = 0; i < sizeOf(value); i++) {
    const key = keyAt(value, i)
    const own = properties == 0 ? 0 : fieldOf(properties, key)
    const given = own != 0 ? own : others
    setEntry(object, count++, key, given == 0 ? valueAt(value, i) : withDefaults(given, valueAt(value, i)))
  }
  for (let i: u32 = 0; i < known; i++) {
    const key = keyAt(properties, i)
    const preset = named(valueAt(properties, i), 'default')
    if (preset != 0 && !hasKey(value, key))
      setEntry(object, count++, key, withDefaults(valueAt(properties, i), preset))
  }
  store<u32>(object, count, 8)
  return object
}
