import type { InventoryNode, Node } from '../../ir/node.js'
import { DefinitionError } from '../definition-error.js'
import { inventorySubject, memberOf } from '../inventory.js'
import type { Operations } from '../members.js'
import type { ValueSubject } from '../subject.js'
import { callNode, itemsOf, lambdaOver, valueArgument } from '../values.js'

/** What the list of a resource's objects can be asked beside what every list can. */
export const inventoryOperations: Operations = {
  inNamespace: (list, [namespace]) =>
    inNamespace(list, valueArgument(namespace, 'the operand of .inNamespace()')),
  inNamespaceOf: (list, [object]) => inNamespace(list, memberOf(object, 'metadata', 'namespace')),
  except: (list, [object]) => {
    const { element, index, result } = lambdaOver(
      list,
      (item: unknown) => item,
      'except',
      (given): Node => ({
        kind: 'not',
        of: {
          kind: 'and',
          all: ['name', 'namespace'].map((key) =>
            callNode('sameAs', [memberOf(given, 'metadata', key), memberOf(object, 'metadata', key)]),
          ),
        },
      }),
    )
    return inventorySubject(
      { kind: 'filter', list: list.node, lambda: { element, index, body: result } },
      itemsOf(list),
    )
  },
}

function inNamespace(list: ValueSubject, namespace: ValueSubject): ValueSubject {
  const { node } = list
  if (node.kind !== 'inventory') {
    throw new DefinitionError('not-an-inventory', '.inNamespace() stands right behind cluster.list(…)')
  }
  const narrowed: InventoryNode = { ...node, namespace: namespace.node }
  return inventorySubject(narrowed, itemsOf(list))
}

/** Whether a list is of inventory objects. */
export function isInventory(node: Node): boolean {
  return node.kind === 'inventory' || (node.kind === 'filter' && isInventory(node.list))
}
