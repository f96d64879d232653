import type { Field, Schema } from '@gatewright/core'

/** The parts of an OpenAPI v3 schema that structural schemas of CRDs are made of. */
export interface OpenApiSchema {
  readonly type?: string
  readonly description?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly nullable?: boolean
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly additionalProperties?: boolean | OpenApiSchema
  readonly items?: OpenApiSchema
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
}

/** The language's schema of a structural OpenAPI schema; what may hold anything is unknown. */
export function schemaFromOpenApi(schema: OpenApiSchema): Schema {
  if (schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string') {
    return { type: 'scalar', of: ['string', 'number'] }
  }
  switch (schema.type) {
    case 'string': {
      const values = schema.enum?.filter((value) => typeof value === 'string')
      if (values !== undefined && values.length === schema.enum?.length) return { type: 'string', values }
      return schema.format === 'date-time' ? { type: 'string', unit: 'timestamp' } : { type: 'string' }
    }
    case 'integer':
      return { type: 'number', integer: true }
    case 'number':
      return { type: 'number' }
    case 'boolean':
      return { type: 'boolean' }
    case 'array':
      return { type: 'list', items: schemaFromOpenApi(schema.items ?? {}) }
    case 'object':
      return objectSchema(schema)
    default:
      return { type: 'unknown' }
  }
}

function objectSchema(schema: OpenApiSchema): Schema {
  const { properties, additionalProperties, required = [] } = schema
  if (properties === undefined) {
    if (typeof additionalProperties === 'object')
      return { type: 'map', values: schemaFromOpenApi(additionalProperties) }
    return { type: 'unknown' }
  }
  const fields = Object.entries(properties).map(([key, field]): [string, Field] => [
    key,
    { schema: schemaFromOpenApi(field), required: required.includes(key) && field.nullable !== true },
  ])
  return { type: 'object', fields: Object.fromEntries(fields) }
}
