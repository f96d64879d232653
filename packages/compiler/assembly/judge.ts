/** Judges a document by the policies of the module, and writes what came of it. */
import {
  bytesOf,
  ERROR,
  LIST,
  literal,
  newFault,
  NUMBER,
  OBJECT,
  sizeOf,
  STRING,
  tagOf,
  UNKNOWN,
} from './cells'
import { countOf, isInList, itemPlace, itemValue } from './elements'
import { fieldOf } from './field'
import {
  addFault,
  beginFindings,
  codeOf,
  denyOf,
  detailCount,
  detailKey,
  detailOf,
  faults,
  fixCount,
  fixPlace,
  fixValue,
  hasError,
  messageOf,
  numberOf,
  placeOf,
  setFindings,
  settle,
  setsValue,
  shownDetail,
  violations,
} from './findings'
import { functionOf, kindAt, kindCount, operationNames, operationsOf } from './module'
import { parametersOf } from './parameters'
import { depthOf, isIndex, stepOf, stepValue } from './place'
import {
  askedRequest,
  badInput,
  badText,
  group,
  isText,
  kind,
  LIST_OF_OBJECTS,
  NO_OBJECTS,
  NO_OPERATION,
  NO_REQUEST,
  NOT_AN_OBJECT,
  object,
  oldObject,
  operation,
  UNREAD_VERSION,
  version,
} from './review'
import {
  beginProblems,
  checkShape,
  NO_OBJECT as IS_NO_OBJECT,
  problems,
  REQUIRED,
  report,
  setProblems,
  typeWords,
} from './shape'
import { equalText } from './text'
import { writeAscii, writeByte, writeInteger, writeEscaped, writeText, writeValue } from './write'

/** How far one evaluation may go, in elements visited. */
const BUDGET: u32 = 5_000_000

export let steps: i32 = 0
/** The parameters of the policy that is being evaluated. */
export let parameters: u32 = 0

/** Why a policy does not apply. */
const APPLIES: u32 = 0
const OTHER_OPERATION: u32 = 1
const NO_KIND: u32 = 2
const OTHER_KIND: u32 = 3
/** The policy's `when` does not hold. */
const WHEN: u32 = 4
let skipped: u32 = 0
let current: u32 = 0

/** Counts a step of an iteration; 1 where there have been too many, and the policy gives up. */
export function step(): u32 {
  if (--steps >= 0) return 0
  beginFindings()
  beginProblems()
  addFault(newFault(ERROR, literal('budget-exceeded'), literal('the evaluation took more steps than it may')))
  return 1
}

/** Says that the policy's `when` does not hold. */
export function skip(): void {
  skipped = WHEN
}

/** An input: its root, and for each kind the path in it. A fixed path is one for a kind without a name. */
function rootOf(input: u32): u32 {
  const root = load<u32>(input)
  if (root == 0) return object
  if (root == 1) return oldObject
  return root == 2 ? askedRequest() : parameters
}

/** The entry of an input for the kind that is judged: group, kind, number of steps, keys, places; 0 where it has none. */
function entryOf(input: u32): u32 {
  const count = load<u32>(input, 4)
  const entries = load<u32>(input, 8)
  for (let i: u32 = 0; i < count; i++) {
    const entry = entries + i * 20
    const name = load<u32>(entry, 4)
    if (name == 0) return entry
    if (kind != 0 && equalText(name, kind) && equalText(load<u32>(entry), group)) return entry
  }
  return 0
}

/** The value of an input; 0 where it is missing. */
export function inputValue(input: u32): u32 {
  const entry = entryOf(input)
  if (entry == 0) return 0
  const count = load<u32>(entry, 8)
  const keys = load<u32>(entry, 12)
  let value = rootOf(input)
  for (let i: u32 = 0; i < count; i++) value = fieldOf(value, load<u32>(keys + (i << 2)))
  return value
}

/** The place of an input in the judged object, or 0. */
export function inputPlace(input: u32): u32 {
  const entry = entryOf(input)
  if (entry == 0 || load<u32>(input) > 1) return 0
  return load<u32>(load<u32>(entry, 16) + (load<u32>(entry, 8) << 2))
}

