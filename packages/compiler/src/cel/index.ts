export { emitCel } from './module.js'
export type { CelExpressions } from './module.js'
export type { CelVariable } from './compilation.js'
export { CelUnsupported } from './unsupported.js'
