import { describe as suite, expect, it } from 'vitest'
import { z } from 'zod'
import { RandomPolicies } from '../../../../test/fuzz/random-policies.js'
import { allOf, anyOf, message, not } from '../language/functions.js'
import { policy } from '../language/policy.js'
import { target } from '../language/target.js'
import type { Node } from '../ir/node.js'
import type { PolicyIr } from '../ir/policy.js'
import type { Condition } from '../language/rule.js'
import type { Expr } from '../language/expression.js'
import { judge } from '../reference/judge.js'
import { absences } from './absence.js'
import { constantConditions, knownOf } from './constant-conditions.js'
import { costOf } from './cost.js'
import { needsOf } from './needs.js'

const Doc = z.object({
  name: z.string().optional(),
  n: z.number().optional(),
  on: z.boolean().optional(),
  list: z.array(z.object({ name: z.string(), tags: z.array(z.string()).optional() })).optional(),
})
type Input = Expr<z.output<typeof Doc>>

const denies = (condition: (input: Input) => Condition) =>
  policy({
    id: 'analysis/test',
    title: 'A test',
    severity: 'low',
    target: target('doc', Doc),
    rule: ({ input }) => condition(input).deny({ message: 'found' }),
  }).ir

suite('D9: conditions that no input changes', () => {
  const never: readonly (readonly [string, (input: Input) => Condition])[] = [
    ['is two values', (i) => allOf(i.name.is('a'), i.name.is('b'))],
    ['is and is not', (i) => allOf(i.name.is('a'), i.name.isNot('a'))],
    ['there and missing', (i) => allOf(i.name.exists(), i.name.missing())],
    ['a value and missing', (i) => allOf(i.name.is('a'), i.name.missing())],
    ['not on the list', (i) => allOf(i.name.is('c'), i.name.in(['a', 'b']))],
    ['lists that share nothing', (i) => allOf(i.name.in(['a']), i.name.in(['b', 'c']))],
    ['an empty range', (i) => allOf(i.n.gt(5).ifMissing(false), i.n.lt(3).ifMissing(false))],
    [
      'a range of one that is left out',
      (i) => allOf(i.n.gt(5).ifMissing(false), i.n.lte(5).ifMissing(false)),
    ],
    ['a value out of range', (i) => allOf(i.n.is(7), i.n.lt(7).ifMissing(false))],
    [
      'two prefixes',
      (i) => allOf(i.name.startsWith('a/').ifMissing(false), i.name.startsWith('b/').ifMissing(false)),
    ],
    ['a value without the prefix', (i) => allOf(i.name.is('x'), i.name.startsWith('a').ifMissing(false))],
    [
      'a condition and its complement',
      (i) => {
        const c = i.list.some((e) => e.name.is('a'))
        return allOf(c, not(c))
      },
    ],
    ['in nothing', (i) => i.name.in([])],
    ['deep inside', (i) => allOf(i.on.is(true), allOf(i.name.is('a'), allOf(i.name.is('b'))))],
    ['in each element', (i) => i.list.some((e) => allOf(e.name.is('a'), e.name.is('b')))],
    ['an unset that is above', (i) => allOf(i.n.missing(), i.n.gte(0).ifMissing(false))],
  ]
  it.each(never)('never: %s', (_, condition) => {
    expect(constantConditions(denies(condition)).map(({ holds }) => holds)).toEqual(['never'])
  })

  const always: readonly (readonly [string, (input: Input) => Condition])[] = [
    ['is or is not', (i) => anyOf(i.name.is('a'), i.name.isNot('a'))],
    ['there or missing', (i) => anyOf(i.name.exists(), i.name.missing())],
    ['not in nothing', (i) => i.name.notIn([])],
    ['is not one or not the other', (i) => anyOf(i.name.isNot('a'), i.name.isNot('b'))],
    ['allOf of nothing', (i) => anyOf(i.on.is(true), allOf(i.name.in([]).not()))],
  ]
  it.each(always)('always: %s', (_, condition) => {
    expect(constantConditions(denies(condition)).some(({ holds }) => holds === 'always')).toBe(true)
  })

  const sound: readonly (readonly [string, (input: Input) => Condition])[] = [
    ['one value', (i) => i.name.is('a')],
    [
      'missing passes both',
      (i) => allOf(i.name.startsWith('a').ifMissing(true), i.name.startsWith('b').ifMissing(true)),
    ],
    ['another field', (i) => allOf(i.name.is('a'), i.n.is(1))],
    ['a range', (i) => allOf(i.n.gte(5).ifMissing(false), i.n.lte(5).ifMissing(false))],
    [
      'other elements',
      (i) =>
        allOf(
          i.list.some((e) => e.name.is('a')),
          i.list.some((e) => e.name.is('b')),
        ),
    ],
    ['is not and is not', (i) => allOf(i.name.isNot('a'), i.name.isNot('b'))],
    [
      'nested prefixes',
      (i) => allOf(i.name.startsWith('a').ifMissing(false), i.name.startsWith('ab').ifMissing(false)),
    ],
    ['an element twice', (i) => i.list.some((e) => allOf(e.name.is('a'), i.name.is('b')))],
  ]
  it.each(sound)('neither: %s', (_, condition) => {
    expect(constantConditions(denies(condition))).toEqual([])
  })

  it('says nothing of random conditions that random objects refute', () => {
    const random = new RandomPolicies(31)
    const { when: _, ...policyIr } = random.policy()
    const conditions = Array.from({ length: 2000 }, () => random.policy().rules)
      .flat()
      .flatMap((rule) => (rule.kind === 'deny' ? conditionsOf(rule.if) : []))
    let claims = 0
    for (const [i, first] of conditions.entries()) {
      for (const second of conditions.slice(i + 1, i + 40)) {
        const condition: Node = { kind: 'and', all: [first, second] }
        const known = knownOf(condition)
        if (known === undefined) continue
        claims++
        const rule = { kind: 'deny', if: condition, violation } as const
        const single: PolicyIr = { ...policyIr, rules: [rule] }
        for (let j = 0; j < 20; j++) {
          const { verdict } = judge(single, {}, random.review())
          if (verdict === 'denied') expect(known.holds).toBe(true)
          if (verdict === 'allowed') expect(known.holds).toBe(false)
        }
      }
    }
    expect(claims).toBeGreaterThan(100)
  })
})

