import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Json } from '@gatewright/core'
import type { KubernetesObject } from '@gatewright/kubernetes'
import { readFile } from '@gatewright/sources'

/** A `URL` of a file; named by what it has, since not every project has the types of URLs. */
export interface FileUrl {
  readonly href: string
}

/**
 * The objects of a YAML or JSON file, with the items of its lists. A relative path starts at the folder of the file that calls.
 * Throws an `Error` for a file that is not there or has no object, and for any part of it that cannot be read.
 */
export function fixtures(file: string | FileUrl): readonly KubernetesObject[] {
  const objects = objectsIn(pathOf(file), 'fixtures')
  return objects as unknown as readonly KubernetesObject[]
}

/** The only object of a file, by the rules of `fixtures`. */
export function fixture(file: string | FileUrl): KubernetesObject {
  return onlyObjectIn(pathOf(file), 'fixture') as unknown as KubernetesObject
}

/** The objects of a file, at least one; throws an `Error` that says for what they were read. */
export function objectsIn(path: string, what: string): readonly Json[] {
  const reading = readFile({ name: path, path })
  if (!('documents' in reading)) throw new Error(`${what}: \`${path}\`: ${reading.message}`)
  const wrong = reading.problems.find(({ level }) => level === 'error')
  if (wrong !== undefined) {
    const line = wrong.location === undefined ? '' : `:${wrong.location.start.line}`
    throw new Error(`${what}: \`${path}${line}\`: ${wrong.message}`)
  }
  const objects = reading.documents.flatMap((document) => document.objects.map(({ value }) => value))
  if (objects.length === 0) throw new Error(`${what}: \`${path}\` has no object`)
  return objects
}

/** The only object of a file. */
export function onlyObjectIn(path: string, what: string): Json {
  const [object, ...more] = objectsIn(path, what)
  if (object === undefined || more.length > 0)
    throw new Error(`${what}: \`${path}\` has ${more.length + 1} objects, not one`)
  return object
}

/** The path of a file that a test names: a URL, or from the folder of the file that calls, through so many of ours. */
export function pathOf(file: string | FileUrl, through = 0): string {
  return typeof file === 'string' ? resolve(dirname(callingFile(through)), file) : fileURLToPath(file.href)
}

/** A frame of a stack: a path or URL, the line and the column. */
const frame = /(?:\(|at |@)((?:file:\/\/|[A-Za-z]:[\\/]|\/)[^()]*?):\d+:\d+\)?$/

/** The file that called into this one, which is the first of the stack, by whatever name a source map gives it. */
function callingFile(through: number): string {
  const stack = new Error('called here').stack ?? ''
  const files = stack.split('\n').flatMap((line) => {
    const place = frame.exec(line.trim())?.[1]
    if (place === undefined) return []
    return [place.startsWith('file://') ? fileURLToPath(place) : place]
  })
  const calling = files.filter((file, i) => file !== files[i - 1])[1 + through]
  if (calling !== undefined) return calling
  throw new Error('fixtures: the calling file is not known: give a URL, `new URL(file, import.meta.url)`')
}
