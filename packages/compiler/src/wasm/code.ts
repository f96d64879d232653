import { Bytes } from './binary.js'
import type { Mark } from './source-map.js'

/** A block that can be left. */
export interface Label {
  readonly depth: number
}

const i32 = 0x7f
const none = 0x40

/** The largest function that is made; engines take far more, and no policy needs it. */
const largestFunction = 500_000

/** What is said of a function that would be larger. Expressions that share parts double with each level when they are written out. */
export class FunctionTooLarge extends Error {
  override readonly name = 'FunctionTooLarge'
}

/** The body of a function as it is written. All locals are 32-bit integers. */
export class Code {
  readonly #bytes = new Bytes()
  #locals: number
  readonly #parameters: number
  /** The functions that it calls. */
  readonly calls: Set<number> = new Set()
  readonly #marks: Mark[] = []
  #depth = 0

  constructor(parameters = 0) {
    this.#parameters = parameters
    this.#locals = parameters
  }

  local(): number {
    return this.#locals++
  }

  get(local: number): void {
    this.#bytes.byte(0x20).unsigned(local)
  }

  set(local: number): void {
    this.#bytes.byte(0x21).unsigned(local)
  }

  tee(local: number): void {
    this.#bytes.byte(0x22).unsigned(local)
  }

  constant(value: number): void {
    this.#limit()
    this.#bytes.byte(0x41).signed(value)
  }

  call(index: number): void {
    this.#limit()
    this.calls.add(index)
    this.#bytes.byte(0x10).unsigned(index)
  }

  op(operation: keyof typeof operations): void {
    this.#bytes.byte(operations[operation])
  }

  /** Loads the word at the address on the stack. */
  load(offset = 0): void {
    this.#bytes.byte(0x28, 2).unsigned(offset)
  }

  /** Loads the byte at the address on the stack. */
  loadByte(offset = 0): void {
    this.#bytes.byte(0x2d, 0).unsigned(offset)
  }

  /** Stores the word on the stack at the address under it. */
  store(offset = 0): void {
    this.#bytes.byte(0x36, 2).unsigned(offset)
  }

  /** A block; leaving it goes behind it. With `gives` it has a value. */
  block(gives: boolean, body: (label: Label) => void): void {
    this.#nest(0x02, gives, body)
  }

  /** A loop; leaving it goes to its beginning. */
  loop(body: (label: Label) => void): void {
    this.#nest(0x03, false, body)
  }

  /** Takes the condition from the stack. */
  if(gives: boolean, then: () => void, otherwise?: () => void): void {
    this.#limit()
    this.#bytes.byte(0x04, gives ? i32 : none)
    this.#depth++
    then()
    if (otherwise !== undefined) {
      this.#bytes.byte(0x05)
      otherwise()
    }
    this.#bytes.byte(0x0b)
    this.#depth--
  }

  #nest(opcode: number, gives: boolean, body: (label: Label) => void): void {
    this.#bytes.byte(opcode, gives ? i32 : none)
    this.#depth++
    body({ depth: this.#depth })
    this.#bytes.byte(0x0b)
    this.#depth--
  }

  leave({ depth }: Label): void {
    this.#bytes.byte(0x0c).unsigned(this.#depth - depth)
  }

  leaveIf({ depth }: Label): void {
    this.#bytes.byte(0x0d).unsigned(this.#depth - depth)
  }

  /** Says of what parts of a policy what follows was made. */
  mark(...made: readonly object[]): void {
    this.#marks.push({ at: this.#bytes.length, made })
  }

  /** Stops as soon as it is clear, and not after all has been written. */
  #limit(): void {
    if (this.#bytes.length > largestFunction) throw new FunctionTooLarge()
  }

  /** The body as the code section holds it, without its size, and what of it was made of which part. */
  finish(): { readonly body: Uint8Array; readonly marks: readonly Mark[] } {
    const locals = this.#locals - this.#parameters
    const head = new Bytes()
    if (locals === 0) head.unsigned(0)
    else head.unsigned(1).unsigned(locals).byte(i32)
    const marks = this.#marks.map(({ at, made }) => ({ at: head.length + at, made }))
    return { body: head.append(this.#bytes.toBytes()).byte(0x0b).toBytes(), marks }
  }
}

const operations = {
  drop: 0x1a,
  select: 0x1b,
  isZero: 0x45,
  equal: 0x46,
  notEqual: 0x47,
  less: 0x48,
  greater: 0x4a,
  greaterUnsigned: 0x4b,
  atMost: 0x4c,
  atLeast: 0x4e,
  atLeastUnsigned: 0x4f,
  add: 0x6a,
  and: 0x71,
  or: 0x72,
  shiftLeft: 0x74,
} as const
