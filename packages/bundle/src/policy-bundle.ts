import { emitRegoFiles, emitWasm } from '@gatewright/compiler'
import type { CheckedPolicy, Json } from '@gatewright/core'
import type { Files } from './archive.js'
import type { Bundle } from './bundle.js'
import { liesIn, type Manifest } from './manifest.js'
import { policiesPath, policiesText } from './policies-document.js'
import { revisionOf } from './revision.js'

/** A policy as it goes into a bundle. */
export interface BundledPolicy {
  readonly ir: CheckedPolicy
  /** The parameters that the policy was given by `with`. */
  readonly values?: Readonly<Record<string, Json>>
  /** The parameters that are given for this bundle; they are data, and can be changed without the policy. */
  readonly given?: Readonly<Record<string, Json>>
  /** All parameters as a rule sees them; a bundle of policies has these in it. */
  readonly parameters?: Readonly<Record<string, Json>>
  /** What is done about violations, for a bundle of policies; `deny` by default. */
  readonly action?: string
}

/** What a bundle judges with. */
export type BundleForm = 'rego' | 'wasm' | 'both' | 'policies'

export interface PolicyBundleOptions {
  /**
   * Rego, which every OPA judges with; a WebAssembly module, for an OPA that has a runtime for it and for SDKs; or both. Or the policies
   * themselves, which only Gatewright's own webhook and provider judge with.
   */
  readonly form?: BundleForm
  /** Which objects are judged, in a bundle of policies. */
  readonly match?: Json
  /** The number of the bundle among those before and after it, from 1. */
  readonly sequence?: number
  /** What else the manifest says. */
  readonly metadata?: Readonly<Record<string, Json>>
  /** A folder that the names of source files are written from. */
  readonly root?: string
}

/**
 * The bundle of some policies: their Rego or their WebAssembly, and the parameters that are given. It owns the policies' own packages
 * and no more, so that other bundles can bring an inventory, and parameters where none are given here.
 */
export function policyBundle(policies: readonly BundledPolicy[], options: PolicyBundleOptions = {}): Bundle {
  const { form = 'rego', sequence, metadata = {}, root } = options
  if (form === 'policies') return bundleOfPolicies(policies, options)
  const files = new Map<string, Uint8Array>()
  const roots: string[] = []
  const encoder = new TextEncoder()
  const add = (path: string, text: string): void => {
    files.set(path, encoder.encode(text))
  }
  if (form !== 'wasm') {
    const printed = policies.map(({ ir, values = {} }) => ({ ir, values }))
    for (const { path, text } of emitRegoFiles(printed, {
      entry: 'opa',
      dialect: 'v1',
      ...(root !== undefined && { root }),
    })) {
      add(path, text)
      roots.push(packageOf(text))
    }
  }
  const wasm =
    form === 'rego'
      ? undefined
      : emitWasm(
          policies.map(({ ir, values = {} }) => ({ ir, values })),
          {},
        )
  if (wasm !== undefined) {
    files.set('policy.wasm', wasm.bytes)
    roots.push(...wasm.entryPoints)
  }
  const given = policies.flatMap(({ ir: { id }, given: own = {} }) =>
    Object.keys(own).length === 0 ? [] : [[id, own]],
  )
  if (given.length > 0) {
    add('gatewright/parameters/data.json', `${JSON.stringify(Object.fromEntries(given), null, 2)}\n`)
    roots.push('gatewright/parameters')
  }
  const owned = outermost(roots)
  const manifest: Manifest = {
    revision: revisionOf(files, owned, sequence),
    roots: owned,
    wasm: (wasm?.entryPoints ?? []).map((entrypoint) => ({ entrypoint, module: '/policy.wasm' })),
    ...(form !== 'wasm' && { regoVersion: 1 }),
    metadata,
  }
  return { manifest, files: files as Files }
}

function bundleOfPolicies(
  policies: readonly BundledPolicy[],
  { sequence, metadata = {}, match }: PolicyBundleOptions,
): Bundle {
  const files: Files = new Map([[policiesPath, new TextEncoder().encode(policiesText(policies, match))]])
  // nothing in it is data
  const roots = ['gatewright/policies']
  return { manifest: { revision: revisionOf(files, roots, sequence), roots, wasm: [], metadata }, files }
}

/** The path in `data` of a module that the compiler wrote. */
function packageOf(rego: string): string {
  const named = /^package (.+)$/m.exec(rego)?.[1]
  if (named === undefined) throw new Error('a module of Rego has no package')
  return [...named.matchAll(/(\w+)|\["((?:[^"\\]|\\.)*)"\]/g)]
    .map(([, word, quoted]) => word ?? (JSON.parse(`"${quoted ?? ''}"`) as string))
    .join('/')
}

/** Roots of which none lies in another. */
const outermost = (roots: readonly string[]): readonly string[] =>
  [...new Set(roots)].filter((root) => !roots.some((other) => other !== root && liesIn(root, other)))
