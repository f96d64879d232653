import { isObject, type Json, type Node, type PolicyIr } from '@gatewright/core'
import { type Compilation, step } from './compilation.js'
import { literal, textLiteral } from './literal.js'
import { bound } from './value.js'

/** The part of JSON Schema that says what a parameter is. */
export interface ParameterSchema {
  readonly type?: Json
  readonly default?: Json
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, ParameterSchema>>
  readonly items?: ParameterSchema
  readonly additionalProperties?: ParameterSchema | boolean
}

const propertiesOf = ({ parameters }: PolicyIr): Readonly<Record<string, ParameterSchema>> =>
  ((parameters ?? {}) as ParameterSchema).properties ?? {}

/** The schema of a parameter. */
export function parameterSchema(policy: PolicyIr, name: string): ParameterSchema {
  const properties = propertiesOf(policy)
  return Object.hasOwn(properties, name) ? (properties[name] ?? {}) : {}
}

/** The schema of a field. */
export const propertyOf = (of: ParameterSchema | undefined, name: string): ParameterSchema | undefined =>
  of?.properties !== undefined && Object.hasOwn(of.properties, name) ? of.properties[name] : undefined

/** Whether a part of a parameter has a default of its own. */
function hasDefaultInside({ properties = {}, items, additionalProperties }: ParameterSchema): boolean {
  const inner = [
    ...Object.values(properties),
    ...(items === undefined ? [] : [items]),
    ...(isObject(additionalProperties as Json) ? [additionalProperties as ParameterSchema] : []),
  ]
  return inner.some((each) => each.default !== undefined || hasDefaultInside(each))
}

/** A parameter with the defaults that its schema has inside: who keeps it may not have filled them in. */
export function withDefaults(value: string, schema: ParameterSchema, node: Node, to: Compilation): string {
  if (!hasDefaultInside(schema)) return value
  const { properties, items, additionalProperties } = schema
  if (items !== undefined) {
    const name = to.fresh('p')
    const inner = withDefaults(name, items, node, to)
    return bound(value, to, (v) => `type(${v}) == list ? dyn(${v}.map(${name}, ${inner})) : dyn(null)`)
  }
  if (properties === undefined || isObject(additionalProperties as Json))
    throw to.refuse(node, 'it is a map with defaults inside, which only the API server would fill in')
  return bound(value, to, (v) => {
    const entries = Object.entries(properties).map(([key, each]) => {
      const own = `${v}${step(key)}.orValue(dyn(null))`
      const whole = withDefaults(own, each, node, to)
      const printed = each.default === undefined ? undefined : literal(filled(each.default, each))
      return `${textLiteral(key)}: dyn(${printed === undefined ? whole : `${own} == null ? ${printed} : ${whole}`})`
    })
    return `type(${v}) == map ? dyn({${entries.join(', ')}}) : dyn(null)`
  })
}

/** A value with the defaults that its schema has inside. */
export function filled(value: Json, schema: ParameterSchema): Json {
  const { items, properties } = schema
  if (Array.isArray(value))
    return items === undefined ? value : (value as readonly Json[]).map((each) => filled(each, items))
  if (!isObject(value) || properties === undefined) return value
  const fields = Object.entries(properties).flatMap(([key, each]): [string, Json][] => {
    const own = Object.hasOwn(value, key) ? value[key] : each.default
    return own === undefined ? [] : [[key, filled(own, each)]]
  })
  return { ...value, ...Object.fromEntries(fields) }
}

/** The parameters that have to be given: those that are required, and have no default and were not set ahead. */
export const neededParameters = (
  policy: PolicyIr,
  values: Readonly<Record<string, Json>>,
): readonly string[] =>
  (((policy.parameters ?? {}) as { readonly required?: readonly string[] }).required ?? []).filter(
    (name) => !Object.hasOwn(values, name) && parameterSchema(policy, name).default === undefined,
  )
