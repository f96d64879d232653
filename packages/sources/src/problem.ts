import type { Refusal } from './refusal.js'
import type { SourceText, Span } from './source-text.js'

/** A range of a named source. */
export interface Location extends Span {
  readonly name: string
}

/**
 * Why a part of the input is not read (`error`), or what is odd about it (`warning`). `document` is the index of the document
 * in its file; `related` is the other place of a problem that has two.
 */
export interface SourceProblem {
  readonly level: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly help?: string
  readonly document?: number
  readonly location?: Location
  readonly related?: { readonly message: string; readonly location: Location }
}

/** A refusal as a problem of its source; `offset` is where the refused chunk begins. */
export function problemOf(
  refusal: Refusal,
  source: SourceText,
  offset: number,
  document: number,
): SourceProblem {
  const location = (range: Refusal['range']): Location => ({
    name: source.name,
    ...source.span({ start: range.start + offset, end: range.end + offset }),
  })
  const { code, message, help, range, related } = refusal
  return {
    level: 'error',
    code,
    message,
    document,
    location: location(range),
    ...(help !== undefined && { help }),
    ...(related && { related: { message: related.message, location: location(related.range) } }),
  }
}

/** A chunk that is not read and has `{{`: a template, most likely. */
export function unrenderedTemplate(problem: SourceProblem): SourceProblem {
  return {
    ...problem,
    code: 'unrendered-template',
    message: `the text looks like a template that is not rendered: ${problem.message}`,
    help: 'render it first, with `helm template` for example; it was not judged',
  }
}
