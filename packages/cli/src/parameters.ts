import { resolve } from 'node:path'
import { distinctPolicies, nearest, type Policy, type Profile } from '@gatewright/core'
import { readBytes, readDocuments } from '@gatewright/sources'
import type { Config } from './config.js'
import { carriedPolicies } from './policies.js'
import { UsageError } from './usage-error.js'

/** Parameters by policy id. */
export type Parameters = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Reads a file of parameters: a map of policy ids to parameters, in YAML or JSON. Without a file there are none. */
function parametersOf(path: string | undefined): Parameters {
  if (path === undefined) return {}
  const bytes = readBytes({ name: path, path: resolve(path) })
  if (!(bytes instanceof Uint8Array))
    throw new UsageError(`the parameters \`${path}\` cannot be read: ${bytes.message}`)
  const { documents, problems } = readDocuments(bytes, { name: path, expect: 'any' })
  const [problem] = problems
  const value = documents[0]?.value
  if (
    problem !== undefined ||
    documents.length !== 1 ||
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value)
  ) {
    throw new UsageError(
      `the parameters \`${path}\` cannot be read: ${problem?.message ?? 'they are no map of policy ids'}`,
    )
  }
  return value as Parameters
}

/**
 * The parameters of a run: those of the configuration, and before them those of a file. One for a policy that there is not is a
 * mistake, since the policy that was meant would be judged with other ones.
 */
export async function parametersFor(
  policies: readonly (Policy | Profile)[],
  config: Config,
  path: string | undefined,
): Promise<Parameters> {
  const parameters: Parameters = Object.assign(Object.create(null), config.parameters, parametersOf(path))
  const asked = new Set(distinctPolicies(policies).map(({ id }) => id))
  if (Object.keys(parameters).every((id) => asked.has(id))) return parameters
  const ids = new Set(asked)
  // a run of some policies may well have the parameters of others
  for (const { id } of [...distinctPolicies(config.policies ?? []), ...(await carriedPolicies())]) ids.add(id)
  for (const id of Object.keys(parameters)) {
    if (ids.has(id)) continue
    const near = nearest(id, ids)
    throw new UsageError(
      `there are parameters for \`${id}\`, and no policy of that name`,
      near === undefined ? undefined : `did you mean \`${near}\`?`,
    )
  }
  const ofAsked = Object.entries(parameters).filter(([id]) => asked.has(id))
  return Object.assign(Object.create(null) as object, Object.fromEntries(ofAsked)) as Parameters
}
