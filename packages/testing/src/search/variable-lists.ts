import { everyNode, type Node, type PolicyIr, type RuleNode } from '@gatewright/core'

/** The list that each variable of a policy goes through, by the number of the variable. */
export function variableLists(ir: PolicyIr): ReadonlyMap<number, Node> {
  const lists = new Map<number, Node>()
  for (const node of everyNode(ir)) if ('lambda' in node) lists.set(node.lambda.element.id, node.list)
  const look = (rule: RuleNode): void => {
    if (rule.kind === 'each') lists.set(rule.element.id, rule.list)
    if (rule.kind !== 'deny') rule.rules.forEach(look)
  }
  ir.rules.forEach(look)
  return lists
}
