import { everyNode, type InventoryResource, type Node, type PolicyIr, type ReadType } from '@gatewright/core'
import type { Step } from './parts.js'
import { variableLists } from './variable-lists.js'

/** A place in the objects of a resource that a policy looks up. */
export interface LookedUp {
  readonly resource: InventoryResource
  readonly path: readonly Step[]
  readonly type: ReadType | undefined
}

/** What a policy reads of the objects that it looks up: for each resource the object itself, and the places in it. */
export function lookedUpBy(ir: PolicyIr): readonly LookedUp[] {
  const lists = variableLists(ir)
  const nodes = everyNode(ir)
  const found = new Map<string, LookedUp>()
  for (const node of nodes) {
    const place = node.kind === 'inventory' ? { resource: node.resource, path: [] } : placeOf(node, lists)
    if (place === undefined) continue
    const type = node.kind === 'field' ? node.type : undefined
    found.set(JSON.stringify([place.resource, place.path]), { ...place, type })
  }
  return [...found.values()]
}

type Place = Pick<LookedUp, 'resource' | 'path'>

/** Where a value is in an object that is looked up; undefined where it is in none. */
function placeOf(node: Node, lists: ReadonlyMap<number, Node>): Place | undefined {
  switch (node.kind) {
    case 'field':
      return below(placeOf(node.of, lists), node.key)
    case 'variable':
      return elementOf(lists.get(node.id), lists)
    case 'find':
    case 'at':
      return elementOf(node.list, lists)
    case 'narrow':
      return placeOf(node.of, lists)
    default:
      return undefined
  }
}

/** Where the elements of a list are. */
function elementOf(list: Node | undefined, lists: ReadonlyMap<number, Node>): Place | undefined {
  if (list === undefined) return undefined
  switch (list.kind) {
    case 'inventory':
      return { resource: list.resource, path: [] }
    case 'filter':
    case 'distinct':
      return elementOf(list.list, lists)
    case 'default':
      return elementOf(list.of, lists)
    default:
      return below(placeOf(list, lists), 0)
  }
}

const below = (place: Place | undefined, step: Step): Place | undefined =>
  place === undefined ? undefined : { ...place, path: [...place.path, step] }
