import type { Path } from '@gatewright/core'
import type { Range } from './refusal.js'

/** Where a value and the entries in it are written; offsets as the readers see the text. */
export interface Layout extends Range {
  readonly entries?: ReadonlyMap<string | number, Entry>
}

/** Where an entry of a mapping (with its key) or of a sequence is written. */
export interface Entry {
  readonly key?: Range
  readonly value: Layout
}

/** The layout of a document and the comments in it, in order. */
export interface DocumentLayout {
  readonly root: Layout
  readonly comments: readonly Range[]
}

/** A place in a layout: the part of the path that is written, and where. */
export interface Place {
  readonly path: Path
  readonly key?: Range
  readonly value: Layout
}

/** Follows a path as far as the source goes. */
export function follow(root: Layout, path: Path): Place {
  let place: Place = { path: [], value: root }
  for (const [depth, step] of path.entries()) {
    const entry = place.value.entries?.get(step)
    if (entry === undefined) return place
    place = { path: path.slice(0, depth + 1), ...entry }
  }
  return place
}

/** Receives the places of a document from a reader, in the order of the text, and keeps them as a layout. */
export class LayoutRecorder {
  readonly comments: Range[] = []
  #root: Layout | undefined
  readonly #open: OpenCollection[] = []

  /** A mapping or sequence begins; the entries that follow are its own until `close`. */
  open(start: number): void {
    this.#open.push({ start, entries: new Map(), at: undefined, key: undefined })
  }

  /** The next value belongs to this key. */
  key(text: string, start: number, end: number): void {
    const collection = this.#open.at(-1)
    if (collection === undefined) return
    collection.at = text
    collection.key = { start, end }
  }

  /** The next value is this item of a sequence. */
  item(index: number): void {
    const collection = this.#open.at(-1)
    if (collection !== undefined) collection.at = index
  }

  scalar(start: number, end: number): void {
    this.#add({ start, end })
  }

  /** Ends the mapping or sequence that was opened last: where its last entry ends, or at `end`. */
  close(end?: number): void {
    const collection = this.#open.pop()
    if (collection === undefined) return
    const { start, entries } = collection
    let last = start
    for (const { value } of entries.values()) if (value.end > last) last = value.end
    this.#add({ start, end: end ?? last, entries })
  }

  comment(start: number, end: number): void {
    this.comments.push({ start, end })
  }

  finish(): DocumentLayout {
    return { root: this.#root ?? { start: 0, end: 0 }, comments: this.comments }
  }

  #add(value: Layout): void {
    const collection = this.#open.at(-1)
    if (collection === undefined) {
      this.#root = value
    } else if (collection.at !== undefined) {
      const { at, key } = collection
      collection.entries.set(at, key === undefined ? { value } : { key, value })
    }
  }
}

interface OpenCollection {
  readonly start: number
  readonly entries: Map<string | number, Entry>
  at: string | number | undefined
  key: Range | undefined
}
