import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { KubernetesObject } from '@gatewright/kubernetes'
import { readFile } from '@gatewright/sources'

/** A `URL` of a file; named by what it has, since not every project has the types of URLs. */
export interface FileUrl {
  readonly href: string
}

const nameOf = (file: string | FileUrl): string => (typeof file === 'string' ? file : file.href)

/**
 * The objects of a YAML or JSON file, with the items of its lists. A relative path starts at the folder of the file that calls.
 * Throws an `Error` for a file that is not there or has no object, and for any part of it that cannot be read.
 */
export function fixtures(file: string | FileUrl): readonly KubernetesObject[] {
  const path = typeof file !== 'string' ? fileURLToPath(file.href) : resolve(dirname(callingFile()), file)
  const reading = readFile({ name: nameOf(file), path })
  if (!('documents' in reading)) throw new Error(`fixtures: \`${path}\`: ${reading.message}`)
  const wrong = reading.problems.find(({ level }) => level === 'error')
  if (wrong !== undefined) {
    const line = wrong.location === undefined ? '' : `:${wrong.location.start.line}`
    throw new Error(`fixtures: \`${path}${line}\`: ${wrong.message}`)
  }
  const objects = reading.documents.flatMap((document) => document.objects.map(({ value }) => value))
  if (objects.length === 0) throw new Error(`fixtures: \`${path}\` has no object`)
  return objects as unknown as readonly KubernetesObject[]
}

/** The only object of a file, by the rules of `fixtures`. */
export function fixture(file: string | FileUrl): KubernetesObject {
  const from = typeof file !== 'string' ? file : pathToFileURL(resolve(dirname(callingFile()), file))
  const objects = fixtures(from)
  if (objects.length > 1)
    throw new Error(`fixture: \`${nameOf(file)}\` has ${objects.length} objects, not one`)
  return objects[0] as KubernetesObject
}

/** A frame of a stack: a path or URL, the line and the column. */
const frame = /(?:\(|at |@)((?:file:\/\/|[A-Za-z]:[\\/]|\/)[^()]*?):\d+:\d+\)?$/

/** The file that called into this one, which is the first of the stack, by whatever name a source map gives it. */
function callingFile(): string {
  const stack = new Error('called here').stack ?? ''
  const files = stack.split('\n').flatMap((line) => {
    const place = frame.exec(line.trim())?.[1]
    if (place === undefined) return []
    return [place.startsWith('file://') ? fileURLToPath(place) : place]
  })
  const calling = files.find((file) => file !== files[0])
  if (calling !== undefined) return calling
  throw new Error('fixtures: the calling file is not known: give a URL, `new URL(file, import.meta.url)`')
}
