import { canonicalText, type Json, type Path, pathText } from '@gatewright/core'
import { readDocuments, type SourceDocument, writeYaml } from '@gatewright/sources'

/** A place in an object, with what there is to say of it. */
export interface Mark {
  readonly at: Path
  readonly says: string
}

/** From how many lines on only those around the marks are shown, and how many on each side. */
const longest = 40
const around = 5

/** An object as YAML with numbered lines, and below each marked line what is said of it. */
export function markedYaml(object: Json, marks: readonly Mark[]): string {
  const text = yamlOf(object)
  const [document] = readDocuments(text, { name: 'object', expect: 'any' }).documents
  const notes = marks.map((mark) => noteOn(mark, document))
  const lines = text.trimEnd().split('\n')
  const width = String(lines.length).length
  const shown = lines.map((line, i): string | undefined => {
    const row = i + 1
    const isNear = lines.length <= longest || row <= 4 || notes.some((n) => Math.abs(n.line - row) <= around)
    if (!isNear) return undefined
    const here = notes.filter((note) => note.line === row)
    const sign = here.length > 0 ? '>' : ' '
    const indent = ' '.repeat(width + 5 + (/^[ -]*/.exec(line)?.[0].length ?? 0))
    return [
      `${sign} ${String(row).padStart(width)} | ${line}`,
      ...here.map(({ says }) => `${indent}^ ${says}`),
    ].join('\n')
  })
  return shown
    .flatMap((line, i) => (line !== undefined ? [line] : shown[i - 1] === undefined ? [] : ['  …']))
    .join('\n')
}

/** What no YAML file can hold is shown as JSON all the same. */
function yamlOf(object: Json): string {
  try {
    return writeYaml(object)
  } catch {
    return canonicalText(object)
  }
}

/** The line of a place; what is not there is marked at the nearest that is. */
function noteOn({ at, says }: Mark, document: SourceDocument | undefined): { line: number; says: string } {
  if (document === undefined) return { line: 1, says }
  const { exact, key, value, path } = document.locate(at)
  const line = (key ?? value).start.line
  return { line, says: exact ? says : `${says} (${pathText(at.slice(path.length))} is not there)` }
}
