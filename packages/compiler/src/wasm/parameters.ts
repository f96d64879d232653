import { everyNode, type Json, type Node, type PolicyIr } from '@gatewright/core'
import { closed, safeWildcard, type SchemaObject, unchecked } from '../parameter-schema.js'
import { WasmUnsupported } from './compilation.js'
import type { Layout } from './layout.js'

/** The schema that the runtime holds the parameters of a policy to; a policy without any takes none. */
export function parametersSchema(ir: PolicyIr, layout: Layout): Json {
  if (ir.parameters === undefined) return { type: 'object', additionalProperties: false }
  const schema = ir.parameters as SchemaObject
  for (const [name, each] of Object.entries((schema['properties'] ?? {}) as SchemaObject)) {
    const reason = unchecked(each as SchemaObject) ?? beyond(each, layout)
    if (reason !== undefined) throw refused(ir, `the schema of the parameter \`${name}\` has ${reason}`, name)
  }
  const reason = unchecked(schema) ?? beyond(schema, layout)
  if (reason !== undefined) throw refused(ir, `the schema of its parameters has ${reason}`)
  return forRuntime(closed(schema), schema, layout)
}

/** Says which parameter it is, and where the policy reads it. */
function refused(ir: PolicyIr, what: string, name?: string): WasmUnsupported {
  const reads = (node: Node): boolean =>
    node.kind === 'field' && node.key === name && node.of.kind === 'input' && node.of.name === 'parameters'
  const readOf = name === undefined ? undefined : [...everyNode(ir)].find(reads)
  return new WasmUnsupported(
    ir,
    readOf,
    what,
    'write what it shall be with types, enums, bounds and short patterns',
  )
}

/** What the runtime does not check yet. */
function beyond(schema: Json, layout: Layout): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  if (Array.isArray(schema)) return firstOf(schema as readonly Json[], layout)
  for (const [key, value] of Object.entries(schema as SchemaObject)) {
    if (key === 'pattern' && value !== safeWildcard && layout.pattern(String(value)).isProgram)
      return `the pattern \`${String(value)}\`, whose automaton is too large`
    if (key === 'multipleOf') return 'a `multipleOf`, which is not checked'
    if (key === 'properties') {
      const reason = firstOf(Object.values(value as SchemaObject), layout)
      if (reason !== undefined) return reason
    } else if (
      ['items', 'additionalProperties', 'propertyNames', 'not', 'anyOf', 'oneOf', 'allOf'].includes(key)
    ) {
      const reason = beyond(value, layout)
      if (reason !== undefined) return reason
    }
  }
  return undefined
}

function firstOf(schemas: readonly Json[], layout: Layout): string | undefined {
  for (const each of schemas) {
    const reason = beyond(each, layout)
    if (reason !== undefined) return reason
  }
  return undefined
}

/** The pattern of most texts is that of wildcards, which needs no automaton. */
function patternKeyword(pattern: string, layout: Layout): [string, Json] {
  if (pattern === safeWildcard) return ['wildcard', true]
  return ['automaton', layout.pattern(pattern).at]
}

/** Puts the defaults back that `closed` leaves out, and patterns as what finds them. */
function forRuntime(shut: Json, schema: Json, layout: Layout): Json {
  if (typeof shut !== 'object' || shut === null || Array.isArray(shut)) return shut
  const from = schema as SchemaObject
  const entries = Object.entries(shut as SchemaObject).map(([key, value]): [string, Json] => {
    if (key === 'properties') {
      const properties = from['properties'] as SchemaObject
      const fields = Object.entries(value as SchemaObject)
      return [
        key,
        Object.fromEntries(
          fields.map(([name, each]) => [name, forRuntime(each, properties[name] as Json, layout)]),
        ),
      ]
    }
    if (key === 'items' || key === 'additionalProperties') {
      const inner = from[key]
      return [key, inner === undefined ? value : forRuntime(value, inner, layout)]
    }
    if (key === 'pattern') return patternKeyword(value as string, layout)
    if (['anyOf', 'oneOf', 'allOf'].includes(key)) {
      const parts = from[key] as readonly Json[]
      return [key, (value as readonly Json[]).map((each, i) => forRuntime(each, parts[i] as Json, layout))]
    }
    if (key === 'propertyNames' || key === 'not') return [key, forRuntime(value, from[key] as Json, layout)]
    return [key, value]
  })
  const preset = from['default']
  return { ...Object.fromEntries(entries), ...(preset === undefined ? {} : { default: preset }) }
}
