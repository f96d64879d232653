/** What a file's bytes are, or why they are no text; `offset` is a byte of the file. */
export type Decoded =
  | { readonly text: string; readonly encoding: Encoding; readonly byteOrderMark: boolean }
  | { readonly problem: string; readonly offset: number }

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Decodes a file as kubectl does: a UTF-8 or UTF-16 byte order mark at the start decides and is removed, without one it is UTF-8.
 * Bytes that are no text are refused with their place, where kubectl would put U+FFFD and the API server refuses.
 */
export function decode(bytes: Uint8Array): Decoded {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeUtf16(bytes, true)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeUtf16(bytes, false)
  const byteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  try {
    const text = utf8.decode(byteOrderMark ? bytes.subarray(3) : bytes)
    return { text, encoding: 'utf-8', byteOrderMark }
  } catch {
    const offset = firstInvalidUtf8(bytes)
    return { problem: `the byte at offset ${offset} is not UTF-8`, offset }
  }
}

function decodeUtf16(bytes: Uint8Array, littleEndian: boolean): Decoded {
  const encoding = littleEndian ? 'utf-16le' : 'utf-16be'
  if (bytes.length % 2 === 1) {
    return { problem: 'the file is UTF-16 and ends in half a character', offset: bytes.length - 1 }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: string[] = []
  const units: number[] = []
  for (let at = 2; at < bytes.length; at += 2) {
    const unit = view.getUint16(at, littleEndian)
    const high = unit >= 0xd800 && unit <= 0xdbff
    const low = unit >= 0xdc00 && unit <= 0xdfff
    const next = high && at + 2 < bytes.length ? view.getUint16(at + 2, littleEndian) : 0
    if (low || (high && !(next >= 0xdc00 && next <= 0xdfff))) {
      return { problem: `the bytes at offset ${at} are half a UTF-16 character`, offset: at }
    }
    units.push(unit)
    if (high) {
      units.push(next)
      at += 2
    }
    if (units.length >= 4096) parts.push(String.fromCharCode(...units.splice(0)))
  }
  parts.push(String.fromCharCode(...units))
  return { text: parts.join(''), encoding, byteOrderMark: true }
}

/** The first byte that no UTF-8 text has there (Unicode 15, table 3-7). */
function firstInvalidUtf8(bytes: Uint8Array): number {
  const continues = (at: number, low = 0x80, high = 0xbf): boolean => {
    const byte = bytes[at]
    return byte !== undefined && byte >= low && byte <= high
  }
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0
    if (byte < 0x80) {
      at++
    } else if (byte >= 0xc2 && byte <= 0xdf && continues(at + 1)) {
      at += 2
    } else if (
      byte >= 0xe0 &&
      byte <= 0xef &&
      continues(at + 1, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf) &&
      continues(at + 2)
    ) {
      at += 3
    } else if (
      byte >= 0xf0 &&
      byte <= 0xf4 &&
      continues(at + 1, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf) &&
      continues(at + 2) &&
      continues(at + 3)
    ) {
      at += 4
    } else {
      return at
    }
  }
  return at
}
