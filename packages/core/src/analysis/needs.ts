import { childrenOf } from '../ir/children.js'
import type { InventoryResource, Node, RuleNode } from '../ir/node.js'
import type { OperatorName } from '../ir/operators.js'
import type { PolicyIr } from '../ir/policy.js'

/** What a policy needs of the place that judges with it. */
export interface Needs {
  /** The inputs of its target that it reads. */
  readonly inputs: readonly string[]
  /** The resources that it looks up. */
  readonly inventory: readonly InventoryResource[]
  readonly operators: readonly OperatorName[]
  /** Patterns that are only known when an object is judged, and can be invalid then. */
  readonly dynamicPatterns: boolean
}

/** What a policy needs: the inputs, the inventory, the operators. */
export function needsOf(policy: PolicyIr): Needs {
  const inputs = new Set<string>()
  const operators = new Set<OperatorName>()
  const inventory = new Map<string, InventoryResource>()
  let dynamicPatterns = false
  for (const node of everyNode(policy)) {
    if (node.kind === 'input') inputs.add(node.name)
    if (node.kind === 'inventory')
      inventory.set(`${node.resource.group}/${node.resource.kind}`, node.resource)
    if (node.kind === 'call') {
      operators.add(node.operator)
      const isPattern = node.operator === 'matches' || node.operator === 'like'
      if (isPattern && node.arguments[1]?.kind !== 'literal') dynamicPatterns = true
    }
  }
  return {
    inputs: [...inputs].toSorted(),
    inventory: [...inventory.values()],
    operators: [...operators].toSorted(),
    dynamicPatterns,
  }
}

/** Every node of a policy, each once. */
export function everyNode(policy: PolicyIr): ReadonlySet<Node> {
  const seen = new Set<Node>()
  const visit = (node: Node): void => {
    if (seen.has(node)) return
    seen.add(node)
    for (const [child] of childrenOf(node)) visit(child)
  }
  if (policy.when !== undefined) visit(policy.when)
  for (const rule of policy.rules) for (const node of nodesOf(rule)) visit(node)
  return seen
}

/** The nodes that a rule names itself. */
function nodesOf(rule: RuleNode): readonly Node[] {
  switch (rule.kind) {
    case 'each':
      return [rule.list, ...rule.rules.flatMap(nodesOf)]
    case 'onlyIf':
      return [rule.if, ...rule.rules.flatMap(nodesOf)]
    case 'deny': {
      const { message, at, details = {}, fix = [] } = rule.violation
      const fixes = fix.flatMap((each) => (each.kind === 'set' ? [each.at, each.value] : [each.at]))
      return [rule.if, message, ...(at === undefined ? [] : [at]), ...Object.values(details), ...fixes]
    }
  }
}
