import {
  everyNode,
  type Inventory,
  type InventoryNode,
  type InventoryResource,
  type Json,
  type PolicyIr,
} from '@gatewright/core'
import { inventoryOf } from '@gatewright/evaluator'

/** What an inventory says of a resource, or why it says nothing. */
export type InventoryAnswer = { readonly resource: InventoryResource } & (
  | { readonly items: readonly Json[]; readonly complete: boolean }
  | { readonly failed: string }
)

/** What an inventory says of each resource that a policy looks up. */
export function inventoryAnswers(ir: PolicyIr, inventory: Inventory): readonly InventoryAnswer[] {
  const resources = new Map<string, InventoryResource>()
  for (const node of everyNode(ir)) if (isInventory(node)) resources.set(keyOf(node.resource), node.resource)
  return [...resources.values()].map((resource): InventoryAnswer => {
    try {
      const { items, complete } = inventory.list(resource)
      return { resource, items, complete }
    } catch (error) {
      return { resource, failed: error instanceof Error ? error.message : String(error) }
    }
  })
}

const isInventory = (node: { readonly kind: string }): node is InventoryNode => node.kind === 'inventory'

const keyOf = ({ group, kind }: InventoryResource): string => `${group}/${kind}`

/** An inventory that says the same again. */
export function inventoryFrom(answers: readonly InventoryAnswer[]): Inventory {
  const known = new Map(answers.map((each) => [keyOf(each.resource), each]))
  return {
    list: (resource, namespace) => {
      const answer = known.get(keyOf(resource))
      if (answer === undefined) return { items: [], complete: false }
      if ('failed' in answer) throw new Error(answer.failed)
      return inventoryOf(answer.items, { complete: answer.complete }).list(resource, namespace)
    },
  }
}
