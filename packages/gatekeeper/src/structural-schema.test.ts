import { message, policy, type Policy } from '@gatewright/core'
import { pods } from '@gatewright/kubernetes'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parametersSchema } from './template.js'

const policyWith = (parameters: z.ZodObject): Policy =>
  policy({
    id: 'test/schema',
    title: 'A schema',
    severity: 'low',
    target: pods,
    parameters,
    rule: ({ object }) => object.metadata.name.is('x').deny({ message: message`no` }),
  })

const schemaOf = (parameters: z.ZodObject): unknown => parametersSchema(policyWith(parameters))
const partOf = (parameter: z.ZodType): unknown =>
  (schemaOf(z.object({ a: parameter })) as { readonly properties: { readonly a: unknown } }).properties.a

describe('what is carried over', () => {
  it.each<readonly [string, z.ZodType, unknown]>([
    ['a text', z.string().min(1).max(3), { type: 'string', minLength: 1, maxLength: 3 }],
    ['a pattern', z.string().regex(/^a+$/), { type: 'string', pattern: '^a+$' }],
    [
      'several patterns',
      z.string().startsWith('a').endsWith('b'),
      { type: 'string', allOf: [{ pattern: '^a.*' }, { pattern: '.*b$' }] },
    ],
    ['an enumeration', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
    ['a constant', z.literal('a'), { type: 'string', enum: ['a'] }],
    ['integers among numbers', z.literal([1, 2]), { type: 'integer', enum: [1, 2] }],
    ['a range', z.int().min(1).max(9), { type: 'integer', minimum: 1, maximum: 9 }],
    [
      'a range without its ends',
      z.number().gt(0).lt(1),
      { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true },
    ],
    ['a default', z.boolean().default(true), { type: 'boolean', default: true }],
    ['a description', z.boolean().describe('why'), { type: 'boolean', description: 'why' }],
    ['a text or null', z.string().nullable(), { type: 'string', nullable: true }],
    ['a choice or null', z.enum(['a']).nullable(), { type: 'string', enum: ['a', null], nullable: true }],
    ['a list', z.array(z.string()).min(1), { type: 'array', items: { type: 'string' }, minItems: 1 }],
    [
      'a map',
      z.record(z.string(), z.boolean()),
      { type: 'object', additionalProperties: { type: 'boolean' } },
    ],
    [
      'an integer or a text',
      z.union([z.int().min(0).max(5), z.string().max(3)]),
      { 'x-kubernetes-int-or-string': true, minimum: 0, maximum: 5, maxLength: 3 },
    ],
    [
      'texts of several forms',
      z.union([z.literal('auto'), z.string().regex(/^v/)]),
      { type: 'string', anyOf: [{ enum: ['auto'] }, { pattern: '^v' }] },
    ],
    ['anything', z.unknown(), { 'x-kubernetes-preserve-unknown-fields': true }],
    [
      'an object that takes no other fields, although the API server would drop them',
      z.object({ a: z.string(), b: z.boolean().default(false) }),
      {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'string' }, b: { type: 'boolean', default: false } },
        'x-kubernetes-preserve-unknown-fields': true,
        maxProperties: 2,
      },
    ],
    [
      'an object with a field that may be left out',
      z.object({ a: z.string(), b: z.boolean().optional() }),
      {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'string' }, b: { type: 'boolean' } },
        'x-kubernetes-preserve-unknown-fields': true,
        anyOf: [{ maxProperties: 1 }, { required: ['b'], maxProperties: 2 }],
      },
    ],
    [
      'an object that takes other fields',
      z.looseObject({ a: z.string() }),
      {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'string' } },
        'x-kubernetes-preserve-unknown-fields': true,
      },
    ],
  ])('%s', (_, given, expected) => {
    expect(partOf(given)).toEqual(expected)
  })

  it('what was set ahead becomes the default, and is required no more', () => {
    const set = policyWith(z.object({ a: z.string(), b: z.string() })).with({ a: 'x' })
    expect(parametersSchema(set)).toMatchObject({ required: ['b'], properties: { a: { default: 'x' } } })
    expect(parametersSchema(set)).not.toHaveProperty('default')
    expect(parametersSchema(set.with({ b: 'y' }))).toMatchObject({ default: {} })
  })

  it('a policy without parameters takes none', () => {
    expect(schemaOf(z.object({}))).toEqual({
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      maxProperties: 0,
    })
  })
})

describe('what is refused, with the path', () => {
  it.each<readonly [string, z.ZodType, string]>([
    ['several types', z.union([z.boolean(), z.string()]), 'the parameter `a` has values of several types'],
    [
      'several shapes',
      z.union([z.object({ b: z.string() }), z.object({ c: z.string() })]),
      'is one of several shapes',
    ],
    ['a format without a pattern', z.url(), 'has the format `uri`'],
    ['a divisor that is no integer', z.number().multipleOf(0.1), 'has a divisor that is no integer'],
    ['integers among other numbers', z.literal([1, 2.5]), 'is one of several numbers'],
    ['names of a map', z.record(z.string().regex(/^a/), z.string()), 'has a schema for the names in a map'],
    ['further fields', z.object({ b: z.string() }).catchall(z.boolean()), 'has a schema for further fields'],
    ['nothing but null', z.null(), 'is null and nothing else'],
    [
      'a list of anything nested',
      z.array(z.array(z.union([z.boolean(), z.string()]))),
      'the parameter `a.[].[]`',
    ],
    [
      'too many fields that may be left out',
      z.object(
        Object.fromEntries(['b', 'c', 'd', 'e', 'f', 'g'].map((name) => [name, z.string().optional()])),
      ),
      'has 6 fields that may be left out',
    ],
  ])('%s', (_, given, says) => {
    expect(() => partOf(given)).toThrow(says)
    expect(() => partOf(given)).toThrow('which a template cannot say')
  })
})
