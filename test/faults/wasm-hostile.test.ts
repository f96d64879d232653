import { emitWasm } from '@gatewright/compiler'
import {
  canonicalText,
  type CheckedPolicy,
  judge,
  type Json,
  type Node,
  type RuleNode,
  type VariableNode,
} from '@gatewright/core'
import { javascriptEngine } from '@gatewright/evaluator'
import { describe, expect, it } from 'vitest'
import { parseExact } from '../../packages/evaluator/src/wasm/exact-json.js'
import { ModuleInstance, type RawVerdict } from '../../packages/evaluator/src/wasm/module-instance.js'
import { webAssembly } from '../../packages/evaluator/src/wasm/web-assembly.js'
import { checked } from '../engines/rego-judged.js'

// Documents that are made to be slow, or to be read otherwise than they are written.

const list: Node = {
  kind: 'field',
  of: { kind: 'input', name: 'input' },
  key: 'l',
  type: 'list',
  vouched: false,
  required: false,
}
const literal = (value: Json): Node => ({ kind: 'literal', value })
const policyOf = (...rules: readonly RuleNode[]): CheckedPolicy =>
  checked({
    format: 'gatewright.ir/1',
    id: 'test/hostile',
    title: 'A policy',
    severity: 'low',
    controls: {},
    target: { name: 'document', inputs: { input: { root: 'object', path: [] } } },
    undeterminedDenies: false,
    rules,
  })
const instanceOf = (ir: CheckedPolicy): ModuleInstance =>
  new ModuleInstance(new webAssembly.Module(emitWasm([{ ir }]).bytes))

/** Denies with what a list of the document comes to as a detail. */
const shown = (of: Node): CheckedPolicy =>
  policyOf({
    kind: 'deny',
    if: literal(true),
    violation: { code: 'c', message: literal('no'), details: { of } },
  })

describe('E2: equal elements among many are found at once', () => {
  const many = 100_000
  const kinds: readonly (readonly [string, (i: number) => Json])[] = [
    ['texts', (i) => `t${i}`],
    ['numbers', (i) => i * 1.5],
    ['objects', (i) => ({ b: i, a: 'x' })],
    ['lists', (i) => [i, null, 'x']],
  ]
  it.each(kinds)('%s', (_, make) => {
    const items = [
      ...Array.from({ length: many }, (__, i) => make(many - i)),
      make(7),
      make(many),
      null,
      null,
    ]
    const text = JSON.stringify({ l: items })
    const started = performance.now()
    const [raw] = instanceOf(shown({ kind: 'duplicates', list })).judge(text)
    const [other] = instanceOf(shown({ kind: 'distinct', list })).judge(text)
    expect(performance.now() - started).toBeLessThan(10_000)
    const review = { object: JSON.parse(text) as Json, operation: 'CREATE' } as const
    const compiled = javascriptEngine.prepare(shown({ kind: 'duplicates', list })).judge({}, review)
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(compiled.violations[0]?.details['of']).toEqual([make(7), make(many)])
    expect(detailOf(raw)).toEqual([make(7), make(many)])
    expect(detailOf(other)).toEqual(items.slice(0, many))
  })

  it('as the reference finds them, whatever they are', () => {
    const items: readonly Json[] = [
      1,
      '1',
      true,
      'a',
      null,
      [1],
      { a: 1, b: [] },
      { a: 1 },
      false,
      [],
      {},
      10,
      [[]],
    ]
    const spelled = `{"l":[1.0,{"b":[],"a":10e-1},1,"\\u0061",[1e0],0,-0,0.0,false,${JSON.stringify(items).slice(1, -1)},{"b":[],"a":1},[1],[null],[],100000000000000000000,1e20,1E+20]}`
    for (const kind of ['duplicates', 'distinct'] as const) {
      const ir = shown({ kind, list })
      const expected = judge(ir, {}, { object: parseExact(spelled), operation: 'CREATE' })
      const [raw] = instanceOf(ir).judge(spelled)
      expect(canonicalText(detailOf(raw) as Json)).toBe(
        canonicalText(expected.violations[0]?.details['of'] as Json),
      )
    }
  })
})

describe('E2: equal violations among many are one, at once', () => {
  const element: VariableNode = {
    kind: 'variable',
    id: 1,
    name: 'k',
    index: false,
    type: 'unknown',
    vouched: false,
  }
  const deny = (details: Readonly<Record<string, Node>>): RuleNode => ({
    kind: 'each',
    list,
    element,
    index: { ...element, id: 2, index: true, type: 'number' },
    rules: [{ kind: 'deny', if: literal(true), violation: { code: 'c', message: literal('no'), details } }],
  })
  const ir = policyOf(
    deny({ x: element, y: literal([1]) }),
    deny({ y: literal([1]), x: element }),
    deny({ x: element }),
  )

  it('where they differ in their details alone', () => {
    const text = JSON.stringify({ l: [...Array.from({ length: 30_000 }, (_, i) => `t${i}`), 't7'] })
    const started = performance.now()
    const [raw] = instanceOf(ir).judge(text)
    expect(performance.now() - started).toBeLessThan(5000)
    expect(raw === 0 ? 0 : raw?.violations.length).toBe(60_000)
  })

  it('in the order of the reference', () => {
    const object: Json = { l: ['b', 'a', null, 'b', 1, { a: 1, b: 2 }, 'a', { b: 2, a: 1 }, [1], [1]] }
    const [raw] = instanceOf(ir).judge(JSON.stringify(object))
    const expected = judge(ir, {}, { object, operation: 'CREATE' }).violations
    const shown = (violations: readonly { readonly details: unknown }[]): string =>
      canonicalText(violations.map(({ details }) => details as Json))
    expect(raw === undefined || raw === 0 ? '' : shown(raw.violations)).toBe(shown(expected))
  })
})

const detailOf = (raw: RawVerdict | undefined): unknown =>
  raw === undefined || raw === 0 ? undefined : raw.violations[0]?.details['of']
