import {
  bundleArtifact,
  BundleError,
  pull,
  type Pulled,
  type PullOptions,
  push,
  type ReadBundle,
  readBundle,
  type Reference,
  RegistryError,
  type RegistryOptions,
  type Verification,
} from '@gatewright/bundle'
import { equalJson, type Json } from '@gatewright/core'

/** A file, or what the manifest says, in which a bundle of a registry is another than it should be. */
export interface BundleDifference {
  /** `team/labels.rego`, or of the manifest `revision`, `roots`, `metadata`, `wasm`. */
  readonly name: string
  readonly is: 'missing' | 'changed' | 'extra'
}

/** What became of a tag, or would. */
export interface RegistryOutcome {
  readonly did: 'created' | 'configured' | 'unchanged'
  readonly differences: readonly BundleDifference[]
  /** The digest that the tag was at. */
  readonly before?: string
  /** The reference with the digest that the tag is at now; undefined where it was only tried. */
  readonly pinned?: string
}

export interface RegistryPublishOptions extends RegistryOptions {
  readonly dryRun?: boolean
  /** What the signature of a bundle that is there is checked with: one that holds for the same files needs no other. */
  readonly verification?: Verification
}

/**
 * Pushes a bundle where the tag has another one. The tag is moved from what was seen: who moves it meanwhile is told, and not overwritten.
 * Rejects with a `RegistryError` or a `BundleError`.
 */
export async function publishToRegistry(
  reference: Reference,
  archive: Uint8Array,
  { dryRun = false, verification, ...options }: RegistryPublishOptions = {},
): Promise<RegistryOutcome> {
  const wanted = await readBundle(archive)
  const there = await taggedAt(reference, options)
  const differences = there === undefined ? [] : differencesOf(there.bundle, wanted)
  const before = there === undefined ? {} : { before: there.digest }
  if (there !== undefined && differences.length === 0 && (await isAsGood(there, wanted, verification)))
    return { did: 'unchanged', differences, ...before, pinned: there.pinned }
  const did = there === undefined ? 'created' : 'configured'
  if (dryRun) return { did, differences, ...before }
  const { pinned } = await push(reference, await bundleArtifact(archive, 'opa'), {
    ...options,
    ifDigest: there?.digest ?? 'none',
  })
  return { did, differences, ...before, pinned }
}

/** Whether a bundle with the same files is signed as well: some signatures are others each time. */
async function isAsGood(
  { bundle, archive }: Pulled,
  wanted: ReadBundle,
  verification: Verification | undefined,
): Promise<boolean> {
  if (bundle.digest === wanted.digest) return true
  if (verification === undefined || !wanted.isSigned) return false
  try {
    await readBundle(archive, { verification })
    return true
  } catch (error) {
    if (error instanceof BundleError) return false
    throw error
  }
}

/** How a tag stands to a source. */
export interface RegistryDrift {
  readonly is: 'same' | 'missing' | 'changed'
  readonly differences: readonly BundleDifference[]
  /** The reference with the digest that the tag is at. */
  readonly pinned?: string
}

/**
 * Tells what the bundle of a tag has otherwise than a source. With a verification, a bundle that is not signed so is refused, and never
 * the same. Rejects with a `RegistryError` or a `BundleError`.
 */
export async function registryDrift(
  reference: Reference,
  archive: Uint8Array,
  options: PullOptions = {},
): Promise<RegistryDrift> {
  const there = await taggedAt(reference, options)
  if (there === undefined) return { is: 'missing', differences: [] }
  const differences = differencesOf(there.bundle, await readBundle(archive))
  return { is: differences.length === 0 ? 'same' : 'changed', differences, pinned: there.pinned }
}

/** What a tag has; undefined where there is none. */
async function taggedAt(reference: Reference, options: PullOptions): Promise<Pulled | undefined> {
  try {
    return await pull(reference, options)
  } catch (error) {
    if (error instanceof RegistryError && error.problem === 'not-found') return undefined
    throw error
  }
}

/** Signatures differ with each signing, and say nothing of what is signed. */
function differencesOf(live: ReadBundle, wanted: ReadBundle): readonly BundleDifference[] {
  const names = [...new Set([...live.files.keys(), ...wanted.files.keys()])].toSorted()
  const files = names.flatMap((name): BundleDifference[] => {
    const [a, b] = [live.files.get(name), wanted.files.get(name)]
    if (a === undefined) return [{ name, is: 'missing' }]
    if (b === undefined) return [{ name, is: 'extra' }]
    return Buffer.compare(a, b) === 0 ? [] : [{ name, is: 'changed' }]
  })
  const said = (['revision', 'roots', 'metadata', 'wasm'] as const).flatMap((name): BundleDifference[] =>
    equalJson(live.manifest[name] as Json, wanted.manifest[name] as Json) ? [] : [{ name, is: 'changed' }],
  )
  return [...said, ...files]
}
