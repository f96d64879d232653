/** Patterns that are known only when a policy is evaluated. What they are compiled to is kept until the end of the evaluation. */
import { ERROR, allocate, bytesOf, literal, newFault, newString, sizeOf } from './cells'
import { compile, tooLong } from './program'
import { newMachine, search } from './search'

const BUCKETS: u32 = 64
const buckets: u32 = <u32>memory.data(256, 8)

/** Forgets all that is on the heap of an evaluation: the next one begins with this. */
export function forgetPatterns(): void {
  memory.fill(buckets, 0, BUCKETS << 2)
}

/** What is known of a pattern or a program, by its address: its machine and its fault, 0 where it has none. */
function entryOf(address: u32): u32 {
  const bucket = buckets + (((address >> 3) & (BUCKETS - 1)) << 2)
  for (let entry = load<u32>(bucket); entry != 0; entry = load<u32>(entry)) {
    if (load<u32>(entry, 4) == address) return entry
  }
  const entry = allocate(16)
  store<u32>(entry, load<u32>(bucket))
  store<u32>(entry, address, 4)
  store<u32>(entry, 0, 8)
  store<u32>(entry, 0, 12)
  store<u32>(bucket, entry)
  return entry
}

const SPACE: u32 = 1 << 13

function compiled(pattern: u32): u32 {
  const entry = entryOf(pattern)
  if (load<u32>(entry, 8) != 0 || load<u32>(entry, 12) != 0) return entry
  const program = compile(bytesOf(pattern), sizeOf(pattern))
  if (program != 0) store<u32>(entry, newMachine(program, SPACE), 8)
  else store<u32>(entry, newFault(ERROR, literal('invalid-pattern'), messageOf(pattern)), 12)
  return entry
}

function messageOf(pattern: u32): u32 {
  if (tooLong) return literal('the pattern is longer than 4096 characters')
  const size = sizeOf(pattern)
  const bytes = allocate(size + 33)
  const before = literal('the pattern `')
  const behind = literal('` is not RE2 syntax')
  memory.copy(bytes, bytesOf(before), 13)
  memory.copy(bytes + 13, bytesOf(pattern), size)
  memory.copy(bytes + 13 + size, bytesOf(behind), 19)
  return newString(bytes, size + 32)
}

/** What is wrong with a pattern in RE2 syntax, a decoded string: a fault, or 0. */
export function patternFault(pattern: u32): u32 {
  return load<u32>(compiled(pattern), 12)
}

/** Whether a decoded string has what a pattern describes somewhere: 0 or 1. A pattern that is not valid is found nowhere. */
export function matches(text: u32, pattern: u32): u32 {
  const machine = load<u32>(compiled(pattern), 8)
  return machine == 0 ? 0 : search(machine, text)
}

/** As `matchesAutomaton`, for a constant pattern whose automaton is too large, with its program. */
export function matchesProgram(text: u32, program: u32): u32 {
  const entry = entryOf(program)
  let machine = load<u32>(entry, 8)
  if (machine == 0) {
    machine = newMachine(program, SPACE)
    store<u32>(entry, machine, 8)
  }
  return search(machine, text)
}
