import { type Alias, isAlias, isCollection, isPair, isScalar, isSeq, type Node } from 'yaml'
import { deepest, mostNodes } from '../limits.js'
import { type Range, Refusal, shown, tooDeep } from '../refusal.js'
import { isMerge } from './merge-key.js'

/** What each alias stands for. */
export type Aliases = ReadonlyMap<Alias, Node>

/** Finds the node of each alias: the latest anchor of that name before it, as go-yaml does. */
export function resolveAliases(root: Node | null): Aliases {
  const anchors = new Map<string, Node>()
  const aliases = new Map<Alias, Node>()
  const visit = (node: unknown): void => {
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (target === undefined) {
        throw new Refusal(
          'unknown-anchor',
          `there is no anchor \`${shown(node.source)}\` before this alias`,
          rangeOf(node),
        )
      }
      aliases.set(node, target)
    } else if (isPair(node)) {
      visit(node.key)
      visit(node.value)
    } else if (isScalar(node) || isCollection(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node)
      if (isCollection(node)) for (const item of node.items) visit(item)
    }
  }
  visit(root)
  return aliases
}

/**
 * Counts the nodes that the document has once aliases are expanded, in go-yaml's order and by its rule, and stops at our own
 * limits; nothing is built before.
 */
export function checkExpansion(root: Node | null, aliases: Aliases): void {
  const active = new Set<Alias>()
  let nodes = 1
  let throughAliases = 0
  const visit = (node: unknown, depth: number): void => {
    nodes++
    if (active.size > 0) throughAliases++
    if (nodes > mostNodes) throw tooMany(node)
    if (throughAliases > 100 && nodes > 1000 && throughAliases / nodes > allowedShare(nodes))
      throw tooMany(node)
    if (isCollection(node) && depth >= deepest) throw tooDeep(deepest, rangeOf(node))
    if (isAlias(node)) {
      if (active.has(node)) {
        throw new Refusal(
          'recursive-alias',
          `the anchor \`${shown(node.source)}\` contains itself`,
          rangeOf(node),
        )
      }
      active.add(node)
      visit(aliases.get(node), depth)
      active.delete(node)
    } else if (isCollection(node)) {
      for (const item of node.items) {
        if (!isPair(item)) visit(item, depth + 1)
        else if (isMerge(item)) visitMerge(item.value, depth)
        else for (const part of [item.key, item.value]) visit(part, depth + 1)
      }
    }
  }
  // go-yaml counts what is merged, not the key or a list around it
  const visitMerge = (source: unknown, depth: number): void => {
    for (const item of isSeq(source) ? source.items : [source]) visit(item, depth)
  }
  visit(root, 0)
}

/** The share of nodes that may come from aliases (go-yaml 2.4, `allowedAliasRatio`). */
function allowedShare(nodes: number): number {
  const low = 400_000
  const high = 4_000_000
  if (nodes <= low) return 0.99
  return nodes >= high ? 0.1 : 0.99 - (0.89 * (nodes - low)) / (high - low)
}

function tooMany(node: unknown): Refusal {
  return new Refusal('alias-bomb', 'the aliases of the document expand to too many nodes', rangeOf(node))
}

/** Where a node of the syntax tree is written, without its anchor and tag. */
export function rangeOf(node: unknown): Range {
  if ((isScalar(node) || isAlias(node) || isCollection(node)) && node.range) {
    const [start, end] = node.range
    return { start, end }
  }
  return { start: 0, end: 0 }
}
