import { usualSizes } from '@gatewright/compiler'
import { isObject, type Json } from '@gatewright/core'
import type { SchemaPart } from './structural-schema.js'

/** How large parameters may be. */
export interface ParameterSizes {
  /** Elements of a list, and entries of a map. */
  readonly parameters: number
  /** Code points of a text. */
  readonly parameterText: number
}

/** A schema that says how large each part may be, and the largest of these: what a cost is worked out for. */
export interface SizedSchema {
  readonly schema: SchemaPart
  readonly sizes: ParameterSizes
}

/**
 * A schema of parameters with a bound for each list, map and text that has none: the usual, or as much as its default or what is known to
 * be given has. Without one a cost would be for parameters that nobody holds to it.
 */
export function sizedSchema(of: SchemaPart, given: readonly Json[] = []): SizedSchema {
  const sizes = {
    parameters: usualSizes.parameters as number,
    parameterText: usualSizes.parameterText as number,
  }
  const sized = (schema: SchemaPart, presets: readonly Json[]): SchemaPart => {
    const all = schema['default'] === undefined ? presets : [...presets, schema['default']]
    const { type, properties, items, additionalProperties, enum: values } = schema
    const own = { ...schema }
    if (type === 'array') {
      own['maxItems'] = bound(schema['maxItems'], usualSizes.parameters, all.map(lengthOf))
      sizes.parameters = Math.max(sizes.parameters, own['maxItems'])
    }
    if (type === 'object' && isObject(additionalProperties as Json)) {
      own['maxProperties'] = bound(schema['maxProperties'], usualSizes.parameters, all.map(lengthOf))
      sizes.parameters = Math.max(sizes.parameters, own['maxProperties'])
    }
    if (type === 'string' && values === undefined) {
      own['maxLength'] = bound(schema['maxLength'], usualSizes.parameterText, all.map(lengthOf))
      sizes.parameterText = Math.max(sizes.parameterText, own['maxLength'])
    }
    if (Array.isArray(values))
      sizes.parameterText = Math.max(sizes.parameterText, ...(values as readonly Json[]).map(lengthOf))
    if (isObject(items as Json)) own['items'] = sized(items as SchemaPart, all.flatMap(elementsOf))
    if (isObject(additionalProperties as Json))
      own['additionalProperties'] = sized(additionalProperties as SchemaPart, all.flatMap(elementsOf))
    if (isObject(properties as Json))
      own['properties'] = Object.fromEntries(
        Object.entries(properties as Readonly<Record<string, SchemaPart>>).map(([name, each]) => [
          name,
          sized(
            each,
            all.flatMap((value) => fieldOf(value, name)),
          ),
        ]),
      )
    return own
  }
  return { schema: sized(of, given), sizes }
}

const bound = (given: Json | undefined, usual: number, presets: readonly number[]): number =>
  typeof given === 'number' ? given : Math.max(usual, ...presets)

function lengthOf(value: Json): number {
  if (typeof value === 'string') return [...value].length
  if (Array.isArray(value)) return value.length
  return isObject(value) ? Object.keys(value).length : 0
}

const elementsOf = (value: Json): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : isObject(value) ? Object.values(value) : []

const fieldOf = (value: Json, name: string): readonly Json[] =>
  isObject(value) && Object.hasOwn(value, name) ? [value[name] as Json] : []

/** The first part of parameters that is larger than a sized schema lets it be, in words; undefined where none is. */
export function tooLarge(value: Json, schema: SchemaPart, path: readonly string[] = []): string | undefined {
  const where = path.length === 0 ? 'the parameters' : `\`${path.join('.')}\``
  for (const key of ['maxItems', 'maxProperties', 'maxLength']) {
    const most = schema[key]
    if (typeof most === 'number' && lengthOf(value) > most)
      return `${where} has ${lengthOf(value)} ${key === 'maxLength' ? 'characters' : 'elements'}, and ${most} are what its cost is worked out for`
  }
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, SchemaPart>>
  const parts: readonly (readonly [string, Json, Json | undefined])[] = Array.isArray(value)
    ? (value as readonly Json[]).map((each, i) => [String(i), each, schema['items']])
    : isObject(value)
      ? Object.entries(value).map(([name, each]) => [
          name,
          each,
          Object.hasOwn(properties, name) ? properties[name] : schema['additionalProperties'],
        ])
      : []
  for (const [name, each, of] of parts) {
    const found = isObject(of as Json) ? tooLarge(each, of as SchemaPart, [...path, name]) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
