import { emitRego, emitRegoLibrary } from '@gatewright/compiler'
import {
  check,
  type CheckedPolicy,
  cloneJson,
  judge,
  type Json,
  type Node,
  type OperatorName,
  parseDecimal,
  type PolicyIr,
  type ReadType,
  type RuleNode,
  type Verdict,
  type Violation,
} from '@gatewright/core'
import { expect, it } from 'vitest'
import { readJson } from '../../packages/sources/src/json/read-json.js'
import { seeded } from '../fuzz/random-policies.js'
import { type Decision, differenceOf } from './decisions.js'
import { evaluated } from './opa.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 50_000)

const input: Node = { kind: 'input', name: 'input' }
const literal = (value: Json): Node => ({ kind: 'literal', value })
const call = (operator: OperatorName, ...operands: Node[]): Extract<Node, { kind: 'call' }> => ({
  kind: 'call',
  operator,
  arguments: operands,
})
const field = (key: string, type: ReadType): Node => ({
  kind: 'field',
  of: input,
  key,
  type,
  vouched: true,
  required: false,
})
const decided = (of: Extract<Node, { kind: 'call' }>, missing = false): Node => ({
  kind: 'decide',
  of,
  missing,
  assumed: false,
})
const variable = (id: number, name: string, type: ReadType) =>
  ({ kind: 'variable', id, name, index: false, type, vouched: true }) as const

/** A violation of a condition, which shows values. */
const deny = (
  code: string,
  condition: Node,
  details: Readonly<Record<string, Node>>,
  at?: Node,
): RuleNode => ({
  kind: 'deny',
  if: condition,
  violation: {
    code,
    ...(at === undefined ? {} : { at }),
    message: call(
      'message',
      ...Object.entries(details).flatMap(([name, each]) => [literal(` ${name} `), each]),
    ),
    details,
  },
})

const each = (list: Node, element: ReturnType<typeof variable>, rules: readonly RuleNode[]): RuleNode => ({
  kind: 'each',
  list,
  element,
  index: { ...element, id: element.id + 1, name: 'i', index: true, type: 'number', vouched: false },
  rules,
})

function policyOf(rules: readonly RuleNode[]): CheckedPolicy {
  const ir: PolicyIr = {
    format: 'gatewright.ir/1',
    id: 'test/values',
    title: 'Values',
    severity: 'low',
    controls: {},
    target: { name: 'thing', inputs: { input: { root: 'object', path: [] } } },
    undeterminedDenies: false,
    rules,
  }
  const result = check(ir)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result
}

/** Holds OPA's decisions to the reference's, order of violations included. Gives how often each verdict was there. */
function agree(ir: CheckedPolicy, objects: readonly Json[]): Readonly<Record<string, number>> {
  const module = emitRego({ ir })
  const files = [module, emitRegoLibrary([module])]
  return agreeWith(
    ir,
    objects,
    evaluated(files, { [module.package]: objects }, 'decision')[module.package] ?? [],
  )
}

function agreeWith(
  ir: CheckedPolicy,
  objects: readonly Json[],
  answers: readonly unknown[],
): Readonly<Record<string, number>> {
  const seen: Record<string, number> = {}
  for (const [i, object] of objects.entries()) {
    const copy = cloneJson(object)
    if ('problem' in copy) throw new Error(copy.problem.message)
    const verdict = judge(ir, {}, { object: copy.value })
    const decision = answers[i] as Decision | undefined
    const difference = differenceOf(verdict, decision)
    if (difference !== undefined)
      throw new Error(`${difference}\nhere ${shown(verdict)}\nOPA  ${shown(decision)}\n${shown(object)}`)
    const order = ({ violations }: { readonly violations: readonly unknown[] }): string =>
      shown(violations.map((violation) => [(violation as Decision['violations'][number] & { at: Json }).at]))
    expect(order(decision as Decision)).toBe(order(verdict))
    seen[verdict.verdict] = (seen[verdict.verdict] ?? 0) + 1
  }
  return seen
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))

