import type { Json } from '@gatewright/core'
import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { DocumentLayout, Entry, Layout } from '../layout.js'
import { type JsonObject, setOwn } from '../own-property.js'
import { type Range, Refusal, shown } from '../refusal.js'
import { type Aliases, checkExpansion, rangeOf, resolveAliases } from './anchors.js'
import { trimmedEnd } from './fast-scalars.js'
import { entriesOf, resolveScalar } from './mapping.js'
import { jsonOf } from './resolve.js'
import { parseSyntax } from './syntax.js'

/**
 * Reads one chunk as go-yaml does, with `yaml` for the syntax and our own resolution. Throws a `Refusal`, its ranges counted
 * from the start of the chunk. Nothing in the result is shared.
 */
export function readFull(chunk: string): Json {
  const { root } = parseSyntax(chunk)
  const aliases = resolveAliases(root)
  checkExpansion(root, aliases)
  return valueOf(root, aliases)
}

function valueOf(node: unknown, aliases: Aliases): Json {
  if (isScalar(node)) {
    const value = jsonOf(resolveScalar(node))
    if (value === undefined) {
      throw new Refusal(
        'not-a-number',
        `\`${shown(node.source ?? '')}\` is no number that JSON has`,
        rangeOf(node),
      )
    }
    return value
  }
  if (isAlias(node)) return valueOf(aliases.get(node), aliases)
  if (isSeq(node)) return node.items.map((item) => valueOf(item, aliases))
  if (!isMap(node)) return null
  const object: JsonObject = {}
  for (const [key, entry] of entriesOf(node, aliases)) {
    for (const hidden of entry.hidden) valueOf(hidden, aliases)
    setOwn(object, key, valueOf(entry.value, aliases))
  }
  return object
}

/**
 * Where everything in a chunk that `readFull` reads is written, with `offset` added; values behind an alias or a merge are where
 * their node is.
 */
export function layOutFull(chunk: string, offset: number): DocumentLayout {
  const { root, comments } = parseSyntax(chunk)
  return {
    root: moved(layoutOf(root, resolveAliases(root), chunk), offset),
    comments: comments.map((comment) => movedRange(comment, offset)),
  }
}

function moved(layout: Layout, by: number): Layout {
  const range = movedRange(layout, by)
  if (layout.entries === undefined || by === 0) return { ...layout, ...range }
  const entries = new Map<string | number, Entry>()
  for (const [at, { key, value }] of layout.entries) {
    entries.set(at, { ...(key && { key: movedRange(key, by) }), value: moved(value, by) })
  }
  return { ...range, entries }
}

function movedRange({ start, end }: Range, by: number): Range {
  return { start: start + by, end: end + by }
}

function layoutOf(node: unknown, aliases: Aliases, chunk: string): Layout {
  if (isAlias(node)) return layoutOf(aliases.get(node), aliases, chunk)
  const range = rangeOf(node)
  if (isScalar(node) && range.start === range.end) {
    // nothing is written: it is where it would begin, right behind the colon or dash
    const at = trimmedEnd(chunk, range.start)
    return { start: at, end: at }
  }
  // the line breaks behind a block scalar are left out
  if (isScalar(node) && node.type?.startsWith('BLOCK') === true) {
    return { start: range.start, end: trimmedEnd(chunk, range.end) }
  }
  if (isSeq(node)) {
    return collection(
      range,
      node.flow === true,
      new Map(node.items.map((item, i) => [i, { value: layoutOf(item, aliases, chunk) }])),
    )
  }
  if (!isMap(node)) return range
  const entries = new Map<string, Entry>()
  for (const [text, { key, value }] of entriesOf(node, aliases)) {
    // a key without a value has its empty value behind it
    const at = value === null ? { start: key.end, end: key.end } : layoutOf(value, aliases, chunk)
    entries.set(text, { key, value: at })
  }
  return collection(range, node.flow === true, entries)
}

/** A block collection ends with its last entry, not after the line breaks and comments behind it. */
function collection(
  { start, end }: Range,
  flow: boolean,
  entries: ReadonlyMap<string | number, Entry>,
): Layout {
  if (flow) return { start, end, entries }
  let last = start
  for (const { value } of entries.values()) if (value.end > last && value.end <= end) last = value.end
  return { start, end: last, entries }
}
