import { policy, type Policy } from '@gatewright/core'
import { pods } from '@gatewright/kubernetes'
import { z } from 'zod'

/** A policy whose parameters have every form that a template can say. */
export const everyParameter: Policy = policy({
  id: 'test/every-parameter',
  title: 'Every form of parameter',
  severity: 'low',
  target: pods,
  parameters: z.object({
    required: z.string(),
    text: z.string().min(2).max(5).default('abc'),
    pattern: z
      .string()
      .regex(/^[a-z]+$/)
      .default('abc'),
    patterns: z.string().startsWith('a').endsWith('z').default('az'),
    choice: z.enum(['one', 'two']).default('one').describe('One of two.'),
    constant: z.literal('only').default('only'),
    numbers: z.literal([1, 2, 3]).default(1),
    integer: z.int().min(1).max(10).default(5),
    above: z.number().gt(0).lt(1).default(0.5),
    even: z.int().multipleOf(2).default(2),
    flag: z.boolean().default(false),
    list: z.array(z.string().min(1)).min(1).max(2).default(['a']),
    map: z.record(z.string(), z.int()).default({}),
    nested: z
      .object({ inner: z.object({ name: z.string(), size: z.int().default(1) }) })
      .default({ inner: { name: 'a', size: 1 } }),
    items: z
      .array(z.object({ name: z.string(), size: z.int().default(1), note: z.string().optional() }))
      .default([]),
    nullable: z.string().nullable().default(null),
    nullableChoice: z.enum(['one', 'two']).nullable().default('one'),
    either: z.union([z.int().min(0), z.string().regex(/^\d+%$/)]).default(1),
    forms: z.union([z.literal('auto'), z.string().regex(/^v\d+$/)]).default('auto'),
    anything: z.unknown().optional(),
    optional: z.string().optional(),
    open: z.looseObject({ known: z.boolean().default(true) }).default({ known: true }),
    closed: z.strictObject({ known: z.boolean().default(true) }).default({ known: true }),
  }),
  rule: ({ object, parameters }) =>
    object.metadata.name.is(parameters.required).ifMissing(false).deny({ message: 'not this one' }),
})
