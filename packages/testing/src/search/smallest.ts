import { canonicalText, isObject, type Json } from '@gatewright/core'
import { type Parts, put, type Step, valueAt } from './parts.js'

/** Leaves out of a question what can be left out so long as something holds of it, in a bounded number of trials. */
export function smallestParts(parts: Parts, holds: (smaller: Parts) => boolean): Parts {
  let smallest = parts
  let left = 2000
  for (let isSmaller = true; isSmaller && left > 0;) {
    isSmaller = false
    for (const smaller of smallerParts(smallest)) {
      if (--left <= 0) break
      if (!holds(smaller)) continue
      smallest = smaller
      isSmaller = true
      break
    }
  }
  return smallest
}

/** What an object that is looked up is known by, and whether there are others. */
const isNeeded = ([root, within, , key]: readonly Step[]): boolean =>
  root === 'inventory' && (within === 'complete' || key === 'kind' || key === 'apiVersion')

/** Parts with something left out, most first. */
export function* smallerParts(parts: Parts): Generator<Parts> {
  const { object, oldObject, parameters = {}, operation } = parts
  const { inventory } = parts
  const stored = inventory === undefined ? {} : { inventory }
  if (object !== undefined && (oldObject !== undefined || operation !== 'CREATE'))
    yield { object, operation: 'CREATE', parameters, ...stored }
  if (inventory !== undefined) yield put(parts, ['inventory'], undefined) as Parts
  if (parts['request'] !== undefined) yield put(parts, ['request'], undefined) as Parts
  const paths: (readonly Step[])[] = []
  const look = (value: Json | undefined, at: readonly Step[]): void => {
    const keys = Array.isArray(value) ? [...value.keys()] : isObject(value) ? Object.keys(value) : []
    for (const key of keys) {
      const isKind = at.length === 1 && (key === 'kind' || key === 'apiVersion') && at[0] !== 'parameters'
      if (!isKind && !isNeeded([...at, key])) paths.push([...at, key])
    }
    for (const key of keys) look(valueAt(value, [key]), [...at, key])
  }
  for (const root of ['object', 'oldObject', 'parameters', 'inventory']) look(parts[root], [root])
  const sized = paths.map((path) => ({ path, size: canonicalText(valueAt(parts, path) ?? null).length }))
  for (const { path } of sized.toSorted((a, b) => b.size - a.size)) yield put(parts, path, undefined) as Parts
}
