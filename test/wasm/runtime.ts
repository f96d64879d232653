import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// the types of Node have no WebAssembly
interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => Memory
  readonly Module: new (bytes: Uint8Array) => Module
  readonly Instance: new (
    module: Module,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}
type Module = object

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The two forms of the runtime that are built from its sources. */
export const variants = ['simd', 'scalar'] as const

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const built = new Map<string, Module>()

/** Files of the WebAssembly runtime as a module that exports all that they export. */
export function buildRuntime(files: readonly string[], variant: (typeof variants)[number]): Module {
  const name = [variant, ...files].join(' ')
  let module = built.get(name)
  if (module === undefined) built.set(name, (module = new WebAssembly.Module(assembled(files, variant))))
  return module
}

/** The bytes of such a module. */
export function assembled(
  files: readonly string[],
  variant: (typeof variants)[number],
): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-wasm-'))
  try {
    const out = join(folder, 'runtime.wasm')
    const sources = files.map((file) => join('packages/compiler/assembly', `${file}.ts`))
    const simd = [variant === 'simd' ? '--enable' : '--disable', 'simd']
    const options = '--runtime stub --use abort= --importMemory --memoryBase 1024 -O3'.split(' ')
    const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js')
    execFileSync(process.execPath, [compiler, ...sources, ...options, ...simd, '--outFile', out], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return new Uint8Array(readFileSync(out))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What is wanted of a document, as the encoder lays it into memory. */
export interface Trie {
  readonly whole?: boolean
  readonly fields?: ReadonlyMap<string, Trie>
  readonly elements?: Trie
  readonly values?: Trie
}

type Call = (...args: readonly number[]) => number

/** A module of the runtime with its memory. */
export class Runtime {
  readonly memory = new WebAssembly.Memory({ initial: 2 })
  readonly #exports: Readonly<Record<string, unknown>>
  #base = 0

  /** The heap begins behind the constants of the files. */
  constructor(module: Module, heap = 8192) {
    this.#exports = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports
    this.call('setHeap', heap)
    this.keep()
  }

  call(name: string, ...args: readonly number[]): number {
    return ((this.#exports[name] as Call)(...args) ?? 0) >>> 0
  }

  global(name: string): number {
    return (this.#exports[name] as { readonly value: number }).value >>> 0
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer)
  }

  get view(): DataView {
    return new DataView(this.memory.buffer)
  }

  /** Sets the heap back to what is kept. */
  reset(): void {
    this.call('setHeap', this.#base)
  }

  /** What is allocated now outlives a reset. */
  keep(): void {
    this.#base = this.global('heap')
  }

  /** Makes memory reach an address. */
  reach(end: number): void {
    const missing = end - this.memory.buffer.byteLength
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536))
  }

  /** Puts a text behind the heap, at an offset from a multiple of 64, between bytes that are none of its own. */
  place(text: Uint8Array, offset: number, around: number): number {
    const at = ((this.global('heap') + 127) & ~63) + offset
    this.reach(at + text.length + 128)
    this.bytes.fill(around, at - 64, at + text.length + 128)
    this.bytes.set(text, at)
    return at
  }

  /** A NUL-terminated text. */
  text(at: number): string {
    const { bytes } = this
    return utf8.decode(bytes.subarray(at, bytes.indexOf(0, at)))
  }

  string(text: string): number {
    const bytes = Buffer.from(text)
    const at = this.call('allocate', bytes.length)
    this.bytes.set(bytes, at)
    return this.call('newString', at, bytes.length)
  }

  trie({ whole = false, fields = new Map(), elements, values }: Trie): number {
    const node = this.call('allocate', 20)
    const at = this.call('allocate', fields.size * 8)
    let next = at
    for (const [key, child] of fields) {
      const [cell, beneath] = [this.string(key), this.trie(child)]
      this.view.setUint32(next, cell, true)
      this.view.setUint32(next + 4, beneath, true)
      next += 8
    }
    const words = [
      whole ? 1 : 0,
      fields.size,
      at,
      elements === undefined ? 0 : this.trie(elements),
      values === undefined ? 0 : this.trie(values),
    ]
    words.forEach((word, index) => this.view.setUint32(node + index * 4, word, true))
    return node
  }
}
