import { isObject, type Json, type Schema } from '@gatewright/core'

/**
 * Whether a value is what the TypeScript type of a schema allows, as fixtures take it: fields may be left out of maps, not of the
 * elements of lists, and there are no others.
 */
export function fits(schema: Schema, value: Json, isWhole = false): boolean {
  switch (schema.type) {
    case 'unknown':
      return true
    case 'string':
      return typeof value === 'string' && (schema.values === undefined || schema.values.includes(value))
    case 'number':
    case 'boolean':
      return typeof value === schema.type
    case 'scalar':
      return schema.of.some((type) => typeof value === type)
    case 'list':
      return Array.isArray(value) && value.every((each: Json) => fits(schema.items, each, true))
    case 'map':
      return isObject(value) && Object.values(value).every((each) => fits(schema.values, each, isWhole))
    case 'object':
      return (
        isObject(value) &&
        Object.entries(value).every(
          ([key, each]) =>
            Object.hasOwn(schema.fields, key) &&
            fits((schema.fields[key] as { readonly schema: Schema }).schema, each, isWhole),
        ) &&
        (!isWhole ||
          Object.entries(schema.fields).every(
            ([key, { required }]) => required !== true || Object.hasOwn(value, key),
          ))
      )
    case 'union':
      return schema.variants.some((variant) => fits(variant, value, isWhole))
  }
}
