import { parseExact } from './exact-json.js'
import { type CompiledModule, type Memory, webAssembly } from './web-assembly.js'

/** What a module of ours gives to hosts that know it. */
interface Exports {
  opa_malloc(size: number): number
  opa_json_parse(address: number, size: number): number
  opa_json_dump(value: number): number
  entrypoints(): number
  opa_heap_ptr_get(): number
  opa_heap_ptr_set(address: number): void
  gatewright_start(): void
  gatewright_judge(entry: number, input: number, size: number, data: number, strict: number): number
  gatewright_problem(): number
  gatewright_problem_at(): number
}

/** A document that a module cannot read, or an evaluation that broke off. Never a verdict. */
export class WasmFailure extends Error {
  override readonly name = 'WasmFailure'
  readonly code: 'unreadable' | 'aborted'

  constructor(code: WasmFailure['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** A verdict as a module writes it: 0 for what is plainly allowed. */
export type RawVerdict = 0 | RawDecision

export interface RawDecision {
  readonly verdict: string
  readonly reasons: readonly {
    readonly code: string
    readonly message: string
    readonly at?: readonly (string | number)[]
  }[]
  readonly violations: readonly RawViolation[]
}

export interface RawViolation {
  readonly at: readonly (string | number)[]
  readonly code: string
  /** The number of the deny in its policy. */
  readonly deny: number
  readonly details: Readonly<Record<string, unknown>>
  readonly message: string
  readonly fix?: readonly {
    readonly at: readonly (string | number)[]
    readonly kind: 'set' | 'remove'
    readonly value?: unknown
  }[]
}

/** Verdicts out of the text that a module writes. */
export const readVerdicts = (text: string): readonly RawVerdict[] =>
  parseExact(text) as unknown as readonly RawVerdict[]

const problems: readonly string[] = [
  'it cannot be read',
  'it is empty',
  'it ends too early',
  'it is no JSON',
  'something stands behind it',
  'a number has an exponent beyond ±100,000',
  'a text holds a control character',
  'a text holds an escape that JSON does not know',
  'a text is not UTF-8',
  'it nests deeper than 1,000 levels',
  'it begins with a byte-order mark',
]

/** A gigabyte: what needs more is refused before the host itself is out of memory. */
const mostPages = 16_384

/** Bytes that are asked for around an input: the reader looks ahead of it. */
const margin = 256

/**
 * An instance of a module that Gatewright compiled, with documents as bytes: they are written into its memory and judged there, and
 * only what was found comes back. Not to be called from two places at once; a module may have many instances.
 */
export class ModuleInstance {
  readonly #exports: Exports
  readonly #memory: Memory
  readonly #encoder = new TextEncoder()
  readonly #decoder = new TextDecoder()
  /** Where the data begins, and where it ends. */
  readonly #start: number
  #base: number
  #data = 0
  #bytes: Uint8Array

  constructor(module: CompiledModule, pages: number = mostPages) {
    this.#memory = new webAssembly.Memory({ initial: 5, maximum: pages })
    const instance = new webAssembly.Instance(module, {
      env: { memory: this.#memory, opa_abort: (address: number) => this.#abort(address) },
    })
    this.#exports = instance.exports as unknown as Exports
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#exports.gatewright_start()
    this.#start = this.#exports.opa_heap_ptr_get()
    this.#base = this.#start
  }

  /** Sets the data document by its JSON text, where parameters are: `{ gatewright: { parameters: { <policy id>: … } } }`. */
  setData(data: string): void {
    const { opa_heap_ptr_set: setHeap, opa_json_parse: parse, opa_heap_ptr_get: heap } = this.#exports
    // in the place of the data before, which is gone
    this.#base = this.#start
    setHeap(this.#start)
    const text = this.#encoder.encode(data)
    const at = this.#exports.opa_malloc(text.length + margin)
    this.#view().set(text, at)
    this.#data = parse(at, text.length)
    if (this.#data === 0) throw new WasmFailure('unreadable', 'the data document cannot be read')
    this.#base = heap()
  }

  /** Judges a document by one policy, whose number counts from 1, or with 0 by all. */
  judge(document: Uint8Array | string, entry = 0, strict = false): readonly RawVerdict[] {
    return readVerdicts(this.judgeToText(document, entry, strict))
  }

  /** As `judge`; the verdicts as text, which `readVerdicts` reads. */
  judgeToText(document: Uint8Array | string, entry = 0, strict = false): string {
    const { gatewright_judge: judge, opa_heap_ptr_set: setHeap, opa_malloc: allocate } = this.#exports
    setHeap(this.#base)
    let at: number
    let size: number
    if (typeof document === 'string') {
      at = allocate(document.length * 3 + margin)
      size = this.#encoder.encodeInto(document, this.#view().subarray(at)).written
    } else {
      size = document.length
      at = allocate(size + margin)
      this.#view().set(document, at)
    }
    let text: number
    try {
      text = judge(entry, at, size, this.#data, strict ? 1 : 0)
    } catch (error) {
      if (error instanceof WasmFailure) throw error
      throw new WasmFailure(
        'aborted',
        `the evaluation broke off: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
    if (text === 0) throw this.#unreadable()
    return this.#text(text)
  }

  /** Bytes of memory that the instance has. */
  get memorySize(): number {
    return this.#memory.buffer.byteLength
  }

  #unreadable(): WasmFailure {
    const problem = problems[this.#exports.gatewright_problem()] ?? problems[0]
    const at = this.#exports.gatewright_problem_at()
    return new WasmFailure('unreadable', `the document cannot be read: ${problem} (byte ${at})`)
  }

  #abort(address: number): never {
    throw new WasmFailure('aborted', this.#text(address))
  }

  /** The memory as it is now: it may have grown. */
  #view(): Uint8Array {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = new Uint8Array(this.#memory.buffer)
    return this.#bytes
  }

  #text(address: number): string {
    const bytes = this.#view()
    return this.#decoder.decode(bytes.subarray(address, bytes.indexOf(0, address)))
  }
}
