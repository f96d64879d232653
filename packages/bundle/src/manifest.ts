import { compareText, isObject, type Json } from '@gatewright/core'
import { BundleError } from './bundle-error.js'

/** What a bundle says of itself, in `.manifest`. Source: OPA's documentation of bundles, and `v1/bundle`. */
export interface Manifest {
  readonly revision: string
  /** The parts of `data` that the bundle owns, as paths: `gatewright/pod_security`. An empty one is all of it. */
  readonly roots: readonly string[]
  /** The modules that answer for entry points. */
  readonly wasm: readonly WasmEntry[]
  /** The version of Rego that its modules are written in; undefined leaves it to who reads them. */
  readonly regoVersion?: 0 | 1
  readonly metadata: Readonly<Record<string, Json>>
}

export interface WasmEntry {
  /** `gatewright/pod_security/users/decision`. */
  readonly entrypoint: string
  /** The module's path, with a slash in front: `/policy.wasm`. */
  readonly module: string
}

export const manifestPath = '.manifest'

/** A manifest as it is written: the same bytes for the same manifest. */
export function manifestText({ revision, roots, wasm, regoVersion, metadata }: Manifest): string {
  const overlap = overlapOf(roots)
  if (overlap !== undefined)
    throw new BundleError(`the roots \`${overlap[0]}\` and \`${overlap[1]}\` overlap`, manifestPath)
  const text = {
    revision,
    roots: roots.toSorted(compareText),
    ...(wasm.length > 0 && { wasm }),
    ...(regoVersion !== undefined && { rego_version: regoVersion }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
  return `${JSON.stringify(text, null, 2)}\n`
}

/** Reads a manifest; a bundle without one owns all of `data` and has no revision. */
export function readManifest(text: string | undefined): Manifest {
  if (text === undefined) return { revision: '', roots: [''], wasm: [], metadata: {} }
  const value = parsed(text, manifestPath)
  const { revision = '', roots = [''], wasm = [], rego_version: regoVersion, metadata = {} } = value
  const wrong = (key: string, what: string): never => {
    throw new BundleError(`\`${key}\` is not ${what}`, manifestPath)
  }
  if (typeof revision !== 'string') return wrong('revision', 'a text')
  if (!isTexts(roots)) return wrong('roots', 'a list of texts')
  if (!Array.isArray(wasm)) return wrong('wasm', 'a list')
  if (regoVersion !== undefined && regoVersion !== 0 && regoVersion !== 1)
    return wrong('rego_version', '0 or 1')
  if (!isObject(metadata)) return wrong('metadata', 'an object')
  const trimmed = roots.map((root) => root.replace(/^\/+|\/+$/g, ''))
  const overlap = overlapOf(trimmed)
  if (overlap !== undefined)
    throw new BundleError(`the roots \`${overlap[0]}\` and \`${overlap[1]}\` overlap`, manifestPath)
  return {
    revision,
    roots: trimmed,
    wasm: (wasm as readonly Json[]).map((each) => {
      const { entrypoint, module } = isObject(each) ? each : {}
      if (typeof entrypoint === 'string' && typeof module === 'string') return { entrypoint, module }
      return wrong('wasm', 'a list of entry points with their modules')
    }),
    ...(regoVersion !== undefined && { regoVersion }),
    metadata,
  }
}

/** Reads a JSON file of a bundle that is an object. */
export function parsed(text: string, file: string): Readonly<Record<string, Json>> {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (error) {
    throw new BundleError(`it is no JSON: ${error instanceof Error ? error.message : ''}`, file)
  }
  if (!isObject(value)) throw new BundleError('it is no JSON object', file)
  return value
}

const isTexts = (value: Json): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')

/** Whether a path of `data` lies in a root, or is one. */
export const liesIn = (path: string, root: string): boolean =>
  root === '' || path === root || path.startsWith(`${root}/`)

function overlapOf(roots: readonly string[]): readonly [string, string] | undefined {
  for (const [i, root] of roots.entries())
    for (const other of roots.slice(i + 1))
      if (liesIn(root, other) || liesIn(other, root)) return [root, other]
  return undefined
}
