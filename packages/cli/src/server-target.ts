import { readFileSync } from 'node:fs'
import type { Json } from '@gatewright/core'
import { actionOf } from '@gatewright/evaluator'
import {
  type ClusterObject,
  excludedNamespaces,
  GatekeeperError,
  mutatingConfiguration,
  providerOf,
  serverManifests,
  validatingConfiguration,
  yamlOf,
} from '@gatewright/gatekeeper'
import { tellLockOuts } from './admission-policies-target.js'
import type { BuildOptions, BuiltFile } from './build-target.js'
import { builtBundle, type Configured } from './built-bundle.js'
import { verificationOf } from './bundle-keys.js'
import type { Config } from './config.js'
import { UsageError } from './usage-error.js'
import { wholeNumber } from './whole-number.js'

/** What runs the webhook in a cluster, and what has the API server ask it. */
export async function webhookBuild(
  policies: readonly Configured[],
  options: BuildOptions,
  config: Config,
): Promise<readonly BuiltFile[]> {
  const { namespace, excludeNamespace, action, mutate } = options
  const given = {
    policies: policies.map(({ policy }) => policy),
    ...(config.match !== undefined && { match: config.match }),
    ...(namespace !== undefined && { namespace }),
    ...(excludeNamespace !== undefined && { excludeNamespaces: excludeNamespace }),
    ...(options.ca !== undefined && { certificateAuthority: authorityIn(options.ca) }),
  }
  process.stderr.write(
    `the webhook is not asked about ${excludedNamespaces(given).join(', ')}: say --exclude-namespace for others\n`,
  )
  tellLockOuts(given.policies, config.match)
  const actions = Object.fromEntries(
    policies.map(({ policy: { id } }) => [id, action ?? actionOf(config.actions ?? {}, id)]),
  )
  return manifests(async () => [
    ...(await serverFiles('webhook', policies, options, { ...config, actions })),
    fileOf('configuration', validatingConfiguration(given)),
    ...(mutate === true ? mutating(mutatingConfiguration(given)) : []),
  ])
}

/** What runs the external-data provider in a cluster, and what has Gatekeeper ask it. */
export async function providerBuild(
  policies: readonly Configured[],
  options: BuildOptions,
  config: Config,
): Promise<readonly BuiltFile[]> {
  const { ca, namespace = 'gatewright-system', provider = 'gatewright' } = options
  if (ca === undefined)
    throw new UsageError('a Provider has the authority of its certificate in it', 'give --ca')
  return manifests(async () => [
    // which objects are judged is said by the constraints
    ...(await serverFiles('provider', policies, options, { ...config, match: {} })),
    fileOf(
      'configuration',
      providerOf({
        name: provider,
        url: `https://gatewright-provider.${namespace}.svc:443/`,
        certificateAuthority: authorityIn(ca),
      }),
    ),
  ])
}

async function manifests(make: () => Promise<readonly BuiltFile[]>): Promise<readonly BuiltFile[]> {
  try {
    return await make()
  } catch (error) {
    if (error instanceof GatekeeperError) throw new UsageError(error.message)
    throw error
  }
}

async function serverFiles(
  server: 'webhook' | 'provider',
  policies: readonly Configured[],
  options: BuildOptions,
  config: Config,
): Promise<readonly BuiltFile[]> {
  const { image, namespace, ca, verificationKey, signingKey } = options
  if (image === undefined)
    throw new UsageError(
      'a Deployment runs from an image',
      'give --image, of one that has Node and gatewright',
    )
  if ((signingKey === undefined) !== (verificationKey === undefined))
    throw new UsageError(
      'what is signed has to be verified, and only what is signed can be',
      'give --signing-key and --verification-key, or none of them',
    )
  const { scope: _, ...key } = options
  const verification = verificationKey === undefined ? undefined : verificationOf(key)
  if (options.signingAlg?.startsWith('HS') === true)
    throw new UsageError(
      'what checks a signature of HS… can make one, and would lie in a ConfigMap',
      'sign with a private key: RS256, ES256 or EdDSA',
    )
  const [keyId, known] = Object.entries(verification?.keys ?? {})[0] ?? []
  const replicas = wholeNumber(options.replicas, '--replicas')
  return serverManifests({
    server,
    image,
    bundle: await builtBundle(policies, { ...options, form: 'policies' }, config),
    certManager: ca === undefined,
    ...(namespace !== undefined && { namespace }),
    ...(replicas !== undefined && { replicas }),
    ...(keyId !== undefined &&
      known !== undefined && { verification: { key: known.key, algorithm: known.algorithm, keyId } }),
  }).map((each) => fileOf('server', each))
}

function mutating(manifest: ClusterObject | undefined): readonly BuiltFile[] {
  if (manifest === undefined)
    throw new UsageError('no policy has a fix, so that there is nothing to mend', 'leave --mutate out')
  return [fileOf('configuration', manifest)]
}

const fileOf = (folder: string, manifest: Pick<ClusterObject, 'kind' | 'metadata'>): BuiltFile => ({
  path: `${folder}/${manifest.kind.toLowerCase()}.${manifest.metadata.name}.yaml`,
  content: yamlOf(manifest as unknown as Json),
})

function authorityIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(
      `\`--ca\`: \`${file}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
