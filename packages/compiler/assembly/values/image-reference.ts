import { allocate, bytesOf, heap, literal, newString, setHeap, sizeOf } from '../cells'
import { equalBytes, indexOfByte, isDigit, isLetter, isLower, isWord, skipDigits, writeWord } from '../bytes'

/** The reference that was read last; the registry and the repository as Docker normalises them, no tag or digest as 0. */
let registryOfLast: u32 = 0
let repositoryOfLast: u32 = 0
let tagOfLast: u32 = 0
let digestOfLast: u32 = 0

const LONGEST: u32 = 1024

/** Longest repository, of `distribution/reference`. */
const LONGEST_NAME: u32 = 255

const LONGEST_TAG: u32 = 128

export function registry(text: u32): u32 {
  return parse(text) ? registryOfLast : 0
}

export function repository(text: u32): u32 {
  return parse(text) ? repositoryOfLast : 0
}

/** Registry and repository. */
export function name(text: u32): u32 {
  if (!parse(text)) return 0
  const size = sizeOf(registryOfLast)
  const bytes = allocate(size + 1 + sizeOf(repositoryOfLast))
  memory.copy(bytes, bytesOf(registryOfLast), size)
  store<u8>(bytes + size, 0x2f)
  memory.copy(bytes + size + 1, bytesOf(repositoryOfLast), sizeOf(repositoryOfLast))
  return newString(bytes, size + 1 + sizeOf(repositoryOfLast))
}

export function tag(text: u32): u32 {
  return parse(text) ? tagOfLast : 0
}

export function digest(text: u32): u32 {
  return parse(text) ? digestOfLast : 0
}

/** Reads an image reference by the grammar of `distribution/reference`. */
function parse(text: u32): bool {
  const begin = bytesOf(text)
  const size = sizeOf(text)
  // all of the grammar is ASCII, so that bytes are characters
  if (size > LONGEST) return false
  let end = begin + size
  if (size == 64 && hexEnd(begin, end) == end) return false
  digestOfLast = 0
  const sign = indexOfByte(begin, end, 0x40)
  if (sign < end) {
    if (!isDigest(sign + 1, end)) return false
    digestOfLast = newString(sign + 1, end - sign - 1)
    end = sign
  }
  let at = begin
  const slash = indexOfByte(begin, end, 0x2f)
  registryOfLast = 0
  if (slash < end && isDomain(begin, slash)) {
    if (domainEnd(begin, slash) != slash) return false
    registryOfLast = registryNamed(begin, slash)
    at = slash + 1
  }
  const colon = indexOfByte(at, end, 0x3a)
  if (!isPath(at, colon)) return false
  tagOfLast = 0
  if (colon < end) {
    if (!isTag(colon + 1, end)) return false
    tagOfLast = newString(colon + 1, end - colon - 1)
  }
  if (registryOfLast == 0) registryOfLast = literal('docker.io')
  repositoryOfLast =
    isDockerHub(registryOfLast) && indexOfByte(at, colon, 0x2f) == colon
      ? official(at, colon - at)
      : newString(at, colon - at)
  return sizeOf(repositoryOfLast) <= LONGEST_NAME
}

/** A registry as it is named; Docker Hub has two names. */
function registryNamed(at: u32, end: u32): u32 {
  return isWord(at, end - at, 'index.docker.io') ? literal('docker.io') : newString(at, end - at)
}

function isDockerHub(registry: u32): bool {
  return isWord(bytesOf(registry), sizeOf(registry), 'docker.io')
}

/** The repository `library/…` of an official image. */
function official(at: u32, size: u32): u32 {
  const bytes = allocate(size + 8)
  memory.copy(writeWord(bytes, 'library/'), at, size)
  return newString(bytes, size + 8)
}

/**
 * Whether the first component is a host: it has a dot or a port, is `localhost`, or is not in lower case. One with characters
 * beyond ASCII is no part of any reference, whatever it is taken for.
 */
function isDomain(at: u32, end: u32): bool {
  if (isWord(at, end - at, 'localhost')) return true
  for (; at < end; at++) {
    const byte = load<u8>(at)
    if (byte == 0x2e || byte == 0x3a || (isLetter(byte) && !isLower(byte))) return true
  }
  return false
}

