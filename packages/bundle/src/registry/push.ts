import type { Artifact } from './artifact.js'
import { uploadBlob } from './blobs.js'
import { isDigest, type Reference, referenceText } from './reference.js'
import { RegistryError } from './registry-error.js'
import { type RegistryOptions, sessionOf } from './session.js'
import { checkExpected, digestAt, type Expected, moveTag, putManifest } from './tags.js'

export interface PushOptions extends RegistryOptions {
  /** What the tag has to be: a digest, or `none`. Without it the tag is moved from whatever it is. */
  readonly ifDigest?: Expected
}

export interface Pushed {
  readonly digest: string
  /** The reference with the digest, for those who pull exactly this. */
  readonly pinned: string
  /** What the tag was before; undefined where it was not there, or none was named. */
  readonly before?: string
  /** Whether the tag was there already, and nothing was done. */
  readonly isUnchanged: boolean
  readonly uploaded: number
  readonly skipped: number
}

/**
 * Pushes an artifact: what the registry does not have yet, the manifest by its digest, and then the tag, where the reference has one.
 * Whoever reads the tag sees all of it or what was there before, and a push that broke off goes on when it is repeated. With `ifDigest`
 * the tag is looked at before it is moved and twice afterwards, since hardly a registry compares and swaps by itself: of several
 * publishers one wins and the others are told, but for one that is held up for longer than that between its look and its move.
 * Throws a `RegistryError`.
 */
export async function push(
  reference: Reference,
  artifact: Artifact,
  options: PushOptions = {},
): Promise<Pushed> {
  const { tag, digest } = reference
  const { ifDigest } = options
  if (digest !== undefined && digest !== artifact.digest)
    throw new RegistryError('reference', `this is ${artifact.digest}, and the reference names ${digest}`)
  if (ifDigest !== undefined && tag === undefined)
    throw new RegistryError('reference', 'what the tag has to be is said, and the reference names no tag')
  if (ifDigest !== undefined && ifDigest !== 'none' && !isDigest(ifDigest))
    throw new RegistryError('reference', 'the tag has to be a digest, sha256:…, or `none`')
  const session = sessionOf(reference, options)
  const pinned = referenceText({ ...reference, digest: artifact.digest })
  const before = await digestAt(session, tag ?? artifact.digest)
  const result = {
    digest: artifact.digest,
    pinned,
    ...(tag !== undefined && before !== undefined && { before }),
  }
  if (before === artifact.digest)
    return { ...result, isUnchanged: true, uploaded: 0, skipped: artifact.blobs.size }
  if (tag !== undefined) checkExpected(tag, before, ifDigest)
  let uploaded = 0
  for (const [each, bytes] of artifact.blobs) if (await uploadBlob(session, each, bytes)) uploaded++
  await putManifest(session, artifact)
  if (tag !== undefined) await moveTag(session, tag, artifact, ifDigest)
  return { ...result, isUnchanged: false, uploaded, skipped: artifact.blobs.size - uploaded }
}