it(`C6, D6: ${runs} texts of all of Unicode have one length, case, order and message (seed ${seed})`, () => {
  const random = seeded(seed)
  const edges = [
    ...[
      'a',
      'Z',
      'ß',
      'İ',
      'ı',
      'ſ',
      'K',
      'Σ',
      'ς',
      'é',
      'e\u0301',
      '\u0000',
      '\n',
      '\r',
      '\t',
      '\u007F',
      '\u0085',
    ],
    ...[
      '\u2028',
      '\u2029',
      '\uD7FF',
      '\uE000',
      '\uFEFF',
      '\uFF5E',
      '\uFFFD',
      '\uFFFF',
      '\u{10000}',
      '🔒',
      '👩‍👩‍👧',
    ],
    ...['\u{10FFFF}', '\uD800', '\uDFFF', '\uDC00\uD800', '%', '%s', '"', '\\', '<', '&', ' ', '/', '.'],
  ]
  const point = (): string => {
    if (random() < 0.6) return edges[Math.floor(random() * edges.length)] ?? ''
    return String.fromCodePoint(Math.floor(random() ** 2 * 0x110000))
  }
  const text = (): string => Array.from({ length: Math.floor(random() * 6) }, point).join('')
  const element = variable(0, 'text', 'string')
  const other = field('other', 'string')
  const ir = policyOf([
    each(field('texts', 'list'), element, [
      deny(
        'text',
        call('exists', element),
        {
          length: call('length', element),
          lower: call('lower', element),
          parts: call('split', element, literal('')),
          halves: call('split', element, other),
          rest: call('trimPrefix', element, other),
          joined: call('join', field('texts', 'list'), element),
          same: decided(call('equals', element, other)),
          begins: decided(call('startsWith', element, other)),
          ends: decided(call('endsWith', element, other)),
          includes: decided(call('includes', element, other)),
          one: decided(call('like', element, literal('?'))),
          two: decided(call('like', element, literal('?*?'))),
          point: decided(call('matches', element, literal('^.$'))),
          any: decided(call('matches', element, literal('(?s)^..$'))),
          letter: decided(call('matches', element, literal('(?i)^k$'))),
          it: element,
        },
        element,
      ),
    ]),
    each({ kind: 'keys', of: field('labels', 'object') }, variable(2, 'key', 'string'), [
      deny('key', decided(call('includes', variable(2, 'key', 'string'), literal('')), true), {
        key: variable(2, 'key', 'string'),
      }),
    ]),
    deny('keys', call('exists', field('labels', 'object')), {
      keys: { kind: 'keys', of: field('labels', 'object') },
      joined: call('join', { kind: 'keys', of: field('labels', 'object') }, literal(',')),
      distinct: { kind: 'distinct', list: field('texts', 'list') },
    }),
  ])
  const textsEach = 20
  const objects = Array.from({ length: runs / (textsEach * 2) }, (): Json => ({
    texts: Array.from({ length: textsEach }, text),
    other: random() < 0.5 ? point() : text(),
    labels: Object.fromEntries(Array.from({ length: textsEach }, () => [text(), 'x'])),
  }))
  expect(agree(ir, objects)).toEqual({ denied: objects.length })
})

