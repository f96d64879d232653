import {
  childrenOf,
  everyNode,
  type Node,
  type PolicyIr,
  type SourceLocation,
  sourceOf,
} from '@gatewright/core'

/** Where a policy says a node: the place of what it is nearest part of, where it has none itself, else that of a rule. */
export function sourceOfPart(node: Node | undefined, policy: PolicyIr): SourceLocation | undefined {
  const all = [...everyNode(policy)]
  const seen = new Set<Node>()
  let level: readonly Node[] = node === undefined ? [] : [node]
  while (level.length > 0) {
    const source = level.map((each) => sourceOf(each)).find((each) => each !== undefined)
    if (source !== undefined) return source
    for (const each of level) seen.add(each)
    level = all.filter((each) => !seen.has(each) && childrenOf(each).some(([child]) => seen.has(child)))
  }
  return policy.rules.map((rule) => sourceOf(rule)).find((each) => each !== undefined)
}
