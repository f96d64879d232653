import { isObject, type Json, type Path, type Schema } from '@gatewright/core'

/** An object with one thing out of shape, and where. */
export interface Misshapen {
  readonly object: Json
  readonly path: Path
  /** `key`: a field of that name is not known. `value`: the value of a known field may be of another type. */
  readonly change: 'key' | 'value'
}

interface Place {
  readonly path: Path
  readonly value: Json
  readonly schema: Schema
  /** The keys that stand beside it. */
  readonly beside: readonly string[]
}

/** What people and templates put in places that are for something else. */
const replacements: readonly ((value: Json) => Json)[] = [
  () => 'true',
  () => 'yes',
  () => '1',
  () => '',
  () => true,
  () => false,
  () => 0,
  () => 7,
  () => 1.5,
  () => -1,
  () => 2 ** 31,
  () => 1e21,
  () => null,
  () => [],
  () => ({}),
  () => ({ wrapped: 1 }),
  (value) => [value],
  (value) => ({ wrapped: value }),
  (value) => (typeof value === 'string' ? [value] : String(value)),
  (value) => (isObject(value) ? Object.values(value) : value),
  (value) => (isObject(value) ? Object.keys(value) : value),
  (value) => (Array.isArray(value) ? ((value[0] ?? null) as Json) : value),
  (value) => (Array.isArray(value) ? Object.fromEntries(value.entries()) : value),
]

const misspellings: readonly ((key: string) => string)[] = [
  (key) => key.toLowerCase(),
  (key) => key.toUpperCase(),
  (key) => key.charAt(0).toUpperCase() + key.slice(1),
  (key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  (key) => key.slice(0, -1),
  (key) => `${key}s`,
  (key) => key.charAt(1) + key.charAt(0) + key.slice(2),
  () => 'unknown',
]

/** The object with a random field misspelt, or a random value replaced. Its group, version, kind and name stay. */
export function misshapen(object: Json, schema: Schema, random: () => number): Misshapen {
  const one = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const all = [...places(object, schema, [], [])].filter(
    ({ path: [first, second] }) =>
      !['apiVersion', 'kind'].includes(String(first)) &&
      !(first === 'metadata' && (second === 'name' || second === 'namespace')),
  )
  for (;;) {
    const { path, value, beside } = one(all)
    const key = path.at(-1)
    if (random() < 0.35) {
      // a key of a map is data: it cannot be misspelt
      if (typeof key !== 'string' || beside.length === 0) continue
      const name = one(misspellings)(key)
      if (name === key || beside.includes(name) || name === '') continue
      const renamed = changed(object, path, (parent) =>
        Object.fromEntries(Object.entries(parent).map(([k, v]) => [k === key ? name : k, v])),
      )
      return { object: renamed, path: [...path.slice(0, -1), name], change: 'key' }
    }
    const by = one(replacements)(value)
    return {
      object: changed(object, path, (parent) =>
        Array.isArray(parent) ? parent.with(Number(key), by) : { ...parent, [String(key)]: by },
      ),
      path,
      change: 'value',
    }
  }
}

/** Every value of an object whose type its schema knows. */
function* places(value: Json, schema: Schema, path: Path, beside: readonly string[]): Generator<Place> {
  if (schema.type === 'unknown') return
  if (path.length > 0) yield { path, value, schema, beside }
  if (schema.type === 'list' && Array.isArray(value)) {
    for (const [index, item] of value.entries())
      yield* places(item as Json, schema.items, [...path, index], [])
  }
  if (!isObject(value)) return
  if (schema.type === 'map') {
    for (const [key, item] of Object.entries(value)) yield* places(item, schema.values, [...path, key], [])
  }
  if (schema.type === 'object') {
    const known = Object.keys(schema.fields)
    for (const [key, item] of Object.entries(value)) {
      const field = schema.fields[key]
      if (field !== undefined) yield* places(item, field.schema, [...path, key], known)
    }
  }
}

type Container = Readonly<Record<string, Json>> | readonly Json[]

/** The value with what holds the path's last step changed. */
function changed(value: Json, path: Path, change: (parent: Container) => Json): Json {
  const [step, ...rest] = path as readonly [string | number, ...(string | number)[]]
  if (rest.length === 0) return change(value as Container)
  if (Array.isArray(value))
    return value.with(Number(step), changed(value[Number(step)] as Json, rest, change))
  const parent = value as Readonly<Record<string, Json>>
  return { ...parent, [String(step)]: changed(parent[String(step)] as Json, rest, change) }
}
