import type { Json } from '@gatewright/core'
import { isObject } from '@gatewright/core'
import { type ArchiveLimits, readArchive, writeArchive } from './archive.js'
import { BundleError } from './bundle-error.js'
import { liesIn, type Manifest, manifestPath, manifestText, parsed, readManifest } from './manifest.js'
import { textOf } from './signature.js'

/** A change of data: `path` is a JSON pointer, `/gatewright/parameters/team~1label`. */
export type PatchOperation =
  | { readonly op: 'upsert' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }

/** What a delta bundle changes in the data that is there. It cannot change modules, and OPA takes no signature of it. */
export interface Delta {
  readonly manifest: Manifest
  readonly patch: readonly PatchOperation[]
}

const patchPath = 'patch.json'

/** A delta bundle as an archive; the same bytes for the same delta. */
export function writeDelta({ manifest, patch }: Delta): Promise<Uint8Array> {
  for (const operation of patch) checkOperation(operation, manifest)
  const encoder = new TextEncoder()
  return writeArchive(
    new Map([
      [manifestPath, encoder.encode(manifestText(manifest))],
      [patchPath, encoder.encode(`${JSON.stringify({ data: patch }, null, 2)}\n`)],
    ]),
  )
}

/**
 * Reads a delta bundle. It carries no signature, so whoever verifies bundles has to say that it is taken all the same:
 * `allowUnsigned`. Throws a `BundleError` for one that has more in it, and for changes outside of its roots.
 */
export async function readDelta(
  bytes: Uint8Array,
  options: { readonly allowUnsigned: true; readonly limits?: ArchiveLimits },
): Promise<Delta> {
  // in JavaScript nothing else asks
  if ((options.allowUnsigned as boolean) !== true)
    throw new BundleError('a delta bundle carries no signature, and was not allowed without')
  const files = await readArchive(bytes, options.limits)
  const more = [...files.keys()].find((path) => path !== manifestPath && path !== patchPath)
  if (more !== undefined) throw new BundleError('a delta bundle has a manifest and a patch alone', more)
  const text = files.get(patchPath)
  if (text === undefined) throw new BundleError('this is no delta bundle: it has no `patch.json`')
  const own = files.get(manifestPath)
  const manifest = readManifest(own && textOf(own, manifestPath))
  const { data = [] } = parsed(textOf(text, patchPath), patchPath)
  if (!Array.isArray(data)) throw new BundleError('`data` is no list', patchPath)
  const patch = (data as readonly Json[]).map(operationOf)
  for (const operation of patch) checkOperation(operation, manifest)
  return { manifest, patch }
}

function operationOf(given: Json): PatchOperation {
  const { op, path, value } = isObject(given) ? given : {}
  if (typeof path !== 'string') throw new BundleError('an operation has no `path`', patchPath)
  if (op === 'remove') return { op, path }
  if ((op === 'upsert' || op === 'replace') && value !== undefined) return { op, path, value }
  throw new BundleError(
    `the operation at \`${path}\` is none of upsert and replace with a value, and remove`,
    patchPath,
  )
}

function checkOperation({ path }: PatchOperation, { roots }: Manifest): void {
  const plain = path.replace(/^\/+|\/+$/g, '')
  if (!roots.some((root) => liesIn(plain, root)))
    throw new BundleError(`\`${path}\` lies in none of the roots`, patchPath)
}