/** Numbers as JSON may write them. */
const numbers = [
  ...[
    '0',
    '-0',
    '-0.0',
    '0.0',
    '0e0',
    '-0e5',
    '1',
    '1.0',
    '1e0',
    '10e-1',
    '0.1e1',
    '1.00',
    '-1',
    '-1.0',
    '2',
    '3',
    '1.5',
  ],
  ...[
    '0.1',
    '0.2',
    '0.3',
    '0.30000000000000004',
    '1e-7',
    '1e-400',
    '-1e-400',
    '1E2',
    '100',
    '1e+2',
    '9',
    '10',
    '80',
  ],
  ...['9007199254740991', '9007199254740992', '9007199254740993', '9007199254740993.0', '-9007199254740991'],
  ...[
    '-9007199254740992',
    '-9007199254740993',
    '9007199254740992.5',
    '9.007199254740993e15',
    '94906265',
    '94906266',
  ],
  ...[
    '-94906267',
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '-9223372036854775809',
  ],
  ...[
    '18446744073709551616',
    '1e18',
    '1e19',
    '1e21',
    '123456789012345678901234567890',
    '1e400',
    '-1e400',
    '1.5e400',
  ],
  ...['1.7976931348623157e308', '5e-324', '12345678.9', '1e20'],
]

it('C7: numbers of every spelling compare, add up and are shown the same, exactly or as an error', () => {
  const a = field('a', 'number')
  const b = field('b', 'number')
  const all = field('all', 'list')
  const comparisons = [
    'number.gt',
    'number.gte',
    'number.lt',
    'number.lte',
    'number.equals',
    'equals',
  ] as const
  const rules = (sums: boolean): readonly RuleNode[] => [
    ...comparisons.flatMap((operator) => [
      deny(operator, decided(call(operator, a, b)), { a, b }),
      deny(`not ${operator}`, { kind: 'not', of: decided(call(operator, a, b)) }, {}),
    ]),
    deny('between', decided(call('number.between', a, literal(-1), b)), {}),
    ...[0, 1, 9007199254740993n, 100, 1.5].map((value, i) =>
      deny(`is ${i}`, call('is', a, literal(value)), {}),
    ),
    deny('in', call('in', a, literal([1, 2, 9007199254740992n])), {}),
    deny('among', call('in', a, all), {}),
    deny('distinct', call('exists', a), { distinct: { kind: 'distinct', list: all } }),
    deny('text', call('exists', call('text', a, literal(' '), b)), {
      text: call('text', a, literal(' '), b),
    }),
    ...(['gt', 'lte'] as const).map((order) =>
      deny(`ratio ${order}`, decided(call(`ratio.${order}`, a, b, literal(1))), {}),
    ),
    ...(['gt', 'equals'] as const).map((order) =>
      deny(
        `quantity ${order}`,
        decided(call(`quantity.${order}`, call('quantity', a), call('quantity', b))),
        {},
      ),
    ),
    ...(sums
      ? [
          ...(['plus', 'minus', 'times'] as const).map((operator) =>
            deny(operator, call('exists', call(operator, a, b)), { result: call(operator, a, b) }),
          ),
          deny('sum', call('exists', call('sum', all)), { sum: call('sum', all) }),
        ]
      : []),
  ]
  // written as they are: what `evaluated` writes are the numbers that were read
  const pairs = numbers.flatMap((x) => numbers.map((y) => [x, y] as const))
  const written = pairs.map(([x, y]) => `{"a": ${x}, "b": ${y}, "all": [${y}, ${x}, 1.0, 1]}`)
  const number = (text: string): Json => parseDecimal(text) as Json
  const objects = pairs.map(([x, y]): Json => ({
    a: number(x),
    b: number(y),
    all: [number(y), number(x), 1, 1],
  }))
  // what a document may not have: our own reader refuses it, so that details with it cannot be read back
  const isBeyond = written.map((each) => readJson(each, 0).refusal !== undefined)
  const within = <T>(from: readonly T[]): readonly T[] => from.filter((_, i) => isBeyond[i] === false)
  for (const sums of [false, true]) {
    const ir = policyOf(rules(sums))
    const module = emitRego({ ir })
    const files = [module, emitRegoLibrary([module])]
    const driver = {
      path: 'written.rego',
      text: `package written\n\nimport rego.v1\n\ndecisions := [answer | some each in data.numbers.written; answer := data.${module.package}.decision with input as each]\n`,
    }
    const cases = { path: 'numbers/data.json', text: `{"written": [${written.join()}]}` }
    const [decisions] = evaluated([...files, driver, cases], { written: [{}] }, 'decisions')['written'] as [
      readonly unknown[],
    ]
    for (const [i, object] of objects.entries()) {
      const told = ({ violations }: Verdict | Decision): string =>
        shown(violations.map((each) => [(each as Violation).code, (each as Violation).message]))
      expect(told(decisions[i] as Decision), written[i]).toBe(told(judge(ir, {}, { object })))
    }
    const seen = agreeWith(ir, within(objects), within(decisions))
    expect(seen['denied'] ?? 0).toBeGreaterThan(500)
    expect((seen['error'] ?? 0) > 0, 'sums beyond 2^53').toBe(sums)
    console.log({ pairs: objects.length, beyond: isBeyond.filter(Boolean).length, ...seen })
  }
})

