import { canonicalText } from '@gatewright/core'
import { readDocuments } from '@gatewright/sources'
import { readJson } from '../../packages/sources/src/json/read-json.js'
import { Refusal } from '../../packages/sources/src/refusal.js'
import { isFastText, readFast } from '../../packages/sources/src/yaml/read-fast.js'
import { readFull } from '../../packages/sources/src/yaml/read-full.js'

/** What the Go reader says of one chunk: its JSON text, or why it refuses. */
export interface DocumentAnswer {
  readonly json?: string
  readonly error?: string
}

/** What the Go reader says of a whole file: the documents before it stopped, and why it stopped. */
export interface StreamAnswer {
  readonly documents?: readonly string[]
  readonly error?: string
}

/**
 * How our readers and Go's compare on a text. `differs` and `fast differs` would be ways round a policy; `we accept` is what Go
 * refuses, `we refuse` what only we do; `ambiguous` is what Go reads and we refuse for its keys, on purpose.
 */
export type Outcome =
  | 'same'
  | 'same, fast'
  | 'both refuse'
  | 'we refuse'
  | 'ambiguous'
  | 'we accept'
  | 'differs'
  | 'fast differs'

const ambiguous: ReadonlySet<string> = new Set(['duplicate-key', 'overriding-merge'])

/** Holds both our readers against Go's answer for one chunk; values are compared as canonical text, with every digit. */
export function compareDocument(text: string, answer: DocumentAnswer): Outcome {
  const ours = readAny(text)
  const fast = isFastText(text) ? readFast(text, 0, text.length) : undefined
  if (fast !== undefined && 'value' in fast) {
    if (canonicalText(fast.value) !== readInFull(text)) return 'fast differs'
  }
  const theirs = answer.json === undefined ? undefined : exactText(answer.json)
  if (ours.value === undefined) {
    if (theirs === undefined) return 'both refuse'
    return ambiguous.has(ours.refusal ?? '') ? 'ambiguous' : 'we refuse'
  }
  if (theirs === undefined) return 'we accept'
  if (ours.value !== theirs) return 'differs'
  return fast !== undefined && 'value' in fast ? 'same, fast' : 'same'
}

function readAny(text: string): { readonly value?: string; readonly refusal?: string } {
  const { documents, problems } = readDocuments(text, { name: 'case', expect: 'any' })
  const [problem] = problems
  if (problem !== undefined) return { refusal: problem.code }
  return { value: canonicalText(documents[0]?.value ?? null) }
}

function readInFull(text: string): string | undefined {
  try {
    return canonicalText(readFull(text))
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** Our documents of a file as canonical texts, and whether there was a problem, in the form of `theirDocuments`. */
export function ourDocuments(bytes: Uint8Array): {
  readonly documents: readonly string[]
  readonly refused: boolean
} {
  const { documents, problems } = readDocuments(bytes, { name: 'case', expect: 'any' })
  return { documents: documents.map(({ value }) => canonicalText(value)), refused: problems.length > 0 }
}

export function theirDocuments({ documents = [], error }: StreamAnswer): ReturnType<typeof ourDocuments> {
  return { documents: documents.map(exactText), refused: error !== undefined }
}

/** A JSON text of Go's with its keys in order and every digit. */
export function exactText(json: string): string {
  return canonicalText(readJson(json, 0).value)
}
