/** Bytes of the WebAssembly binary format (WebAssembly Core Specification, section 5). */
export class Bytes {
  #buffer = new Uint8Array(256)
  #length = 0

  get length(): number {
    return this.#length
  }

  #ensure(more: number): void {
    if (this.#length + more <= this.#buffer.length) return
    const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + more))
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }

  byte(...bytes: readonly number[]): this {
    this.#ensure(bytes.length)
    for (const byte of bytes) this.#buffer[this.#length++] = byte
    return this
  }

  append(bytes: Uint8Array): this {
    this.#ensure(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** An unsigned number in LEB128. */
  unsigned(value: number): this {
    let rest = value
    do {
      const low = rest % 128
      rest = Math.floor(rest / 128)
      this.byte(rest > 0 ? low | 0x80 : low)
    } while (rest > 0)
    return this
  }

  /** A signed number of 32 bits in LEB128. */
  signed(value: number): this {
    let rest = value | 0
    for (;;) {
      const low = rest & 0x7f
      rest >>= 7
      const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
      this.byte(done ? low : low | 0x80)
      if (done) return this
    }
  }

  text(value: string): this {
    const bytes = new TextEncoder().encode(value)
    return this.unsigned(bytes.length).append(bytes)
  }

  /** Bytes with their number before them. */
  sized(bytes: Uint8Array): this {
    return this.unsigned(bytes.length).append(bytes)
  }

  toBytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length)
  }
}

/** Reads the binary format. */
export class Reader {
  readonly bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  byte(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new RangeError('the module ends too early')
    return byte
  }

  unsigned(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  take(length: number): Uint8Array {
    if (length < 0 || this.at + length > this.bytes.length) throw new RangeError('the module ends too early')
    const start = this.at
    this.at += length
    return this.bytes.subarray(start, this.at)
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.unsigned()))
  }
}

/** Numbers of the sections of a module. */
export const sections = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const

/** The order in which sections stand. */
export const sectionOrder: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11, 0]
