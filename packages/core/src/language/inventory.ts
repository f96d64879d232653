import type { InventoryResource, Node } from '../ir/node.js'
import type { Schema } from '../schema.js'
import type { Expr, ListExpr, MaybeText, Value } from './expression.js'
import { expressionOf, subjectOf } from './proxy.js'
import type { ValueSubject } from './subject.js'
import { valueArgument } from './values.js'

/** A resource whose objects can be looked up: its kind, and the schema of its objects as far as it is known. */
export interface Listable<T> {
  readonly resource: InventoryResource
  readonly schema: Schema
  /** Only for the types. */
  readonly objects?: T
}

/** The other objects of a resource. Where they are not all known, what hangs on the rest is undetermined. */
export type InventoryExpr<T> = ListExpr<T> & InventoryOperations

export interface InventoryOperations {
  /** Those in a namespace. */
  inNamespace(namespace: MaybeText): this
  /** Those in the namespace of an object. */
  inNamespaceOf(object: { readonly metadata: { readonly namespace: Value<string | undefined> } }): this
  /** Those that are not this object, by namespace and name. */
  except(object: Named): this
}

interface Named {
  readonly metadata: {
    readonly name: Value<string | undefined>
    readonly namespace: Value<string | undefined>
  }
}

/** The other objects that are known: of the cluster, or of the files that are judged together. */
export interface Cluster {
  list<T>(of: Listable<T>): InventoryExpr<T>
  /** The object of this name and namespace, or missing. */
  get<T>(
    of: Listable<T>,
    at: { readonly name: MaybeText; readonly namespace?: MaybeText },
  ): Expr<T | undefined>
}

/** The inventory as rules see it. */
export const cluster: Cluster = {
  list: <T>(of: Listable<T>) => listOf<T>(of),
  get: <T>(of: Listable<T>, at: { readonly name: MaybeText; readonly namespace?: MaybeText }) => {
    const { namespace } = at
    const objects: InventoryExpr<Nameable> =
      namespace === undefined ? listOf<Nameable>(of) : listOf<Nameable>(of).inNamespace(namespace)
    return expressionOf(memberOf(objects.find((object) => object.metadata.name.is(at.name).ifMissing(false))))
  },
}

interface Nameable {
  readonly metadata?: { readonly name?: string; readonly namespace?: string }
}

function listOf<T>({ resource, schema }: Listable<unknown>): InventoryExpr<T> {
  return expressionOf(inventorySubject({ kind: 'inventory', resource }, schema))
}

/** A list over inventory objects. They are other objects, so nothing in them is vouched for and none has a place in this one. */
export function inventorySubject(node: Node, items: Schema): ValueSubject {
  return { is: 'value', node, schema: { type: 'list', items }, presence: 'present', vouched: false }
}

/** A value as an argument, from a path of plain property reads. */
export function memberOf(object: unknown, ...keys: readonly string[]): ValueSubject {
  let at = object
  for (const key of keys) at = (at as Readonly<Record<string, unknown>>)[key]
  return subjectOf(at) === undefined ? valueArgument(at, keys.join('.')) : (subjectOf(at) as ValueSubject)
}
