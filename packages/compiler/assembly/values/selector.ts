import {
  elementOf,
  heap,
  keyAt,
  LIST,
  OBJECT,
  plain,
  setHeap,
  sizeOf,
  STRING,
  tagOf,
  UNKNOWN,
  valueAt,
  bytesOf,
} from '../cells'
import { isWord } from '../bytes'
import { entryOf, sortedEntries } from '../entries'
import { equalText } from './text'

/**
 * Whether a Kubernetes label selector matches labels, none where they are missing or no object; 2 where the selector cannot be
 * read. An empty selector matches everything. Labels that are no texts are as if they were not there.
 */
export function matchesSelector(selector: u32, labels: u32): u32 {
  const mark = heap
  const answer = matches(selector, labels != 0 && tagOf(labels) == OBJECT ? labels : 0)
  setHeap(mark)
  return answer
}

function matches(selector: u32, labels: u32): u32 {
  const order = labels == 0 ? 0 : sortedEntries(labels)
  let answer: u32 = 1
  for (let i: u32 = 0; i < sizeOf(selector); i++) {
    const key = keyAt(selector, i)
    const value = valueAt(selector, i)
    let part: u32 = 1
    if (isKey(key, 'matchLabels')) part = value == 0 ? 1 : matchesLabels(value, labels, order)
    else if (isKey(key, 'matchExpressions')) part = value == 0 ? 1 : matchesExpressions(value, labels, order)
    else return 2
    // what cannot be read counts before what does not match
    if (part == 2) return 2
    answer &= part
  }
  return answer
}

function isKey(key: u32, word: string): bool {
  return isWord(bytesOf(key), sizeOf(key), word)
}

function matchesLabels(wanted: u32, labels: u32, order: u32): u32 {
  if (tagOf(wanted) != OBJECT) return 2
  let answer: u32 = 1
  for (let i: u32 = 0; i < sizeOf(wanted); i++) {
    const value = valueAt(wanted, i)
    if (!isText(value)) return 2
    const label = labelOf(labels, order, keyAt(wanted, i))
    if (label == 0 || !equalText(label, value)) answer = 0
  }
  return answer
}

function matchesExpressions(expressions: u32, labels: u32, order: u32): u32 {
  if (tagOf(expressions) != LIST) return 2
  let answer: u32 = 1
  for (let i: u32 = 0; i < sizeOf(expressions); i++) {
    const part = matchesExpression(elementOf(expressions, i), labels, order)
    if (part == 2) return 2
    answer &= part
  }
  return answer
}

function matchesExpression(expression: u32, labels: u32, order: u32): u32 {
  if (expression == 0 || tagOf(expression) != OBJECT) return 2
  let key: u32 = 0
  let operator: u32 = 0
  let values: u32 = 0
  for (let i: u32 = 0; i < sizeOf(expression); i++) {
    const name = keyAt(expression, i)
    if (isKey(name, 'key')) key = valueAt(expression, i)
    else if (isKey(name, 'operator')) operator = valueAt(expression, i)
    else if (isKey(name, 'values')) values = valueAt(expression, i)
  }
  if (!isText(key) || !isText(operator)) return 2
  let count: u32 = 0
  if (values != 0) {
    if (tagOf(values) != LIST) return 2
    count = sizeOf(values)
    for (let i: u32 = 0; i < count; i++) {
      if (!isText(elementOf(values, i))) return 2
    }
  }
  const label = labelOf(labels, order, key)
  const isNegative = isKey(operator, 'NotIn') || isKey(operator, 'DoesNotExist')
  let holds: bool = label != 0
  if (isKey(operator, 'In') || isKey(operator, 'NotIn')) {
    if (count == 0) return 2
    holds = label != 0 && isAmong(label, values)
  } else if ((!isNegative && !isKey(operator, 'Exists')) || count > 0) return 2
  return u32(holds != isNegative)
}

function isAmong(label: u32, values: u32): bool {
  for (let i: u32 = 0; i < sizeOf(values); i++) {
    if (equalText(elementOf(values, i), label)) return true
  }
  return false
}

/** A label that is a text, or 0. */
function labelOf(labels: u32, order: u32, key: u32): u32 {
  if (labels == 0) return 0
  const entry = entryOf(labels, order, key)
  if (entry == 0) return 0
  const label = load<u32>(entry, 4)
  return isText(label) ? label : 0
}

/** Whether a value is a text. What is not known cannot be told, and who calls has to see to it before. */
function isText(value: u32): bool {
  if (value == 0) return false
  if (tagOf(value) >= UNKNOWN) unreachable()
  return tagOf(value) == STRING && plain(value) != 0
}
