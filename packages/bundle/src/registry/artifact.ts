import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { compareText, isObject, type Json } from '@gatewright/core'
import type { Files } from '../archive.js'
import { readBundle } from '../bundle.js'
import { BundleError } from '../bundle-error.js'
import { checkDistinct, checkFilePath } from '../file-path.js'
import { parsed } from '../manifest.js'
import { isDigest } from './reference.js'
import { RegistryError } from './registry-error.js'

/**
 * How policies lie in a registry: `opa`, the bundle as one layer; `conftest`, a layer for each module and each file of data; `gator`, a
 * layer for each manifest of Kubernetes.
 */
export type Layout = 'opa' | 'conftest' | 'gator'

/** What is pushed: a manifest and what it names. The same bytes for the same content. */
export interface Artifact {
  readonly layout: Layout
  readonly manifest: Uint8Array
  /** The digest of the manifest, by which the whole is pinned. */
  readonly digest: string
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

/** What a manifest says of something that it names. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
}

export const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const imageConfig = 'application/vnd.oci.image.config.v1+json'
const bundleLayer = 'application/vnd.oci.image.layer.v1.tar+gzip'
const conftestConfig = 'application/vnd.cncf.openpolicyagent.config.v1+json'
const regoLayer = 'application/vnd.cncf.openpolicyagent.policy.layer.v1+rego'
const dataLayer = 'application/vnd.cncf.openpolicyagent.data.layer.v1+json'
const yamlLayer = 'application/vnd.cncf.openpolicyagent.policy.layer.v1+yaml'
/** Where tools that lay layers out as files find the path of one. */
const title = 'org.opencontainers.image.title'
const version = 'org.opencontainers.image.version'

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/**
 * A bundle as an artifact for OPA, or for conftest, which takes its modules and data without the manifest and its signatures. Throws a
 * `BundleError` for what is no sound bundle, and for modules of WebAssembly, which conftest cannot run.
 */
export async function bundleArtifact(
  bundle: Uint8Array,
  layout: 'opa' | 'conftest' = 'opa',
): Promise<Artifact> {
  const { manifest, files } = await readBundle(bundle)
  const annotations = manifest.revision === '' ? undefined : { [version]: manifest.revision }
  if (layout === 'opa') {
    const config = {
      architecture: 'unknown',
      os: 'unknown',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digestOf(gunzipSync(bundle))] },
    }
    const layer = { type: bundleLayer, bytes: bundle, path: 'bundle.tar.gz' }
    return artifactOf(layout, imageConfig, config, [layer], annotations)
  }
  const layers = [...files].map(([path, bytes]) => {
    const isData = /(?:^|\/)data\.json$/.test(path)
    if (!isData && !path.endsWith('.rego'))
      throw new BundleError('conftest judges by Rego and data in JSON alone', path)
    return { type: isData ? dataLayer : regoLayer, bytes, path }
  })
  return artifactOf(layout, conftestConfig, {}, layers, annotations)
}

/** Manifests of Kubernetes, templates and constraints, as an artifact that `gator --image` takes; by their paths, which end with `.yaml`. */
export function gatorArtifact(files: Files): Artifact {
  if (files.size === 0) throw new BundleError('there are no manifests')
  const layers = [...files].map(([path, bytes]) => {
    checkFilePath(path)
    if (!/\.(?:yaml|yml|json)$/.test(path)) throw new BundleError('gator reads .yaml, .yml and .json', path)
    return { type: yamlLayer, bytes, path }
  })
  checkDistinct([...files.keys()])
  return artifactOf('gator', imageConfig, {}, layers)
}

interface Layer {
  readonly type: string
  readonly bytes: Uint8Array
  readonly path: string
}

function artifactOf(
  layout: Layout,
  configType: string,
  config: object,
  layers: readonly Layer[],
  annotations?: Readonly<Record<string, string>>,
): Artifact {
  const encoder = new TextEncoder()
  const blobs = new Map<string, Uint8Array>()
  const described = (type: string, bytes: Uint8Array, path?: string): Descriptor => {
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return {
      mediaType: type,
      digest,
      size: bytes.length,
      ...(path !== undefined && { annotations: { [title]: path } }),
    }
  }
  const manifest = encoder.encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: described(configType, encoder.encode(JSON.stringify(config))),
      layers: layers
        .toSorted((a, b) => compareText(a.path, b.path))
        .map(({ type, bytes, path }) => described(type, bytes, path)),
      ...(annotations !== undefined && { annotations }),
    }),
  )
  return { layout, manifest, digest: digestOf(manifest), blobs }
}

/** The layers of a manifest, and how they lie there. Throws a `RegistryError` for what none of our readers would take. */
export function layersOf(manifest: Uint8Array): {
  readonly layout: Layout
  readonly layers: readonly (Descriptor & { readonly path?: string })[]
} {
  const wrong = (why: string): never => {
    throw new RegistryError('refused', `the manifest is not taken: ${why}`)
  }
  let value: Readonly<Record<string, Json>>
  try {
    value = parsed(new TextDecoder('utf-8', { fatal: true }).decode(manifest), 'manifest')
  } catch {
    return wrong('it is no JSON object')
  }
  if (value['manifests'] !== undefined)
    return wrong('it is an index of several: name one of them by its digest')
  if (value['schemaVersion'] !== 2 || (value['mediaType'] ?? manifestType) !== manifestType)
    return wrong(`it is not of the type ${manifestType}`)
  const given = value['layers']
  if (!Array.isArray(given) || given.length === 0) return wrong('it has no layers')
  const layers = (given as readonly Json[]).map((each) => {
    const { mediaType, digest, size, annotations } = isObject(each) ? each : {}
    if (typeof mediaType !== 'string' || typeof digest !== 'string' || !isDigest(digest))
      return wrong('a layer has no type or no SHA-256 digest')
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      return wrong('a layer does not say its size')
    const path = isObject(annotations) ? annotations[title] : undefined
    return { mediaType, digest, size, ...(typeof path === 'string' && { path }) }
  })
  const bundles = layers.filter(({ mediaType }) => mediaType === bundleLayer)
  if (bundles.length > 0)
    return layers.length === 1 ? { layout: 'opa', layers } : wrong('it has other layers beside a bundle')
  for (const { mediaType, path } of layers) {
    if (![regoLayer, dataLayer, yamlLayer].includes(mediaType))
      return wrong(`it has a layer of the type ${JSON.stringify(mediaType)}, which is no bundle`)
    if (path === undefined) return wrong('a layer does not say its path')
  }
  return { layout: layers.every(({ mediaType }) => mediaType === yamlLayer) ? 'gator' : 'conftest', layers }
}
