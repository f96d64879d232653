import type { Schema } from '@gatewright/core'
import { containerRules } from './container-rules.js'
import {
  anything,
  anyText,
  boolean,
  dnsLabel,
  duration,
  integer,
  namespaceName,
  quantity,
  timestamp,
  values,
} from './leaves.js'
import { networkRules } from './network-rules.js'
import { otherRules } from './other-rules.js'
import { metadataRules, podRules } from './pod-rules.js'
import type { DefinitionRules, FieldRule } from './rules.js'
import {
  choiceOf,
  type Draft,
  type FieldShape,
  lazyField,
  type Leaf,
  listOf,
  mapOf,
  type ObjectShape,
  type Shape,
} from './shape.js'
import { volumeRules } from './volume-rules.js'
import { workloadRules } from './workload-rules.js'

/** What is known of built-in definitions, by their names. */
export const rulesOf: Readonly<Record<string, DefinitionRules>> = {
  ...metadataRules,
  ...podRules,
  ...containerRules,
  ...volumeRules,
  ...workloadRules,
  ...networkRules,
  ...otherRules,
}

/**
 * How much of a schema its shape has. `created`, `updated`: what an API server takes then, as far as the rules of built-in
 * definitions say it; `schema`: all fields, and nothing but what the schema says.
 */
export type Extent = 'created' | 'updated' | 'schema'

const known = new Map<Extent, WeakMap<Schema, Shape>>()

/** The shape of a schema. */
export function shapeFromSchema(schema: Schema, extent: Extent): Shape {
  const shapes = known.get(extent) ?? new WeakMap<Schema, Shape>()
  known.set(extent, shapes)
  const shape = shapes.get(schema) ?? read(schema, extent, '')
  shapes.set(schema, shape)
  return shape
}

function read(schema: Schema, extent: Extent, name: string): Shape {
  switch (schema.type) {
    case 'string':
      if (schema.values !== undefined) return among(schema.values)
      return schema.unit === undefined ? textNamed(name) : inUnit(schema.unit)
    case 'number':
      return schema.integer === true
        ? integer(-9_007_199_254_740_991, 9_007_199_254_740_991, 1, 0, 10)
        : number
    case 'boolean':
      return boolean
    case 'scalar':
      return schema.unit === undefined ? scalar(schema.of) : inUnit(schema.unit)
    case 'list':
      return listOf(shapeOfPart(schema.items, extent, ''))
    case 'map':
      return mapOf(mapKey, shapeOfPart(schema.values, extent, ''))
    case 'union':
      return choiceOf(...schema.variants.map((each) => shapeFromSchema(each, extent)))
    case 'unknown':
      return anything
    case 'object':
      return objectShape(schema, extent)
  }
}

/** Objects once, since their schemas can hold themselves; the rest as it is called. */
const shapeOfPart = (schema: Schema, extent: Extent, name: string): Shape =>
  schema.type === 'object' || schema.type === 'union'
    ? shapeFromSchema(schema, extent)
    : read(schema, extent, name)

/** Fields that the API server itself writes. */
const written = [
  'status',
  'managedFields',
  'creationTimestamp',
  'deletionTimestamp',
  'selfLink',
  'resourceVersion',
  'uid',
  'generation',
  'deletionGracePeriodSeconds',
]

function objectShape(schema: Extract<Schema, { type: 'object' }>, extent: Extent): ObjectShape {
  const rules = extent === 'schema' || schema.name === undefined ? undefined : rulesOf[schema.name]
  const own: Readonly<Record<string, FieldRule>> | undefined =
    rules === undefined ? undefined : { ...rules.fields, ...(extent === 'updated' ? rules.later : {}) }
  const fields = new Map<string, FieldShape>()
  for (const [key, field] of Object.entries(schema.fields)) {
    const rule = own === undefined ? 'schema' : own[key]
    if (rule === undefined || (extent !== 'schema' && rules === undefined && written.includes(key))) continue
    const required = field.required === true || rules?.always?.includes(key) === true
    fields.set(
      key,
      lazyField(required, shareOf(key, rules), () => byRule(rule, field.schema, extent, key)),
    )
  }
  return {
    is: 'object',
    fields,
    ...(rules?.groups === undefined ? {} : { groups: rules.groups }),
    repair: rules?.repair as ((draft: Draft) => void) | undefined,
  }
}

function shareOf(key: string, rules: DefinitionRules | undefined): number {
  if (rules?.often?.includes(key) === true) return 0.55
  return rules?.seldom?.includes(key) === true ? 0.04 : 0.16
}

function byRule(rule: FieldRule, schema: Schema, extent: Extent, key: string): Shape {
  if (rule === 'schema') return shapeOfPart(schema, extent, key)
  if (rule.is !== 'list of schema') return rule
  const { is: _, ...more } = rule
  return listOf(schema.type === 'list' ? shapeOfPart(schema.items, extent, '') : anything, more)
}

const among = (texts: readonly string[]): Leaf => {
  const [first = '', ...others] = texts
  return values(first, ...others)
}

const mapKey: Leaf = { ...dnsLabel, accepts: (value) => typeof value === 'string' && value.length < 200 }

function textNamed(name: string): Leaf {
  if (name === 'name' || name.endsWith('Name')) return dnsLabel
  return name === 'namespace' ? namespaceName : anyText
}

function inUnit(unit: 'quantity' | 'duration' | 'timestamp'): Leaf {
  return unit === 'quantity' ? quantity : unit === 'duration' ? duration : timestamp
}

const number: Leaf = {
  is: 'leaf',
  make: (dice) => (dice.chance(0.5) ? dice.integer(0, 10) : dice.integer(-1000, 1000) / 8),
  accepts: (value) => typeof value === 'number',
  plain: 1,
}

function scalar(of: readonly ('string' | 'number' | 'boolean')[]): Leaf {
  const leaves = { string: anyText, number: integer(0, 1000, 1), boolean }
  return {
    is: 'leaf',
    make: (dice) => leaves[dice.one(of)].make(dice),
    accepts: (value) => of.some((each) => typeof value === each),
    plain: leaves[of[0] ?? 'string'].plain,
  }
}
