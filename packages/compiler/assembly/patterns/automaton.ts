/**
 * Finds a pattern that was known when the module was made, by an automaton that the encoder has laid into the module's data. There
 * is nothing in it but numbers and offsets from its begin, so that it can lie anywhere:
 *
 *   +0   AUTOMATON
 *   +4   the column of the end of the text
 *   +8   the number of ranges of code points that are not ASCII
 *   +12  the offset of these ranges
 *   +16  the offset of the rows
 *   +20  the row to begin with
 *   +24  the column of each ASCII character, one byte each
 *
 * A range is its first code point with its column in the eight lower bits; the next range ends it. Rows are half words, the index of
 * the next row for each column: FOUND and LOST end the search.
 */
import { bytesOf, sizeOf } from '../cells'
import { bytesFrom, codePointAt } from './code-points'

export const AUTOMATON: u32 = 1
export const PROGRAM: u32 = 2

export const LOST: u32 = 0
export const FOUND: u32 = 1

/** Whether a decoded string has what a pattern describes somewhere: 0 or 1. */
export function matchesAutomaton(text: u32, automaton: u32): u32 {
  const rows = automaton + load<u32>(automaton, 16)
  let row = load<u32>(automaton, 20)
  if (row <= FOUND) return row
  let at = bytesOf(text)
  const end = at + sizeOf(text)
  while (at < end) {
    const byte = <u32>load<u8>(at)
    let column: u32
    if (byte < 128) {
      column = load<u8>(automaton + byte, 24)
      at++
    } else {
      column = columnOf(automaton, codePointAt(at))
      at += bytesFrom(byte)
    }
    row = load<u16>(rows + ((row + column) << 1))
    if (row <= FOUND) return row
  }
  return load<u16>(rows + ((row + load<u32>(automaton, 4)) << 1))
}

function columnOf(automaton: u32, rune: u32): u32 {
  const ranges = automaton + load<u32>(automaton, 12)
  const key = (rune << 8) | 255
  let low: u32 = 0
  let high = load<u32>(automaton, 8)
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (load<u32>(ranges + (middle << 2)) <= key) low = middle
    else high = middle
  }
  return load<u8>(ranges + (low << 2))
}
