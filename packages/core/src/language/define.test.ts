import { expect, it } from 'vitest'
import { z } from 'zod'
import { decodeIr, encodeIr } from '../ir/encode.js'
import { define, definedName } from './define.js'
import { anyOf } from './functions.js'
import { policy, type Policy } from './policy.js'
import { target } from './target.js'

const document = target('document', z.object({ team: z.string().optional(), open: z.boolean() }))

const named: Policy = policy({
  id: 'test/named',
  title: 'Documents have a team',
  severity: 'low',
  target: document,
  rule: ({ input }) =>
    define('has an owner', anyOf(input.team.is('a'), input.team.is('b')))
      .not()
      .deny({ message: 'no team', at: define('owner', input.team) }),
})

it('names an expression and leaves it what it is', () => {
  const [rule] = named.ir.rules
  const condition = rule?.kind === 'deny' && rule.if.kind === 'not' ? rule.if.of : undefined
  expect(condition?.kind).toBe('or')
  expect(condition && definedName(condition)).toBe('has an owner')
})

it('keeps the name in the encoded IR', () => {
  const decoded = decodeIr(encodeIr(named.ir))
  if ('problem' in decoded) throw new Error(decoded.problem)
  const [rule] = decoded.policy.rules
  const condition = rule?.kind === 'deny' && rule.if.kind === 'not' ? rule.if.of : undefined
  expect(condition && definedName(condition)).toBe('has an owner')
})

it.each(['', ' a', 'a_b', 'not(x)', 'é', 'a\nb', '1st'])('refuses the name %j', (name) => {
  expect(() =>
    policy({
      id: 'test/misnamed',
      title: 'A name that is none',
      severity: 'low',
      target: document,
      rule: ({ input }) => define(name, input.open.is(true)).deny({ message: 'open' }),
    }),
  ).toThrow(/is no name for an expression/)
})

it('refuses what is no expression', () => {
  expect(() => define('answer', 42 as never)).toThrow(/is no expression/)
})
