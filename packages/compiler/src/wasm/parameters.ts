import { type Json, type PolicyIr } from '@gatewright/core'
import { closed, safeWildcard, type SchemaObject, unchecked } from '../parameter-schema.js'
import { WasmUnsupported } from './compilation.js'

/** The schema that the runtime holds the parameters of a policy to; a policy without any takes none. */
export function parametersSchema(ir: PolicyIr): Json {
  if (ir.parameters === undefined) return { type: 'object', additionalProperties: false }
  const schema = ir.parameters as SchemaObject
  const reason = unchecked(schema) ?? beyond(schema)
  if (reason !== undefined) {
    throw new WasmUnsupported(
      ir.id,
      undefined,
      `the schema of its parameters has ${reason}`,
      'write what they shall be with types, enums and bounds',
    )
  }
  return withDefaults(closed(schema), schema)
}

/** What the runtime does not check yet. */
function beyond(schema: Json): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  if (Array.isArray(schema)) return firstOf(schema as readonly Json[])
  for (const [key, value] of Object.entries(schema as SchemaObject)) {
    if (key === 'multipleOf') return 'a `multipleOf`, which is not checked'
    if (key === 'pattern' && value !== safeWildcard)
      return `the pattern \`${String(value)}\`, which is not checked`
    if (key === 'properties') {
      const reason = firstOf(Object.values(value as SchemaObject))
      if (reason !== undefined) return reason
    } else if (
      ['items', 'additionalProperties', 'propertyNames', 'not', 'anyOf', 'oneOf', 'allOf'].includes(key)
    ) {
      const reason = beyond(value)
      if (reason !== undefined) return reason
    }
  }
  return undefined
}

function firstOf(schemas: readonly Json[]): string | undefined {
  for (const each of schemas) {
    const reason = beyond(each)
    if (reason !== undefined) return reason
  }
  return undefined
}

/** Puts the defaults back that `closed` leaves out, in fields and elements. */
function withDefaults(shut: Json, schema: Json): Json {
  if (typeof shut !== 'object' || shut === null || Array.isArray(shut)) return shut
  const from = schema as SchemaObject
  const entries = Object.entries(shut as SchemaObject).map(([key, value]): [string, Json] => {
    if (key === 'properties') {
      const properties = from['properties'] as SchemaObject
      const fields = Object.entries(value as SchemaObject)
      return [
        key,
        Object.fromEntries(
          fields.map(([name, each]) => [name, withDefaults(each, properties[name] as Json)]),
        ),
      ]
    }
    if (key === 'items' || key === 'additionalProperties') {
      const inner = from[key]
      return [key, inner === undefined ? value : withDefaults(value, inner)]
    }
    if (key === 'pattern') return ['wildcard', true]
    return [key, value]
  })
  const preset = from['default']
  return { ...Object.fromEntries(entries), ...(preset === undefined ? {} : { default: preset }) }
}
