import {
  type CheckedPolicy,
  everyNode,
  type Inventory,
  type InventoryResource,
  isObject,
  type Json,
  kindOf,
  needsOf,
} from '@gatewright/core'
import { objectNamespace } from '@gatewright/kubernetes'
import { exactText } from './exact-json.js'

interface Listed {
  readonly resource: InventoryResource
  readonly items: readonly Json[]
  readonly complete: boolean
}

/**
 * The data document that modules are given: the parameters of policies, and the objects that they look up. Written once for the
 * same parameters and the same lists.
 */
export class DataDocument {
  readonly #resources: readonly InventoryResource[]
  /** A policy looks in one namespace, of which more may be known than of the whole. */
  readonly #scoped: boolean
  #parameters: readonly Json[] | undefined
  #listed: readonly Listed[] | undefined
  #text: string | undefined
  readonly #ids: readonly string[]

  constructor(policies: readonly CheckedPolicy[]) {
    this.#ids = policies.map(({ id }) => id)
    const resources = policies.flatMap((policy) => needsOf(policy).inventory)
    this.#resources = [...new Map(resources.map((each) => [`${each.group}/${each.kind}`, each])).values()]
    this.#scoped = policies.some((policy) =>
      [...everyNode(policy)].some((node) => node.kind === 'inventory' && node.namespace !== undefined),
    )
  }

  /** The text of the document; undefined where it cannot say what the inventory says, and when a look-up fails. */
  text(parameters: readonly Json[], inventory: Inventory | undefined): string | undefined {
    const listed = this.#list(inventory)
    if (listed === undefined) return undefined
    if (this.#text !== undefined && same(parameters, this.#parameters) && sameLists(listed, this.#listed))
      return this.#text
    const objects = inventoryTree(listed)
    if (objects === undefined) return undefined
    const given = Object.fromEntries(this.#ids.map((id, i) => [id, parameters[i] as Json]))
    const complete = listed.length > 0 && listed.every((each) => each.complete)
    const text = exactText({
      gatewright: { parameters: given, inventory: { complete } },
      ...(listed.length === 0 ? {} : { inventory: objects }),
    })
    this.#parameters = parameters
    this.#listed = listed
    this.#text = text
    return text
  }

  #list(inventory: Inventory | undefined): readonly Listed[] | undefined {
    if (inventory === undefined || this.#resources.length === 0) return []
    const listed: Listed[] = []
    for (const resource of this.#resources) {
      let found: ReturnType<Inventory['list']>
      try {
        found = inventory.list(resource)
      } catch {
        return undefined
      }
      listed.push({ resource, items: found.items, complete: found.complete })
    }
    const [first] = listed
    // the document says it once, of all
    if (listed.some(({ complete }) => complete !== first?.complete)) return undefined
    if (this.#scoped && first?.complete !== true) return undefined
    return listed
  }
}

const same = (a: readonly Json[], b: readonly Json[] | undefined): boolean =>
  a === b || (a.length === b?.length && a.every((each, i) => each === b[i]))

const sameLists = (a: readonly Listed[], b: readonly Listed[] | undefined): boolean =>
  a.length === b?.length &&
  a.every(({ items, complete }, i) => {
    const other = b[i] as Listed
    if (complete !== other.complete) return false
    return items === other.items || (items.length === 0 && other.items.length === 0)
  })

type Tree = Map<string, Tree | Json>

/** Objects in the shape of Gatekeeper's inventory; undefined where one of them has no place in it. */
function inventoryTree(listed: readonly Listed[]): Json | undefined {
  const root: Tree = new Map()
  let index = 0
  for (const { resource, items } of listed) {
    for (const object of items) {
      const kind = kindOf(object)
      if (kind?.kind !== resource.kind || kind.group !== resource.group || !isObject(object)) return undefined
      const namespace = objectNamespace(object)
      const steps = [
        ...(namespace === undefined ? ['cluster'] : ['namespace', namespace]),
        object['apiVersion'] as string,
        kind.kind,
      ]
      let at = root
      for (const step of steps) {
        const next = (at.get(step) ?? new Map()) as Tree
        at.set(step, next)
        at = next
      }
      const { name } = (object['metadata'] ?? {}) as Readonly<Record<string, Json>>
      // objects stand in the order of their names, and none may hide another of its name
      at.set(`${typeof name === 'string' ? name : ''}\0${String(index++).padStart(9, '0')}`, object)
    }
  }
  return plain(root)
}

const plain = (tree: Tree): Json =>
  Object.fromEntries(
    [...tree].map(([key, value]) => [key, value instanceof Map ? plain(value) : value]),
  ) as Json
