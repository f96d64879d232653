export { loadOpaModule, OpaModule } from './opa-module.js'
export type { InputShape, OpaModuleOptions } from './opa-module.js'
export { OpaLoadError } from './load-error.js'
export { OpaWasmWitness } from './witness.js'
