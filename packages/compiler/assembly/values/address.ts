import { allocate, bytesOf, heap, setHeap, sizeOf } from '../cells'
import { indexOfByte, isDigit } from '../bytes'
import { isHex } from './image-reference'

/**
 * The network that was read last: how many bits its family has, its first address with the bits on the left, and how many of
 * them are its prefix.
 */
let bits: u32 = 0
let upper: u64 = 0
let lower: u64 = 0
let prefix: u32 = 0

/** Whether a network holds an address, or the whole of another network: 2 where either cannot be read. */
export function cidrContains(network: u32, other: u32): u32 {
  if (!readNetwork(network)) return 2
  const bitsA = bits
  const upperA = upper
  const lowerA = lower
  const prefixA = prefix
  if (!readNetwork(other)) {
    const at = bytesOf(other)
    if (!readAddress(at, at + sizeOf(other))) return 2
  }
  return u32(bits == bitsA && prefix >= prefixA && beginSame(upperA ^ upper, lowerA ^ lower, prefixA))
}

/** Whether two networks share an address: 2 where either cannot be read. */
export function cidrOverlaps(one: u32, other: u32): u32 {
  if (!readNetwork(one)) return 2
  const bitsA = bits
  const upperA = upper
  const lowerA = lower
  const prefixA = prefix
  if (!readNetwork(other)) return 2
  return u32(bits == bitsA && beginSame(upperA ^ upper, lowerA ^ lower, min(prefixA, prefix)))
}

/** Whether the first bits of a difference are all 0. */
function beginSame(upper: u64, lower: u64, prefix: u32): bool {
  if (prefix == 0) return true
  if (prefix <= 64) return upper >> (64 - prefix) == 0
  return upper == 0 && lower >> (128 - prefix) == 0
}

function readNetwork(text: u32): bool {
  const begin = bytesOf(text)
  const end = begin + sizeOf(text)
  let at = end
  while (at > begin && load<u8>(at - 1) != 0x2f) at--
  if (at == begin) return false
  // at most three digits without leading zeros
  const size = end - at
  if (size == 0 || size > 3 || (size > 1 && load<u8>(at) == 0x30)) return false
  let length: u32 = 0
  for (let i = at; i < end; i++) {
    if (!isDigit(load<u8>(i))) return false
    length = length * 10 + (load<u8>(i) - 0x30)
  }
  if (!readAddress(begin, at - 1) || length > bits) return false
  prefix = length
  return true
}

/** Reads an address as a network of its own. */
function readAddress(at: u32, end: u32): bool {
  if (indexOfByte(at, end, 0x3a) < end) {
    bits = prefix = 128
    const mark = heap
    const read = readV6(at, end)
    setHeap(mark)
    return read
  }
  bits = prefix = 32
  const address = readV4(at, end)
  upper = (<u64>address) << 32
  lower = 0
  return address >= 0
}

/** Reads four bytes in decimal digits, without leading zeros, or gives -1. */
function readV4(at: u32, end: u32): i64 {
  let address: i64 = 0
  for (let i = 0; i < 4; i++) {
    if (i > 0) {
      if (at == end || load<u8>(at) != 0x2e) return -1
      at++
    }
    const from = at
    let octet: u32 = 0
    while (at < end && isDigit(load<u8>(at)) && octet < 256) octet = octet * 10 + (load<u8>(at++) - 0x30)
    if (at == from || octet > 255 || (at > from + 1 && load<u8>(from) == 0x30)) return -1
    address = (address << 8) | octet
  }
  return at == end ? address : -1
}

/** An address of 128 bits is eight groups of 16 bits. */
const GROUPS: u32 = 8

function readV6(at: u32, end: u32): bool {
  const groups = allocate(64)
  let gap = at
  while (gap < end && !isGap(gap, end)) gap++
  const head = readGroups(at, gap, groups, gap == end)
  if (head < 0) return false
  if (gap < end) {
    const tail = readGroups(gap + 2, end, groups + 32, true)
    // the gap stands for a group at least
    if (tail < 0 || head + tail >= <i32>GROUPS) return false
    memory.fill(groups + (head << 1), 0, 16 - (head << 1))
    memory.copy(groups + 16 - (tail << 1), groups + 32, tail << 1)
  } else if (head != <i32>GROUPS) return false
  upper = fourGroups(groups)
  lower = fourGroups(groups + 8)
  return true
}

function isGap(at: u32, end: u32): bool {
  return at + 1 < end && load<u16>(at) == 0x3a3a
}

function fourGroups(at: u32): u64 {
  return (
    ((load<u16>(at) as u64) << 48) |
    ((load<u16>(at, 2) as u64) << 32) |
    ((load<u16>(at, 4) as u64) << 16) |
    load<u16>(at, 6)
  )
}

/** Writes the groups of a part of an address, the last of all may be written as IPv4; gives their number, or -1. */
function readGroups(at: u32, end: u32, to: u32, endsAddress: bool): i32 {
  if (at == end) return 0
  let count: i32 = 0
  while (true) {
    const colon = indexOfByte(at, end, 0x3a)
    if (endsAddress && colon == end && indexOfByte(at, end, 0x2e) < end) {
      const address = readV4(at, end)
      if (address < 0 || count > 6) return -1
      store<u16>(to + (count << 1), <u16>(address >> 16))
      store<u16>(to + (count << 1), <u16>address, 2)
      return count + 2
    }
    if (colon == at || colon - at > 4 || count == <i32>GROUPS) return -1
    let group: u32 = 0
    for (; at < colon; at++) {
      const byte = load<u8>(at)
      if (!isHex(byte)) return -1
      group = (group << 4) | (isDigit(byte) ? byte - 0x30 : (byte | 0x20) - 0x57)
    }
    store<u16>(to + (count << 1), <u16>group)
    count++
    if (colon == end) return count
    at = colon + 1
  }
}
