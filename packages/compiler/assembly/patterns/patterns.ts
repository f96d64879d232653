/** Patterns that are known only when a policy is evaluated. */
import { ERROR, allocate, bytesOf, literal, newFault, newString, sizeOf } from '../cells'
import { entryAt, faultOf, machineOf, makeMachine, setFault } from './machines'
import { compile, tooLong } from './compile'
import { search } from './search'

function compiled(pattern: u32): u32 {
  const entry = entryAt(pattern)
  if (machineOf(entry) != 0 || faultOf(entry) != 0) return entry
  const program = compile(bytesOf(pattern), sizeOf(pattern))
  if (program != 0) makeMachine(entry, program)
  else setFault(entry, newFault(ERROR, literal('invalid-pattern'), messageOf(pattern)))
  return entry
}

function messageOf(pattern: u32): u32 {
  if (tooLong) return literal('the pattern is longer than 4096 characters')
  const before = literal('the pattern `')
  const behind = literal('` is not RE2 syntax')
  const size = sizeOf(before) + sizeOf(pattern) + sizeOf(behind)
  const bytes = allocate(size)
  memory.copy(bytes, bytesOf(before), sizeOf(before))
  memory.copy(bytes + sizeOf(before), bytesOf(pattern), sizeOf(pattern))
  memory.copy(bytes + size - sizeOf(behind), bytesOf(behind), sizeOf(behind))
  return newString(bytes, size)
}

/** What is wrong with a pattern in RE2 syntax, a decoded string: a fault, or 0. */
export function patternFault(pattern: u32): u32 {
  return faultOf(compiled(pattern))
}

/** Whether a decoded string has what a pattern describes somewhere: 0 or 1. A pattern that is not valid is found nowhere. */
export function matches(text: u32, pattern: u32): u32 {
  const machine = machineOf(compiled(pattern))
  return machine == 0 ? 0 : search(machine, text)
}
