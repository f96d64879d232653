import { resolve } from 'node:path'
import { readBytes, readDocuments } from '@gatewright/sources'
import { UsageError } from './usage-error.js'

/** Parameters by policy id. */
export type Parameters = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Reads a file of parameters: a map of policy ids to parameters, in YAML or JSON. Without a file there are none. */
export function parametersOf(path: string | undefined): Parameters {
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
