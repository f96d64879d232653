import { isOfType, type ReadTree, type ReadType } from '@gatewright/core'
import { fieldReader } from './value.js'

/** Whether a value fits what its schema says of the parts that are read; where not, the reference says what is wrong. */
export type Fits = (value: unknown) => boolean

/** Compiles the check of a tree of reads; undefined where every value fits. */
export function fits(tree: ReadTree): Fits | undefined {
  const checks: Fits[] = []
  const type = typeCheck([...tree.types])
  if (type !== undefined) checks.push(type)
  const fields = [...tree.fields].flatMap(([key, child]) => {
    const check = fits(child)
    return check === undefined ? [] : [{ key, check }]
  })
  if (fields.length > 0) checks.push(fieldCheck(fields))
  const values = tree.values === undefined ? undefined : fits(tree.values)
  if (values !== undefined) checks.push(valueCheck(values))
  const elements = tree.elements === undefined ? undefined : fits(tree.elements)
  if (elements !== undefined) checks.push(elementCheck(elements))
  const { assumed } = tree
  if (checks.length === 0 && !assumed) return undefined
  const [first, ...others] = checks
  return (value) => {
    if (value === undefined || value === null) return !assumed
    if (first !== undefined && !first(value)) return false
    for (const check of others) if (!check(value)) return false
    return true
  }
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
