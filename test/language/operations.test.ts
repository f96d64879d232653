import { readFileSync } from 'node:fs'
import {
  allOf,
  anyOf,
  cidr,
  cluster,
  type Condition,
  duration,
  type Expr,
  imageRef,
  type Json,
  matchesSelector,
  message,
  not,
  onlyIf,
  policy,
  quantity,
  ratio,
  remove,
  type Rules,
  semver,
  set,
  target,
  text,
  timestamp,
  when,
} from '@gatewright/core'
import { evaluator, inventoryOf, javascriptEngine, referenceEngine } from '@gatewright/evaluator'
import { pods } from '@gatewright/kubernetes'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { emittedEngine } from '../emitted-engine.js'

const Thing = z.object({ name: z.string(), tag: z.string().optional(), size: z.number().optional() })
const Variant = z.discriminatedUnion('type', [
  z.object({ type: z.literal('file'), path: z.string() }),
  z.object({ type: z.literal('link'), to: z.string() }),
])
const Document = z.object({
  text: z.string().optional(),
  other: z.string().optional(),
  n: z.number().optional(),
  m: z.number().optional(),
  on: z.boolean().optional(),
  port: z.union([z.string(), z.number(), z.boolean()]).optional(),
  list: z.array(z.string()).optional(),
  more: z.array(z.string()).optional(),
  numbers: z.array(z.number()).optional(),
  things: z.array(Thing).optional(),
  thing: Thing.optional(),
  variant: Variant.optional(),
  variants: z.array(Variant).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  selector: z.object({ matchLabels: z.record(z.string(), z.string()).optional() }).optional(),
  anything: z.unknown(),
})
type Input = Expr<z.output<typeof Document>>

const judged = (rule: (input: Input) => Rules, others: readonly Json[] = []) => {
  const made = policy({
    id: 'test/operation',
    title: 'An operation',
    severity: 'low',
    target: target('document', Document),
    rule: ({ input }) => rule(input),
  })
  const inventory = inventoryOf(others, { complete: true })
  const judges = [javascriptEngine, emittedEngine, referenceEngine].map((engine) =>
    evaluator([made], { engine: engine as typeof javascriptEngine, inventory }),
  )
  return (document: Json) => {
    const [first, ...same] = judges.map((judge) => judge.evaluateJson(document).judgements[0]?.verdict)
    for (const each of same) expect(each).toEqual(first)
    return first
  }
}

/** An operation, a condition made with it, documents where it holds, and documents where it does not. */
type Row = readonly [
  name: string,
  condition: (input: Input) => Condition,
  holds: readonly Json[],
  not: readonly Json[],
]

const values: readonly Row[] = [
  ['exists', (i) => i.n.exists(), [{ n: 0 }], [{}, { n: null }]],
  ['missing', (i) => i.labels.missing(), [{}, { labels: null }], [{ labels: {} }]],
  ['sameAs', (i) => i.text.sameAs(i.other), [{}, { text: 'a', other: 'a' }], [{ text: 'a' }]],
  ['differsFrom', (i) => i.text.differsFrom(i.other), [{ text: 'a' }, { text: 'a', other: 'b' }], [{}]],
  ['is', (i) => i.text.is('a'), [{ text: 'a' }], [{}, { text: 'A' }]],
  [
    'is',
    (i) => i.text.is(i.other).ifMissing(true),
    [{}, { text: 'a', other: 'a' }],
    [{ text: 'a', other: '' }],
  ],
  ['is', (i) => i.text.is(i.other.default('a')), [{ text: 'a' }], [{}, { text: 'a', other: 'b' }]],
  ['isNot', (i) => i.text.isNot(i.other.default('a')), [{}, { text: 'b' }], [{ text: 'a' }]],
  ['isNot', (i) => i.text.isNot(i.other.default('a')).ifMissing(false), [{ text: 'b' }], [{}]],
  ['isNot', (i) => i.text.isNot('a'), [{}, { text: 'A' }], [{ text: 'a' }]],
  ['in', (i) => i.text.in(i.list), [{ text: 'a', list: ['b', 'a'] }], [{}, { text: 'a' }]],
  ['notIn', (i) => i.text.notIn(['a', 'b']), [{}, { text: 'c' }], [{ text: 'b' }]],
  ['default', (i) => i.text.default(i.other).default('x').is('x'), [{}, { other: 'x' }], [{ text: 'a' }]],
]

