import { isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml'
import { duplicateKey, type Range, Refusal, shown } from '../refusal.js'
import { type Aliases, rangeOf } from './anchors.js'
import { isMerge, yamlTag } from './merge-key.js'
import { keyText, type Resolved, resolvePlain, resolveTagged } from './resolve.js'

/** An entry of a mapping after merges: where it is written, and its value. */
export interface MappingEntry {
  readonly key: Range
  readonly kind: Resolved['kind']
  readonly merged: boolean
  readonly value: unknown
  /** The values of merged entries that this one hides; they must be readable all the same. */
  readonly hidden: unknown[]
}

/** What a scalar is for go-yaml: plain text resolves, YAML's own tags check, all else is text. */
export function resolveScalar(node: Scalar): Resolved {
  const text = node.source ?? ''
  const { tag } = node
  if (tag === undefined) return node.type === 'PLAIN' ? resolvePlain(text) : { kind: 'text', value: text }
  if (!tag.startsWith(yamlTag)) return { kind: 'text', value: text }
  const name = tag.slice(yamlTag.length)
  const resolved = resolveTagged(name, text)
  if (resolved === undefined) {
    throw new Refusal(
      'tag-mismatch',
      `\`${shown(text)}\` is not what the tag \`!!${name}\` says`,
      rangeOf(node),
    )
  }
  return resolved
}

/**
 * The entries of a mapping with its merges, by the text of their keys. Refuses what readers do not agree on: keys that are
 * written twice, keys that only differ before they become text, and merges that would override a key before them.
 */
export function entriesOf(map: YAMLMap, aliases: Aliases): Map<string, MappingEntry> {
  const entries = new Map<string, MappingEntry>()
  for (const pair of map.items) {
    if (isMerge(pair)) {
      for (const [key, entry] of mergedEntries(pair, aliases)) {
        const existing = entries.get(key)
        if (existing !== undefined) throw overridingMerge(key, rangeOf(pair.key), existing.key)
        entries.set(key, { ...entry, merged: true })
      }
    } else {
      addEntry(entries, pair, aliases)
    }
  }
  return entries
}

function addEntry(entries: Map<string, MappingEntry>, pair: Pair, aliases: Aliases): void {
  const key = rangeOf(pair.key)
  const { text, kind } = keyOf(pair.key, aliases)
  const existing = entries.get(text)
  if (existing !== undefined && (!existing.merged || existing.kind !== kind)) {
    throw duplicateKey(text, key, existing.key)
  }
  const hidden = existing === undefined ? [] : [existing.value, ...existing.hidden]
  entries.set(text, { key, kind, merged: false, value: pair.value, hidden })
}

function keyOf(node: unknown, aliases: Aliases): { readonly text: string; readonly kind: Resolved['kind'] } {
  const target = isAlias(node) ? aliases.get(node) : node
  if (!isScalar(target)) throw new Refusal('bad-key', 'a key must be a scalar', rangeOf(node))
  const resolved = resolveScalar(target)
  const text = keyText(resolved)
  if (text === undefined) {
    const source = shown(target.source ?? '')
    throw new Refusal('bad-key', `\`${source}\` is not a key that all readers agree on`, rangeOf(node), {
      help: 'write the key in quotes',
    })
  }
  return { text, kind: resolved.kind === 'timestamp' ? 'text' : resolved.kind }
}

function mergedEntries(pair: Pair, aliases: Aliases): Map<string, MappingEntry> {
  const source = pair.value
  if (!isSeq(source)) return entriesOf(mergeSource(source, pair, aliases), aliases)
  const entries = new Map<string, MappingEntry>()
  // earlier sources win
  for (const item of source.items) {
    for (const [key, entry] of entriesOf(mergeSource(item, pair, aliases), aliases)) {
      const existing = entries.get(key)
      if (existing === undefined) {
        entries.set(key, entry)
      } else {
        if (existing.kind !== entry.kind) throw duplicateKey(key, entry.key, existing.key)
        existing.hidden.push(entry.value)
        for (const hidden of entry.hidden) existing.hidden.push(hidden)
      }
    }
  }
  return entries
}

function mergeSource(node: unknown, pair: Pair, aliases: Aliases): YAMLMap {
  const target: unknown = isAlias(node) ? aliases.get(node) : node
  if (!isMap(target)) {
    throw new Refusal('bad-merge', '`<<` merges a mapping or a list of mappings', rangeOf(pair.key))
  }
  return target
}

function overridingMerge(key: string, merge: Range, first: Range): Refusal {
  return new Refusal(
    'overriding-merge',
    `this merge would override the key \`${shown(key)}\` before it`,
    merge,
    {
      help: 'write `<<` before the keys of the mapping: readers disagree on which one wins',
      related: { message: 'written here', range: first },
    },
  )
}
