import { childrenOf, everyNode, type Json, type Node, type Policy } from '@gatewright/core'
import { domainExamples } from '../policy-constants.js'
import { leavesOf } from './parts.js'
import { variableLists } from './variable-lists.js'

/** The constants that a policy holds what it reads against, by the name of the field or the parameter. */
export function relatedConstants(policies: readonly Policy[]): ReadonlyMap<string, readonly Json[]> {
  const found = new Map<string, Set<Json>>()
  for (const policy of policies) {
    const lists = variableLists(policy.ir)
    for (const node of everyNode(policy.ir)) {
      if (node.kind !== 'call' && node.kind !== 'get' && node.kind !== 'default') continue
      const { keys, values } = within(node, policy, lists)
      for (const key of keys) {
        const known = found.get(key) ?? new Set<Json>()
        found.set(key, known)
        for (const value of values) known.add(value)
      }
    }
  }
  return new Map([...found].map(([key, values]) => [key, [...values]] as const))
}

type Lists = ReadonlyMap<number, Node>

/** The fields that are read in an expression and the constants in it; those of a parameter are its default and its value. */
function within(
  node: Node,
  policy: Policy,
  lists: Lists,
): { readonly keys: ReadonlySet<string>; readonly values: ReadonlySet<Json> } {
  const keys = new Set<string>()
  const values = new Set<Json>()
  const seen = new Set<Node>()
  const { properties } = (policy.ir.parameters ?? {}) as {
    readonly properties?: Readonly<Record<string, { readonly default?: Json }>>
  }
  const add = (value: Json | undefined): void => {
    for (const leaf of leavesOf(value)) values.add(leaf)
  }
  const visit = (each: Node): void => {
    if (seen.has(each) || seen.size > 60) return
    seen.add(each)
    if (each.kind === 'literal') add(each.value)
    for (const example of domainExamples(each)) values.add(example)
    if (each.kind === 'field') {
      keys.add(each.key)
      if (each.of.kind === 'input' && each.of.name === 'parameters') {
        add(properties?.[each.key]?.default)
        add(policy.values[each.key] as Json | undefined)
      }
      return
    }
    if (each.kind === 'variable') {
      const list = lists.get(each.id)
      if (list !== undefined) visit(list)
    }
    for (const [child] of childrenOf(each)) visit(child)
  }
  visit(node)
  return { keys, values }
}
