/** What hosts call to have a document judged, by OPA's ABI and by our own. */
import { fromHost, opa_json_parse } from './abi'
import { allocate, heap, newObject, reach, setHeap } from './cells'
import { opa_abort } from './env'
import { writeDecision } from './judging/decision'
import { beginDocument, isAllowed, judge, keep, KEPT, recall } from './judging/judge'
import { entryPoints, idOf, policyAt, policyCount, projection } from './module'
import { forgetPatterns } from './patterns/machines'
import { prepareData, setData, setHeapBack } from './judging/parameters'
import { problem, problemAt, readProjected, setStrict } from './json/read'
import { readReview } from './judging/review'
import { begin, finish, setSpaced, writeAscii, writeByte, writeInteger } from './json/write'

/** Ends the evaluation with a message that the host throws: what cannot be read must not read as "no violations". */
function fail(message: string): void {
  begin()
  writeAscii(message)
  opa_abort(finish())
  unreachable()
}

function failRead(): void {
  begin()
  writeAscii('the input is no JSON document that can be read: problem ')
  writeInteger(problem)
  writeAscii(' at byte ')
  writeInteger(problemAt)
  opa_abort(finish())
  unreachable()
}

/** Reads a document that lies in memory. The scan may look at up to 128 bytes behind it. */
function readInput(at: u32, size: u32): u32 {
  const end = at + size
  if (end < at || end + 128 < end) unreachable()
  reach(end + 128)
  if (heap < end) setHeap(end)
  return readProjected(at, end, projection())
}

/** Judges the document that was read by the policy of an entry point, or by all. Verdicts are kept until they are written. */
function judgeBy(entry: u32): void {
  const count = policyCount()
  if (entry > count) fail('the module has no such entry point')
  beginDocument()
  forgetPatterns()
  const first: u32 = entry == 0 ? 0 : entry - 1
  const end = entry == 0 ? count : entry
  kept = allocate(KEPT * (end - first))
  for (let i = first; i < end; i++) {
    judge(policyAt(i))
    keep(kept + (i - first) * KEPT)
  }
}

let kept: u32 = 0

function writeDecisions(entry: u32): void {
  if (entry != 0) {
    recall(kept)
    return writeDecision(false, 0)
  }
  const count = policyCount()
  writeByte(0x5b)
  for (let i: u32 = 0; i < count; i++) {
    if (i > 0) writeByte(0x2c)
    recall(kept + i * KEPT)
    writeDecision(false, idOf(policyAt(i)))
  }
  writeByte(0x5d)
}

/** The result as OPA gives it: a list of one with what the entry point is. */
function writeResult(entry: u32): u32 {
  setSpaced(false)
  begin()
  writeAscii('[{"result":')
  writeDecisions(entry)
  writeAscii('}]')
  return finish()
}

/** Evaluates an entry point for the JSON text of an input: the address of the result's text, with a NUL behind it. */
export function opa_eval(
  _reserved: u32,
  entry: u32,
  data: u32,
  input: u32,
  size: u32,
  heapAt: u32,
  _format: u32,
): u32 {
  setHeapBack(heapAt)
  setStrict(0)
  setData(fromHost(data))
  const document = readInput(input, size)
  if (problem != 0) failRead()
  readReview(document)
  judgeBy(entry)
  return writeResult(entry)
}

/** Evaluates step by step, as older hosts do: the context holds values that were read before. */
export function eval(context: u32): u32 {
  const input = load<u32>(context)
  const entry = load<u32>(context, 12)
  if (input == 0) fail('there is no input')
  setData(fromHost(load<u32>(context, 4)))
  readReview(fromHost(input))
  judgeBy(entry)
  const text = writeResult(entry)
  store<u32>(context, opa_json_parse(text, heap - 1 - text), 8)
  return 0
}

/** The entry points by name, with their numbers. */
export function entrypoints(): u32 {
  return entryPoints()
}

/** What the host has to supply: nothing. */
export function builtins(): u32 {
  return newObject(0)
}

export const opa_wasm_abi_version: i32 = 1
export const opa_wasm_abi_minor_version: i32 = 3

/**
 * Judges the JSON text of a document for our own loader: the address of a JSON list with the verdict of each policy asked, 0 for
 * what is plainly allowed; 0 where the text cannot be read, and `gatewright_problem` says why.
 */
export function gatewright_judge(entry: u32, input: u32, size: u32, data: u32, strict: u32): u32 {
  setStrict(strict)
  setData(fromHost(data))
  const document = readInput(input, size)
  if (problem != 0) return 0
  readReview(document)
  judgeBy(entry)
  const count = entry == 0 ? policyCount() : 1
  setSpaced(false)
  begin()
  writeByte(0x5b)
  for (let i: u32 = 0; i < count; i++) {
    if (i > 0) writeByte(0x2c)
    recall(kept + i * KEPT)
    if (isAllowed()) writeByte(0x30)
    else writeDecision(true, 0)
  }
  writeByte(0x5d)
  return finish()
}

/** Makes ready to judge without a data document. */
export function gatewright_start(): void {
  prepareData(0)
}

/** Why the last document could not be read, and at which of its bytes. */
export function gatewright_problem(): u32 {
  return problem
}

export function gatewright_problem_at(): u32 {
  return problemAt
}
