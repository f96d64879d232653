import { type Json, kindOf, type Path } from '@gatewright/core'
import type { SourceDocument, SourceText } from '@gatewright/sources'

/** An object of a document, and where it is in it. */
interface Placed {
  readonly document: SourceDocument
  readonly path: Path
  readonly value: Json
}

/** The lines of sources as reports may show them: with what Secrets hold covered, whichever object of the line they are about. */
export class ShownLines {
  readonly #objects: readonly Placed[]
  #bySource: ReadonlyMap<SourceText, readonly Placed[]> | undefined
  readonly #lines = new Map<SourceText, Map<number, string>>()
  readonly #covered = new Map<SourceText, readonly Cover[]>()

  constructor(objects: readonly Placed[]) {
    this.#objects = objects
  }

  /** A line without its break, counted from 1. */
  at(source: SourceText, line: number): string {
    let lines = this.#lines.get(source)
    if (lines === undefined) this.#lines.set(source, (lines = new Map()))
    let shown = lines.get(line)
    if (shown === undefined)
      lines.set(line, (shown = covered(source.lineAt(line), line, this.#coverOf(source))))
    return shown
  }

  #coverOf(source: SourceText): readonly Cover[] {
    let covers = this.#covered.get(source)
    if (covers === undefined) {
      this.#bySource ??= bySource(this.#objects)
      covers = (this.#bySource.get(source) ?? []).flatMap(coversOf)
      this.#covered.set(source, covers)
    }
    return covers
  }
}

function bySource(objects: readonly Placed[]): ReadonlyMap<SourceText, readonly Placed[]> {
  const groups = new Map<SourceText, Placed[]>()
  for (const object of objects) {
    const { source } = object.document
    const known = groups.get(source)
    if (known === undefined) groups.set(source, [object])
    else known.push(object)
  }
  return groups
}

/** Columns of a line that are covered, counted from 0. */
interface Cover {
  readonly line: number
  readonly lastLine: number
  readonly from: number
  readonly to: number
}

/** Where Secrets hold what is secret; kubectl keeps a copy of it all in an annotation. */
const secretPaths: readonly Path[] = [
  ['data'],
  ['stringData'],
  ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'],
]

/** Whether a value is a Secret, or brings one. */
export function holdsSecret(value: Json): boolean {
  return secretsIn(value, []).length > 0
}

function coversOf({ document, path, value }: Placed): readonly Cover[] {
  return secretsIn(value, path).flatMap((secret) =>
    secretPaths.flatMap((inside) => {
      const { exact, value: place } = document.locate([...secret, ...inside])
      if (!exact) return []
      const { start, end } = place
      return [{ line: start.line, lastLine: end.line, from: start.column - 1, to: end.column - 1 }]
    }),
  )
}

/** The paths of the Secrets that a value is: itself, or the objects of an AdmissionReview. */
function secretsIn(value: Json, path: Path): readonly Path[] {
  const kind = kindOf(value)
  if (kind?.kind === 'Secret' && kind.group === '') return [path]
  const { kind: name, request } = (value ?? {}) as { readonly kind?: Json; readonly request?: Json }
  if (name !== 'AdmissionReview' || typeof request !== 'object' || request === null) return []
  return ['object', 'oldObject'].flatMap((key) => {
    const inner = (request as Readonly<Record<string, Json | undefined>>)[key]
    return inner === undefined ? [] : secretsIn(inner, [...path, 'request', key])
  })
}

function covered(text: string, line: number, covers: readonly Cover[]): string {
  let shown = ''
  let at = 0
  const here = covers.filter((each) => each.line <= line && line <= each.lastLine)
  for (const cover of here.toSorted((a, b) => a.from - b.from)) {
    const from = Math.max(at, cover.line === line ? cover.from : 0)
    const to = Math.min(text.length, cover.lastLine === line ? cover.to : text.length)
    if (to <= from) continue
    shown += text.slice(at, from) + '*'.repeat(to - from)
    at = to
  }
  return shown + text.slice(at)
}
