import { everyNode, type FieldNode, isObject, type Json, type Node } from '@gatewright/core'
import { closed, safeWildcard, type SchemaObject, unchecked } from '../parameter-schema.js'
import type { Compilation } from './compilation.js'
import { resolved, type Scope } from './scope.js'
import { call, compare, holds, list, literal, part, record, rule, type Term, variable } from './syntax.js'
import { RegoUnsupported } from './unsupported.js'
import type { Read } from './value.js'

/** The part of JSON Schema that says what parameters are. */
interface Schema {
  readonly type?: string
  readonly default?: Json
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
}

/** A field of a record, and nothing that every object inherits: a parameter may be called `constructor`. */
const ownOf = <T>(of: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  of !== undefined && Object.hasOwn(of, key) ? of[key] : undefined

const schemaOf = (to: Compilation): Schema => (to.policy.parameters ?? {}) as Schema

/** The parameters as they are given: from data in plain OPA, from the constraint in Gatekeeper; never from what is judged (law 11). */
const given = (to: Compilation): Term =>
  to.entry === 'opa' ? rule('given') : part(rule('input'), 'parameters')

const isParameters = (node: Node, to: Compilation): boolean =>
  node.kind === 'input' && to.policy.target.inputs[node.name]?.root === 'parameters'

/** Whether an expression is a parameter that is a list of texts. */
export const isListOfTexts = (node: Node, to: Compilation): boolean =>
  node.kind === 'field' &&
  isParameters(node.of, to) &&
  ownOf(schemaOf(to).properties, node.key)?.items?.type === 'string'

/** The rule of a parameter, which has its default where none is given; undefined for what is no parameter. */
export function parameterTerm({ of, key }: FieldNode, to: Compilation): Read | undefined {
  if (!isParameters(of, to)) return undefined
  const known = to.parameters.get(key)
  if (known !== undefined) return known
  const schema = ownOf(schemaOf(to).properties, key) ?? {}
  const preset = ownOf(to.values, key) ?? schema.default
  const name = to.name(key)
  if (preset !== undefined)
    to.add({ name, isDefault: true, value: literal(withDefaults(preset, schema)), body: [] })
  const own = part(given(to), key)
  // a list that is made of one that is missing would be empty, not missing
  const isMade = schema.items !== undefined && hasDefaults(schema)
  const body = isMade ? [holds(call('is_array', own))] : []
  to.add({ name, value: normalised(own, schema, of), body })
  const read: Read = { lines: [], term: rule(name), total: preset !== undefined }
  to.parameters.set(key, read)
  return read
}

/** A parameter with the defaults that its schema has inside. */
function normalised(term: Term, schema: Schema, node: Node): Term {
  if (!hasDefaults(schema)) return term
  if (schema.items !== undefined) {
    const element = 'element'
    return {
      kind: 'collect',
      element: normalised(variable(element), schema.items, node),
      body: [{ kind: 'some', value: element, of: term }],
    }
  }
  const entries = Object.entries(schema.properties ?? {})
  const defaults = entries.flatMap(([key, each]) =>
    each.default === undefined ? [] : [[key, withDefaults(each.default, each)] as const],
  )
  const filled =
    defaults.length === 0 ? term : call('object.union', literal(Object.fromEntries(defaults)), term)
  const nested = entries.filter(([, each]) => hasDefaults(each))
  if (nested.length === 0) return filled
  const optional = nested.find(
    ([key, each]) => each.default === undefined && schema.required?.includes(key) !== true,
  )
  if (optional !== undefined || schema.additionalProperties === Object(schema.additionalProperties))
    throw new RegoUnsupported(
      node,
      'a parameter has defaults inside a part that may be missing',
      'give that part a default of its own, or require it',
    )
  const parts = nested.map(([key, each]): readonly [string, Term] => {
    const own = part(term, key)
    const inner =
      each.default === undefined
        ? own
        : call('object.get', term, literal(key), literal(withDefaults(each.default, each)))
    return [key, normalised(inner, each, node)]
  })
  return call('object.union', filled, record(Object.fromEntries(parts)))
}

/** Whether a value of the schema can lack something that has a default. */
function hasDefaults(schema: Schema): boolean {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items === undefined ? [] : [schema.items]),
  ]
  return (
    Object.values(schema.properties ?? {}).some((each) => each.default !== undefined) ||
    inner.some(hasDefaults) ||
    (typeof schema.additionalProperties === 'object' && hasDefaults(schema.additionalProperties))
  )
}

