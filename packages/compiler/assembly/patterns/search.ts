/**
 * Runs programs. The states of an automaton are made when a text first leads to them, and forgotten when they are too many; making
 * one takes time linear in the program, so that a search never takes more than text times program.
 *
 * A machine is where a program and its states are:
 *
 *   +0  the program
 *   +4  where the space for states begins, where it is used up to, and where it ends
 *   +16 the buckets of states, and their number less one
 *   +24 the state to begin with, 0 before it is made
 *   +28 instructions that are still to be followed
 *   +32 bits of instructions that were, how many words these are, and bits of those that follow
 *   +44 the instructions of a state that is being made
 *   +48 how often states were forgotten
 *
 * A state is the next state for each class and for the end of the text, then the next one of its bucket, its number, its context,
 * and the instructions it consists of: how many, and which.
 */
import { allocate, bytesOf, sizeOf } from '../cells'
import { bytesFrom, codePointAt } from './code-points'
import {
  ASSERT,
  AT_LINE_BEGIN,
  AT_LINE_END,
  AT_TEXT_BEGIN,
  AT_TEXT_END,
  AT_WORD,
  BRANCH,
  IS_NEWLINE,
  IS_WORD,
  MATCH,
  NOT_AT_WORD,
  RUNE,
  asciiClasses,
  assertionsOf,
  classCount,
  classOf,
  entryOf,
  hasClass,
  instructionCount,
  instructions,
  isAnchored,
  traitsOf,
} from './program'

/** What a search has come to, in the place of a state. */
const UNMADE: u32 = 0
export const MATCHED: u32 = 1
export const HOPELESS: u32 = 2

/** What is before the next code point. */
const TEXT_BEGINS: u32 = 1
const LINE_BEGINS: u32 = 2
const AFTER_WORD: u32 = 4

const MOST_SPACE: u32 = 1 << 20

export function newMachine(program: u32, space: u32): u32 {
  const machine = allocate(52)
  const count = instructionCount(program)
  const words = (count + 31) >> 5
  memory.fill(machine, 0, 52)
  store<u32>(machine, program)
  store<u32>(machine, allocate(count << 2), 28)
  store<u32>(machine, allocate(words << 2), 32)
  store<u32>(machine, words, 36)
  store<u32>(machine, allocate(words << 2), 40)
  store<u32>(machine, allocate(count << 2), 44)
  setSpace(machine, space)
  return machine
}

function setSpace(machine: u32, size: u32): void {
  const space = allocate(size)
  store<u32>(machine, space, 4)
  store<u32>(machine, space + size, 12)
  emptySpace(machine)
}

function emptySpace(machine: u32): void {
  const space = load<u32>(machine, 4)
  const size = load<u32>(machine, 12) - space
  let buckets: u32 = 16
  while (buckets << 8 < size) buckets <<= 1
  memory.fill(space, 0, buckets << 2)
  store<u32>(machine, space, 16)
  store<u32>(machine, buckets - 1, 20)
  store<u32>(machine, space + (buckets << 2), 8)
  store<u32>(machine, 0, 24)
}

/** How often the states of a machine were forgotten. */
export function timesForgotten(machine: u32): u32 {
  return load<u32>(machine, 48)
}

/** Where the states of a machine begin and end. */
export function firstState(machine: u32): u32 {
  return load<u32>(machine, 16) + ((load<u32>(machine, 20) + 1) << 2)
}

export function lastState(machine: u32): u32 {
  return load<u32>(machine, 8)
}

function aboutState(machine: u32, state: u32): u32 {
  return state + ((classCount(load<u32>(machine)) + 1) << 2)
}

/** The state that lies behind another. */
export function stateBehind(machine: u32, state: u32): u32 {
  const about = aboutState(machine, state)
  return about + 16 + (load<u32>(about, 12) << 2)
}

export function numberOfState(machine: u32, state: u32): u32 {
  return load<u32>(aboutState(machine, state), 4)
}

export function setNumber(machine: u32, state: u32, number: u32): void {
  store<u32>(aboutState(machine, state), number, 4)
}

/** The state of a context and of the instructions that are ready, made where there is none. */
function stateOf(machine: u32, context: u32, count: u32): u32 {
  const pending = load<u32>(machine, 44)
  const size = count << 2
  let hash: u32 = context
  for (let i: u32 = 0; i < size; i += 4) hash = (hash ^ load<u32>(pending + i)) * 0x9e3779b1
  hash ^= hash >> 15
  let bucket = load<u32>(machine, 16) + ((hash & load<u32>(machine, 20)) << 2)
  for (let state = load<u32>(bucket); state != 0;) {
    const about = aboutState(machine, state)
    if (load<u32>(about, 8) == context && load<u32>(about, 12) == count) {
      let i: u32 = 0
      while (i < size && load<u32>(about + i, 16) == load<u32>(pending + i)) i += 4
      if (i == size) return state
    }
    state = load<u32>(about)
  }
  const columns = (classCount(load<u32>(machine)) + 1) << 2
  const needed = columns + 16 + size
  if (load<u32>(machine, 12) - load<u32>(machine, 8) < needed) {
    store<u32>(machine, timesForgotten(machine) + 1, 48)
    const space = load<u32>(machine, 12) - load<u32>(machine, 4)
    // few of the largest states fit in the least space
    if (space < MOST_SPACE || space >> 2 < needed) setSpace(machine, max(space << 1, needed << 3))
    else emptySpace(machine)
    bucket = load<u32>(machine, 16) + ((hash & load<u32>(machine, 20)) << 2)
  }
  const state = load<u32>(machine, 8)
  store<u32>(machine, state + needed, 8)
  memory.fill(state, 0, columns)
  const about = state + columns
  store<u32>(about, load<u32>(bucket))
  store<u32>(about, 0, 4)
  store<u32>(about, context, 8)
  store<u32>(about, count, 12)
  memory.copy(about + 16, pending, size)
  store<u32>(bucket, state)
  return state
}

