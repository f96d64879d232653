import { isObject, type Json } from '@gatewright/core'

type Part = Readonly<Record<string, Json>>

/** Parameters, and what was done to them. */
export interface Parameters {
  readonly what: string
  readonly value: Json
}

/** Values of a JSON Schema, and values that differ from one of them in one place: other types, other names, other sizes. */
export function variantsOf(schema: Part): readonly Parameters[] {
  const all = variants(schema, 'parameters')
  const seen = new Set<string>()
  return all.filter(({ value }) => {
    const text = JSON.stringify(value)
    return !seen.has(text) && seen.add(text) !== undefined
  })
}

/** Values of every type. */
const anything: readonly Json[] = ['text', 7, 1.5, true, [], ['text'], {}, { text: 1 }]

function variants(schema: Part, path: string): readonly Parameters[] {
  const { type, anyOf } = schema
  const others = anything.map((value) => ({ what: `${path}: ${JSON.stringify(value)}`, value }))
  if (Array.isArray(anyOf))
    return [...(anyOf as readonly Part[]).flatMap((each) => variants(each, path)), ...others]
  if (type === 'object') return [...ofObject(schema, path), ...others]
  if (type === 'array') {
    const item = variants(schema['items'] as Part, `${path}[]`)
    return [
      { what: `${path}: none`, value: [] as Json },
      ...item.map(({ what, value }) => ({ what, value: [value] })),
      ...others,
    ]
  }
  return [...ofScalar(schema, path), ...others]
}

function ofObject(schema: Part, path: string): readonly Parameters[] {
  const { properties, required = [], additionalProperties } = schema
  if (properties === undefined) {
    if (!isObject(additionalProperties)) return []
    return variants(additionalProperties as Part, `${path}.key`).map(({ what, value }) => ({
      what,
      value: { key: value },
    }))
  }
  const fields = Object.entries(properties as Readonly<Record<string, Part>>)
  const whole = Object.fromEntries(fields.map(([name, each]) => [name, sample(each)]))
  const least = Object.fromEntries(
    fields
      .filter(([name]) => (required as readonly Json[]).includes(name))
      .map(([name, each]) => [name, sample(each)]),
  )
  const without = (name: string): Json =>
    Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name))
  return [
    { what: `${path}: whole`, value: whole },
    { what: `${path}: least`, value: least },
    { what: `${path}: a name that is unknown`, value: { ...least, unknownName: 1 } },
    { what: `${path}: a name that is unknown beside all others`, value: { ...whole, unknownName: [] } },
    ...fields.flatMap(([name, each]) => [
      { what: `${path}.${name}: left out`, value: without(name) },
      {
        what: `${path}.${name}: misspelt`,
        value: { ...(without(name) as Part), [`${name}s`]: sample(each) },
      },
      ...variants(each, `${path}.${name}`).map(({ what, value }) => ({
        what,
        value: { ...least, [name]: value },
      })),
    ]),
  ]
}

function ofScalar(schema: Part, path: string): readonly Parameters[] {
  const numbers = [
    schema['minimum'],
    schema['maximum'],
    schema['exclusiveMinimum'],
    schema['exclusiveMaximum'],
    schema['multipleOf'],
  ]
  const bounds = numbers.filter(
    (each): each is number => typeof each === 'number' && Math.abs(each) < 2 ** 52,
  )
  const values: readonly Json[] = [
    sample(schema),
    ...((schema['enum'] ?? []) as readonly Json[]),
    ...bounds.flatMap((each) => [each - 1, each, each + 1, each * 2]),
    ...(typeof schema['type'] === 'string' && schema['type'] === 'string'
      ? ['', 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaa', 'a[b', '{', 'A-1']
      : []),
  ]
  return values.map((value) => ({ what: `${path}: ${JSON.stringify(value)}`, value }))
}

/** A value of a schema, for the most part. */
function sample(schema: Part): Json {
  const { type, anyOf, default: preset } = schema
  if (preset !== undefined) return preset
  if (schema['const'] !== undefined) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as Json
  if (Array.isArray(anyOf)) return sample(anyOf[0] as Part)
  switch (type) {
    case 'object': {
      const required = (schema['required'] ?? []) as readonly string[]
      const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Part>>
      return Object.fromEntries(required.map((name) => [name, sample(properties[name] ?? {})]))
    }
    case 'array':
      return Array.from({ length: Number(schema['minItems'] ?? 0) }, () => sample(schema['items'] as Part))
    case 'integer':
    case 'number':
      return Number(
        schema['multipleOf'] ?? Math.max(1, Number(schema['minimum'] ?? schema['exclusiveMinimum'] ?? 0) + 1),
      )
    case 'boolean':
      return true
    default:
      return 'aaa'
  }
}
