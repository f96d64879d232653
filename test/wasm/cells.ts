import { parseDecimal, type JsonNumber } from '../../packages/core/src/values/decimal.js'

// the types of Node have no WebAssembly
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (bytes: Uint8Array) => Module
  readonly Instance: new (
    module: Module,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

type Module = object

/** A number as it is written; the reference gets its value and the module its text. */
export class Written {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  get value(): JsonNumber {
    const value = parseDecimal(this.text)
    if (value === undefined) throw new Error(`${this.text} is no number`)
    return value
  }
}

/** A JSON value whose numbers are as they are written. */
export type Tree = null | boolean | string | Written | readonly Tree[] | { readonly [key: string]: Tree }

/** What the functions of the runtime take and give: addresses and small answers. */
export type Call = (...of: number[]) => number

const tags = { false: 1, true: 2, number: 3, string: 4, list: 5, object: 6 } as const
const domains: Readonly<Record<number, string>> = { 7: 'quantity', 8: 'duration', 9: 'timestamp' }

/** Values in the memory of a module, written and read as `cells.ts` of the runtime lays them out. */
export class Cells {
  readonly functions: Readonly<Record<string, Call>>
  readonly #memory: { readonly buffer: ArrayBuffer }
  readonly #base: number
  /** Says which of several right ways to lay out a value is taken. */
  readonly #choose: (below: number) => number
  /** Numbers remember what was read, so that only they may change. */
  #numbers: number[] = []
  #endTaken = false

  constructor(bytes: Uint8Array, choose: (below: number) => number) {
    this.#memory = new WebAssembly.Memory({ initial: 64 })
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { memory: this.#memory },
    })
    this.functions = exports as Readonly<Record<string, Call>>
    this.#base = this.call('base')
    this.#choose = choose
    this.clear()
  }

  call(name: string, ...operands: number[]): number {
    const called = this.functions[name]
    if (called === undefined) throw new Error(`the module has no ${name}`)
    return called(...operands)
  }

  /** Forgets all values. Those to come must be small, unless they keep away from the end of the memory. */
  clear(toEnd = true): void {
    this.call('setHeap', this.#base)
    this.#numbers = []
    this.#endTaken = !toEnd
  }

  get #view(): DataView {
    return new DataView(this.#memory.buffer)
  }

  #allocate(size: number): number {
    return this.call('allocate', size) >>> 0
  }

  #bytes(text: string): readonly [number, number] {
    const bytes = Buffer.from(text)
    const memory = Buffer.from(this.#memory.buffer)
    if (!this.#endTaken && this.#choose(20) === 0) {
      this.#endTaken = true
      // reading beyond the end of the memory traps
      const end = memory.length - bytes.length
      memory.set(bytes, end)
      return [end, bytes.length]
    }
    const skew = this.#choose(8)
    const at = this.#allocate(bytes.length + 16) + skew
    Buffer.from(this.#memory.buffer).set(bytes, at)
    // what stands behind a text must have no part in the answer
    Buffer.from(this.#memory.buffer).fill(
      '7.s*'[this.#choose(4)] as string,
      at + bytes.length,
      at + bytes.length + 8,
    )
    return [at, bytes.length]
  }

  /** The cell of a value, 0 of null. */
  write(tree: Tree): number {
    if (tree === null) return 0
    if (typeof tree === 'boolean') return this.#cell(tree ? tags.true : tags.false, 0, 0)
    if (typeof tree === 'string') return this.#cell(tags.string, ...this.#bytes(tree))
    if (tree instanceof Written) return this.#number(tree)
    if (Array.isArray(tree)) {
      const list = this.array(tree as readonly Tree[])
      return this.#cell(tags.list, list, tree.length)
    }
    const entries = Object.entries(tree)
    const parts = entries.map(([key, value]) => [this.write(key), this.write(value)] as const)
    const at = this.#allocate(entries.length * 8)
    for (const [i, [key, value]] of parts.entries()) {
      this.#view.setUint32(at + i * 8, key, true)
      this.#view.setUint32(at + i * 8 + 4, value, true)
    }
    return this.#cell(tags.object, at, entries.length)
  }

  /** The address of an array of values. */
  array(trees: readonly Tree[]): number {
    const cells = trees.map((element) => this.write(element))
    const at = this.#allocate(cells.length * 4)
    for (const [i, cell] of cells.entries()) this.#view.setUint32(at + i * 4, cell, true)
    return at
  }

  /** Writes words at an address, and gives it. */
  words(at: number, words: readonly number[]): number {
    for (const [i, word] of words.entries()) this.#view.setUint32(at + i * 4, word, true)
    return at
  }

  #cell(tag: number, at: number, size: number): number {
    const cell = this.#allocate(24)
    this.#view.setUint32(cell, tag, true)
    this.#view.setUint32(cell + 4, at, true)
    this.#view.setUint32(cell + 8, size, true)
    return cell
  }

  #number(number: Written): number {
    const { value } = number
    const isInteger = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
    const isRead =
      isInteger && BigInt(value) < 2n ** 63n && BigInt(value) > -(2n ** 63n) && this.#choose(3) === 0
    const cell = this.#cell(tags.number, ...(isRead ? ([0, 0] as const) : this.#bytes(number.text)))
    if (isRead) {
      this.#view.setUint8(cell + 1, 6)
      this.#view.setBigInt64(cell + 16, BigInt(value), true)
    }
    this.#numbers.push(cell)
    return cell
  }

  /** What has been written so far, but what numbers may remember. */
  constants(end: number): Buffer {
    const copy = Buffer.from(new Uint8Array(this.#memory.buffer, 0, end).slice())
    for (const cell of this.#numbers) {
      copy[cell + 1] = 0
      copy.fill(0, cell + 16, cell + 24)
    }
    return copy
  }

  end(): number {
    return (this.functions['heap'] as unknown as { readonly value: number }).value
  }

  /** What an address stands for, in a form that shows all of it. */
  read(cell: number): unknown {
    if (cell === 0) return undefined
    const view = this.#view
    const [tag, flags] = [view.getUint8(cell), view.getUint8(cell + 1)]
    const [at, size] = [view.getUint32(cell + 4, true), view.getUint32(cell + 8, true)]
    switch (tag) {
      case tags.false:
      case tags.true:
        return tag === tags.true
      case tags.number: {
        if ((flags & 2) !== 0) return new Written(String(view.getBigInt64(cell + 16, true)))
        return new Written(this.#text(at, size))
      }
      case tags.string:
        return this.#text(at, size)
      case tags.list:
        return Array.from({ length: size }, (_, i) => this.read(view.getUint32(at + i * 4, true)))
      case 10:
        return { domain: 'semver' }
      case 12:
        return { code: this.read(at), message: this.read(size) }
      default:
        return {
          domain: domains[tag],
          nanos: BigInt.asIntN(
            128,
            view.getBigUint64(cell + 8, true) | (view.getBigUint64(cell + 16, true) << 64n),
          ),
        }
    }
  }

  #text(at: number, size: number): string {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      new Uint8Array(this.#memory.buffer, at, size),
    )
  }
}
