/** Writes what a judgement came to, as hosts read it. */
import { bytesOf, LIST, NUMBER, OBJECT, sizeOf, STRING, tagOf } from '../cells'
import { countOf, itemPlace, itemValue } from './elements'
import {
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
  setsValue,
  shownDetail,
  violations,
} from './findings'
import { operationNames } from '../module'
import { depthOf, isIndex, stepOf, stepValue } from './place'
import {
  badInput,
  badText,
  group,
  kind,
  LIST_OF_OBJECTS,
  NO_OBJECTS,
  NO_OLD_OBJECT,
  NO_OPERATION,
  NO_REQUEST,
  NOT_AN_OBJECT,
  object,
  operation,
  UNREAD_VERSION,
} from './review'
import { NO_OBJECT as IS_NO_OBJECT, problems, REQUIRED, typeWords } from './shape'
import { writeAscii, writeByte, writeInteger, writeEscaped, writeText, writeValue } from '../json/write'
import { APPLIES, current, NO_KIND, OTHER_KIND, skipped, WHEN } from './judge'

/** Writes the verdict, with the id of the policy where that is given. For hosts that know the policies it says of which deny a violation is, and how to mend it. */
export function writeDecision(withFixes: bool, policy: u32): void {
  writeByte(0x7b)
  if (policy != 0) {
    writeAscii('"policy":')
    writeCell(policy)
    writeByte(0x2c)
  }
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
  } else if (badInput == NO_OLD_OBJECT) {
    writeAscii('the request is a deletion, and has no old object')
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
