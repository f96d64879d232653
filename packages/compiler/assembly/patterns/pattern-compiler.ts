/** What the encoder runs: compiles a pattern to the bytes that it lays into a module. */
import { allocate, setHeap } from '../cells'
import { compile, programSize } from './compile'
import { AUTOMATON, FOUND, LOST } from './automaton'
import { asciiClasses, classCount, classOfRange, firstOfRange, instructionCount, rangeCount } from './program'
import {
  HOPELESS,
  MATCHED,
  advance,
  firstState,
  lastState,
  newMachine,
  numberOfState,
  setNumber,
  startOf,
  stateBehind,
  timesForgotten,
} from './search'
import { lengthOf, newWords, push, wordAt } from './rune-sets'

export { allocate } from '../cells'

/** An automaton of more bytes is not worth its space. */
const LARGEST: u32 = 1 << 14
const MOST_STATES: u32 = 1024
const MOST_NEXT: u32 = 1 << 17
const SPACE: u32 = 1 << 23
/** What making all states may cost, in instructions looked at. */
const MOST_WORK: u64 = 1 << 28

/** Forgets all patterns. */
export function begin(): void {
  setHeap(<u32>__heap_base)
}

/** How many bytes the last result has. */
export let resultSize: u32 = 0

/** The automaton of a pattern, or its program where that is too large; 0 where the pattern is not RE2 syntax. */
export function compilePattern(bytes: u32, size: u32): u32 {
  const program = compile(bytes, size)
  if (program == 0) return 0
  const automaton = automatonOf(program)
  if (automaton != 0) return automaton
  resultSize = programSize
  return program
}

let machine: u32 = 0
/** How many classes there are, with the end of the text. */
let columns: u32 = 0
/** For each state, LOST and FOUND first, the state of each column. */
let table: u32 = 0
let states: u32 = 0

function nextOf(state: u32, column: u32): u32 {
  return load<u16>(table + ((state * columns + column) << 1))
}

/** Makes all states; whether they are few enough. */
function explore(program: u32): bool {
  columns = classCount(program) + 1
  if (columns > 256) return false
  machine = newMachine(program, SPACE)
  startOf(machine)
  states = 2
  let work: u64 = 0
  for (let state = firstState(machine); state < lastState(machine); state = stateBehind(machine, state)) {
    if (states - 2 >= MOST_STATES || states * columns > MOST_NEXT) return false
    work += <u64>columns * (64 + instructionCount(program))
    if (work > MOST_WORK) return false
    setNumber(machine, state, states++)
    for (let column: u32 = 0; column < columns; column++) {
      const next = advance(machine, state, column)
      if (timesForgotten(machine) > 0) return false
      store<u32>(state + (column << 2), next)
    }
  }
  table = allocate((states * columns) << 1)
  for (let column: u32 = 0; column < columns; column++) {
    store<u16>(table + (column << 1), LOST)
    store<u16>(table + ((columns + column) << 1), FOUND)
  }
  for (let state = firstState(machine); state < lastState(machine); state = stateBehind(machine, state)) {
    const row = numberOfState(machine, state) * columns
    for (let column: u32 = 0; column < columns; column++) {
      const next = load<u32>(state + (column << 2))
      const to = next == MATCHED ? FOUND : next == HOPELESS ? LOST : numberOfState(machine, next)
      store<u16>(table + ((row + column) << 1), to)
    }
  }
  return true
}

/** For each state the number of those that nothing tells apart from it. */
let groups: u32 = 0
let groupCount: u32 = 0

function sameGroups(a: u32, b: u32): bool {
  if (load<u16>(groups + (a << 1)) != load<u16>(groups + (b << 1))) return false
  for (let column: u32 = 0; column < columns; column++) {
    if (load<u16>(groups + (nextOf(a, column) << 1)) != load<u16>(groups + (nextOf(b, column) << 1)))
      return false
  }
  return true
}

