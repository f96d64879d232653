import { compileJavaScript } from '@gatewright/compiler'
import {
  check,
  type CheckedPolicy,
  judge,
  type Json,
  message,
  type Node,
  operatorNames,
  operatorOf,
  policy,
  type PolicyIr,
  type Review,
  target,
  unknownValue,
  type Verdict,
} from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { comparePaths } from '../../packages/core/src/verdict.js'
import { RandomPolicies } from '../fuzz/random-policies.js'

const literal = (value: Json): Node => ({ kind: 'literal', value })
const call = (
  operator: (typeof operatorNames)[number],
  ...operands: readonly Node[]
): Node & { kind: 'call' } => ({ kind: 'call', operator, arguments: operands })

/** A policy that denies where a condition holds. */
function denies(condition: Node): PolicyIr {
  return {
    format: 'gatewright.ir/1',
    id: 'laws/test',
    title: 'A law',
    severity: 'low',
    controls: {},
    target: {
      name: 'document',
      inputs: { input: { root: 'object', path: [] }, parameters: { root: 'parameters', path: [] } },
    },
    undeterminedDenies: false,
    rules: [{ kind: 'deny', if: condition, violation: { code: '1', message: literal('m') } }],
  }
}

const verdict = (condition: Node, review: Review): Verdict['verdict'] =>
  judge(denies(condition), {}, review).verdict

/** The conditions of random policies: of their rules that stand outside loops. */
function conditionOf(ir: PolicyIr): Node {
  const [rule] = ir.rules
  return rule?.kind === 'deny' || rule?.kind === 'onlyIf' ? rule.if : literal(true)
}

const random = new RandomPolicies(11)
const pairs = Array.from({ length: 3000 }, () => ({
  a: conditionOf(random.policy()),
  b: conditionOf(random.policy()),
  review: random.review(),
}))
const not = (of: Node): Node => ({ kind: 'not', of })
const and = (...all: Node[]): Node => ({ kind: 'and', all })
const or = (...any: Node[]): Node => ({ kind: 'or', any })

describe('law 3: not is complement', () => {
  it('a condition and its complement are never both true, and one of them is unless neither can be said', () => {
    const seen = new Set<string>()
    for (const { a, review } of pairs) {
      const [x, y] = [verdict(a, review), verdict(not(a), review)]
      seen.add(x)
      expect(x === 'denied' && y === 'denied').toBe(false)
      if (x === 'allowed') expect(['denied']).toContain(y)
      if (x === 'undetermined' || x === 'error') expect(y).toBe(x)
    }
    expect(seen.size).toBeGreaterThan(3)
  })

  it("De Morgan's laws", () => {
    for (const { a, b, review } of pairs) {
      expect(verdict(not(and(a, b)), review)).toBe(verdict(or(not(a), not(b)), review))
      expect(verdict(not(or(a, b)), review)).toBe(verdict(and(not(a), not(b)), review))
    }
  })

  it('order does not matter', () => {
    for (const { a, b, review } of pairs) {
      expect(verdict(and(a, b), review)).toBe(verdict(and(b, a), review))
      expect(verdict(or(a, b), review)).toBe(verdict(or(b, a), review))
    }
  })
})

describe('law 1: missing', () => {
  const input: Node = { kind: 'input', name: 'input' }
  const field = (of: Node, key: string, type: 'string' | 'unknown' = 'unknown'): Node => ({
    kind: 'field',
    of,
    key,
    type,
    vouched: false,
    required: false,
  })
  const path = field(field(field(input, 'a'), 'b'), 'c', 'string')
  it.each<Json>([
    {},
    { a: null },
    { a: 1 },
    { a: 'x' },
    { a: [] },
    { a: { b: null } },
    { a: { b: { c: null } } },
    { a: { b: { c: 5 } } },
    { a: { b: [{ c: 'x' }] } },
    null,
    7,
    [],
  ])('reading through %j is missing, and nothing throws', (object) => {
    expect(verdict(call('exists', path), { object })).toBe('allowed')
    expect(verdict(not(call('exists', path)), { object })).toBe('denied')
  })
  it('a missing operand makes every predicate missing, and what was decided its answer', () => {
    const missing = field(input, 'nothing')
    for (const name of operatorNames.filter((each) => operatorOf(each).answers === 'predicate')) {
      const operands = operatorOf(name).operands.map((type, i) =>
        i === 0 ? missing : type === 'number' ? literal(1) : literal('x'),
      )
      for (const answer of [true, false]) {
        const decided: Node = { kind: 'decide', of: call(name, ...operands), missing: answer, assumed: false }
        expect(verdict(decided, { object: {} }), name).toBe(answer ? 'denied' : 'allowed')
      }
    }
  })
})

