import {
  childrenOf,
  type Node,
  type Policy,
  type RuleNode,
  type SourceLocation,
  sourceOf,
} from '@gatewright/core'

/** A node that decides: what stands in conditions and in the lists that rules go through. */
export interface Place {
  readonly node: Node
  readonly isCondition: boolean
  /** A rule or a quantifier goes through it. */
  readonly isIterated: boolean
  readonly source: SourceLocation | undefined
}

/** The nodes that decide, each once, outer ones first. */
export function placesOf({ ir, source }: Policy): readonly Place[] {
  const places = new Map<Node, Place>()
  const visit = (
    node: Node,
    around: SourceLocation | undefined,
    isCondition: boolean,
    isIterated: boolean,
  ): void => {
    const known = places.get(node)
    if (known !== undefined) {
      places.set(node, {
        ...known,
        isCondition: known.isCondition || isCondition,
        isIterated: known.isIterated || isIterated,
      })
      return
    }
    const own = sourceOf(node) ?? around
    places.set(node, { node, isCondition, isIterated, source: own })
    for (const [child] of childrenOf(node))
      visit(child, own, isConditionOf(node, child), isIteratedBy(node, child))
  }
  if (ir.when !== undefined) visit(ir.when, source, true, false)
  const visitRule = (rule: RuleNode, around: SourceLocation | undefined): void => {
    const own = sourceOf(rule) ?? around
    visit(decidingNode(rule), own, rule.kind !== 'each', rule.kind === 'each')
    if (rule.kind !== 'deny') for (const each of rule.rules) visitRule(each, own)
  }
  for (const rule of ir.rules) visitRule(rule, source)
  return [...places.values()]
}

function isConditionOf(parent: Node, child: Node): boolean {
  switch (parent.kind) {
    case 'and':
    case 'or':
    case 'not':
      return true
    case 'when':
      return parent.cases.some((each) => each.if === child)
    case 'filter':
    case 'find':
    case 'some':
    case 'every':
      return parent.lambda.body === child
    default:
      return false
  }
}

function isIteratedBy(parent: Node, child: Node): boolean {
  switch (parent.kind) {
    case 'some':
    case 'every':
    case 'find':
      return parent.list === child
    // of a chain of filters, the first of what comes out at the end and the first of what goes in
    case 'filter':
      return parent.list === child && child.kind !== 'filter'
    default:
      return false
  }
}

/** What a rule hangs on: the list that it goes through, or its condition. */
export const decidingNode = (rule: RuleNode): Node => (rule.kind === 'each' ? rule.list : rule.if)