/** Checks what a policy reads of an input. */
export function checkInput(input: u32, node: u32): void {
  const entry = entryOf(input)
  if (entry == 0 || load<u32>(input) > 1) return
  const count = load<u32>(entry, 8)
  const keys = load<u32>(entry, 12)
  const places = load<u32>(entry, 16)
  let value = rootOf(input)
  for (let i: u32 = 0; i < count; i++) {
    if (value == 0 || tagOf(value) >= UNKNOWN) break
    if (tagOf(value) != OBJECT) return report(IS_NO_OBJECT, node, load<u32>(places + (i << 2)))
    value = fieldOf(value, load<u32>(keys + (i << 2)))
  }
  checkShape(node, value, load<u32>(places + (count << 2)))
}

function mismatchOf(policy: u32): u32 {
  const kinds = kindCount(policy)
  if (kinds == u32.MAX_VALUE) return APPLIES
  if (operation != 0 && (operationsOf(policy) & operationBit()) == 0) return OTHER_OPERATION
  if (kind == 0) return NO_KIND
  for (let i: u32 = 0; i < kinds; i++) {
    const at = kindAt(policy, i)
    const wantedGroup = load<u32>(at)
    const wantedKind = load<u32>(at, 4)
    if (wantedKind != 0 && !equalText(wantedKind, kind)) continue
    if (wantedGroup != 0 && !equalText(wantedGroup, group)) continue
    const versions = load<u32>(at, 8)
    if (versions == 0 || isInList(version, versions) == 1) return APPLIES
  }
  return OTHER_KIND
}

function operationBit(): u32 {
  if (isText(operation, 'CREATE')) return 1
  if (isText(operation, 'UPDATE')) return 2
  return isText(operation, 'DELETE') ? 4 : 8
}

/** Judges the review that was read by one policy. */
export function judge(policy: u32): void {
  current = policy
  beginFindings()
  beginProblems()
  skipped = APPLIES
  if (badInput != 0) return
  skipped = mismatchOf(policy)
  if (skipped != APPLIES) return
  steps = BUDGET
  parameters = parametersOf(policy)
  if (parameters != 0 && tagOf(parameters) == ERROR) return addFault(parameters)
  call_indirect<void>(functionOf(policy))
  settle()
}

/** What a judgement came to, kept while others are made: so many bytes. */
export const KEPT: u32 = 24

export function keep(at: u32): void {
  store<u32>(at, current)
  store<u32>(at, skipped, 4)
  store<u32>(at, violations, 8)
  store<u32>(at, faults, 12)
  store<u32>(at, problems, 16)
  store<u32>(at, hasError ? 1 : 0, 20)
}

export function recall(at: u32): void {
  current = load<u32>(at)
  skipped = load<u32>(at, 4)
  setFindings(load<u32>(at, 8), load<u32>(at, 12), load<u32>(at, 20) != 0)
  setProblems(load<u32>(at, 16))
}

/** Whether the policy plainly allows what it was asked about. */
export function isAllowed(): bool {
  return badInput == 0 && skipped == APPLIES && violations == 0 && faults == 0 && problems == 0
}

/** Writes the verdict. For hosts that know the policies it says of which deny a violation is, and how to mend it. */
export function writeDecision(withFixes: bool): void {
  writeByte(0x7b)
  writeDecisionFields(withFixes)
}

/** As `writeDecision`, behind the brace. */
export function writeDecisionFields(withFixes: bool): void {
  writeAscii('"reasons":[')
  writeReasons()
  writeAscii('],"verdict":"')
  writeVerdict()
  writeAscii('","violations":[')
  const count: u32 = violations == 0 ? 0 : countOf(violations)
  for (let i: u32 = 0; i < count; i++) {
    if (i > 0) writeByte(0x2c)
    writeViolation(itemValue(violations, i), withFixes)
  }
  writeAscii(']}')
}

function writeVerdict(): void {
  if (badInput != 0 || hasError) writeAscii('error')
  else if (skipped != APPLIES) writeAscii(problems == 0 ? 'not-applicable' : 'invalid')
  else if (violations != 0) writeAscii('denied')
  else if (problems != 0) writeAscii('invalid')
  else if (faults != 0) writeAscii('undetermined')
  else writeAscii('allowed')
}

