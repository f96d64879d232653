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
  #comments: ReadonlyMap<number, SourceComment> | undefined

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

  /** Every comment of the document, in order. */
  get comments(): readonly SourceComment[] {
    return [...this.#commentsByLine().values()]
  }

  /**
   * The comments on the entry at a path: at the end of the line where it begins, and on the lines directly above that line.
   * None when the path is not written in the source.
   */
  commentsAt(path: Path): readonly SourceComment[] {
    const place = follow(this.#places().root, path)
    if (place.path.length < path.length) return []
    const { line } = this.#location(place.key ?? place.value).start
    const comments = this.#commentsByLine()
    const found: SourceComment[] = []
    const trailing = comments.get(line)
    if (trailing?.placement === 'trailing') found.push(trailing)
    for (let at = line - 1; comments.get(at)?.placement === 'above'; at--) {
      found.unshift(comments.get(at) as SourceComment)
    }
    return found
  }

  /** A comment goes to the end of its line, so a line has one at most. */
  #commentsByLine(): ReadonlyMap<number, SourceComment> {
    this.#comments ??= new Map(
      this.#places().comments.map((range) => {
        const location = this.#location(range)
        const { start, end } = location
        const before = this.source.lineAt(start.line).slice(0, start.column - 1)
        const text = this.source.text.slice(start.offset + 1, end.offset).trim()
        const placement = before.trim() === '' ? 'above' : 'trailing'
        return [start.line, { text, placement, location }] as const
      }),
    )
    return this.#comments
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
