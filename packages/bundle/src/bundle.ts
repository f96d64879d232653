import { createHash } from 'node:crypto'
import { isObject, type Json } from '@gatewright/core'
import { type ArchiveLimits, type Files, readArchive, writeArchive } from './archive.js'
import { BundleError } from './bundle-error.js'
import { liesIn, type Manifest, manifestPath, manifestText, parsed, readManifest } from './manifest.js'
import { compareRevisions } from './revision.js'
import {
  type Signer,
  signaturesPath,
  sign,
  type SigningKey,
  textOf,
  type Verification,
  verify,
} from './signature.js'

/** A bundle as OPA loads it: what it says of itself, and its files. */
export interface Bundle {
  readonly manifest: Manifest
  /** All files but the manifest and the signatures. */
  readonly files: Files
}

/** A bundle that was read. */
export interface ReadBundle extends Bundle {
  /** Who signed it, where that was asked; undefined says nothing of whether it is signed. */
  readonly signer?: Signer
  /** Whether it has signatures, checked or not. */
  readonly isSigned: boolean
  /** The digest of the archive: `sha256:…`. */
  readonly digest: string
}

export interface ReadOptions {
  /** What the signature is checked with. Without it signatures are not looked at. */
  readonly verification?: Verification
  /** The revision that is there already: an older one is refused, and one that cannot be told to be newer. */
  readonly notBefore?: string
  readonly limits?: ArchiveLimits
}

/** A bundle as an archive, signed where a key is given; the same bytes for the same bundle and key, but with `ES…` and `PS…`. */
export async function writeBundle(bundle: Bundle, signing?: SigningKey): Promise<Uint8Array> {
  checkContents(bundle)
  const files = new Map(bundle.files)
  for (const reserved of [manifestPath, signaturesPath])
    if (files.has(reserved)) throw new BundleError('it is written from the manifest and the key', reserved)
  files.set(manifestPath, new TextEncoder().encode(manifestText(bundle.manifest)))
  if (signing !== undefined) files.set(signaturesPath, new TextEncoder().encode(await sign(files, signing)))
  return writeArchive(files)
}

/**
 * Reads a bundle that anyone made. Throws a `BundleError` for the whole of it where its archive is hostile, its signature does not hold,
 * it goes back behind a revision, or it has what its manifest does not permit.
 */
export async function readBundle(bytes: Uint8Array, options: ReadOptions = {}): Promise<ReadBundle> {
  const all = new Map(await readArchive(bytes, options.limits))
  const nested = [...all.keys()].find(
    (path) => path !== signaturesPath && path.endsWith(`/${signaturesPath}`),
  )
  if (nested !== undefined) throw new BundleError('signatures stand at the root of a bundle', nested)
  const signatures = all.get(signaturesPath)
  all.delete(signaturesPath)
  const patch = [...all.keys()].find((path) => path === 'patch.json' || path.endsWith('/patch.json'))
  if (patch !== undefined)
    throw new BundleError(
      'this is a delta bundle, which carries no signature: read it with readDelta()',
      patch,
    )
  const signer =
    options.verification === undefined
      ? undefined
      : await verify(all, signatures && textOf(signatures, signaturesPath), options.verification)
  const text = all.get(manifestPath)
  const manifest = readManifest(text && textOf(text, manifestPath))
  const files = new Map([...all].filter(([path]) => path !== manifestPath))
  checkContents({ manifest, files })
  if (options.notBefore !== undefined) checkOrder(manifest.revision, options.notBefore)
  return {
    manifest,
    files,
    isSigned: signatures !== undefined,
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    ...(signer !== undefined && { signer }),
  }
}

function checkOrder(revision: string, there: string): void {
  const order = compareRevisions(revision, there)
  if (order === 'older')
    throw new BundleError(`revision \`${revision}\` is older than \`${there}\`, which is there already`)
  if (order === 'unordered')
    throw new BundleError(`it cannot be told whether revision \`${revision}\` is newer than \`${there}\``)
}

/** Refuses what OPA refuses: data and entry points outside of the roots, and modules that are not there. */
function checkContents({ manifest: { roots, wasm }, files }: Bundle): void {
  const isPermitted = (path: string): boolean => roots.some((root) => liesIn(path, root))
  for (const [path, bytes] of files) {
    const base = path.slice(path.lastIndexOf('/') + 1)
    if (base !== 'data.json') continue
    const folder = path.slice(0, -base.length).replace(/\/$/, '')
    checkData(parsed(textOf(bytes, path), path), folder, path)
  }
  const seen = new Set<string>()
  for (const { entrypoint, module } of wasm) {
    if (!files.has(module.replace(/^\//, '')))
      throw new BundleError(`the module \`${module}\` of \`${entrypoint}\` is not there`, manifestPath)
    if (!isPermitted(entrypoint))
      throw new BundleError(`the entry point \`${entrypoint}\` lies in none of the roots`, manifestPath)
    if (seen.has(entrypoint)) throw new BundleError(`\`${entrypoint}\` has two modules`, manifestPath)
    seen.add(entrypoint)
  }

  function checkData(value: Json, at: string, file: string): void {
    if (isPermitted(at)) return
    const isAbove = roots.some((root) => at === '' || liesIn(root, at))
    if (!isAbove || !isObject(value)) throw new BundleError(`\`${at}\` lies in none of the roots`, file)
    for (const [key, each] of Object.entries(value)) checkData(each, at === '' ? key : `${at}/${key}`, file)
  }
}
