import { compareText, type Inventory, type InventoryResource, type Json, kindOf } from '@gatewright/core'
import { objectNamespace } from '@gatewright/kubernetes'

/** Objects that rules may look up, with whether there can be others. */
export interface InventoryOptions {
  /** Whether these are all objects there are; files on disk rarely are. */
  readonly complete: boolean
}

/** An inventory of objects that are at hand, indexed by group and kind; any version of a kind serves. */
export function inventoryOf(objects: Iterable<Json>, { complete }: InventoryOptions): Inventory {
  const byKind = new Map<string, Json[]>()
  for (const object of objects) {
    const kind = kindOf(object)
    if (kind === undefined) continue
    const key = keyOf(kind)
    const known = byKind.get(key)
    if (known === undefined) byKind.set(key, [object])
    else known.push(object)
  }
  for (const list of byKind.values()) list.sort(compareObjects)
  return {
    list: (resource, namespace) => {
      const items = byKind.get(keyOf(resource)) ?? []
      if (namespace === undefined) return { items, complete }
      return { items: items.filter((item) => namespaceOf(item) === (namespace ?? '')), complete }
    },
  }
}

const keyOf = ({ group, kind }: Pick<InventoryResource, 'group' | 'kind'>): string => `${group}/${kind}`

interface Named {
  readonly metadata?: { readonly name?: Json }
}

const namespaceOf = (object: Json): string => objectNamespace(object) ?? ''

function nameOf(object: Json): string {
  const name = (object as Named).metadata?.name
  return typeof name === 'string' ? name : ''
}

function compareObjects(a: Json, b: Json): number {
  return compareText(namespaceOf(a), namespaceOf(b)) || compareText(nameOf(a), nameOf(b))
}
