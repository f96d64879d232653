// What each function of a WebAssembly module needs of the rest: the functions that it calls, and the segments of data whose
// addresses it names. The encoder leaves out what no policy of a module needs.

class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes
    this.at = at
  }
  byte() {
    return this.bytes[this.at++]
  }
  unsigned() {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  signed() {
    let value = 0n
    let shift = 0n
    for (;;) {
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      shift += 7n
      if (byte < 0x80) return Number(byte & 0x40 ? value - (1n << shift) : value)
    }
  }
}

export function needsOf(bytes) {
  const sections = new Map()
  const reader = new Reader(bytes, 8)
  while (reader.at < bytes.length) {
    const id = reader.byte()
    const size = reader.unsigned()
    if (!sections.has(id)) sections.set(id, reader.at)
    reader.at += size
  }
  const segments = segmentsOf(new Reader(bytes, sections.get(11)))
  // tables are read from their beginning; a number within one that is large is most likely no address
  const segmentOf = (address) =>
    segments.findIndex(
      ({ start, end }) => address >= start && address < (end - start > 1024 ? start + 16 : end),
    )
  const code = new Reader(bytes, sections.get(10))
  const needs = []
  for (let left = code.unsigned(); left > 0; left--) {
    const end = code.unsigned() + code.at
    for (let groups = code.unsigned(); groups > 0; groups--) {
      code.unsigned()
      code.byte()
    }
    const calls = new Set()
    const data = new Set()
    const name = (address) => {
      const segment = address < 1024 ? -1 : segmentOf(address)
      if (segment >= 0) data.add(segment)
    }
    while (code.at < end) operation(code, calls, name)
    needs.push([[...calls].sort((a, b) => a - b), [...data].sort((a, b) => a - b)])
  }
  return needs
}

function segmentsOf(reader) {
  const segments = []
  for (let left = reader.unsigned(); left > 0; left--) {
    if (reader.unsigned() !== 0 || reader.byte() !== 0x41)
      throw new Error('a segment of data is not at a fixed address')
    const start = reader.signed()
    reader.byte()
    const size = reader.unsigned()
    reader.at += size
    segments.push({ start, end: start + size })
  }
  return segments
}

/** Reads one instruction (WebAssembly Core Specification, section 5.4). */
function operation(code, calls, name) {
  const opcode = code.byte()
  if (opcode >= 0x02 && opcode <= 0x04) code.signed()
  else if (opcode === 0x0c || opcode === 0x0d) code.unsigned()
  else if (opcode === 0x0e) for (let left = code.unsigned() + 1; left > 0; left--) code.unsigned()
  else if (opcode === 0x10) calls.add(code.unsigned())
  else if (opcode === 0x11) {
    code.unsigned()
    code.unsigned()
  } else if (opcode === 0x1c) for (let left = code.unsigned(); left > 0; left--) code.byte()
  else if ((opcode >= 0x20 && opcode <= 0x26) || opcode === 0x3f || opcode === 0x40) code.unsigned()
  else if (opcode >= 0x28 && opcode <= 0x3e) memory(code, name)
  else if (opcode === 0x41) name(code.signed())
  else if (opcode === 0x42) code.signed()
  else if (opcode === 0x43) code.at += 4
  else if (opcode === 0x44) code.at += 8
  else if (opcode === 0xfc) {
    const kind = code.unsigned()
    if (kind === 10) code.at += 2
    else if (kind === 11) code.at += 1
    else if (kind > 7) throw new Error(`the instruction 0xfc ${kind} is not known`)
  } else if (opcode === 0xfd) {
    const kind = code.unsigned()
    if (kind <= 11 || kind === 92 || kind === 93) memory(code, name)
    else if (kind === 12 || kind === 13) code.at += 16
    else if (kind >= 21 && kind <= 34) code.at += 1
    else if (kind >= 84 && kind <= 91) {
      memory(code, name)
      code.at += 1
    }
  } else if (opcode > 0xc4) throw new Error(`the instruction 0x${opcode.toString(16)} is not known`)
}

function memory(code, name) {
  code.unsigned()
  name(code.unsigned())
}
