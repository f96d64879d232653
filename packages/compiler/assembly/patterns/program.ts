/**
 * Programs: instructions over sets of code points. Code points that no set tells apart are one class. Like an automaton a program has
 * nothing in it but numbers and offsets from its begin.
 */
/** An instruction is three words: one of these, the instruction that follows, and what is said of it here. */
export const MATCH: u32 = 0
/** Goes on at two places; the other one. */
export const BRANCH: u32 = 1
/** A code point; the number of its set. */
export const RUNE: u32 = 2
/** What is true between two code points; flags. */
export const ASSERT: u32 = 3

export const AT_LINE_BEGIN: u32 = 1
export const AT_LINE_END: u32 = 2
export const AT_TEXT_BEGIN: u32 = 4
export const AT_TEXT_END: u32 = 8
export const AT_WORD: u32 = 16
export const NOT_AT_WORD: u32 = 32

/** The classes of code points that assertions look at. */
export const IS_NEWLINE: u32 = 1
export const IS_WORD: u32 = 2

export function classCount(program: u32): u32 {
  return load<u32>(program, 4)
}

/** Ranges of code points that are of one class each: how many, their first code points, and their classes. */
export function rangeCount(program: u32): u32 {
  return load<u32>(program, 8)
}

export function firstOfRange(program: u32, range: u32): u32 {
  return load<u32>(program + load<u32>(program, 12) + (range << 2))
}

export function classOfRange(program: u32, range: u32): u32 {
  return load<u16>(program + load<u32>(program, 16) + (range << 1))
}

/** The classes of ASCII characters, a half word each. */
export function asciiClasses(program: u32): u32 {
  return program + load<u32>(program, 20)
}

export function instructionCount(program: u32): u32 {
  return load<u32>(program, 24)
}

export function instructions(program: u32): u32 {
  return program + load<u32>(program, 28)
}

export function entryOf(program: u32): u32 {
  return load<u32>(program, 32)
}

/** Whether a set, by its number, has the code points of a class. */
export function hasClass(program: u32, set: u32, kind: u32): bool {
  const bits = program + load<u32>(program, 36) + set * load<u32>(program, 40)
  return ((load<u8>(bits + (kind >> 3)) >> <u8>(kind & 7)) & 1) != 0
}

/** The assertions of a program, all flags together. */
export function assertionsOf(program: u32): u32 {
  return load<u32>(program, 44)
}

/** Whether a program matches nothing that does not begin where the text does. */
export function isAnchored(program: u32): bool {
  return load<u32>(program, 48) != 0
}

/** What assertions see in a class. */
export function traitsOf(program: u32, kind: u32): u32 {
  return load<u8>(program + load<u32>(program, 52) + kind)
}

/** How many bytes are before the parts of a program. */
export const HEADER: u32 = 56

/** The class of a code point that is not ASCII. */
export function classOf(program: u32, rune: u32): u32 {
  const firsts = program + load<u32>(program, 12)
  let low: u32 = 0
  let high = rangeCount(program)
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (load<u32>(firsts + (middle << 2)) <= rune) low = middle
    else high = middle
  }
  return classOfRange(program, low)
}