const violation = { code: '1', message: { kind: 'literal', value: 'found' } } as const

/** A condition and those that it is put together of. */
function conditionsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'and':
      return [node, ...node.all.flatMap(conditionsOf)]
    case 'or':
      return [node, ...node.any.flatMap(conditionsOf)]
    case 'not':
      return [node, ...conditionsOf(node.of)]
    default:
      return [node]
  }
}

it('cost: nests of loops, and loops over the same list', () => {
  const Lists = z.object({ a: z.array(z.object({ n: z.string() })), b: z.array(z.string()) })
  const made = policy({
    id: 'analysis/cost',
    title: 'Loops',
    severity: 'low',
    target: target('lists', Lists),
    rule: ({ input }) =>
      input.a
        .filter((x) => input.b.some((y) => x.n.is(y)))
        .each((x) => input.a.filter((y) => x.n.is(y.n)).deny((y) => ({ message: message`${y.n}` }))),
  })
  const cost = costOf(made.ir)
  expect(cost.depth).toBe(2)
  expect(cost.nests).toContain('input.a × input.a')
  expect(cost.nests).toContain('input.a × input.b')
  expect(cost.squares.map(({ list }) => list)).toEqual(['input.a'])
})

it('needs: inputs, operators, dynamic patterns', () => {
  const made = policy({
    id: 'analysis/needs',
    title: 'Needs',
    severity: 'low',
    target: target('doc', Doc),
    parameters: z.object({ pattern: z.string() }),
    rule: ({ input, parameters }) =>
      input.name.matches(parameters.pattern).ifMissing(false).deny({ message: 'm' }),
  })
  expect(needsOf(made.ir)).toEqual({
    inputs: ['input', 'parameters'],
    inventory: [],
    operators: ['matches'],
    dynamicPatterns: true,
  })
})

it('absence: what passes, what denies', () => {
  const made = policy({
    id: 'analysis/absence',
    title: 'Absence',
    severity: 'low',
    target: target('doc', Doc),
    rule: ({ input }) => [
      input.on.isNot(true).deny({ message: 'a', code: 'on' }),
      input.n.gt(5).ifMissing(false).deny({ message: 'b', code: 'n' }),
      input.name.startsWith('x').ifMissing(true).deny({ message: 'c', code: 'name' }),
    ],
  })
  expect(absences(made.ir)).toEqual([
    { field: 'input.on', effects: [{ code: 'on', effect: 'denies' }] },
    { field: 'input.n', effects: [{ code: 'n', effect: 'passes' }] },
    { field: 'input.name', effects: [{ code: 'name', effect: 'denies' }] },
  ])
})

suite('what a policy reads', () => {
  const held = denies((i) =>
    i.list
      .map((e) => ({ others: i.list.filter((other) => other.name.isNot(e.name)) }))
      .some((each) => each.others.some((other) => other.tags.some((tag) => tag.is('a')))),
  )

  it('of the elements of a list that is a field of a record is held to the schema where that is vouched for', () => {
    // the language does not vouch for what is behind a record; an IR may
    const vouched = JSON.parse(
      JSON.stringify(held).replaceAll('"vouched":false', '"vouched":true'),
    ) as PolicyIr
    const object = { list: [{ name: 'a' }, { name: 'b', tags: [7] }] }
    const { verdict, reasons } = judge(vouched, {}, { object })
    expect({ verdict, at: reasons.map(({ at }) => at) }).toEqual({
      verdict: 'invalid',
      at: [['list', 1, 'tags', 0]],
    })
  })
})
