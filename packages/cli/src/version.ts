import { createRequire } from 'node:module'

const manifest: unknown = createRequire(import.meta.url)('../package.json')

/** The version of the command. */
export const version: string = (manifest as { readonly version: string }).version