const texts: readonly Row[] = [
  ['startsWith', (i) => i.text.startsWith('ab').ifMissing(false), [{ text: 'abc' }], [{}, { text: 'b' }]],
  [
    'endsWith',
    (i) => i.text.endsWith(i.other).ifMissing(false),
    [{ text: 'abc', other: 'bc' }],
    [{ text: 'c' }],
  ],
  ['includes', (i) => i.text.includes('b').ifMissing(false), [{ text: 'abc' }], [{ text: 'ac' }]],
  ['like', (i) => i.text.like('a*/?').ifMissing(false), [{ text: 'ab/c/d' }], [{ text: 'ab/' }]],
  ['matches', (i) => i.text.matches(/^[a-z]+$/).ifMissing(false), [{ text: 'abc' }], [{ text: 'a1' }]],
  ['isEmpty', (i) => i.text.isEmpty(), [{}, { text: '' }], [{ text: ' ' }]],
  ['lower', (i) => i.text.lower().is('aÉ'), [{ text: 'AÉ' }], [{ text: 'aé' }]],
  ['split', (i) => i.text.split('/').at(1).is('b'), [{ text: 'a/b/c' }], [{ text: 'a' }, {}]],
  ['length', (i) => i.text.length().is(2), [{ text: '🔒a' }], [{ text: '🔒' }, {}]],
  ['toNumber', (i) => i.text.toNumber().gt(9).ifMissing(false), [{ text: '1e1' }], [{ text: '0x10' }, {}]],
  ['trimPrefix', (i) => i.text.trimPrefix('v').is('1'), [{ text: 'v1' }, { text: '1' }], [{ text: 'vv1' }]],
  ['text', (i) => text`${i.text}-${i.n}`.is('a-1'), [{ text: 'a', n: 1 }], [{ text: 'a' }]],
]

const numbers: readonly Row[] = [
  ['gt', (i) => i.n.gt(1).ifMissing(false), [{ n: 1.5 }], [{ n: 1 }, {}]],
  ['gte', (i) => i.n.gte(i.m).ifMissing(true), [{ n: 1, m: 1 }, { n: 1 }], [{ n: 0, m: 1 }]],
  ['lt', (i) => i.n.lt(1).ifMissing(true), [{ n: 0 }, {}], [{ n: 1 }]],
  ['lte', (i) => i.n.lte(1).ifMissing(false), [{ n: 1 }], [{ n: 1.1 }]],
  ['between', (i) => i.n.between(1, 3).ifMissing(false), [{ n: 1 }, { n: 3 }], [{ n: 0 }, { n: 4 }]],
  ['plus', (i) => i.n.plus(i.m).is(3), [{ n: 1, m: 2 }], [{ n: 3 }]],
  ['minus', (i) => i.n.minus(1).is(2), [{ n: 3 }], [{}]],
  ['times', (i) => i.n.times(2).is(-4), [{ n: -2 }], [{ n: 2 }]],
  ['default', (i) => i.n.default(i.m).default(5).gt(4), [{}, { m: 5 }], [{ n: 4 }]],
]

const booleansAndScalars: readonly Row[] = [
  ['default', (i) => i.on.default(false), [{ on: true }], [{}, { on: false }]],
  ['ifMissing', (i) => i.on.ifMissing(true), [{}, { on: true }], [{ on: false }]],
  ['is', (i) => anyOf(i.port.is('http'), i.port.is(80)), [{ port: 'http' }, { port: 80 }], [{ port: '80' }]],
  ['asString', (i) => i.port.asString().startsWith('h').ifMissing(false), [{ port: 'http' }], [{ port: 8 }]],
  ['asNumber', (i) => i.port.asNumber().gt(1).ifMissing(false), [{ port: 80 }], [{ port: '80' }]],
  ['asBoolean', (i) => i.port.asBoolean().ifMissing(false), [{ port: true }], [{ port: 'true' }, {}]],
]

