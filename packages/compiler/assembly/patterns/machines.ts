/** What is made of patterns while a policy is evaluated; it is kept until the end of the evaluation. */
import { allocate } from '../cells'
import { newMachine, search } from './search'

const BUCKETS: u32 = 64
const buckets: u32 = <u32>memory.data(256, 8)

/** Forgets all that is on the heap of an evaluation: the next one begins with this. */
export function forgetPatterns(): void {
  memory.fill(buckets, 0, BUCKETS << 2)
}

/**
 * What is known of a pattern or a program, by its address: the next one of its bucket, the address, its machine and its fault, 0
 * where it has none.
 */
export function entryAt(address: u32): u32 {
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

export function machineOf(entry: u32): u32 {
  return load<u32>(entry, 8)
}

/** Makes the machine of a program, with little space at first. */
export function makeMachine(entry: u32, program: u32): void {
  store<u32>(entry, newMachine(program, 1 << 13), 8)
}

export function faultOf(entry: u32): u32 {
  return load<u32>(entry, 12)
}

export function setFault(entry: u32, fault: u32): void {
  store<u32>(entry, fault, 12)
}

/** As `matchesAutomaton`, for a constant pattern whose automaton is too large, with its program. */
export function matchesProgram(text: u32, program: u32): u32 {
  const entry = entryAt(program)
  if (machineOf(entry) == 0) makeMachine(entry, program)
  return search(machineOf(entry), text)
}