/** Divides the states until all of each group lead to the same groups. LOST and FOUND remain the first two. */
function divide(): void {
  groups = allocate(states << 1)
  let refined = allocate(states << 1)
  const slots: u32 = 4096
  const slotTable = allocate(slots << 1)
  memory.fill(groups, 0, states << 1)
  store<u16>(groups + (FOUND << 1), 1)
  groupCount = 2
  while (true) {
    memory.fill(slotTable, 0xff, slots << 1)
    let count: u32 = 0
    for (let state: u32 = 0; state < states; state++) {
      let hash = <u32>load<u16>(groups + (state << 1))
      for (let column: u32 = 0; column < columns; column++) {
        hash = (hash ^ load<u16>(groups + (nextOf(state, column) << 1))) * 0x9e3779b1
        hash ^= hash >> 13
      }
      let slot = hash & (slots - 1)
      while (true) {
        const other = <u32>load<u16>(slotTable + (slot << 1))
        if (other == 0xffff) {
          store<u16>(slotTable + (slot << 1), state)
          store<u16>(refined + (state << 1), count++)
          break
        }
        if (sameGroups(other, state)) {
          store<u16>(refined + (state << 1), load<u16>(refined + (other << 1)))
          break
        }
        slot = (slot + 1) & (slots - 1)
      }
    }
    const before = groups
    groups = refined
    refined = before
    if (count == groupCount) return
    groupCount = count
  }
}

function sameColumns(examples: u32, a: u32, b: u32): bool {
  for (let group: u32 = 2; group < groupCount; group++) {
    const state = wordAt(examples, group)
    if (load<u16>(groups + (nextOf(state, a) << 1)) != load<u16>(groups + (nextOf(state, b) << 1)))
      return false
  }
  return true
}

function automatonOf(program: u32): u32 {
  if (!explore(program)) return 0
  divide()
  const examples = newWords()
  for (let state: u32 = 0; state < states; state++) {
    if (load<u16>(groups + (state << 1)) == lengthOf(examples)) push(examples, state)
  }
  // columns that are the same everywhere become one
  const kept = newWords()
  const columnOf = newWords()
  for (let column: u32 = 0; column < columns - 1; column++) {
    let to: u32 = 0
    while (to < lengthOf(kept) && !sameColumns(examples, wordAt(kept, to), column)) to++
    if (to == lengthOf(kept)) push(kept, column)
    push(columnOf, to)
  }
  const last = lengthOf(kept)
  push(kept, columns - 1)
  const width = last + 1

  // ranges of what is not ASCII
  const ranges = newWords()
  for (let range: u32 = 0, count = rangeCount(program); range < count; range++) {
    const end = range + 1 < count ? firstOfRange(program, range + 1) : 0x110000
    if (end <= 128) continue
    const first = max(firstOfRange(program, range), <u32>128)
    const column = wordAt(columnOf, classOfRange(program, range))
    const length = lengthOf(ranges)
    if (length == 0 || (wordAt(ranges, length - 1) & 255) != column) push(ranges, (first << 8) | column)
  }

  const rangesAt: u32 = 24 + 128
  const rowsAt = rangesAt + (lengthOf(ranges) << 2)
  const rowWords = 2 + (groupCount - 2) * width
  const size = rowsAt + (rowWords << 1)
  if (size > LARGEST) return 0
  const automaton = allocate(size)
  memory.fill(automaton, 0, size)
  store<u32>(automaton, AUTOMATON)
  store<u32>(automaton, last, 4)
  store<u32>(automaton, lengthOf(ranges), 8)
  store<u32>(automaton, rangesAt, 12)
  store<u32>(automaton, rowsAt, 16)
  store<u32>(automaton, rowOf(load<u16>(groups + (2 << 1)), width), 20)
  for (let rune: u32 = 0; rune < 128; rune++) {
    const own = load<u16>(asciiClasses(program) + (rune << 1))
    store<u8>(automaton + 24 + rune, wordAt(columnOf, own))
  }
  memory.copy(automaton + rangesAt, load<u32>(ranges), lengthOf(ranges) << 2)
  for (let group: u32 = 2; group < groupCount; group++) {
    const row = automaton + rowsAt + (rowOf(group, width) << 1)
    for (let column: u32 = 0; column < width; column++) {
      const next = nextOf(wordAt(examples, group), wordAt(kept, column))
      store<u16>(row + (column << 1), rowOf(load<u16>(groups + (next << 1)), width))
    }
  }
  resultSize = size
  return automaton
}

/** The index of the first column of a group's row. */
function rowOf(group: u32, width: u32): u32 {
  return group < 2 ? group : 2 + (group - 2) * width
}