describe('law 4: lists', () => {
  const list: Node = {
    kind: 'field',
    of: { kind: 'input', name: 'input' },
    key: 'list',
    type: 'list',
    vouched: false,
    required: false,
  }
  const element = {
    kind: 'variable',
    id: 0,
    name: 'e',
    index: false,
    type: 'unknown',
    vouched: false,
  } as const
  const lambda = (body: Node) => ({
    element,
    index: { ...element, id: 1, index: true, type: 'number' } as const,
    body,
  })
  it.each<Json>([{}, { list: null }, { list: 'x' }, { list: { a: 1 } }, { list: [] }])(
    '%j is empty',
    (object) => {
      expect(verdict({ kind: 'some', list, lambda: lambda(literal(true)) }, { object })).toBe('allowed')
      expect(verdict({ kind: 'every', list, lambda: lambda(literal(false)) }, { object })).toBe('denied')
      expect(verdict(call('is', call('count', list), literal(0)), { object })).toBe('denied')
    },
  )
  it('every is the complement of some of the complement', () => {
    for (const { a, review } of pairs) {
      const wrapped = { object: { list: [1, null, 2], ...(review.object as object) } as Json }
      expect(verdict({ kind: 'every', list, lambda: lambda(a) }, wrapped)).toBe(
        verdict(not({ kind: 'some', list, lambda: lambda(not(a)) }), wrapped),
      )
    }
  })
})

describe('unknown and failed values decide nothing that others decide', () => {
  const unknown = call(
    'is',
    {
      kind: 'field',
      of: { kind: 'input', name: 'input' },
      key: 'x',
      type: 'unknown',
      vouched: false,
      required: false,
    },
    literal(1),
  )
  const failing: Node = {
    kind: 'decide',
    of: call('matches', literal('a'), literal('(')),
    missing: false,
    assumed: false,
  }
  const review: Review = { object: { x: unknownValue as never } }
  it.each([
    [unknown, 'undetermined'],
    [failing, 'error'],
    [and(unknown, literal(false)), 'allowed'],
    [and(failing, literal(false)), 'allowed'],
    [or(unknown, literal(true)), 'denied'],
    [or(failing, literal(true)), 'denied'],
    [and(unknown, failing), 'error'],
    [or(failing, unknown), 'error'],
    [and(unknown, literal(true)), 'undetermined'],
    [not(unknown), 'undetermined'],
  ] as const)('%#', (condition, expected) => {
    expect(verdict(condition, review)).toBe(expected)
    const checked = check(denies(condition)) as CheckedPolicy
    expect(compileJavaScript(checked).judge({}, review).verdict).toBe(expected)
  })
})

