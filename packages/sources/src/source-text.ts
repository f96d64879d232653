import type { Range } from './refusal.js'

/** A place in a source: `offset` in UTF-16 units of its text, `line` and `column` from 1. */
export interface Position {
  readonly offset: number
  readonly line: number
  readonly column: number
}

/** A range of a source, `end` exclusive. */
export interface Span {
  readonly start: Position
  readonly end: Position
}

/** The text of a file without its byte order mark, with its lines; made by `decodeSource` or from a string. */
export class SourceText {
  readonly name: string
  readonly text: string
  /** The text as the readers see it: a line feed for every CR LF, and one at the end. */
  readonly normalised: string
  #starts: Int32Array | undefined
  #normalisedStarts: Int32Array | undefined

  constructor(name: string, text: string) {
    this.name = name
    this.text = text
    const joined = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text
    this.normalised = joined.endsWith('\n') || joined === '' ? joined : `${joined}\n`
  }

  /** The number of lines. */
  get lines(): number {
    return this.#original().length
  }

  /** A line without its line break, counted from 1; empty beyond the end. */
  lineAt(line: number): string {
    const starts = this.#original()
    const start = starts[line - 1]
    if (start === undefined) return ''
    return this.text.slice(start, starts[line] ?? this.text.length).replace(/\r?\n$/, '')
  }

  /** Where a range of the normalised text is in the source. */
  span({ start, end }: Range): Span {
    return { start: this.position(start), end: this.position(end) }
  }

  /** Where an offset of the normalised text is in the source. */
  position(normalisedOffset: number): Position {
    this.#normalisedStarts ??= lineStarts(this.normalised)
    const starts = this.#normalisedStarts
    const offset = Math.max(0, Math.min(normalisedOffset, this.normalised.length))
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    const column = offset - (starts[low] ?? 0)
    const inSource = Math.min((this.#original()[low] ?? this.text.length) + column, this.text.length)
    return { offset: inSource, line: low + 1, column: column + 1 }
  }

  #original(): Int32Array {
    this.#starts ??= lineStarts(this.text)
    return this.#starts
  }
}

function lineStarts(text: string): Int32Array {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return Int32Array.from(starts)
}
