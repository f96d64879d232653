import type { Json, Path } from '@gatewright/core'
import { readJson } from './json/read-json.js'
import { type DocumentLayout, follow, LayoutRecorder } from './layout.js'
import type { Location } from './problem.js'
import type { Range } from './refusal.js'
import type { SourceText } from './source-text.js'
import { layOutFast } from './yaml/read-fast.js'
import { layOutFull } from './yaml/read-full.js'

/** An object of a document: the document itself, or an item of the list that it is, and where it is in the document. */
export interface SourceObject {
  readonly value: Json
  readonly path: Path
}

/** Where a path of a document is written. `exact` is false when only `path`, a part of the asked one, is written there. */
export interface Located {
  readonly exact: boolean
  readonly path: Path
  readonly key?: Location
  readonly value: Location
}

/** A comment without its `#` and the blanks around it. */
export interface SourceComment {
  readonly text: string
  readonly placement: 'above' | 'trailing'
  readonly location: Location
}

/** Which reader answered; the fast one says why it handed over to the full one. */
export type ReadBy =
  | { readonly reader: 'fast' }
  | { readonly reader: 'full'; readonly handOver: string }
  | { readonly reader: 'json' }

/** One document of a source, with its value and the places of everything in it; places are found when asked for. */
export class SourceDocument {
  readonly source: SourceText
  /** Counted from 0 over all documents of the source that are not empty, unreadable ones too. */
  readonly index: number
  readonly value: Json
  readonly readBy: ReadBy
  readonly objects: readonly SourceObject[]
  readonly #range: Range
  #layout: DocumentLayout | undefined

  constructor(
    source: SourceText,
    index: number,
    range: Range,
    value: Json,
    readBy: ReadBy,
    objects: readonly SourceObject[],
  ) {
    this.source = source
    this.index = index
    this.value = value
    this.readBy = readBy
    this.objects = objects
    this.#range = range
  }

  /** Where a path from the document's root is written: its key, if it has one, and its value; or its nearest ancestor. */
  locate(path: Path): Located {
    const place = follow(this.#places().root, path)
    return {
      exact: place.path.length === path.length,
      path: place.path,
      ...(place.key && { key: this.#location(place.key) }),
      value: this.#location(place.value),
    }
  }

  /**
   * The comments on the entry at a path: at the end of the line where it begins, and on the lines directly above that line.
   * None when the path is not written in the source.
   */
  commentsAt(path: Path): readonly SourceComment[] {
    const { root, comments } = this.#places()
    const place = follow(root, path)
    if (place.path.length < path.length) return []
    let { line } = this.#location(place.key ?? place.value).start
    const found: SourceComment[] = []
    for (let i = comments.length - 1; i >= 0; i--) {
      const comment = comments[i]
      if (comment === undefined) continue
      const location = this.#location(comment)
      const { line: at, column } = location.start
      const alone =
        this.source
          .lineAt(at)
          .slice(0, column - 1)
          .trim() === ''
      if (alone ? at !== line - 1 : at !== line) continue
      const { start, end } = location
      const text = this.source.text.slice(start.offset + 1, end.offset).trim()
      found.unshift({ text, placement: alone ? 'above' : 'trailing', location })
      if (alone) line = at
    }
    return found
  }

  #location(range: Range): Location {
    return { name: this.source.name, ...this.source.span(range) }
  }

  #places(): DocumentLayout {
    this.#layout ??= this.#layOut()
    return this.#layout
  }

  #layOut(): DocumentLayout {
    const { start, end } = this.#range
    const text = this.source.normalised
    if (this.readBy.reader === 'json') {
      const recorder = new LayoutRecorder()
      readJson(text, start, recorder)
      return recorder.finish()
    }
    const fast = this.readBy.reader === 'fast' ? layOutFast(text, start, end) : undefined
    return fast ?? layOutFull(text.slice(start, end), start)
  }
}
