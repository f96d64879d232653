import { isObject, type Json } from '@gatewright/core'
import type { Dice } from './dice.js'
import { number, word } from './random-words.js'

interface Schema {
  readonly [keyword: string]: Json
}

const amount: Schema = { anyOf: [{ type: 'string' }, { type: 'number' }] }

const properties: Readonly<Record<string, Schema>> = {
  most: { type: 'number', default: 3 },
  names: { type: 'array', items: { type: 'string' }, default: ['a', 'nginx'] },
  prefix: { type: 'string' },
  glob: { type: 'string', pattern: '^[^[{\\\\]*$', default: '*a*' },
  amount: { ...amount, default: '1Gi' },
  allowed: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        key: { type: 'string' },
        value: { type: 'string', default: 'team' },
        size: { type: 'number', default: 1 },
      },
      required: ['key'],
    },
    default: [{ key: 'a' }],
  },
  nested: {
    type: 'object',
    properties: {
      inner: { type: 'object', properties: { team: { type: 'string', default: 'b' } }, default: {} },
      list: {
        type: 'array',
        items: { type: 'object', properties: { name: { type: 'string', default: 'team' } } },
        default: [{}, { name: 'b' }],
      },
    },
    default: {},
  },
  limits: {
    type: 'object',
    properties: { cpu: amount, team: { type: 'string', default: 'web' } },
    default: {},
  },
}

/** The schema of the parameters of random policies, as JSON Schema. */
export const parameterSchema: Json = { type: 'object', properties }

/** Parameters that fit the schema: some are given, the others are left to their defaults. */
export function randomParameters(dice: Dice): Readonly<Record<string, Json>> {
  const makers: Readonly<Record<string, () => Json>> = {
    most: () => number(dice),
    names: () => dice.several(3, () => word(dice, 'text')),
    prefix: () => word(dice, 'text'),
    glob: () => word(dice, 'wildcard', 0).replaceAll(/[[{\\]/g, ''),
    amount: () => (dice.chance(0.3) ? number(dice) : word(dice, 'quantity')),
    allowed: () =>
      dice.several(2, () => ({
        key: word(dice, 'text'),
        ...(dice.chance(0.5) ? { value: word(dice, 'text') } : {}),
        ...(dice.chance(0.5) ? { size: number(dice) } : {}),
      })),
    nested: () => ({
      ...(dice.chance(0.5) ? { inner: dice.chance(0.5) ? { team: word(dice, 'text') } : {} } : {}),
      ...(dice.chance(0.5) ? { list: dice.several(2, () => (dice.chance(0.5) ? { name: 'a' } : {})) } : {}),
    }),
    limits: () => ({
      ...(dice.chance(0.5) ? { cpu: word(dice, 'quantity') } : {}),
      ...(dice.chance(0.5) ? { team: word(dice, 'text') } : {}),
    }),
  }
  const entries = Object.entries(makers).filter(() => dice.chance(0.4))
  return Object.fromEntries(entries.map(([key, make]) => [key, make()]))
}

/** Parameters with their defaults, as rules see them. */
export function withDefaults(given: Json, schema: Json = parameterSchema): Json {
  const { properties: fields, items } = schema as { properties?: Record<string, Schema>; items?: Schema }
  if (Array.isArray(given) && items !== undefined) return given.map((each: Json) => withDefaults(each, items))
  if (!isObject(given) || fields === undefined) return given
  const entries = Object.entries(fields).flatMap(([key, each]) => {
    const value = given[key] ?? each['default']
    return value === undefined ? [] : [[key, withDefaults(value, each)] as const]
  })
  return { ...given, ...Object.fromEntries(entries) }
}
