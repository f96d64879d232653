import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type {
  CallNode,
  EachNode,
  Json,
  Node,
  OperatorName,
  Review,
  RuleNode,
  VariableNode,
  Verdict,
} from '@gatewright/core'
import { describe, expect, it, vi } from 'vitest'
import type { RawVerdict } from '../../packages/evaluator/src/wasm/module-instance.js'
import { Compilation } from '../../packages/compiler/src/wasm/compilation.js'
import { differenceOf } from '../engines/decisions.js'
import { RandomPolicies, type RandomPolicy } from './random-policies.js'
import { plainTarget } from './random-targets.js'
import { type AskedWasm, compared, decisionFrom, documentOf, expectedOf, instanceOf } from './wasm-judged.js'

// The comparison of WebAssembly with the reference, compared itself: where a call of the runtime is left out, gives its first operand
// or has operands turned, it has to find a difference.

const policiesInAll = 800
const objectsEach = 30
const policiesEach = 150

const folder = fileURLToPath(new URL('../../packages/compiler/assembly', import.meta.url))

/** Functions that the runtime exports under another name than they have where they stand. */
const names: Readonly<Record<string, string>> = {
  digest: 'imageDigest',
  name: 'imageName',
  registry: 'imageRegistry',
  repository: 'imageRepository',
  tag: 'imageTag',
  within: 'imageWithin',
  wildcardProblem: 'wildcardFault',
}

/** The functions of the runtime: how many operands each takes, and whether it gives something. */
const signatures = new Map(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    // what patterns are made with has names of its own
    .filter((file) => file.endsWith('.ts') && !/(rune-sets|regexp|search|program|compile)\.ts$/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/^export function (\w+)\(([^)]*)\): (\w+)/gm),
    ])
    .map(([, name, operands, gives]) => [
      names[name as string] ?? (name as string),
      {
        arity:
          operands === '' ? 0 : (operands as string).split(',').filter((each) => each.trim() !== '').length,
        gives: gives !== 'void',
      },
    ]),
)

const right = Compilation.prototype.call

/** What is compiled with the faulty calls. */
function faulty<T>(call: (to: Compilation, name: string) => void, compile: () => T): T {
  const spy = vi.spyOn(Compilation.prototype, 'call').mockImplementation(function (this: Compilation, name) {
    call(this, name)
  })
  try {
    return compile()
  } finally {
    spy.mockRestore()
  }
}

type Fault = 'nothing' | 'first operand' | 'operands turned'

function wrongCall(to: Compilation, name: string, fault: Fault): void {
  const { code } = to
  const { arity, gives } = signatures.get(name) ?? { arity: 0, gives: false }
  if (fault === 'operands turned') {
    const last = code.local()
    const before = code.local()
    code.set(last)
    code.set(before)
    code.get(last)
    code.get(before)
    return right.call(to, name)
  }
  const kept = fault === 'first operand' ? 1 : 0
  for (let i = kept; i < arity; i++) code.op('drop')
  if (gives && kept === 0) code.constant(0)
}

const random = new RandomPolicies(3, { unknowns: false, reviews: true })
const objects = random.inventory()

interface Case {
  readonly policy: RandomPolicy['policy']
  readonly asked: AskedWasm
  readonly calls: ReadonlySet<string>
  readonly reviews: readonly Review[]
  /** What the reference says, made when first asked for. */
  verdicts?: readonly Verdict[]
}

const made = Array.from({ length: policiesInAll }, (): Omit<Case, 'calls'> => {
  const { policy, given, parameters, review } = random.next()
  const asked: AskedWasm = { given, parameters, objects, complete: random.chance(0.5), spelling: 1 }
  return { policy, asked, reviews: Array.from({ length: objectsEach }, review) }
})

const literal = (value: Json): Node => ({ kind: 'literal', value })
const call = (operator: OperatorName, ...operands: readonly Node[]): Node => ({
  kind: 'call',
  operator,
  arguments: operands,
})
const field = (
  of: Node,
  key: string,
  type: 'unknown' | 'number' | 'string' | 'list' | 'object' = 'unknown',
): Node => ({
  kind: 'field',
  of,
  key,
  type,
  vouched: false,
  required: false,
})
const input: Node = { kind: 'input', name: 'input' }
const variable = (id: number, index = false): VariableNode => ({
  kind: 'variable',
  id: index ? id + 1 : id,
  name: 'k',
  index,
  type: index ? 'number' : 'unknown',
  vouched: false,
})
const map = field(input, 'm', 'object')
const get = (key: Node): Node => ({ kind: 'get', of: map, key, type: 'unknown', vouched: false })
const decided = (of: Node): Node => ({ kind: 'decide', of: of as CallNode, missing: false, assumed: false })
const deny = (condition: Node, at?: Node): RuleNode => ({
  kind: 'deny',
  if: condition.kind === 'call' ? decided(condition) : condition,
  violation: { code: 'c', message: literal('no'), ...(at === undefined ? {} : { at }) },
})
const atEach = (id: number, list: Node): RuleNode => ({
  kind: 'each',
  list,
  element: variable(id),
  index: variable(id, true),
  rules: [deny(literal(true), get(variable(id)))],
})
const record: Node = {
  kind: 'record',
  fields: { a: call('plus', field(input, 'x', 'number'), literal(1)), b: field(input, 'y') },
}

