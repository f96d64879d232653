import type { Json } from './json.js'
import type { InventoryResource } from './ir/node.js'
import type { Operation } from './ir/policy.js'

/**
 * What a policy is asked about: one object, the change it is part of, and what else is known.
 *
 * `object` is absent for a deletion, where `oldObject` is what goes. For targets that are not Kubernetes objects, `object` is
 * the document. Values are plain JSON; `cloneJson` makes them so. A part of the object that is not known yet is `unknownValue`.
 */
export interface Review {
  readonly object?: Json
  readonly oldObject?: Json
  readonly operation?: Operation
  /** The request's fields: `operation`, `userInfo`, `namespace`, `dryRun`, `subResource`, `time`. */
  readonly request?: Readonly<Record<string, Json>>
  readonly inventory?: Inventory
}

/** The other objects that are known. */
export interface Inventory {
  /**
   * The objects of a resource, in one namespace where one is given (`null`: those without a namespace), ordered by namespace
   * and name. `complete: false` says that there may be more. Engines may keep what
   * they make of a list: one that was given is not changed afterwards. A failed look-up throws; it becomes an error, never "no match".
   */
  list(
    resource: InventoryResource,
    namespace?: string | null,
  ): { readonly items: readonly Json[]; readonly complete: boolean }
}

/** The kind of an object, as its `apiVersion` and `kind` say. */
export interface ObjectKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** Reads `apiVersion` and `kind` of an object; undefined where they are not texts. */
export function kindOf(object: Json | undefined): ObjectKind | undefined {
  if (object === null || typeof object !== 'object' || Array.isArray(object)) return undefined
  const { apiVersion, kind } = object as Readonly<Record<string, Json | undefined>>
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  const slash = apiVersion.indexOf('/')
  return slash < 0
    ? { group: '', version: apiVersion, kind }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind }
}

/** The object that a review is about: the new one, or for a deletion the one that goes. */
export function judgedObject(review: Review): Json | undefined {
  return review.object ?? review.oldObject
}