it('C7: quantities compare and add up exactly, where doubles would not tell them apart', () => {
  const wholes = [
    '',
    '0',
    '1',
    '1024',
    '9007199254740',
    '9007199254740992',
    '9007199254740993',
    '-9007199254740993',
  ]
  const fractions = ['', '.', '.5', '.1', '.10', '.10000001', '.100000010', '.123456789', '.0000000001']
  const suffixes = ['', 'm', 'n', 'k', 'Ki', 'Mi', 'Pi', 'e0', 'e10', 'e-9', 'E3']
  const all = wholes.flatMap((whole) =>
    fractions.flatMap((fraction) => suffixes.map((suffix) => `${whole}${fraction}${suffix}`)),
  )
  const [x, y] = [call('quantity', field('a', 'string')), call('quantity', field('b', 'string'))]
  const sum = call('quantity.plus', x, y)
  const ir = policyOf([
    ...(['gt', 'gte', 'lt', 'lte', 'equals'] as const).map((order) =>
      deny(order, decided(call(`quantity.${order}`, x, y)), {}),
    ),
    ...(['gt', 'equals'] as const).map((order) =>
      deny(`sum ${order}`, decided(call(`quantity.${order}`, sum, call('quantity.plus', y, y))), {}),
    ),
    deny('a', call('exists', x), {}),
    deny('b', call('exists', y), {}),
  ])
  // each beside those that are near it in the list, and beside some that are not
  const objects = all.flatMap((a, i) =>
    [0, 1, 2, suffixes.length, 2 * suffixes.length, 3 * suffixes.length, 97].map((step): Json => ({
      a,
      b: all[(i + step) % all.length] as string,
    })),
  )
  const seen = agree(ir, objects)
  console.log({ pairs: objects.length, ...seen })
  expect(seen['denied'] ?? 0).toBeGreaterThan(3_000)
  expect(seen['error'] ?? 0).toBeGreaterThan(0)
})