function writeViolation(found: u32, withFixes: bool): void {
  const deny = denyOf(found)
  writeAscii('{"at":')
  writePlace(placeOf(found))
  writeAscii(',"code":')
  writeCell(codeOf(deny))
  if (withFixes) {
    writeAscii(',"deny":')
    writeInteger(numberOf(deny))
  }
  writeAscii(',"details":{')
  for (let i: u32 = 0; i < detailCount(deny); i++) {
    if (i > 0) writeByte(0x2c)
    writeCell(detailKey(deny, i))
    writeByte(0x3a)
    writeValue(shownDetail(detailOf(found, i)))
  }
  writeByte(0x7d)
  if (withFixes && fixCount(deny) > 0) writeFixes(found, deny)
  writeAscii(',"message":')
  writeCell(messageOf(found))
  writeByte(0x7d)
}

/** A fix whose value is missing changes nothing. */
function writeFixes(found: u32, deny: u32): void {
  writeAscii(',"fix":[')
  let written = 0
  for (let i: u32 = 0; i < fixCount(deny); i++) {
    const value = shownDetail(fixValue(found, i))
    const sets = setsValue(deny, i)
    if (sets && value == 0) continue
    if (written++ > 0) writeByte(0x2c)
    writeAscii('{"at":')
    writePlace(fixPlace(found, i))
    writeAscii(sets ? ',"kind":"set","value":' : ',"kind":"remove"')
    if (sets) writeValue(value)
    writeByte(0x7d)
  }
  writeByte(0x5d)
}

function writePlace(place: u32): void {
  writeByte(0x5b)
  const depth = depthOf(place)
  for (let i: u32 = 1; i <= depth; i++) {
    if (i > 1) writeByte(0x2c)
    const at = stepOf(place, i)
    if (isIndex(at)) writeInteger(stepValue(at))
    else writeCell(stepValue(at))
  }
  writeByte(0x5d)
}

function writeCell(text: u32): void {
  writeText(bytesOf(text), sizeOf(text))
}

function writeInside(text: u32): void {
  writeEscaped(bytesOf(text), sizeOf(text))
}

let reasonCount: u32 = 0

function beginReason(code: string): void {
  if (reasonCount++ > 0) writeByte(0x2c)
  writeAscii('{"code":"')
  writeAscii(code)
  writeAscii('","message":"')
}

function writeReasons(): void {
  reasonCount = 0
  if (badInput != 0) writeBadInput()
  if (skipped != APPLIES && problems == 0) writeSkipped()
  const count: u32 = faults == 0 ? 0 : countOf(faults)
  for (let i: u32 = 0; i < count; i++) {
    const fault = itemValue(faults, i)
    if (reasonCount++ > 0) writeByte(0x2c)
    writeAscii('{"code":')
    writeCell(load<u32>(fault, 4))
    writeAscii(',"message":')
    writeCell(load<u32>(fault, 8))
    writeByte(0x7d)
  }
  const unfit: u32 = problems == 0 ? 0 : countOf(problems)
  for (let i: u32 = 0; i < unfit; i++) writeProblem(itemValue(problems, i), itemPlace(problems, i))
}

function writeProblem(given: u32, place: u32): void {
  const how = given & 3
  if (reasonCount++ > 0) writeByte(0x2c)
  writeAscii('{"at":')
  writePlace(place)
  writeAscii(how == REQUIRED ? ',"code":"required","message":"`' : ',"code":"wrong-type","message":"`')
  writePathText(place)
  if (how == REQUIRED) writeAscii('` is required and missing')
  else if (how == IS_NO_OBJECT) writeAscii('` is not an object')
  else {
    writeAscii('` is not ')
    writeInside(typeWords(given & ~3))
  }
  writeAscii('"}')
}

/** A path as people write it, with quotes where a key needs them. */
function writePathText(place: u32): void {
  const depth = depthOf(place)
  if (depth == 0) writeAscii('the object')
  for (let i: u32 = 1; i <= depth; i++) {
    const at = stepOf(place, i)
    if (isIndex(at)) {
      writeByte(0x5b)
      writeInteger(stepValue(at))
      writeByte(0x5d)
    } else if (isWord(stepValue(at))) {
      if (i > 1) writeByte(0x2e)
      writeInside(stepValue(at))
    } else {
      writeByte(0x5b)
      writeQuotedInside(stepValue(at))
      writeByte(0x5d)
    }
  }
}

