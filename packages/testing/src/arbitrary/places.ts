import { isObject, type Json, type ReadTree } from '@gatewright/core'
import { Planted, type Tree } from './planted.js'
import { type Shape, shapeOf } from './shape.js'

/** A place of a tree, with what is known of it. */
export interface Place {
  readonly path: readonly (string | number)[]
  readonly value: Tree
  readonly shape: Exclude<Shape, { readonly is: 'choice' }> | undefined
  readonly isRequired: boolean
  /** It is a field of an object, whose name the shape says. */
  readonly isKnownField: boolean
  /** Policies read it, or something below it. */
  readonly isRead: boolean
}

/** All places of a tree but its root, and those that say of which kind an object is. */
export function placesIn(
  tree: Tree,
  shape: Shape | undefined,
  reads: ReadTree | undefined,
): readonly Place[] {
  const found: Place[] = []
  const visit = (
    value: Tree,
    of: Shape | undefined,
    read: ReadTree | undefined,
    path: readonly (string | number)[],
    isRequired: boolean,
    isKnownField: boolean,
  ): void => {
    if (value instanceof Planted) return
    const own = shapeOf(value as Json, of)
    if (path.length > 0)
      found.push({ path, value, shape: own, isRequired, isKnownField, isRead: read !== undefined })
    if (own?.is === 'leaf') return
    if (Array.isArray(value)) {
      const items = own?.is === 'list' ? own.items : undefined
      for (const [i, each] of (value as readonly Tree[]).entries())
        visit(each, items, read?.elements, [...path, i], false, false)
    } else if (isObject(value as Json)) {
      for (const [key, each] of Object.entries(value as Readonly<Record<string, Tree>>)) {
        if (path.length === 0 && (key === 'apiVersion' || key === 'kind')) continue
        const field = own?.is === 'object' ? own.fields.get(key) : undefined
        const below = own?.is === 'map' ? own.values : field?.shape
        visit(
          each,
          below,
          read?.fields.get(key) ?? read?.values,
          [...path, key],
          field?.required === true,
          field !== undefined,
        )
      }
    }
  }
  visit(tree, shape, reads, [], true, false)
  return found
}
