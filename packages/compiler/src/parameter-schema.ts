import { isObject, type Json, patternFault } from '@gatewright/core'

/** A JSON Schema of a part of the parameters. */
export type SchemaObject = Readonly<Record<string, Json>>

/** Holds a wildcard pattern to the characters that have one meaning everywhere. */
export const safeWildcard: string = /^[^[{\\]*$/.source

/** What `json.match_schema` holds a value to, as far as Zod writes it. */
const heldTo: ReadonlySet<string> = new Set([
  ...['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', 'not'],
  ...['properties', 'required', 'additionalProperties', 'propertyNames', 'minProperties', 'maxProperties'],
  ...['items', 'minItems', 'maxItems', 'uniqueItems', 'minLength', 'maxLength', 'pattern'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
])

/** What says nothing of which values are valid, or says again what a pattern says. */
const notes: ReadonlySet<string> = new Set([
  ...['default', 'description', 'title', 'examples', 'id', 'deprecated', 'readOnly', 'writeOnly'],
  ...['format', 'contentEncoding'],
])

/** What a schema has that `json.match_schema` does not hold a value to, or fails on; undefined where it has nothing such. */
export function unchecked(schema: SchemaObject): string | undefined {
  const { pattern, format } = schema
  if (typeof pattern === 'string' && patternFault('matches', pattern) !== undefined)
    return `the pattern \`${pattern}\`, which is not RE2 syntax`
  if (format !== undefined && pattern === undefined && schema['allOf'] === undefined)
    return `the format \`${String(format)}\`, which is not checked`
  const unknown = Object.keys(schema).find((key) => !heldTo.has(key) && !notes.has(key))
  if (unknown !== undefined) return `\`${unknown}\`, which is not checked`
  if (Array.isArray(schema['items'])) return 'a schema for each item, which is not checked'
  for (const part of partsOf(schema)) {
    const reason = unchecked(part)
    if (reason !== undefined) return reason
  }
  return undefined
}

const several: readonly string[] = ['anyOf', 'oneOf', 'allOf']

/** The schemas inside a schema. */
function partsOf(schema: SchemaObject): readonly SchemaObject[] {
  const { properties = {}, items, additionalProperties, propertyNames, not } = schema
  const alternatives = several.flatMap((key) => (schema[key] ?? []) as readonly Json[])
  return [
    ...Object.values(properties as SchemaObject),
    ...alternatives,
    ...[items, additionalProperties, propertyNames, not].filter((each) => each !== undefined),
  ].filter((each): each is SchemaObject => isObject(each))
}

/** A schema that refuses unknown names, without what only people read. Zod takes them in alternatives, and so does this. */
export function closed(schema: SchemaObject, isAlternative = false): Json {
  const inside = Object.entries(schema).flatMap(([key, value]): [string, Json][] => {
    if (notes.has(key)) return []
    if (key === 'properties')
      return [
        [
          key,
          Object.fromEntries(
            Object.entries(value as SchemaObject).map(([name, each]) => [
              name,
              closed(each as SchemaObject, isAlternative),
            ]),
          ),
        ],
      ]
    if (several.includes(key))
      return [[key, (value as readonly Json[]).map((each) => closed(each as SchemaObject, true))]]
    if (isObject(value) && key !== 'const') return [[key, closed(value as SchemaObject, isAlternative)]]
    return [[key, value]]
  })
  const isOpen =
    isAlternative || schema['properties'] === undefined || schema['additionalProperties'] !== undefined
  return { ...Object.fromEntries(inside), ...(isOpen ? {} : { additionalProperties: false }) }
}
