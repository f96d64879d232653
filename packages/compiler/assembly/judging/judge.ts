/** Judges a document by the policies of the module. */
import { allocate, ERROR, literal, newFault, OBJECT, tagOf } from '../cells'
import { isInList } from './elements'
import { fieldOf } from './field'
import { addFault, beginFindings, faults, hasError, setFindings, settle, violations } from './findings'
import { functionOf, kindCount, kindsOf, operationsOf, slotCount, slotOfKinds } from '../module'
import { parametersOf } from './parameters'
import { keyPlace, rootPlace } from './place'
import {
  askedRequest,
  badInput,
  group,
  kind,
  object,
  oldObject,
  operation,
  operationBit,
  version,
} from './review'
import {
  beginProblems,
  findMisfits,
  fits,
  NO_OBJECT as IS_NO_OBJECT,
  problems,
  report,
  setProblems,
  slotOfShape,
} from './shape'
import { equalText } from '../values/text'

/** How far one evaluation may go, in elements visited. */
const BUDGET: u32 = 5_000_000

export let steps: i32 = 0
/** The parameters of the policy that is being evaluated. */
export let parameters: u32 = 0

/** Why a policy does not apply. */
export const APPLIES: u32 = 0
export const OTHER_OPERATION: u32 = 1
export const NO_KIND: u32 = 2
export const OTHER_KIND: u32 = 3
/** The policy's `when` does not hold. */
export const WHEN: u32 = 4
/** Why the policy does not apply that was judged or recalled last, and which that is. */
export let skipped: u32 = 0
export let current: u32 = 0

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

const OLD_OBJECT: u32 = 1
const REQUEST: u32 = 2
const PARAMETERS: u32 = 3

/** An input: its root, and for each kind the path in it. A fixed path is one for a kind without a name. */
function rootOf(input: u32): u32 {
  const root = load<u32>(input)
  if (root == 0) return object
  if (root == OLD_OBJECT) return oldObject
  return root == REQUEST ? askedRequest() : parameters
}

/**
 * What was found of inputs, shapes and kinds of the document that is judged. Policies share their tables, so that most ask about the
 * same: each table has the number of a slot, which holds whether it was asked about, what was found, and a value.
 */
let slots: u32 = 0

/** Forgets what was found of the last document. */
export function beginDocument(): void {
  const size = slotCount() * 12
  slots = allocate(size)
  memory.fill(slots, 0, size)
}

function slotAt(number: u32): u32 {
  return slots + number * 12
}

/** The slot of an input. */
function slotOf(input: u32): u32 {
  return slotAt(load<u32>(input, 12))
}

/** The entry of an input for the kind that is judged: group, kind, number of steps, keys; 0 where it has none. */
function entryOf(input: u32): u32 {
  const slot = slotOf(input)
  if (load<u32>(slot) == 0) {
    store<u32>(slot, 1)
    const entry = findEntry(input)
    store<u32>(slot, entry, 4)
    store<u32>(slot, entry == 0 ? 0 : valueOf(input, entry), 8)
  }
  return load<u32>(slot, 4)
}

function findEntry(input: u32): u32 {
  const count = load<u32>(input, 4)
  const entries = load<u32>(input, 8)
  for (let i: u32 = 0; i < count; i++) {
    const entry = entries + (i << 4)
    const name = load<u32>(entry, 4)
    if (name == 0) return entry
    if (kind != 0 && equalText(name, kind) && equalText(load<u32>(entry), group)) return entry
  }
  return 0
}

function valueOf(input: u32, entry: u32): u32 {
  const count = load<u32>(entry, 8)
  const keys = load<u32>(entry, 12)
  let value = rootOf(input)
  for (let i: u32 = 0; i < count; i++) value = fieldOf(value, load<u32>(keys + (i << 2)))
  return value
}

/** The value of an input; 0 where it is missing. */
export function inputValue(input: u32): u32 {
  // parameters are those of the policy
  if (load<u32>(input) == PARAMETERS) return parameters
  entryOf(input)
  return load<u32>(slotOf(input), 8)
}

/** The place of an input in the judged object, or 0. */
export function inputPlace(input: u32): u32 {
  if (load<u32>(input) > OLD_OBJECT) return 0
  const entry = entryOf(input)
  return entry == 0 ? 0 : placeOfEntry(entry, load<u32>(entry, 8))
}

/** The place of an entry, or so many steps down to it. */
function placeOfEntry(entry: u32, steps: u32): u32 {
  const keys = load<u32>(entry, 12)
  let place = rootPlace()
  for (let i: u32 = 0; i < steps; i++) place = keyPlace(place, load<u32>(keys + (i << 2)))
  return place
}

/** Whether the value of an input fits what all policies of the module read of it; looked at once a document. */
function fitsAll(all: u32, found: u32): bool {
  const slot = slotAt(slotOfShape(all))
  if (load<u32>(slot) == 0) {
    store<u32>(slot, 1)
    store<u32>(slot, fits(all, found) ? 1 : 0, 4)
  }
  return load<u32>(slot, 4) != 0
}

/** Checks what a policy reads of an input; `all` is what all policies read of it. */
export function checkInput(input: u32, node: u32, all: u32): void {
  if (load<u32>(input) > OLD_OBJECT) return
  const entry = entryOf(input)
  if (entry == 0) return
  const count = load<u32>(entry, 8)
  const keys = load<u32>(entry, 12)
  const found = load<u32>(slotOf(input), 8)
  if (found == 0 && count > 0) {
    let value = rootOf(input)
    for (let i: u32 = 0; i < count && value != 0; i++) {
      if (tagOf(value) != OBJECT) return report(IS_NO_OBJECT, node, placeOfEntry(entry, i))
      value = fieldOf(value, load<u32>(keys + (i << 2)))
    }
  }
  if (fitsAll(all, found)) return
  if (!fits(node, found)) findMisfits(node, found, placeOfEntry(entry, count))
}

function mismatchOf(policy: u32): u32 {
  const kinds = kindCount(policy)
  if (kinds == u32.MAX_VALUE) return APPLIES
  if (operation != 0 && (operationsOf(policy) & operationBit) == 0) return OTHER_OPERATION
  if (kind == 0) return NO_KIND
  const slot = slotAt(slotOfKinds(policy))
  if (load<u32>(slot) == 0) {
    store<u32>(slot, 1)
    store<u32>(slot, isAbout(policy, kinds) ? APPLIES : OTHER_KIND, 4)
  }
  return load<u32>(slot, 4)
}

function isAbout(policy: u32, kinds: u32): bool {
  for (let i: u32 = 0; i < kinds; i++) {
    const at = kindsOf(policy) + i * 12
    const wantedGroup = load<u32>(at)
    const wantedKind = load<u32>(at, 4)
    if (wantedKind != 0 && !equalText(wantedKind, kind)) continue
    if (wantedGroup != 0 && !equalText(wantedGroup, group)) continue
    const versions = load<u32>(at, 8)
    if (versions == 0 || isInList(version, versions) == 1) return true
  }
  return false
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