function withDefaults(value: Json, schema: Schema): Json {
  if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema
    return value.map((each: Json) => withDefaults(each, items))
  }
  if (!isObject(value) || schema.properties === undefined) return value
  const entries = Object.entries(schema.properties).flatMap(([key, each]) => {
    const own = ownOf(value, key) ?? each.default
    return own === undefined ? [] : [[key, withDefaults(own, each)] as const]
  })
  return { ...value, ...Object.fromEntries(entries) }
}

/** Whether a wildcard pattern is one that its schema holds to the characters that have one meaning everywhere. */
export function isSafeWildcard(pattern: Node, scope: Scope, to: Compilation): boolean {
  const { node, scope: within } = resolved(pattern, scope)
  if (node.kind === 'field' && isParameters(node.of, to))
    return ownOf(schemaOf(to).properties, node.key)?.pattern === safeWildcard
  if (node.kind !== 'variable') return false
  const bound = within.bound.get(node.id)
  const of = bound?.is === 'term' ? bound.origin : undefined
  return (
    of?.kind === 'field' &&
    isParameters(of.of, to) &&
    ownOf(schemaOf(to).properties, of.key)?.items?.pattern === safeWildcard
  )
}

/** Throws where a parameter has a schema that `json.match_schema` would not hold it to, or that makes it fail. */
function refuseUnchecked(schema: Schema, to: Compilation): void {
  for (const [name, each] of Object.entries(schema.properties ?? {})) {
    const reason = unchecked(each as SchemaObject)
    if (reason === undefined) continue
    const readOf = [...everyNode(to.policy)].find(
      (node) => node.kind === 'field' && node.key === name && isParameters(node.of, to),
    )
    throw new RegoUnsupported(
      readOf,
      `the schema of the parameter \`${name}\` has ${reason}`,
      'write what it shall be with types, enums, bounds and patterns in RE2 syntax',
    )
  }
}

/** The rules of plain OPA that read the parameters of a policy and refuse those that do not fit their schema. */
export function addParameterCheck(to: Compilation): void {
  const schema = schemaOf(to)
  const id = to.policy.id
  const preset = Object.keys(to.values).length > 0
  const data = part(part(part(rule('data'), 'gatewright'), 'parameters'), literal(id))
  if (to.rules('given').length > 0) return
  refuseUnchecked(schema, to)
  to.add({ name: 'given', isDefault: true, value: literal({}), body: [] })
  to.add({ name: 'given', value: data, body: [] })
  const asked = preset ? call('object.union', literal(to.values), rule('given')) : rule('given')
  const needs = (schema.required ?? []).some(
    (key) => ownOf(to.values, key) === undefined && ownOf(schema.properties, key)?.default === undefined,
  )
  to.add({
    name: 'fault',
    contains: {
      kind: 'record',
      fields: [
        ['verdict', literal('error')],
        ['code', literal('invalid-parameters')],
        [
          'message',
          call(
            'sprintf',
            literal('parameter %s: %s'),
            list([part(variable('problem'), 'field'), part(variable('problem'), 'desc')]),
          ),
        ],
      ],
    },
    body: [
      ...(needs ? [] : [compare(rule('given'), '!=', literal({}))]),
      {
        kind: 'bind',
        name: 'checked',
        value: call('json.match_schema', asked, literal(closed(schema as SchemaObject))),
      },
      compare(part(variable('checked'), 0), '==', literal(false)),
      { kind: 'some', value: 'problem', of: part(variable('checked'), 1) },
    ],
  })
}
