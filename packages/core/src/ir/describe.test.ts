import { expect, it } from 'vitest'
import { z } from 'zod'
import { allOf, anyOf, message, not, text } from '../language/functions.js'
import type { Expr } from '../language/expression.js'
import { policy } from '../language/policy.js'
import type { Condition } from '../language/rule.js'
import { target } from '../language/target.js'
import { describe } from './describe.js'

const Doc = z.object({
  name: z.string().optional(),
  on: z.boolean().optional(),
  items: z.array(z.object({ name: z.string() })).optional(),
  more: z.array(z.object({ name: z.string() })).optional(),
  labels: z.record(z.string(), z.string()).optional(),
})

function described(condition: (input: Expr<z.output<typeof Doc>>) => Condition): string {
  const { ir } = policy({
    id: 'describe/test',
    title: 'A test',
    severity: 'low',
    target: target('doc', Doc),
    rule: ({ input }) => condition(input).deny({ message: message`found` }),
  })
  const [rule] = ir.rules
  return rule?.kind === 'deny' ? describe(rule.if) : ''
}

it.each<readonly [string, (input: Expr<z.output<typeof Doc>>) => Condition]>([
  ["input.labels.get('a/b').is('x')", (i) => i.labels.get('a/b').is('x')],
  ["input.labels.get(input.name).is('x')", (i) => i.labels.get(i.name).is('x')],
  [
    "(input.items + input.more).some(item => item.name.is('x'))",
    (i) => i.items.concat(i.more).some((item) => item.name.is('x')),
  ],
  [
    'input.items.some(item => input.items.some(item2 => item2.name.equals(item.name)))',
    (i) => i.items.some((a) => i.items.some((b) => b.name.is(a.name))),
  ],
  [
    "input.items.filter(item => item.name.is('x')).some(item => item.name.is('y'))",
    (i) => i.items.filter((a) => a.name.is('x')).some((b) => b.name.is('y')),
  ],
  [
    'input.name.equals(text`v${input.labels.a}`).ifMissing(false)',
    (i) => i.name.is(text`v${i.labels.get('a')}`).ifMissing(false),
  ],
  [
    "(input.on.is(true) or input.name.exists()) and not (input.name.is('x'))",
    (i) => allOf(anyOf(i.on.is(true), i.name.exists()), not(i.name.is('x'))),
  ],
])('%s', (says, condition) => {
  expect(described(condition)).toBe(says)
})
