import { parseReference } from '@gatewright/bundle'
import { type BundleDifference, publishToRegistry, registryDrift } from '@gatewright/publish'
import { verificationOf } from './bundle-keys.js'
import { builtFiles } from './commands/build.js'
import { type Destination, differenceLine } from './destination.js'
import type { PublishingOptions } from './publishing-options.js'
import { UsageError } from './usage-error.js'

/** The tag of a registry that a bundle of the policies goes to. */
export async function registryDestination(options: PublishingOptions): Promise<Destination> {
  const { reference: name, plainHttp } = options
  if (name === undefined)
    throw new UsageError(
      'it is not said which tag of a registry',
      'say --reference registry.example.com/team/policies:main',
    )
  const reference = parseReference(name)
  if (reference.tag === undefined)
    throw new UsageError(
      'the reference names no tag',
      `say ${reference.registry}/${reference.repository}:<tag>`,
    )
  const { signingAlg: _alg, keyId: _id, scope: _scope, ...unsigned } = options
  // the same options say how it is signed and how that is checked
  const { verificationKey: _key, ...signed } = options.signingKey === undefined ? unsigned : options
  const [file] = await builtFiles({ ...signed, target: 'bundle', out: '' })
  const archive = file?.content as Uint8Array
  const verification = verificationOf(options.verificationKey === undefined ? unsigned : options)
  const given = {
    ...(plainHttp !== undefined && { plainHttp }),
    ...(verification !== undefined && { verification }),
  }
  return {
    name,
    publish: async ({ isTried, tell }) => {
      const { did, differences, pinned } = await publishToRegistry(reference, archive, {
        ...given,
        dryRun: isTried,
      })
      tell({ name: pinned ?? name, did, differences: differences.map(lineOf) })
      return [did]
    },
    drift: async () => {
      const { is, differences, pinned = name } = await registryDrift(reference, archive, given)
      return [{ name: pinned, is, differences: differences.map(lineOf) }]
    },
  }
}

const words: Readonly<Record<BundleDifference['is'], string>> = {
  missing: 'is not in it',
  changed: 'is another',
  extra: 'comes from no source',
}

const lineOf = ({ name, is }: BundleDifference): string => differenceLine(name, words[is])
