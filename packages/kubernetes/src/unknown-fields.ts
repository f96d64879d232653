import { type Json, kindOf, nearest, type Path, type Schema } from '@gatewright/core'
import { type KubernetesVersion, schemaOf } from './schemas.js'

/** A field that the API does not know: a cluster drops it, or refuses the object under strict validation. */
export interface UnknownField {
  readonly path: Path
  /** The known field of the same place that is nearest in name. */
  readonly nearest?: string
}

/** For how many fields names that are only alike are looked for, which is slow; another case is always seen. */
const mostNamed = 2000

/** The fields of a built-in object that its schema does not have; none for kinds whose schema is not known. */
export function unknownFields(object: Json, version?: KubernetesVersion): readonly UnknownField[] {
  const kind = kindOf(object)
  const schema = kind === undefined ? undefined : schemaOf(kind, version)
  const found: UnknownField[] = []
  if (schema !== undefined) search(object, schema, [], found)
  return found
}

function search(value: Json | undefined, schema: Schema, path: Path, found: UnknownField[]): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    if (schema.type !== 'list') return
    for (const [index, item] of (value as readonly Json[]).entries())
      search(item, schema.items, [...path, index], found)
    return
  }
  if (schema.type === 'map') {
    for (const [key, item] of Object.entries(value)) search(item, schema.values, [...path, key], found)
  }
  if (schema.type !== 'object') return
  for (const [key, item] of Object.entries(value)) {
    const field = Object.hasOwn(schema.fields, key) ? schema.fields[key] : undefined
    if (field !== undefined) search(item, field.schema, [...path, key], found)
    else {
      const near = nearestField(key, Object.keys(schema.fields), found.length < mostNamed)
      found.push({ path: [...path, key], ...(near === undefined ? {} : { nearest: near }) })
    }
  }
}

function nearestField(key: string, names: readonly string[], alike: boolean): string | undefined {
  const folded = key.toLowerCase()
  return names.find((name) => name.toLowerCase() === folded) ?? (alike ? nearest(key, names) : undefined)
}
