import { fromBase64 } from './base64.js'
import { patternCompiler } from './generated/patterns.js'

// the library that the compiler is written for has no WebAssembly
interface Memory {
  readonly buffer: ArrayBuffer
}
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => Memory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: unknown }
}

interface Exports {
  readonly begin: () => void
  readonly allocate: (size: number) => number
  readonly compilePattern: (bytes: number, size: number) => number
  readonly resultSize: { readonly value: number }
}

interface Compiler extends Exports {
  readonly memory: Memory
}

let module: object | undefined
let compiler: Compiler | undefined

function load(): Compiler {
  module ??= new WebAssembly.Module(fromBase64(patternCompiler))
  const memory = new WebAssembly.Memory({ initial: 2 })
  const instance = new WebAssembly.Instance(module, { env: { memory } })
  return { ...(instance.exports as Exports), memory }
}

/** What a pattern may leave of memory; most need the space of their states alone. */
const mostMemory = 1 << 24

/**
 * What finds a pattern in RE2 syntax, for the data of a module: an automaton for `matchesAutomaton`, or, where that would be too large,
 * a program for `matchesProgram`. The bytes may lie at any address.
 */
export function automatonOf(pattern: string): Uint8Array {
  // half of a surrogate pair has no UTF-8
  if (/\p{Cs}/u.test(pattern)) throw new TypeError('a pattern has half of a surrogate pair')
  const used = compiler ?? load()
  // what a trap leaves is not used again
  compiler = undefined
  const { memory, begin, allocate, compilePattern, resultSize } = used
  begin()
  const text = new TextEncoder().encode(pattern)
  const bytes = allocate(text.length)
  new Uint8Array(memory.buffer).set(text, bytes)
  const at = compilePattern(bytes, text.length) >>> 0
  const result = new Uint8Array(memory.buffer).slice(at, at + (resultSize.value >>> 0))
  if (memory.buffer.byteLength <= mostMemory) compiler = used
  if (at === 0) throw new TypeError(`the pattern \`${pattern}\` is not RE2 syntax or too long`)
  return result
}

/** Whether the bytes that find a pattern are a program, which only `matchesProgram` can run. */
export function isProgram(bytes: Uint8Array): boolean {
  return bytes[0] === 2
}
