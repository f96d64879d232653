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

let loaded: object | undefined

function compiler(): object {
  loaded ??= new WebAssembly.Module(Uint8Array.from(atob(patternCompiler), (byte) => byte.charCodeAt(0)))
  return loaded
}

/**
 * What finds a pattern in RE2 syntax, for the data of a module: an automaton for `matchesAutomaton`, or, where that would be too large,
 * a program for `matchesProgram`. The bytes may lie at any address.
 */
export function automatonOf(pattern: string): Uint8Array {
  // one instance each: memory that a large pattern has grown does not stay
  const memory = new WebAssembly.Memory({ initial: 2 })
  const instance = new WebAssembly.Instance(compiler(), { env: { memory } })
  const { begin, allocate, compilePattern, resultSize } = instance.exports as Exports
  begin()
  const text = new TextEncoder().encode(pattern)
  const bytes = allocate(text.length)
  new Uint8Array(memory.buffer).set(text, bytes)
  const at = compilePattern(bytes, text.length) >>> 0
  if (at === 0) throw new TypeError(`the pattern \`${pattern}\` is not RE2 syntax`)
  return new Uint8Array(memory.buffer).slice(at, at + (resultSize.value >>> 0))
}

/** Whether the bytes that find a pattern are a program, which only `matchesProgram` can run. */
export function isProgram(bytes: Uint8Array): boolean {
  return bytes[0] === 2
}