const unknowns: readonly Row[] = [
  ['asString', (i) => i.anything.asString().is('a'), [{ anything: 'a' }], [{ anything: ['a'] }]],
  ['asNumber', (i) => i.anything.asNumber().is(1), [{ anything: 1 }], [{ anything: '1' }]],
  ['asBoolean', (i) => i.anything.asBoolean().is(true), [{ anything: true }], [{ anything: 1 }]],
  [
    'asList',
    (i) => i.anything.asList().some((e) => e.is(1)),
    [{ anything: [2, 1] }],
    [{ anything: { 0: 1 } }],
  ],
  ['asMap', (i) => i.anything.asMap().has('a'), [{ anything: { a: 1 } }], [{ anything: ['a'] }]],
  [
    'get',
    (i) => i.anything.get('a').get('b').is(1),
    [{ anything: { a: { b: 1 } } }],
    [{ anything: 'a' }, {}],
  ],
  ['isNot', (i) => i.anything.isNot(1), [{}, { anything: '1' }], [{ anything: 1 }]],
  [
    'as',
    (i) => i.anything.as(Thing).size.gt(1).ifMissing(false),
    [{ anything: { size: 2 } }],
    [{ anything: 2 }],
  ],
]

const lists: readonly Row[] = [
  ['some', (i) => i.list.some((e) => e.is('a')), [{ list: ['b', 'a'] }], [{}, { list: [] }]],
  ['every', (i) => i.list.every((e) => e.is('a')), [{}, { list: ['a'] }], [{ list: ['a', 'b'] }]],
  ['none', (i) => i.list.none((e) => e.is('a')), [{}, { list: ['b'] }], [{ list: ['b', 'a'] }]],
  [
    'some',
    (i) => i.list.some((e, at) => allOf(e.is('a'), at.is(1))),
    [{ list: ['b', 'a'] }],
    [{ list: ['a'] }],
  ],
  [
    'filter',
    (i) =>
      i.list
        .filter((e) => e.isNot('a'))
        .count()
        .is(1),
    [{ list: ['a', 'b'] }],
    [{ list: ['a'] }],
  ],
  [
    'having',
    (i) => i.things.having('size').some((t) => t.size.gt(1)),
    [{ things: [{ name: 'a' }, { name: 'b', size: 2 }] }],
    [{ things: [{ name: 'a' }] }],
  ],
  [
    'where',
    (i) => i.variants.where({ type: 'link' }).some((v) => v.to.is('x')),
    [{ variants: [{ type: 'link', to: 'x' }] }],
    [{ variants: [{ type: 'file', path: 'x' }] }],
  ],
  [
    'as',
    (i) => i.variant.as({ type: 'file' }).path.is('x'),
    [{ variant: { type: 'file', path: 'x' } }],
    [{ variant: { type: 'link', to: 'x' } }, {}],
  ],
  [
    'find',
    (i) => i.things.find((t) => t.name.is('b')).size.is(2),
    [
      {
        things: [
          { name: 'a', size: 2 },
          { name: 'b', size: 2 },
        ],
      },
    ],
    [{ things: [{ name: 'a', size: 2 }] }],
  ],
  [
    'map',
    (i) => i.things.map((t) => t.tag).includes('x'),
    [{ things: [{ name: 'a' }, { name: 'b', tag: 'x' }] }],
    [{ things: [{ name: 'x' }] }],
  ],
  [
    'map',
    (i) => i.things.map((t) => ({ key: t.name, of: t.size })).some((e) => allOf(e.key.is('a'), e.of.is(1))),
    [{ things: [{ name: 'a', size: 1 }] }],
    [{ things: [{ name: 'a' }] }],
  ],
  [
    'flatMap',
    (i) => i.things.flatMap((t) => t.name.split('.')).includes('b'),
    [{ things: [{ name: 'a.b' }] }],
    [{ things: [{ name: 'ab' }] }],
  ],
  [
    'concat',
    (i) => i.list.concat(i.more).at(2).is('c'),
    [{ list: ['a'], more: ['b', 'c'] }],
    [{ more: ['b', 'c'] }],
  ],
  ['at', (i) => i.list.at(-2).is('a'), [{ list: ['a', 'b'] }], [{ list: ['a'] }]],
  ['first', (i) => i.list.first().is('a'), [{ list: ['a', 'b'] }], [{ list: ['b', 'a'] }, {}]],
  ['last', (i) => i.list.last().is('a'), [{ list: ['b', 'a'] }], [{ list: ['a', 'b'] }, {}]],
  ['count', (i) => i.list.count().is(0), [{}, { list: [] }], [{ list: ['a'] }]],
  ['isEmpty', (i) => i.list.isEmpty(), [{}, { list: null }], [{ list: ['a'] }]],
  [
    'includes',
    (i) => i.list.includes(i.text),
    [{ list: ['a'], text: 'a' }],
    [{ list: ['a'] }, { text: 'a' }],
  ],
  [
    'union',
    (i) => i.list.union(i.more).count().is(3),
    [{ list: ['a', 'b'], more: ['b', 'c'] }],
    [{ list: ['a'], more: ['a'] }],
  ],
  [
    'intersection',
    (i) => i.list.intersection(['a', 'b']).count().is(1),
    [{ list: ['a', 'c'] }],
    [{ list: ['c'] }],
  ],
  [
    'difference',
    (i) => i.list.difference(i.more).isEmpty(),
    [{ list: ['a'], more: ['b', 'a'] }],
    [{ list: ['a'] }],
  ],
  ['isSubsetOf', (i) => i.list.isSubsetOf(['a', 'b']), [{}, { list: ['b'] }], [{ list: ['a', 'c'] }]],
  [
    'isDisjointFrom',
    (i) => i.list.isDisjointFrom(i.more),
    [{}, { list: ['a'], more: ['b'] }],
    [{ list: ['a'], more: ['b', 'a'] }],
  ],
  ['distinct', (i) => i.list.distinct().count().is(2), [{ list: ['a', 'b', 'a'] }], [{ list: ['a', 'a'] }]],
  [
    'duplicates',
    (i) => i.list.duplicates().includes('a'),
    [{ list: ['a', 'b', 'a'] }],
    [{ list: ['a', 'b'] }],
  ],
  ['sum', (i) => i.numbers.sum().is(6), [{ numbers: [1, 2, 3] }], [{ numbers: [6.5] }]],
  ['join', (i) => i.list.join('+').is('a+b'), [{ list: ['a', 'b'] }], [{ list: ['a+', 'b'] }]],
]