function contextOf(program: u32, context: u32): u32 {
  const assertions = assertionsOf(program)
  let mask: u32 = 0
  if (assertions & AT_TEXT_BEGIN) mask |= TEXT_BEGINS
  if (assertions & AT_LINE_BEGIN) mask |= LINE_BEGINS
  if (assertions & (AT_WORD | NOT_AT_WORD)) mask |= AFTER_WORD
  return context & mask
}

/** The state to begin with. */
export function startOf(machine: u32): u32 {
  let state = load<u32>(machine, 24)
  if (state != 0) return state
  state = stateOf(machine, contextOf(load<u32>(machine), TEXT_BEGINS | LINE_BEGINS), 0)
  store<u32>(machine, state, 24)
  return state
}

/** What a state comes to with a code point of a class, or with the end of the text, whose class is the number of classes. */
export function advance(machine: u32, state: u32, kind: u32): u32 {
  const program = load<u32>(machine)
  const about = aboutState(machine, state)
  const before = load<u32>(about, 8)
  const atEnd = kind == classCount(program)
  const traits = atEnd ? 0 : traitsOf(program, kind)

  let flags: u32 = 0
  if (before & TEXT_BEGINS) flags |= AT_TEXT_BEGIN
  if (before & LINE_BEGINS) flags |= AT_LINE_BEGIN
  if (atEnd) flags |= AT_TEXT_END | AT_LINE_END
  if (traits & IS_NEWLINE) flags |= AT_LINE_END
  flags |= ((before & AFTER_WORD) != 0) == ((traits & IS_WORD) != 0) ? NOT_AT_WORD : AT_WORD

  const code = instructions(program)
  const stack = load<u32>(machine, 28)
  const seen = load<u32>(machine, 32)
  const words = load<u32>(machine, 36)
  const following = load<u32>(machine, 40)
  memory.fill(seen, 0, words << 2)
  memory.fill(following, 0, words << 2)
  let top = stack
  const count = load<u32>(about, 12)
  // the search may begin at any place
  for (let i: u32 = 0; i <= count; i++) {
    const index = i == count ? entryOf(program) : load<u32>(about + (i << 2), 16)
    if (mark(seen, index)) {
      store<u32>(top, index)
      top += 4
    }
  }
  while (top > stack) {
    top -= 4
    const instruction = code + load<u32>(top) * 12
    const operation = load<u32>(instruction)
    const out = load<u32>(instruction, 4)
    const argument = load<u32>(instruction, 8)
    if (operation == MATCH) return MATCHED
    if (operation == RUNE) {
      if (!atEnd && hasClass(program, argument, kind)) mark(following, out)
      continue
    }
    if (operation == ASSERT && (argument & flags) == 0) continue
    if (mark(seen, out)) {
      store<u32>(top, out)
      top += 4
    }
    if (operation == BRANCH && mark(seen, argument)) {
      store<u32>(top, argument)
      top += 4
    }
  }
  if (atEnd) return HOPELESS

  const pending = load<u32>(machine, 44)
  let ready: u32 = 0
  for (let word: u32 = 0; word < words; word++) {
    let bits = load<u32>(following + (word << 2))
    while (bits != 0) {
      store<u32>(pending + (ready << 2), (word << 5) + ctz(bits))
      ready++
      bits &= bits - 1
    }
  }
  if (ready == 0 && isAnchored(program)) return HOPELESS
  let after: u32 = 0
  if (traits & IS_NEWLINE) after |= LINE_BEGINS
  if (traits & IS_WORD) after |= AFTER_WORD
  return stateOf(machine, contextOf(program, after), ready)
}

/** Sets a bit; whether it was not set before. */
function mark(bits: u32, index: u32): bool {
  const at = bits + ((index >> 5) << 2)
  const bit: u32 = 1 << (index & 31)
  const word = load<u32>(at)
  store<u32>(at, word | bit)
  return (word & bit) == 0
}

/** As `advance`, and remembers it. */
function follow(machine: u32, state: u32, kind: u32): u32 {
  const forgotten = timesForgotten(machine)
  const next = advance(machine, state, kind)
  // a state that was forgotten has no place to remember it
  if (timesForgotten(machine) == forgotten) store<u32>(state + (kind << 2), next)
  return next
}

/** Whether a decoded string has what the program of a machine describes somewhere: 0 or 1. */
export function search(machine: u32, text: u32): u32 {
  const program = load<u32>(machine)
  const ascii = asciiClasses(program)
  let state = startOf(machine)
  let at = bytesOf(text)
  const end = at + sizeOf(text)
  while (at < end) {
    const byte = <u32>load<u8>(at)
    let kind: u32
    if (byte < 128) {
      kind = load<u16>(ascii + (byte << 1))
      at++
    } else {
      kind = classOf(program, codePointAt(at))
      at += bytesFrom(byte)
    }
    let next = load<u32>(state + (kind << 2))
    if (next <= HOPELESS) {
      if (next == UNMADE) next = follow(machine, state, kind)
      if (next <= HOPELESS) return next == MATCHED ? 1 : 0
    }
    state = next
  }
  const last = classCount(program)
  let next = load<u32>(state + (last << 2))
  if (next == UNMADE) next = follow(machine, state, last)
  return next == MATCHED ? 1 : 0
}
