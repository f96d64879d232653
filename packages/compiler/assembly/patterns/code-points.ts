/** Code points of UTF-8. */

/** The code point at an address whose first byte is not ASCII. */
export function codePointAt(at: u32): u32 {
  const first = <u32>load<u8>(at)
  if (first < 0xe0) return ((first & 0x1f) << 6) | (load<u8>(at, 1) & 0x3f)
  const two = ((<u32>load<u8>(at, 1) & 0x3f) << 6) | (load<u8>(at, 2) & 0x3f)
  if (first < 0xf0) return ((first & 0x0f) << 12) | two
  return ((first & 0x07) << 18) | (two << 6) | (load<u8>(at, 3) & 0x3f)
}

/** How many bytes the code point has that begins with a byte which is not ASCII. */
export function bytesFrom(first: u32): u32 {
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}
