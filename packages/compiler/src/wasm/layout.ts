import { type Json, isObject, isNumber, numberText } from '@gatewright/core'
import { automatonOf, isProgram } from './automaton.js'

/** The tags of cells, as `assembly/cells.ts` has them. */
export const tags = {
  false: 1,
  true: 2,
  number: 3,
  string: 4,
  list: 5,
  object: 6,
  quantity: 7,
  duration: 8,
  timestamp: 9,
  semver: 10,
  unknown: 11,
  error: 12,
} as const

const integer = 2
const read = 4

/**
 * The memory that a module brings: constants as the cells that the runtime reads, and its tables. Equal texts are one cell, so that
 * keys can be compared by address.
 */
export class Layout {
  readonly start: number
  #bytes = new Uint8Array(4096)
  #length = 0
  readonly #texts = new Map<string, number>()
  readonly #values = new Map<Json, number>()
  readonly #tables = new Map<string, number>()
  readonly #slots = new Map<string, number>()
  readonly #patterns = new Map<string, { readonly at: number; readonly isProgram: boolean }>()
  #booleans: { false: number; true: number } | undefined

  constructor(start: number) {
    this.start = (start + 7) & ~7
  }

  get end(): number {
    return this.start + this.#length
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** Space of a number of bytes, of words where no other alignment is named; its address. */
  allocate(size: number, alignment = 4): number {
    this.#length = Math.ceil(this.#length / alignment) * alignment
    const at = this.#length
    this.#length += size
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    return this.start + at
  }

  set(address: number, ...words: readonly number[]): void {
    const view = new DataView(this.#bytes.buffer)
    for (const [i, word] of words.entries()) view.setUint32(address - this.start + 4 * i, word, true)
  }

  /** The number of a slot in which the runtime keeps what it finds of a table while it judges a document; equal keys share one. */
  slot(key: string): number {
    let slot = this.#slots.get(key)
    if (slot === undefined) this.#slots.set(key, (slot = this.#slots.size))
    return slot
  }

  get slotCount(): number {
    return this.#slots.size
  }

  /** A table of words, which nothing writes to; its address. Equal tables are one. */
  table(words: readonly number[]): number {
    const key = words.join()
    const known = this.#tables.get(key)
    if (known !== undefined) return known
    const at = this.allocate(Math.max(4, words.length * 4))
    this.set(at, ...words)
    this.#tables.set(key, at)
    return at
  }

  bytes(bytes: Uint8Array, alignment = 1): number {
    // a pattern's automaton has words in it; texts are read byte by byte or without alignment
    const at = this.allocate(Math.max(1, bytes.length), alignment)
    this.#bytes.set(bytes, at - this.start)
    return at
  }

  /** The cell of a text. */
  text(text: string): number {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const bytes = new TextEncoder().encode(text)
    const cell = this.table([tags.string, this.bytes(bytes), bytes.length])
    this.#texts.set(text, cell)
    return cell
  }

  /** The cell of a fault. */
  fault(code: string, message: string, tag: number = tags.error): number {
    return this.table([tag, this.text(code), this.text(message), 0])
  }

  /** What finds a pattern in RE2 syntax: an automaton, or a program where that would be too large. */
  pattern(pattern: string): { readonly at: number; readonly isProgram: boolean } {
    let known = this.#patterns.get(pattern)
    if (known === undefined) {
      const bytes = automatonOf(pattern)
      known = { at: this.bytes(bytes, 4), isProgram: isProgram(bytes) }
      this.#patterns.set(pattern, known)
    }
    return known
  }

  /** The cell of a JSON value; 0 for null. */
  value(value: Json): number {
    if (value === null) return 0
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'boolean') {
      this.#booleans ??= { false: this.table([tags.false]), true: this.table([tags.true]) }
      return value ? this.#booleans.true : this.#booleans.false
    }
    const known = this.#values.get(value)
    if (known !== undefined) return known
    const cell = this.#valueCell(value)
    this.#values.set(value, cell)
    return cell
  }

  #valueCell(value: Exclude<Json, string | boolean | null>): number {
    if (isNumber(value)) {
      const text = numberText(value)
      const bytes = new TextEncoder().encode(text)
      const cell = this.allocate(24)
      const small = /^-?[0-9]{1,18}$/.test(text)
      this.set(cell, tags.number | ((small ? integer | read : 0) << 8), this.bytes(bytes), bytes.length, 0)
      if (small) {
        const bits = BigInt.asUintN(64, BigInt(text))
        this.set(cell + 16, Number(bits & 0xffffffffn), Number(bits >> 32n))
      }
      return cell
    }
    if (isObject(value)) {
      const entries = Object.entries(value).flatMap(([key, each]) => [this.text(key), this.value(each)])
      return this.table([tags.object, this.table(entries), entries.length / 2])
    }
    const elements = (value as readonly Json[]).map((each) => this.value(each))
    return this.table([tags.list, this.table(elements), elements.length])
  }
}