const mapsAndObjects: readonly Row[] = [
  ['get', (i) => i.labels.get(i.text).is('x'), [{ labels: { a: 'x' }, text: 'a' }], [{ labels: { a: 'x' } }]],
  ['has', (i) => i.labels.has('a'), [{ labels: { a: '' } }], [{ labels: { a: null } }, {}]],
  ['keys', (i) => i.labels.keys().at(1).is('b'), [{ labels: { b: '1', a: '2' } }], [{ labels: { b: '' } }]],
  [
    'keys',
    (i) => i.thing.keys().includes('novel'),
    [{ thing: { name: 'a', novel: 1 } }],
    [{ thing: { name: 'a' } }],
  ],
  ['values', (i) => i.labels.values().first().is('2'), [{ labels: { b: '1', a: '2' } }], [{}]],
  [
    'entries',
    (i) => i.labels.entries().some((e) => e.key.is(e.value)),
    [{ labels: { a: 'a' } }],
    [{ labels: { a: 'b' } }],
  ],
  ['isEmpty', (i) => i.labels.isEmpty(), [{}, { labels: {} }], [{ labels: { a: '' } }]],
  ['count', (i) => i.labels.count().is(1), [{ labels: { a: '' } }], [{}]],
]

const conditions: readonly Row[] = [
  ['and', (i) => i.on.is(true).and(i.n.is(1), i.m.is(2)), [{ on: true, n: 1, m: 2 }], [{ on: true, n: 1 }]],
  ['or', (i) => i.on.is(true).or(i.n.is(1)), [{ on: true }, { n: 1 }], [{}]],
  ['not', (i) => i.on.is(true).not(), [{}, { on: false }], [{ on: true }]],
  ['allOf', (i) => allOf(i.on.is(true), i.n.is(1)), [{ on: true, n: 1 }], [{ on: true }]],
  ['anyOf', (i) => anyOf(i.on.is(true), i.n.is(1)), [{ n: 1 }], [{}]],
  ['not', (i) => not(i.on.is(true)), [{}], [{ on: true }]],
  [
    'when',
    (i) => when(i.on.is(true), i.text).when(i.n.is(1), 'one').otherwise('none').is('one'),
    [{ n: 1 }, { on: true, text: 'one' }],
    [{}, { on: true, n: 1 }],
  ],
]