/** What random policies come by too seldom: keys of one map in another, keys that are no texts, and records with a fault. */
const written: readonly (readonly RuleNode[])[] = [
  [atEach(1, { kind: 'keys', of: map })],
  [atEach(1, { kind: 'keys', of: field(input, 'n', 'object') })],
  [atEach(1, field(input, 'l', 'list'))],
  [deny(call('is', field({ kind: 'default', of: record, otherwise: literal({ b: 2 }) }, 'b'), literal(1)))],
  [
    deny(
      call(
        'is',
        field({ kind: 'when', cases: [{ if: literal(true), then: record }], otherwise: literal({}) }, 'b'),
        literal(1),
      ),
    ),
  ],
  [
    {
      ...(atEach(1, field(input, 'l', 'list')) as EachNode),
      rules: [
        deny(literal(true), { ...get(variable(1)), of: { kind: 'record', fields: { '7': map } } } as Node),
      ],
    },
  ],
  [deny(call('contains', field(input, 'l', 'list'), literal('a')))],
  [
    deny(
      call(
        'is',
        call('imageRef.digest', literal(`a@sha256:${'0'.repeat(64)}`)),
        literal(`sha256:${'0'.repeat(64)}`),
      ),
    ),
  ],
  [
    deny(
      call(
        'is',
        call(
          'join',
          { kind: 'list', items: [call('plus', field(input, 'x', 'number'), literal(1))] },
          literal(''),
        ),
        literal('2'),
      ),
    ),
  ],
  [
    {
      kind: 'onlyIf',
      if: decided(call('is', call('plus', field(input, 'x', 'number'), literal(1)), literal(2))),
      rules: [deny(call('matches', literal('a'), field(input, 'p', 'string')))],
    },
  ],
]
const writtenObjects: readonly Json[] = [
  { m: { a: 1, b: 2, '7': 3 }, n: { a: 1, c: null, d: 1 }, l: ['a', 7, null, true, 'z', ['a']], x: 1, y: 1 },
  { m: { a: 1 }, x: 2 ** 53, y: 1, p: '(' },
  { m: { a: 1 }, x: 2 ** 53, y: 2 },
  { m: 'text', n: { a: 1 }, l: ['a'] },
]

const cases: readonly Case[] = [
  ...written.map((rules): Omit<Case, 'calls'> => ({
    policy: {
      format: 'gatewright.ir/1',
      id: 'fuzz/written',
      title: 'A policy',
      severity: 'low',
      controls: {},
      target: plainTarget.ir,
      undeterminedDenies: false,
      rules,
    },
    asked: { given: {}, parameters: {}, objects: [], complete: true, spelling: 1 },
    reviews: writtenObjects.map((object) => ({ object, operation: 'CREATE' })),
  })),
  ...made,
].map((each): Case => {
  const calls = new Set<string>()
  faulty(
    (to, name) => {
      calls.add(name)
      right.call(to, name)
    },
    () => instanceOf(each.policy, each.asked),
  )
  return { ...each, calls }
})

it('what is written is judged as the reference does', () => {
  for (const { policy, asked, reviews } of cases.slice(0, written.length))
    for (const review of reviews) expect(compared(policy, asked, review).difference).toBeUndefined()
})

const called = [...new Set(cases.flatMap(({ calls }) => [...calls]))].sort()

/** Faults that are not tried, and why. */
const untried: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['cidrOverlaps', 'equals', 'is', 'sameAs', 'plus', 'times', 'quantityPlus', 'timestampPlus'].map(
      (name) => [`${name}: operands turned`, 'it does not matter which operand is the first'],
    ),
  ),
  'semver: nothing': 'a text that is read as if it were a version is read for minutes',
  'semver: first operand': 'a text that is read as if it were a version is read for minutes',
  'step: nothing': 'no random policy takes as many steps as it may; the tests of faults do',
}

const faults = called.flatMap((name): readonly (readonly [string, Fault])[] => {
  const { arity, gives } = signatures.get(name) ?? { arity: 0, gives: false }
  return [
    [name, 'nothing'] as const,
    ...(gives && arity > 0 ? [[name, 'first operand'] as const] : []),
    ...(arity > 1 ? [[name, 'operands turned'] as const] : []),
  ].filter(([each, fault]) => untried[`${each}: ${fault}`] === undefined)
})

it('the policies call functions that are known', () => {
  expect(called.length).toBeGreaterThan(60)
  expect(called.filter((name) => !signatures.has(name))).toEqual([])
})

describe('a wrong call is noticed', () => {
  it.each(faults)('of %s: %s', (name, fault) => {
    let tried = 0
    for (const each of cases) {
      if (!each.calls.has(name)) continue
      if (isNoticed(each, name, fault)) return
      if (++tried === policiesEach) break
    }
    expect.fail(`none of ${tried} policies shows the fault`)
  })
})

/** Whether the comparison finds that a module is not of the policy. One that is no module, and an evaluation that breaks off, are found too. */
function isNoticed(given: Case, name: string, fault: Fault): boolean {
  const { policy, asked, reviews } = given
  const verdicts = (given.verdicts ??= reviews.map((review) => expectedOf(policy, asked, review)))
  try {
    const instance = faulty(
      (to, each) => (each === name ? wrongCall(to, each, fault) : right.call(to, each)),
      () => instanceOf(policy, asked),
    )
    return reviews.some((review, i) => {
      const answer = instance?.judge(documentOf(review, asked))[0] as RawVerdict
      return differenceOf(verdicts[i] as Verdict, decisionFrom(answer)) !== undefined
    })
  } catch {
    return true
  }
}
