import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import {
  type Artifact,
  bundleArtifact,
  gatorArtifact,
  type Layout,
  parseReference,
  push as pushArtifact,
} from '@gatewright/bundle'
import { type BundleOptions, bundleOf, type PolicyOptions } from '../built-bundle.js'
import { registryOutcome } from '../registry-outcome.js'
import { exitCodes, UsageError } from '../usage-error.js'

export interface PushCommandOptions extends PolicyOptions, BundleOptions {
  readonly layout: Layout
  /** A bundle that is there, instead of one that is built. */
  readonly bundle?: string
  /** The folder with the manifests that gator pulls. */
  readonly manifests?: string
  /** What the tag has to be, a digest or `none`. */
  readonly ifDigest?: string
  readonly plainHttp?: boolean
}

/** Pushes a bundle, or manifests for gator, prints the reference with its digest, and gives the exit code. */
export function push(name: string, options: PushCommandOptions): Promise<number> {
  return registryOutcome(name, async () => {
    const reference = parseReference(name)
    if (reference.tag === undefined && reference.digest === undefined)
      throw new UsageError(
        'the reference names no tag',
        `say ${reference.registry}/${reference.repository}:<tag>`,
      )
    const artifact = await artifactToPush(options)
    const { pinned, isUnchanged, before, uploaded, skipped } = await pushArtifact(reference, artifact, {
      ...(options.ifDigest !== undefined && { ifDigest: options.ifDigest }),
      ...(options.plainHttp !== undefined && { plainHttp: options.plainHttp }),
    })
    process.stderr.write(
      isUnchanged
        ? 'it was there already\n'
        : `${uploaded} of ${uploaded + skipped} blobs uploaded${before === undefined ? '' : `, the tag was ${before}`}\n`,
    )
    process.stdout.write(`${pinned}\n`)
    return exitCodes.clean
  })
}

async function artifactToPush(options: PushCommandOptions): Promise<Artifact> {
  const { layout, bundle, manifests } = options
  if ((layout === 'gator') !== (manifests !== undefined))
    throw new UsageError(
      layout === 'gator'
        ? 'gator pulls manifests of Kubernetes, and no bundle'
        : '`--manifests` is of the layout `gator`',
      'say --layout gator --manifests <folder>',
    )
  const building = {
    '--policy': options.policy.length > 0,
    '--form': options.form !== undefined,
    '--sequence': options.sequence !== undefined,
    '--signing-key': options.signingKey !== undefined,
    '--signing-alg': options.signingAlg !== undefined,
    '--key-id': options.keyId !== undefined,
    '--scope': options.scope !== undefined,
    '--parameters': options.parameters !== undefined,
  }
  const given = Object.entries(building).find(([, isGiven]) => isGiven)?.[0]
  if (given !== undefined && (bundle !== undefined || manifests !== undefined))
    throw new UsageError(
      `\`${given}\` says how a bundle is built, and none is`,
      'leave it out, or leave --bundle and --manifests out',
    )
  if (bundle !== undefined && manifests !== undefined)
    throw new UsageError('a bundle and manifests cannot be pushed as one', 'push them under two names')
  if (manifests !== undefined) return gatorArtifact(manifestsIn(manifests))
  if (layout === 'conftest' && options.signingKey !== undefined)
    throw new UsageError('conftest takes no signatures', 'leave --signing-key out, or push for OPA')
  const bytes = bundle === undefined ? await bundleOf(options) : read(bundle)
  return bundleArtifact(bytes, layout === 'conftest' ? layout : 'opa')
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new UsageError(
      `\`${file}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** All manifests below a folder, by their paths in it. */
function manifestsIn(folder: string): ReadonlyMap<string, Uint8Array> {
  let names: readonly string[]
  try {
    names = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:yaml|yml|json)$/.test(entry.name))
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  } catch (error) {
    throw new UsageError(
      `\`${folder}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  if (names.length === 0) throw new UsageError(`there are no .yaml, .yml and .json files in \`${folder}\``)
  return new Map(names.map((name) => [name.split(sep).join('/'), read(join(folder, name))]))
}
