import type { Node } from '../ir/node.js'

/** Where in an author's source a node was made. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The call that made a node, or where it was written as somebody else says. */
const calls = new WeakMap<object, Error | SourceLocation>()
const languageFolder = new URL('.', import.meta.url).href
/** Where the language is, and where its sources are that source maps lead to. */
const languageFolders: readonly string[] = [
  languageFolder,
  languageFolder.replace(/\/dist\/language\/$/, '/src/language/'),
]
const frame = /(?:\(|at |@)((?:file:\/\/|[A-Za-z]:[\\/]|\/)[^()]*?):(\d+):(\d+)\)?$/

/** Remembers the call that made a node. The stack is kept unread, since reading one costs far more than keeping it. */
export function markSource(...made: readonly object[]): void {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 12
  const call = new Error('made here')
  Error.stackTraceLimit = limit
  for (const each of made) if (!calls.has(each)) calls.set(each, call)
}

/** Gives a copy of a node the source location of what it was copied from. */
export function copySource<T extends object>(from: object, to: T): T {
  const call = calls.get(from)
  if (call !== undefined) calls.set(to, call)
  return to
}

/** Says where a node was written that is read back from elsewhere. */
export function placeSource(made: object, location: SourceLocation): void {
  calls.set(made, location)
}

/** The source location of the call that made a node, if it is known. */
export function sourceOf(made: Node | object): SourceLocation | undefined {
  const call = calls.get(made)
  return call instanceof Error ? authorsFrame(call.stack) : call
}

/**
 * The source location that an error comes from: of one that the language throws, the call that it was thrown at. `folder` is one whose
 * files are passed over as the language's own are.
 */
export function thrownAt(error: Error, folder?: string): SourceLocation | undefined {
  return authorsFrame(error.stack, folder)
}

/** The innermost frame of a stack that is neither the language's own nor in a folder that is passed over. */
function authorsFrame(stack: string | undefined, folder?: string): SourceLocation | undefined {
  if (stack === undefined) return undefined
  for (const line of stack.split('\n')) {
    const match = frame.exec(line.trim())
    if (match === null) continue
    const [, place = '', row, column] = match
    const url = place.startsWith('file://') ? place : `file://${place.startsWith('/') ? '' : '/'}${place}`
    if (languageFolders.some((folder) => url.startsWith(folder))) continue
    // only a URL is encoded; a `%` in a path is one
    const path = url.slice('file://'.length)
    const file = place.startsWith('file://') ? decodeURIComponent(path) : path
    if (folder !== undefined && file.startsWith(folder)) continue
    return { file, line: Number(row), column: Number(column) }
  }
  return undefined
}

/** A source location as terminals and editors open it: `file:line:column`. */
export function sourceText({ file, line, column }: SourceLocation): string {
  return `${file}:${line}:${column}`
}