it(`times are compared and moved exactly, before and after each second (seed ${seed})`, () => {
  const random = seeded(seed)
  const one = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const day = (): string =>
    one([
      '0000-01-01',
      '0000-02-29',
      '0000-03-01',
      '0001-01-01',
      '1969-12-31',
      '1970-01-01',
      '2024-02-29',
      '2100-02-28',
      '9999-12-31',
    ])
  const time = (): string =>
    `${day()}T${one(['00:00:00', '12:30:59', '23:59:59'])}${one(['', '.5', '.25', '.999999999', '.000000001'])}${one(['Z', '+00:30', '-23:59'])}`
  const length = (): string =>
    `${one(['', '-'])}${one(['500ms', '1ns', '0.25s', '1s', '1.75s', '59m', '24h', '8784h', '999999999ns', '1h0.5s'])}`
  const [a, b] = [call('timestamp', field('a', 'string')), call('timestamp', field('b', 'string'))]
  const [d, e] = [call('duration', field('d', 'string')), call('duration', field('e', 'string'))]
  const orders = ['gt', 'gte', 'lt', 'lte', 'equals'] as const
  const ir = policyOf([
    ...orders.map((order) => deny(`time ${order}`, decided(call(`timestamp.${order}`, a, b)), {})),
    ...orders.map((order) =>
      deny(`later ${order}`, decided(call(`timestamp.${order}`, call('timestamp.plus', a, d), b)), {}),
    ),
    ...orders.map((order) =>
      deny(
        `both ${order}`,
        decided(call(`timestamp.${order}`, call('timestamp.plus', a, d), call('timestamp.plus', b, e))),
        {},
      ),
    ),
    ...orders.map((order) =>
      deny(`between ${order}`, decided(call(`duration.${order}`, call('timestamp.minus', a, b), d)), {}),
    ),
    deny('length', decided(call('duration.gt', d, e)), {}),
    deny('a', call('exists', a), {}),
  ])
  const objects = Array.from({ length: runs / 10 }, (): Json => {
    const from = time()
    return {
      a: from,
      b:
        random() < 0.5 ? from.replace(/\.\d+|(?=Z|[+-]\d\d:)/, one(['', '.5', '.75', '.000000001'])) : time(),
      d: length(),
      e: length(),
    }
  })
  expect(agree(ir, objects)['denied'] ?? 0).toBeGreaterThan(objects.length / 2)
})

it(`C8: violations stand in one order, whatever the order of rules and keys (seed ${seed})`, () => {
  const random = seeded(seed)
  const shuffled = <T>(from: readonly T[]): readonly T[] =>
    from
      .map((value) => ({ value, by: random() }))
      .sort((x, y) => x.by - y.by)
      .map(({ value }) => value)
  const item = variable(0, 'item', 'string')
  const key = variable(2, 'key', 'string')
  const shows = { message: call('message', item) }
  const labels = field('labels', 'object')
  const value: Node = { kind: 'get', of: labels, key, type: 'string', vouched: true }
  const rules: readonly RuleNode[] = [
    each(field('items', 'list'), item, [
      deny('same', call('exists', item), {}, item),
      deny('same', call('is', item, literal('twice')), {}, item),
      deny('a', call('exists', item), shows, item),
      deny('Z', call('exists', item), {}, item),
    ]),
    each({ kind: 'keys', of: labels }, key, [deny('key', call('exists', value), { value }, value)]),
    deny('whole', call('exists', labels), {}),
    deny('é', call('exists', labels), {}),
    deny('🔒', call('exists', labels), {}, labels),
    deny('～', call('exists', labels), {}, labels),
  ]
  const words = [
    '～',
    '🔒',
    'a',
    'B',
    'b',
    '',
    'aa',
    'ab',
    '10',
    '9',
    'é',
    '\uE000',
    '\u{10000}',
    'twice',
    '__proto__',
  ]
  const orders = new Map<string, Set<string>>()
  for (let round = 0; round < 20; round++) {
    const ir = policyOf(shuffled(rules))
    const module = emitRego({ ir })
    const objects = Array.from({ length: 10 }, (_, i): Json => {
      const items = Array.from(
        { length: 8 + (i % 5) },
        (__, j) => words[(i + j * 7) % words.length] as string,
      )
      return {
        items,
        labels: Object.fromEntries(shuffled(words).map((word) => [word, word.length % 2 === 0 ? 'x' : 'y'])),
      }
    })
    expect(agree(ir, objects)).toEqual({ denied: 10 })
    const answers = evaluated([module, emitRegoLibrary([module])], { [module.package]: objects }, 'decision')
    for (const [i, decision] of (answers[module.package] as readonly Decision[]).entries()) {
      const texts = orders.get(`${i}`) ?? new Set()
      orders.set(`${i}`, texts.add(shown(decision.violations)))
    }
  }
  // the same violations in the same order from every order of the rules
  expect([...orders.values()].map(({ size }) => size)).toEqual(Array.from({ length: 10 }, () => 1))
})
