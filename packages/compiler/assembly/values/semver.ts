import { allocate, bytesOf, SEMVER, sizeOf } from '../cells'
import { compareBytes, isDigit, isLetter, skipDigits } from '../bytes'

/** Longest text that is read. */
const LONGEST: u32 = 256

/**
 * The semantic version that a text is, without a leading `v`; missing where it is none.
 *
 * Its cell has the address of the text, and those of the beginning and the end of its prerelease; without one, both are where
 * the numbers end.
 */
export function semver(text: u32): u32 {
  const begin = bytesOf(text)
  const size = sizeOf(text)
  if (size > LONGEST) return 0
  const end = begin + size
  let at = begin
  for (let i = 0; i < 3; i++) {
    const next = skipDigits(at, end)
    if (next == at || (next > at + 1 && load<u8>(at) == 0x30)) return 0
    at = next
    if (i < 2) {
      if (at == end || load<u8>(at) != 0x2e) return 0
      at++
    }
  }
  let prerelease = at
  let prereleaseEnd = at
  if (at < end && load<u8>(at) == 0x2d) {
    prerelease = at + 1
    at = prereleaseEnd = identifiersEnd(prerelease, end, true)
    if (at == 0) return 0
  }
  if (at < end && load<u8>(at) == 0x2b) {
    at = identifiersEnd(at + 1, end, false)
    if (at == 0) return 0
  }
  if (at != end) return 0
  const cell = allocate(16)
  store<u32>(cell, SEMVER)
  store<u32>(cell, begin, 4)
  store<u32>(cell, prerelease, 8)
  store<u32>(cell, prereleaseEnd, 12)
  return cell
}

/** Where identifiers with points between end, or 0; those of a prerelease that are numbers have no leading zeros. */
function identifiersEnd(at: u32, end: u32, prerelease: bool): u32 {
  while (true) {
    const next = identifierEnd(at, end)
    if (next == at) return 0
    if (prerelease && next > at + 1 && load<u8>(at) == 0x30 && skipDigits(at, next) == next) return 0
    if (next == end || load<u8>(next) != 0x2e) return next
    at = next + 1
  }
}

function identifierEnd(at: u32, end: u32): u32 {
  for (; at < end; at++) {
    const byte = load<u8>(at)
    if (!isDigit(byte) && !isLetter(byte) && byte != 0x2d) break
  }
  return at
}

/** Orders two versions by precedence (Semantic Versioning 2.0.0, section 11): -1, 0 or 1. */
export function compareVersions(a: u32, b: u32): i32 {
  let x = load<u32>(a, 4)
  let y = load<u32>(b, 4)
  for (let i = 0; i < 3; i++) {
    const endX = skipDigits(x, load<u32>(a, 8))
    const endY = skipDigits(y, load<u32>(b, 8))
    const order = compareDigits(x, endX, y, endY)
    if (order != 0) return order
    x = endX + 1
    y = endY + 1
  }
  x = load<u32>(a, 8)
  y = load<u32>(b, 8)
  const endA = load<u32>(a, 12)
  const endB = load<u32>(b, 12)
  // a version without a prerelease comes after those with one
  if (x == endA || y == endB) return i32(x == endA) - i32(y == endB)
  while (true) {
    const endX = identifierEnd(x, endA)
    const endY = identifierEnd(y, endB)
    const numberX = skipDigits(x, endX) == endX
    const numberY = skipDigits(y, endY) == endY
    if (numberX != numberY) return numberX ? -1 : 1
    const order = numberX ? compareDigits(x, endX, y, endY) : compareBytes(x, endX - x, y, endY - y)
    if (order != 0) return order
    if (endX == endA || endY == endB) return i32(endX != endA) - i32(endY != endB)
    x = endX + 1
    y = endY + 1
  }
}

/** Orders numbers without leading zeros. */
function compareDigits(x: u32, endX: u32, y: u32, endY: u32): i32 {
  const sizeX = endX - x
  const sizeY = endY - y
  if (sizeX != sizeY) return sizeX < sizeY ? -1 : 1
  return compareBytes(x, sizeX, y, sizeY)
}
