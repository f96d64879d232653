export { defineConfig } from './config.js'
export type { Config } from './config.js'
export { exitCodes } from './usage-error.js'
