import { resolve } from 'node:path'
import type { Json, Path, Violation } from '@gatewright/core'
import {
  checkedSuppression,
  hasEnded,
  readSuppression,
  suppresses,
  type Suppression,
  suppressionAnnotation,
  suppressionMarker,
} from '@gatewright/evaluator'
import type { SuppressedFinding, SuppressionProblem } from '@gatewright/reports'
import {
  readBytes,
  readDocuments,
  type SourceComment,
  type SourceDocument,
  type SourceText,
} from '@gatewright/sources'
import { UsageError } from './usage-error.js'

/** A suppression from one of its carriers, and whether anything came of it. */
interface Carried {
  readonly suppression: Suppression
  readonly origin: string
  /** Of an exceptions file: the objects that it is for. */
  readonly object?: ObjectPattern
  used: boolean
}

interface ObjectPattern {
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
}

/** An object as suppressions see it. */
export interface SuppressedObject {
  readonly source: string
  readonly kind: string | undefined
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly document: SourceDocument | undefined
  /** Where the object is in its document. */
  readonly path: Path
  readonly value: Json
}

/** A suppression that holds for a violation, and where it stands. */
type Applied = Omit<SuppressedFinding, 'finding'>

/** The suppressions of a run, from all three carriers: comments, annotations, and the exceptions file. */
export class Suppressions {
  readonly #today: string
  readonly #carried = new Map<string, Carried>()
  /** The keys of all that were met, those that cannot be read too. */
  readonly #seen = new Set<string>()
  readonly #marked = new Map<SourceText, boolean>()
  readonly #file: Carried[] = []
  readonly problems: SuppressionProblem[] = []

  constructor(today: string) {
    this.#today = today
  }

  /** Reads an exceptions file, which reports call `name`: a list `exceptions` of suppressions, each for some objects. */
  readFile(path: string, name: string = path): void {
    const bytes = readBytes({ name, path: resolve(path) })
    if (!(bytes instanceof Uint8Array))
      throw new UsageError(`the exceptions file \`${name}\` cannot be read: ${bytes.message}`)
    const { documents, problems } = readDocuments(bytes, { name, expect: 'any' })
    const [problem] = problems
    if (problem !== undefined)
      throw new UsageError(`the exceptions file \`${name}\` cannot be read: ${problem.message}`)
    if (documents.length > 1)
      throw new UsageError(`\`${name}\` has ${documents.length} documents; exceptions are in one`)
    const { exceptions: list, ...others } = (documents[0]?.value ?? {}) as Readonly<Record<string, Json>>
    if (!Array.isArray(list)) throw new UsageError(`\`${name}\` has no list \`exceptions\``)
    const [other] = Object.keys(others)
    if (other !== undefined)
      throw new UsageError(`\`${name}\` has \`${other}\`; an exceptions file has \`exceptions\` alone`)
    for (const [index, entry] of (list as readonly Json[]).entries()) {
      const origin = `${name}, entry ${index + 1}`
      const read = readEntry(entry)
      if ('problem' in read) this.problems.push({ code: 'unreadable', message: read.problem, origin })
      else this.#file.push({ ...read, origin, used: false })
    }
  }