describe('law 8: violations', () => {
  const Doc = z.object({ list: z.array(z.object({ name: z.string(), n: z.number().optional() })) })
  const made = policy({
    id: 'laws/order',
    title: 'Order',
    severity: 'low',
    target: target('doc', Doc),
    rule: ({ input }) => [
      input.list.deny((e) => ({ message: message`b ${e.name}`, at: e.name, code: 'b' })),
      input.list.deny((e) => ({ message: message`a ${e.n}`, at: e.name, code: 'a' })),
      input.list.deny(() => ({ message: 'whole' })),
      input.list.deny(() => ({ message: 'whole' })),
    ],
  })
  it('are a set, ordered by place, code and message', () => {
    const names = Array.from({ length: 12 }, (_, i) => ({ name: `e${i}` }))
    const { violations } = judge(made.ir, {}, { object: { list: names } })
    expect(violations.map(({ at, code }) => [at[1] ?? -1, code])).toEqual([
      [-1, '3'],
      [-1, '4'],
      ...names.flatMap((_, i) => [
        [i, 'a'],
        [i, 'b'],
      ]),
    ])
  })
  it('hold no lone surrogate, in messages and in details', () => {
    const { ir } = policy({
      id: 'laws/surrogates',
      title: 'A law',
      severity: 'low',
      target: target('document', z.object({ name: z.string().optional() })),
      rule: ({ input }) =>
        input.name.exists().deny({
          message: message`${input.name}${input.name}`,
          details: { name: input.name, list: input.name.split('/') },
        }),
    })
    const review: Review = { object: { name: 'a/\uDC00b\uD83D' } }
    for (const found of [
      judge(ir, {}, review),
      compileJavaScript(check(ir) as CheckedPolicy).judge({}, review),
    ])
      expect(found.violations).toMatchObject([
        {
          message: 'a/\uFFFDb\uFFFDa/\uFFFDb\uFFFD',
          details: { name: 'a/\uFFFDb\uFFFD', list: ['a', '\uFFFDb\uFFFD'] },
        },
      ])
  })

  it('hold one line, whatever is in them', () => {
    const hostile: readonly (readonly [Json, string])[] = [
      ['a\nb', 'a\uFFFDb'],
      ['\u0000\u007F\u0085\u2028', '\uFFFD\uFFFD\uFFFD\uFFFD'],
      ['%s %d {{x}}', '%s %d {{x}}'],
    ]
    for (const [name, shown] of hostile) {
      const { violations } = judge(made.ir, {}, { object: { list: [{ name }] } })
      expect(violations.find(({ code }) => code === 'b')?.message).toBe(`b ${shown}`)
    }
  })
  it('show values as the law says', () => {
    const values: readonly (readonly [Json | undefined, string])[] = [
      [1, '1'],
      [1.5, '<number>'],
      [2n ** 62n, '4611686018427387904'],
      [2n ** 63n, '<number>'],
      [undefined, '<missing>'],
      [null, '<missing>'],
      ['7', '7'],
      [true, 'true'],
      [[1], '<list>'],
      [{}, '<object>'],
    ]
    for (const [n, shown] of values) {
      const object = { list: [{ name: 'x', ...(n === undefined ? {} : { n }) }] } as Json
      expect(judge(made.ir, {}, { object }).violations.find(({ code }) => code === 'a')?.message).toBe(
        `a ${shown}`,
      )
    }
  })
  it('places are ordered by value and by code point', () => {
    expect(
      [['a', 10], ['a', 9], ['b'], ['a'], ['～'], ['🔒'], [], ['a', 'x']].toSorted(comparePaths as never),
    ).toEqual([[], ['a'], ['a', 9], ['a', 10], ['a', 'x'], ['b'], ['～'], ['🔒']])
  })
})

it('E8: no verdict hangs on those before it', () => {
  const source = new RandomPolicies(23)
  const policies = Array.from({ length: 20 }, () => check(source.policy()) as CheckedPolicy)
  const compiled = policies.map((each) => compileJavaScript(each))
  const reviews = Array.from({ length: 50 }, () => source.review())
  const alone = compiled.map((each, i) =>
    reviews.map((review) =>
      JSON.stringify(compileJavaScript(policies[i] as CheckedPolicy).judge({}, review), bigints),
    ),
  )
  for (let round = 0; round < 5000; round++) {
    const i = (round * 7919) % policies.length
    const j = (round * 104729) % reviews.length
    expect(JSON.stringify(compiled[i]?.judge({}, reviews[j] as Review), bigints)).toBe(alone[i]?.[j])
  }
})

const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)
