import { writeArchive } from '../archive.js'
import { type ReadBundle, readBundle, type ReadOptions } from '../bundle.js'
import { BundleError } from '../bundle-error.js'
import { type Descriptor, digestOf, type Layout, layersOf, manifestType } from './artifact.js'
import { type Reference, referenceText } from './reference.js'
import { RegistryError } from './registry-error.js'
import { type RegistryOptions, type Session, sessionOf, unexpected } from './session.js'
import { mostManifest } from './tags.js'

export interface PullOptions extends RegistryOptions, ReadOptions {
  /** The most bytes that are pulled; 64 MiB by default. */
  readonly mostBytes?: number
}

export interface Pulled {
  /** The digest of the manifest. */
  readonly digest: string
  /** The reference with that digest. */
  readonly pinned: string
  readonly layout: Layout
  /** The bundle as an archive: the layer as it is, or an archive of the files that the layers are. */
  readonly archive: Uint8Array
  readonly bundle: ReadBundle
}

/**
 * Pulls a bundle. Each part is taken only where its size and its digest are those that name it, and the bundle as `readBundle` takes it,
 * with its signature and its revision. Throws a `RegistryError` or a `BundleError`.
 */
export async function pull(reference: Reference, options: PullOptions = {}): Promise<Pulled> {
  const { mostBytes = 64 * 1024 * 1024 } = options
  const name = reference.digest ?? reference.tag
  if (name === undefined)
    throw new RegistryError('reference', 'say what is pulled: a tag, or a digest behind `@`')
  const session = sessionOf(reference, options)
  const manifest = await manifestAt(session, name)
  const digest = digestOf(manifest)
  if (reference.digest !== undefined && digest !== reference.digest)
    throw new RegistryError('refused', `the registry sends ${digest} for ${reference.digest}`)
  const { layout, layers } = layersOf(manifest)
  const size = layers.reduce((sum, each) => sum + each.size, 0)
  if (size > mostBytes)
    throw new RegistryError('refused', `it is ${size} bytes, more than the ${mostBytes} that are taken`)
  const files = new Map<string, Uint8Array>()
  for (const layer of layers) {
    const path = layer.path ?? 'bundle.tar.gz'
    if (files.has(path)) throw new BundleError('two layers are this file', path)
    files.set(path, await blobOf(session, layer))
  }
  const archive = layout === 'opa' ? ([...files.values()][0] ?? new Uint8Array()) : await writeArchive(files)
  return {
    digest,
    pinned: referenceText({ ...reference, digest }),
    layout,
    archive,
    bundle: await readBundle(archive, options),
  }
}

async function manifestAt(session: Session, name: string): Promise<Uint8Array> {
  const answer = await session.ask(session.at(`manifests/${name}`), {
    method: 'GET',
    headers: { accept: manifestType },
    actions: 'pull',
    most: mostManifest,
  })
  if (answer.status !== 200) throw unexpected(answer, `\`${name}\` cannot be pulled`)
  const said = answer.headers.get('docker-content-digest')
  if (said !== null && said.startsWith('sha256:') && said !== digestOf(answer.body))
    throw new RegistryError('refused', `the registry says ${said} of what is ${digestOf(answer.body)}`)
  return answer.body
}

async function blobOf(session: Session, { digest, size }: Descriptor): Promise<Uint8Array> {
  const answer = await session.ask(session.at(`blobs/${digest}`), {
    method: 'GET',
    actions: 'pull',
    most: size,
  })
  if (answer.status !== 200) throw unexpected(answer, `${digest} cannot be pulled`)
  if (answer.body.length !== size)
    throw new RegistryError('refused', `${digest} is ${answer.body.length} bytes, and had to be ${size}`)
  if (digestOf(answer.body) !== digest)
    throw new RegistryError('refused', `the registry sends ${digestOf(answer.body)} for ${digest}`)
  return answer.body
}