/** The end of the host with its port that stands at a place; somewhere before the end where there is none. */
function domainEnd(at: u32, end: u32): u32 {
  if (at < end && load<u8>(at) == 0x5b) {
    const from = ++at
    while (at < end && (isHex(load<u8>(at)) || load<u8>(at) == 0x3a)) at++
    if (at == from || at == end || load<u8>(at) != 0x5d) return 0
    at++
  } else {
    while (true) {
      const from = at
      while (at < end && (isLetterOrDigit(load<u8>(at)) || load<u8>(at) == 0x2d)) at++
      if (at == from || load<u8>(from) == 0x2d || load<u8>(at - 1) == 0x2d) return 0
      if (at == end || load<u8>(at) != 0x2e) break
      at++
    }
  }
  if (at == end || load<u8>(at) != 0x3a) return at
  const port = skipDigits(at + 1, end)
  return port == at + 1 ? 0 : port
}

/** Whether bytes are the components of a path: runs of lower-case letters and digits with `.`, `_`, `__` or dashes between. */
function isPath(at: u32, end: u32): bool {
  while (true) {
    const from = at
    while (at < end && isLowerOrDigit(load<u8>(at))) at++
    if (at == from) return false
    if (at == end) return true
    const byte = load<u8>(at++)
    if (byte == 0x2d) {
      while (at < end && load<u8>(at) == 0x2d) at++
    } else if (byte == 0x5f) {
      if (at < end && load<u8>(at) == 0x5f) at++
    } else if (byte != 0x2e && byte != 0x2f) {
      return false
    }
  }
}

function isTag(at: u32, end: u32): bool {
  if (at == end || end - at > LONGEST_TAG) return false
  if (load<u8>(at) == 0x2e || load<u8>(at) == 0x2d) return false
  for (; at < end; at++) {
    const byte = load<u8>(at)
    if (!isLetterOrDigit(byte) && byte != 0x5f && byte != 0x2e && byte != 0x2d) return false
  }
  return true
}

/** Only the algorithms whose length is known are taken, as the reference library does. */
function isDigest(at: u32, end: u32): bool {
  const colon = indexOfByte(at, end, 0x3a)
  const size = colon - at
  const digits: u32 = isWord(at, size, 'sha256')
    ? 64
    : isWord(at, size, 'sha384')
      ? 96
      : isWord(at, size, 'sha512')
        ? 128
        : 0
  return digits != 0 && end - colon == digits + 1 && hexEnd(colon + 1, end) == end
}

/** The end of the digits to base 16, in lower case, that begin at a place. */
function hexEnd(at: u32, end: u32): u32 {
  while (at < end && isHex(load<u8>(at)) && isLowerOrDigit(load<u8>(at))) at++
  return at
}

export function isHex(byte: u8): bool {
  return isDigit(byte) || <u8>((byte | 0x20) - 0x61) < 6
}

function isLowerOrDigit(byte: u8): bool {
  return isLower(byte) || isDigit(byte)
}

function isLetterOrDigit(byte: u8): bool {
  return isLetter(byte) || isDigit(byte)
}

/**
 * Whether an image lies in a registry or repository, by whole components: 2 where the image or the prefix cannot be read. A
 * prefix without a registry is one of Docker Hub's; a slash at its end is allowed.
 */
export function within(text: u32, prefix: u32): u32 {
  const mark = heap
  const answer = isWithin(text, prefix)
  setHeap(mark)
  return answer
}

function isWithin(text: u32, prefix: u32): u32 {
  if (!parse(text)) return 2
  const begin = bytesOf(prefix)
  let end = begin + sizeOf(prefix)
  if (end > begin && load<u8>(end - 1) == 0x2f) end--
  const slash = indexOfByte(begin, end, 0x2f)
  let at = begin
  let registry: u32 = 0
  if (isDomain(begin, slash)) {
    if (domainEnd(begin, slash) != slash) return 2
    registry = registryNamed(begin, slash)
    at = min(slash + 1, end)
    if (at < end && !isPath(at, end)) return 2
  } else {
    if (!isPath(at, end)) return 2
    registry = literal('docker.io')
  }
  const size = sizeOf(registry)
  if (size != sizeOf(registryOfLast) || !equalBytes(bytesOf(registry), bytesOf(registryOfLast), size))
    return 0
  if (at == end) return 1
  if (holds(at, end - at)) return 1
  if (!isDockerHub(registry) || indexOfByte(at, end, 0x2f) < end) return 0
  const library = official(at, end - at)
  return u32(holds(bytesOf(library), sizeOf(library)))
}

/** Whether the repository that was read last is one, or lies in it. */
function holds(at: u32, size: u32): bool {
  const bytes = bytesOf(repositoryOfLast)
  const whole = sizeOf(repositoryOfLast)
  if (whole < size || !equalBytes(at, bytes, size)) return false
  return whole == size || load<u8>(bytes + size) == 0x2f
}
