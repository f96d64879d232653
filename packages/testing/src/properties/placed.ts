import { isObject, type Json } from '@gatewright/core'
import type { Step } from '../search/parts.js'

/** An object with a value at a path, whose steps are made where they are not there; undefined takes it out. All else keeps its place. */
export function placed(of: Json, path: readonly Step[], value: Json | undefined): Json {
  const [step, ...rest] = path
  if (step === undefined) return value ?? null
  if (typeof step === 'number') {
    const list = Array.isArray(of) ? (of as readonly Json[]) : []
    if (rest.length === 0 && value === undefined) return list.filter((_, i) => i !== step)
    const inner = placed(list[step] ?? null, rest, value)
    return step < list.length ? list.with(step, inner) : [...list, inner]
  }
  const fields = isObject(of) ? of : {}
  const isThere = Object.hasOwn(fields, step)
  if (rest.length === 0 && value === undefined)
    return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== step))
  if (!isThere && value === undefined) return of
  const inner = placed(isThere ? (fields[step] as Json) : null, rest, value)
  const entries = Object.entries(fields).map(([key, each]) => [key, key === step ? inner : each] as const)
  return Object.fromEntries(isThere ? entries : [...entries, [step, inner]])
}