  /**
   * The suppression of a violation, if there is one that holds today; of several the narrowest: a comment before an annotation, an
   * annotation before the exceptions file, and in it the entry that names most.
   */
  of(violation: Violation, object: SuppressedObject): Applied | undefined {
    const carried = [
      ...this.#above(violation, object).toReversed(),
      ...this.#inObject(object),
      ...this.#file.filter((each) => isFor(each.object, object)).toSorted((a, b) => named(b) - named(a)),
    ]
    const found = carried.find(
      ({ suppression }) => suppresses(suppression, violation) && !hasEnded(suppression, this.#today),
    )
    if (found === undefined) return undefined
    found.used = true
    const { suppression, origin } = found
    return { suppression, origin, inSource: found.object === undefined }
  }

  /** Notes the suppressions that stand in an object, so that those that come to nothing can be told. */
  note(object: SuppressedObject): void {
    this.#inObject(object)
    if (!this.#hasMarker(object.document)) return
    for (const path of everyPath(object.value, object.path)) this.#atPath(path, object)
  }

  /** Notes the suppressions in the comments of a document that stand at nothing; after all its objects were noted. */
  noteLost(source: string, document: SourceDocument): void {
    if (!this.#hasMarker(document)) return
    for (const comment of document.comments) {
      const text = suppressionText(comment)
      const origin = `${source}:${comment.location.start.line}`
      if (text === undefined || this.#seen.has(`comment ${origin}`)) continue
      const message =
        'the comment stands at no field, so it suppresses nothing; write it on the line or right above'
      this.problems.push({ code: 'unused', message, origin })
    }
  }

  /** Those that were never used or have ended, in a run with these policies. */
  finish(policies: readonly string[]): readonly SuppressionProblem[] {
    const all = [...this.#carried.values(), ...this.#file]
    const idle = all
      .filter(({ used }) => !used)
      .map(({ suppression, origin }): SuppressionProblem => {
        const { policy, until = '' } = suppression
        const ended = hasEnded(suppression, this.#today)
        const message = ended
          ? `the suppression of \`${policy}\` ended on ${until}`
          : policies.includes(policy)
            ? `nothing was found that the suppression of \`${policy}\` is for`
            : `\`${policy}\`, which it is for, is not among the policies of this run`
        return { code: ended ? 'ended' : 'unused', message, origin }
      })
    return [...this.problems, ...idle]
  }

  #inObject({ value, source, document, path }: SuppressedObject): readonly Carried[] {
    const annotations = (
      value as { readonly metadata?: { readonly annotations?: Readonly<Record<string, Json>> } } | null
    )?.metadata?.annotations
    const text =
      typeof annotations === 'object' && annotations !== null ? annotations[suppressionAnnotation] : undefined
    if (typeof text !== 'string') return []
    const lines = [...text.matchAll(annotated)].map(([line]) => line)
    // the key tells objects apart, and annotations from comments: a word for one is not for another
    const object = JSON.stringify([source, document?.index ?? null, path])
    return lines.flatMap((line) =>
      this.#carry(line, `${source}, annotation ${suppressionAnnotation}`, `annotation ${object} ${line}`),
    )
  }

  /** The comments on the violation's place and on everything that it is in. */
  #above({ at }: Violation, object: SuppressedObject): readonly Carried[] {
    if (!this.#hasMarker(object.document)) return []
    const full = [...object.path, ...at]
    return full.flatMap((_, i) => (i < object.path.length ? [] : this.#atPath(full.slice(0, i + 1), object)))
  }

  #atPath(path: Path, { document, source }: SuppressedObject): readonly Carried[] {
    return (document?.commentsAt(path) ?? []).flatMap((comment) => {
      const text = suppressionText(comment)
      if (text === undefined) return []
      const origin = `${source}:${comment.location.start.line}`
      return this.#carry(text, origin, `comment ${origin}`)
    })
  }

  /** Whether suppressions may stand in the comments of a source: most have none, and are not searched. Asked once a source. */
  #hasMarker(document: SourceDocument | undefined): boolean {
    if (document === undefined) return false
    const { source } = document
    let known = this.#marked.get(source)
    if (known === undefined) this.#marked.set(source, (known = source.text.includes(suppressionMarker)))
    return known
  }

  #carry(text: string, origin: string, key: string): readonly Carried[] {
    const known = this.#carried.get(key)
    if (known !== undefined) return [known]
    if (this.#seen.has(key)) return []
    this.#seen.add(key)
    const read = readSuppression(text)
    if ('problem' in read) {
      this.problems.push({ code: 'unreadable', message: read.problem, origin })
      return []
    }
    const carried: Carried = { suppression: read, origin, used: false }
    this.#carried.set(key, carried)
    return [carried]
  }
}

/** A suppression among several of an annotation: to the end of its line or a `;`, neither of which ends it within quotes. */
const annotated = /(?=\S)(?:"[^"]*"?|[^\n;"])+/g

/** What a comment says behind the marker; undefined for any other comment. */
function suppressionText({ text }: SourceComment): string | undefined {
  if (!text.startsWith(suppressionMarker)) return undefined
  const said = text.slice(suppressionMarker.length)
  // with more than the marker in the word, it is read as what it is: no policy id
  return said === '' || /^\s/.test(said) ? said : text
}

const entryKeys = ['policy', 'code', 'reason', 'until', 'owner', 'ticket', 'kind', 'namespace', 'name']

function readEntry(
  entry: Json,
): { readonly suppression: Suppression; readonly object: ObjectPattern } | { readonly problem: string } {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return { problem: 'an exception is an object' }
  const fields = entry as Readonly<Record<string, Json>>
  const unknown = Object.keys(fields).find((key) => !entryKeys.includes(key))
  if (unknown !== undefined)
    return { problem: `an exception has no \`${unknown}\`; it has ${entryKeys.join(', ')}` }
  if (Object.values(fields).some((value) => typeof value !== 'string'))
    return { problem: 'the fields of an exception are texts' }
  const { policy, kind, namespace, name, ...rest } = fields as Readonly<Record<string, string>>
  if (policy === undefined) return { problem: 'an exception names a `policy`' }
  if (namespace === undefined && name === undefined) {
    return {
      problem: `the exception for \`${policy}\` is for every object there is; name a \`namespace\` or a \`name\``,
    }
  }
  const suppression = checkedSuppression({ policy, ...rest })
  if ('problem' in suppression) return suppression
  const object = Object.fromEntries(
    Object.entries({ kind, namespace, name }).filter(([, value]) => value !== undefined),
  )
  return { suppression, object }
}

/** All that an exception names has to be so. */
function isFor(pattern: ObjectPattern | undefined, object: SuppressedObject): boolean {
  if (pattern === undefined) return false
  return (['kind', 'namespace', 'name'] as const).every(
    (key) => pattern[key] === undefined || pattern[key] === object[key],
  )
}

/** How much an entry of an exceptions file names. */
const named = ({ object = {}, suppression }: Carried): number =>
  Object.keys(object).length + (suppression.code === undefined ? 0 : 1)

function everyPath(value: Json, path: Path): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const children: readonly (readonly [string | number, Json])[] = Array.isArray(value)
    ? (value as readonly Json[]).map((item, index) => [index, item] as const)
    : Object.entries(value)
  return [path, ...children.flatMap(([key, child]) => everyPath(child, [...path, key]))]
}