const domains: readonly Row[] = [
  ['quantity', (i) => quantity(i.text).is('1024Mi'), [{ text: '1Gi' }], [{ text: '1G' }, {}]],
  [
    'quantity',
    (i) => quantity(i.text).plus('500m').lte(quantity(i.other)).ifMissing(false),
    [{ text: '0.5', other: '1' }],
    [
      { text: '1', other: '1' },
      { text: 'x', other: '1' },
    ],
  ],
  ['quantity', (i) => quantity(i.text).default('1').gt('900m'), [{}, { text: 'no' }], [{ text: '0.9' }]],
  [
    'semver',
    (i) => semver(i.text).lt('1.10.0').ifMissing(false),
    [{ text: '1.9.0' }, { text: '1.10.0-rc.1' }],
    [{ text: '1.10.0' }, { text: '1.x' }],
  ],
  [
    'semver',
    (i) => semver(i.text).default('2.0.0').gte('2.0.0'),
    [{}, { text: '2.0.1' }],
    [{ text: '1.0.0' }],
  ],
  [
    'duration',
    (i) => duration(i.text).gt('90s').ifMissing(true),
    [{ text: '2m' }, { text: 'x' }],
    [{ text: '1m30s' }],
  ],
  ['duration', (i) => duration(i.text).default('1h').is('60m'), [{}, { text: '3600s' }], [{ text: '1s' }]],
  [
    'timestamp',
    (i) => timestamp(i.text).plus('24h').gt(timestamp(i.other)).ifMissing(false),
    [{ text: '2027-01-01T00:00:00Z', other: '2027-01-02T00:59:00+01:00' }],
    [{ text: '2027-01-01T00:00:00Z', other: '2027-01-03T00:00:00Z' }, {}],
  ],
  [
    'timestamp',
    (i) => timestamp(i.text).minus(timestamp(i.other)).is('1h'),
    [{ text: '2027-01-01T01:00:00Z', other: '2027-01-01T00:00:00Z' }],
    [{}],
  ],
  [
    'timestamp',
    (i) => timestamp(i.text).default('2027-01-01T00:00:00Z').lte('2027-01-01T00:00:00Z'),
    [{}],
    [{ text: '2027-01-01T00:00:01Z' }],
  ],
  [
    'imageRef',
    (i) => imageRef(i.text).registry.is('docker.io'),
    [{ text: 'nginx' }],
    [{ text: 'docker.io.evil.com/x' }, {}],
  ],
  [
    'imageRef',
    (i) => imageRef(i.text).repository.is('library/nginx'),
    [{ text: 'nginx:1' }],
    [{ text: 'x/nginx' }],
  ],
  [
    'imageRef',
    (i) => imageRef(i.text).name.is('reg.io/a/b'),
    [{ text: 'reg.io/a/b@sha256:' + '0'.repeat(64) }],
    [{ text: 'a/b' }],
  ],
  [
    'imageRef',
    (i) => allOf(imageRef(i.text).tag.is('1'), imageRef(i.text).digest.missing()),
    [{ text: 'a:1' }],
    [{ text: 'a' }],
  ],
  [
    'within',
    (i) => imageRef(i.text).within('reg.io/team').ifMissing(false),
    [{ text: 'reg.io/team/a' }],
    [{ text: 'reg.io/team-b/a' }, { text: ':' }],
  ],
  [
    'contains',
    (i) => cidr('10.0.0.0/8').contains(i.text).ifMissing(false),
    [{ text: '10.1.2.3' }, { text: '10.1.0.0/16' }],
    [{ text: '11.0.0.1' }, {}],
  ],
  [
    'overlaps',
    (i) => cidr(i.text).overlaps('10.1.0.0/16').ifMissing(true),
    [{ text: '10.0.0.0/8' }, { text: '10' }],
    [{ text: '192.168.0.0/16' }],
  ],
  [
    'matchesSelector',
    (i) => matchesSelector(i.selector, i.labels),
    [{ selector: { matchLabels: { a: 'x' } }, labels: { a: 'x', b: '' } }],
    [{ selector: { matchLabels: { a: 'x' } } }],
  ],
  [
    'ratio',
    (i) => ratio(quantity(i.text), quantity(i.other)).gte(2).ifMissing(false),
    [{ text: '1', other: '500m' }],
    [{ text: '1', other: '0' }, {}],
  ],
  [
    'ratio',
    (i) => ratio(i.n, i.m).lt(1).ifMissing(true),
    [
      { n: 1, m: 3 },
      { n: 1, m: 0 },
    ],
    [{ n: 3, m: 3 }],
  ],
]

