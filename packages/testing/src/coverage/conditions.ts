import {
  childrenOf,
  describe,
  everyNode,
  knownOf,
  type Node,
  type Policy,
  type SourceLocation,
} from '@gatewright/core'
import { placesOf } from '../mutation/places.js'
import { shortName } from '../mutation/short-name.js'

/** A condition without a condition in it that is joined by `and`, `or`, `not`, `some` or `every`. */
export interface AtomicCondition {
  /** The same as long as the condition reads the same: `condition-1x9k2a0`. */
  readonly id: string
  /** The condition as its author might have written it. */
  readonly text: string
  /** Where the author wrote it. */
  readonly source: SourceLocation | undefined
  /** Its node in the policy's IR. */
  readonly node: Node
  /** Why no input changes what it gives, where that can be seen. */
  readonly constant?: string
}

/** The atomic conditions that decide what a policy says, in the order in which they are written; those in messages are not among them. */
export function conditionsOf(policy: Policy): readonly AtomicCondition[] {
  const constants = constantsOf(policy)
  const taken = new Map<string, number>()
  return placesOf(policy)
    .filter(({ node, isCondition }) => isAtomic(node, isCondition))
    .map(({ node, source }): AtomicCondition => {
      const text = describe(node)
      const name = `condition-${shortName(text)}`
      const count = (taken.get(name) ?? 0) + 1
      taken.set(name, count)
      const constant = constants.get(node)
      return {
        id: count === 1 ? name : `${name}-${count}`,
        text,
        source,
        node,
        ...(constant === undefined ? {} : { constant }),
      }
    })
}

function isAtomic(node: Node, isCondition: boolean): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'not':
    // a deny or a case without a condition
    case 'literal':
      return false
    case 'some':
    case 'every':
      return node.lambda.body.kind === 'literal'
    case 'decide':
      return true
    default:
      return isCondition
  }
}

/** The nodes that are constant or stand in a condition that is, with the reason. */
function constantsOf({ ir }: Policy): ReadonlyMap<Node, string> {
  const constants = new Map<Node, string>()
  const mark = (node: Node, because: string): void => {
    if (constants.has(node)) return
    constants.set(node, because)
    for (const [child] of childrenOf(node)) mark(child, because)
  }
  for (const node of everyNode(ir)) {
    const known = isTest(node) ? knownOf(node) : undefined
    if (known !== undefined)
      mark(node, `\`${describe(node)}\` ${known.holds ? 'always' : 'never'} holds: ${known.because}`)
    else if (node.kind === 'decide' && !readsInput(node)) mark(node, 'it reads nothing that an input changes')
  }
  return constants
}

function isTest({ kind }: Node): boolean {
  return ['and', 'or', 'not', 'decide', 'some', 'every', 'call'].includes(kind)
}

function readsInput(node: Node): boolean {
  return (
    node.kind === 'input' ||
    node.kind === 'variable' ||
    node.kind === 'inventory' ||
    childrenOf(node).some(([child]) => readsInput(child))
  )
}
