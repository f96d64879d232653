export { compileJavaScript } from './javascript/compile.js'
export type { CompiledPolicy } from './javascript/compile.js'
