import type { Json } from '@gatewright/core'
import { discover, readFile } from '@gatewright/sources'
import { UsageError } from './usage-error.js'

/** All objects that paths name, as `check` reads them. Throws a `UsageError` for what cannot be read, and where there is none. */
export function objectsIn(paths: readonly string[], directory: string): readonly Json[] {
  if (paths.length === 0) return []
  const objects = [...discover(paths, { cwd: directory })].flatMap((file) => {
    const reading = 'path' in file ? readFile(file) : file
    if (!('documents' in reading)) throw new UsageError(`\`${file.name}\` is not read: ${reading.message}`)
    const problem = reading.problems.find(({ level }) => level === 'error')
    if (problem !== undefined) throw new UsageError(`\`${file.name}\` is not read whole: ${problem.message}`)
    return reading.documents.flatMap((document) => document.objects.map(({ value }) => value))
  })
  if (objects.length === 0)
    throw new UsageError(`there are no objects in ${paths.map((path) => `\`${path}\``).join(', ')}`)
  return objects
}