function isWord(key: u32): bool {
  const bytes = bytesOf(key)
  const size = sizeOf(key)
  for (let i: u32 = 0; i < size; i++) {
    const c = load<u8>(bytes + i)
    const letter = (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a
    if (letter || c == 0x5f) continue
    if (i == 0 || (c != 0x2d && (c < 0x30 || c > 0x39))) return false
  }
  return size > 0
}

/** A text in quotes, inside a text: what stands in quotes is escaped, and that is escaped again. */
function writeQuotedInside(text: u32): void {
  const bytes = bytesOf(text)
  const size = sizeOf(text)
  writeAscii('\\"')
  let plain: u32 = 0
  for (let i: u32 = 0; i < size; i++) {
    const c = load<u8>(bytes + i)
    if (c >= 0x20 && c != 0x22 && c != 0x5c) continue
    writeEscaped(bytes + plain, i - plain)
    plain = i + 1
    writeAscii('\\\\')
    if (c == 0x22) writeAscii('\\"')
    else if (c == 0x5c) writeAscii('\\\\')
    else if (c == 8) writeByte(0x62)
    else if (c == 9) writeByte(0x74)
    else if (c == 10) writeByte(0x6e)
    else if (c == 12) writeByte(0x66)
    else if (c == 13) writeByte(0x72)
    else {
      writeAscii(c < 16 ? 'u000' : 'u001')
      writeByte((c & 15) < 10 ? 0x30 + (c & 15) : 0x57 + (c & 15))
    }
  }
  writeEscaped(bytes + plain, size - plain)
  writeAscii('\\"')
}

function writeSkipped(): void {
  if (skipped == WHEN) {
    beginReason('when')
    writeAscii("the policy's `when` does not hold")
  } else if (skipped == NO_KIND) {
    beginReason('kind')
    writeAscii('the object has no `apiVersion` and `kind`')
  } else if (skipped == OTHER_KIND) {
    beginReason('kind')
    writeAscii('the policy is not about `')
    writeInside(kind)
    if (sizeOf(group) > 0) {
      writeByte(0x2e)
      writeInside(group)
    }
    writeByte(0x60)
  } else {
    beginReason('operation')
    writeAscii('the policy is about ')
    writeInside(operationNames(current))
    writeAscii(', not `')
    writeInside(operation)
    writeByte(0x60)
  }
  writeAscii('"}')
}

function writeBadInput(): void {
  beginReason('bad-input')
  if (badInput == NOT_AN_OBJECT) {
    writeAscii('the input is ')
    writeShapeName(badText)
    writeAscii(', not an object')
  } else if (badInput == UNREAD_VERSION) {
    writeAscii('an AdmissionReview of `')
    writeHole(badText)
    writeAscii('` is not read; send admission.k8s.io/v1')
  } else if (badInput == NO_REQUEST) {
    writeAscii('the AdmissionReview has no request')
  } else if (badInput == LIST_OF_OBJECTS) {
    writeAscii('the input is a list of objects, which policies judge one by one: give each of its items')
  } else if (badInput == NO_OPERATION) {
    writeByte(0x60)
    writeHole(badText)
    writeAscii('` is no operation')
  } else if (badInput == NO_OBJECTS) {
    writeAscii('the request has neither an object nor an old object')
  } else {
    writeAscii('the request has no object, and `')
    if (badText == 0) writeAscii('CREATE')
    else writeHole(badText)
    writeAscii('` needs one')
  }
  writeAscii('"}')
}

function writeHole(value: u32): void {
  if (value == 0) writeAscii('null')
  else if (tagOf(value) == STRING) writeInside(value)
  else if (tagOf(value) == LIST || tagOf(value) == OBJECT) writeShapeName(value)
  else writeValue(value)
}

function writeShapeName(value: u32): void {
  if (value == 0) return writeAscii('null')
  const tag = tagOf(value)
  if (tag == STRING) writeAscii('a text')
  else if (tag == LIST) writeAscii('a list')
  else if (tag == OBJECT) writeAscii('an object')
  else writeAscii(tag == NUMBER ? 'a number' : 'a boolean')
}
