export { emitWasm } from './module.js'
export type { WasmModule, WasmOptions, WasmPolicy } from './module.js'
export { WasmUnsupported } from './compilation.js'
