import { isOfType, type ReadTree, type ReadType } from '@gatewright/core'
import { fieldReader } from './value.js'

/** Whether a value fits what its schema says of the parts that are read; where not, the reference says what is wrong. */
export type Fits = (value: unknown) => boolean

/** Compiles the check of trees of reads of one value, of one policy or of several; undefined where every value fits. */
export function fits(...trees: readonly ReadTree[]): Fits | undefined {
  if (trees.length === 0) return undefined
  const checks = typeChecks(trees)
  const fields = [...byKey(trees)].flatMap(([key, children]) => {
    const check = fits(...children)
    return check === undefined ? [] : [{ key, check }]
  })
  if (fields.length > 0) checks.push(fieldCheck(fields))
  const values = fits(...trees.flatMap((tree) => tree.values ?? []))
  if (values !== undefined) checks.push(valueCheck(values))
  const elements = fits(...trees.flatMap((tree) => tree.elements ?? []))
  if (elements !== undefined) checks.push(elementCheck(elements))
  const assumed = trees.some((tree) => tree.assumed)
  if (checks.length === 0 && !assumed) return undefined
  const [first, ...others] = checks
  return (value) => {
    if (value === undefined || value === null) return !assumed
    if (first !== undefined && !first(value)) return false
    for (const check of others) if (!check(value)) return false
    return true
  }
}

function byKey(trees: readonly ReadTree[]): ReadonlyMap<string, readonly ReadTree[]> {
  const children = new Map<string, ReadTree[]>()
  for (const { fields } of trees) {
    for (const [key, child] of fields) {
      const known = children.get(key)
      if (known === undefined) children.set(key, [child])
      else known.push(child)
    }
  }
  return children
}

/** A check for each set of types that a tree asks for. */
function typeChecks(trees: readonly ReadTree[]): Fits[] {
  const sets = new Map(trees.map(({ types }) => [[...types].sort().join(), [...types]] as const))
  return [...sets.values()].flatMap((types) => typeCheck(types) ?? [])
}

function typeCheck(types: readonly ReadType[]): Fits | undefined {
  const [type] = types
  if (type === undefined || types.includes('unknown')) return undefined
  if (types.length > 1) return (value) => types.some((each) => isOfType(value as never, each))
  switch (type) {
    case 'string':
      return (value) => typeof value === 'string'
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'list':
      return (value) => Array.isArray(value)
    case 'object':
      return (value) => typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
    default:
      return (value) => isOfType(value as never, type)
  }
}

function fieldCheck(fields: readonly { readonly key: string; readonly check: Fits }[]): Fits {
  const readers = fields.map(({ key, check }) => ({ read: fieldReader(key), check }))
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return true
    for (const { read, check } of readers) if (!check(read(value))) return false
    return true
  }
}

function valueCheck(check: Fits): Fits {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return true
    for (const each of Object.values(value)) if (!check(each)) return false
    return true
  }
}

function elementCheck(check: Fits): Fits {
  return (value) => {
    if (!Array.isArray(value)) return true
    for (const each of value) if (!check(each)) return false
    return true
  }
}
