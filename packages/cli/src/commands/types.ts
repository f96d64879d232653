import { resolve } from 'node:path'
import { customResourceTypes } from '@gatewright/kubernetes'
import { readBytes, readDocuments } from '@gatewright/sources'
import { replaceFile } from '../output.js'
import { UsageError } from '../usage-error.js'

/** Writes TypeScript for the CustomResourceDefinitions of files, to standard output or one file. */
export function types(paths: readonly string[], options: { readonly out?: string }): number {
  const parts: string[] = []
  for (const path of paths) {
    const bytes = readBytes({ name: path, path: path === '-' ? path : resolve(path) })
    if (!(bytes instanceof Uint8Array)) throw new UsageError(`\`${path}\` cannot be read: ${bytes.message}`)
    const { documents, problems } = readDocuments(bytes, { name: path })
    const [problem] = problems.filter(({ level }) => level === 'error')
    if (problem !== undefined) throw new UsageError(`\`${path}\` cannot be read: ${problem.message}`)
    for (const { value } of documents.flatMap(({ objects }) => objects)) {
      const made = customResourceTypes(value)
      if ('problem' in made) throw new UsageError(`\`${path}\`: ${made.problem}`)
      parts.push(parts.length === 0 ? made.code : made.code.replace(/^import .*\n/, ''))
    }
  }
  const text = parts.join('')
  if (options.out === undefined) process.stdout.write(text)
  else replaceFile(options.out, text)
  return 0
}