const pod = (name: string, namespace: string): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [] },
})
const others = [pod('a', 'x'), pod('b', 'x'), pod('a', 'y')]
const inventory: readonly Row[] = [
  ['list', () => cluster.list(pods).count().is(3), [{}], []],
  [
    'inNamespace',
    (i) => cluster.list(pods).inNamespace(i.text).count().is(2),
    [{ text: 'x' }],
    [{ text: 'y' }, {}],
  ],
  [
    'get',
    (i) => cluster.get(pods, { name: i.text, namespace: 'x' }).exists(),
    [{ text: 'b' }],
    [{ text: 'c' }, {}],
  ],
]

describe.each(
  Object.entries({
    values,
    texts,
    numbers,
    booleansAndScalars,
    unknowns,
    lists,
    mapsAndObjects,
    conditions,
    domains,
    inventory,
  }),
)('%s', (_, rows) => {
  it.each(rows)('%s', (_name, condition, holds, fails) => {
    const verdict = judged((input) => condition(input).deny({ message: 'it holds' }), others)
    for (const document of holds) expect([document, verdict(document)?.verdict]).toEqual([document, 'denied'])
    // some documents do not fit on purpose, and are then invalid instead of allowed
    for (const document of fails) expect([document, verdict(document)?.violations]).toEqual([document, []])
  })
})

describe('rules', () => {
  const things = [
    { name: 'a', size: 1 },
    { name: 'b', size: 2 },
  ]
  const said = (rule: (input: Input) => Rules, document: Json) =>
    judged(rule)(document)?.violations.map(({ at, message: m, code }) => [at, m, code])

  it('each, deny: of elements, with their index, in lists of rules', () => {
    const rule = (i: Input): Rules => [
      i.things.each((t, at) => [
        t.size
          .gt(1)
          .ifMissing(false)
          .deny({ message: message`${t.name} ${at}`, at: t.size, code: 'size' }),
      ]),
      i.list.deny((e) => ({ message: e, at: e })),
    ]
    expect(said(rule, { things, list: ['x'] })).toEqual([
      [['list', 0], 'x', '2'],
      [['things', 1, 'size'], 'b 1', 'size'],
    ])
  })

  it('onlyIf guards rules', () => {
    const rule = (i: Input): Rules =>
      onlyIf(
        i.on.is(true),
        i.things.deny((t) => ({ message: t.name, at: t })),
      )
    expect(said(rule, { things, on: true })).toHaveLength(2)
    expect(said(rule, { things })).toEqual([])
  })

  it('set and remove are fixes', () => {
    const verdict = judged((i) => [
      i.on.is(true).deny({ message: 'on', at: i.on, fix: set(i.on, false) }),
      i.text.exists().deny({ message: 'text', at: i.text, fix: remove(i.text) }),
    ])
    expect(verdict({ on: true, text: 'x' })?.violations.map(({ message: m }) => m)).toEqual(['on', 'text'])
  })
})

it('every operation that expressions have is judged here or by the policies of the trial', () => {
  const folder = new URL('../../packages/core/src/language/', import.meta.url)
  const operations = ['expression.ts', 'inventory.ts', 'rule.ts'].flatMap((file) =>
    [...readFileSync(new URL(file, folder), 'utf8').matchAll(/^ {2}([a-z]\w*)(?:<[^(]*>)?\(/gm)].map(
      ([, name]) => name as string,
    ),
  )
  const used = ['operations.test.ts', 'trial-policies.ts']
    .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
    .join('\n')
  expect(operations.length).toBeGreaterThan(80)
  expect(operations.filter((name) => name !== 'then' && !used.includes(`.${name}(`))).toEqual([])
})
