import { sourceOf } from '@gatewright/core'

/** A place in bytes, and the parts of a policy that what follows was made of; the first whose source is known says where. */
export interface Mark {
  readonly at: number
  readonly made: readonly object[]
}

/**
 * A source map of a module, as debuggers and engines read it: all bytes are in line 1, and columns are offsets in the module.
 * Source: ECMA-426, and the WebAssembly community group's convention for `sourceMappingURL`.
 */
export function sourceMapOf(marks: readonly Mark[], root: string | undefined): string {
  const mappings = marks.flatMap(({ at, made }) => {
    const source = made.map((part) => sourceOf(part)).find((each) => each !== undefined)
    return source === undefined ? [] : [{ at, source }]
  })
  const files = [...new Set(mappings.map(({ source }) => source.file))]
  let before = { at: 0, file: 0, line: 0, column: 0 }
  const segments = mappings
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, source }) => {
      const next = {
        at,
        file: files.indexOf(source.file),
        line: source.line - 1,
        column: source.column - 1,
      }
      const text = [
        next.at - before.at,
        next.file - before.file,
        next.line - before.line,
        next.column - before.column,
      ]
        .map(digits)
        .join('')
      before = next
      return text
    })
  return JSON.stringify({
    version: 3,
    sources: files.map((file) => named(file, root)),
    names: [],
    mappings: segments.join(','),
  })
}

/** A file by its path from a folder, so that a map does not tell where it was made. */
const named = (file: string, root: string | undefined): string =>
  root !== undefined && file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** A number in base 64 with variable length, its sign in the lowest bit. */
function digits(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1
  let text = ''
  do {
    const low = rest & 31
    rest >>>= 5
    text += alphabet[rest > 0 ? low | 32 : low] as string
  } while (rest > 0)
  return text
}
