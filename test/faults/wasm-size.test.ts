import { emitWasm, WasmUnsupported } from '@gatewright/compiler'
import type { CheckedPolicy, Json, Node, RuleNode } from '@gatewright/core'
import { wasmEngine } from '@gatewright/evaluator'
import { describe, expect, it } from 'vitest'
import { ModuleInstance } from '../../packages/evaluator/src/wasm/module-instance.js'
import { webAssembly } from '../../packages/evaluator/src/wasm/web-assembly.js'
import { checked } from '../engines/rego-judged.js'

// Policies at the limits of size: what does not fit is refused at once, with its name, and judged by JavaScript.

const literal = (value: Json): Node => ({ kind: 'literal', value })
const a: Node = {
  kind: 'field',
  of: { kind: 'input', name: 'input' },
  key: 'a',
  type: 'unknown',
  vouched: false,
} as Node
const isOne = (value: Json, of: Node = a): Node => ({
  kind: 'decide',
  of: { kind: 'call', operator: 'is', arguments: [of, literal(value)] },
  missing: false,
  assumed: false,
})
const deny = (condition: Node, code = 'c'): RuleNode => ({
  kind: 'deny',
  if: condition,
  violation: { code, message: literal('no') },
})
const policyOf = (id: string, ...rules: readonly RuleNode[]): CheckedPolicy =>
  checked({
    format: 'gatewright.ir/1',
    id,
    title: 'A large policy',
    severity: 'low',
    controls: {},
    target: { name: 'document', inputs: { input: { root: 'object', path: [] } } },
    undeterminedDenies: false,
    rules,
  })

/** A condition that is twice as large with each level when its shared parts are written out. */
function doubled(levels: number): Node {
  let all = isOne(1)
  for (let i = 0; i < levels; i++)
    all = { kind: 'or', any: [all, { kind: 'and', all: [all, isOne(i)] }] } as Node
  return all
}

/** A value that is. */
function doubledValue(levels: number): Node {
  let all = a
  for (let i = 0; i < levels; i++)
    all = {
      kind: 'when',
      cases: [{ if: isOne(i, all), then: all }],
      otherwise: all,
    } as Node
  return all
}

const texts = Array.from({ length: 20_000 }, (_, i) => `registry.example.com/some/image-${i}`)

describe('E2: what is too large is refused, at once and by name', () => {
  const large: Readonly<Record<string, () => CheckedPolicy>> = {
    'a condition that doubles 40 times': () => policyOf('test/large', deny(doubled(40))),
    'a value that triples 40 times': () => policyOf('test/large', deny(isOne(1, doubledValue(40)))),
    'many rules': () =>
      policyOf('test/large', ...Array.from({ length: 10_000 }, (_, i) => deny(isOne(i), `c${i}`))),
    'more texts than a module holds': () => policyOf('test/large', deny(isOne(texts))),
  }
  it.each(Object.keys(large))('%s', (name) => {
    const ir = large[name]?.() as CheckedPolicy
    const started = performance.now()
    let refusal: unknown
    try {
      emitWasm([{ ir }])
    } catch (error) {
      refusal = error
    }
    expect(refusal instanceof WasmUnsupported && refusal.message).toMatch(
      /^policy `test\/large` cannot be compiled to WebAssembly: its .* (?:are too large|are more than a module holds)/,
    )
    // a generous part of what it would take to write all out
    expect(performance.now() - started).toBeLessThan(5000)
    const asked = name === 'many rules' ? 9999 : texts
    if (name.startsWith('m'))
      expect(wasmEngine.prepare(ir).judge({}, { object: { a: asked }, operation: 'CREATE' }).verdict).toBe(
        'denied',
      )
  })

  it('the policy with which a module is full is named', () => {
    const policies = Array.from({ length: 40 }, (_, i) =>
      policyOf(`test/p${i}`, deny(isOne(texts.slice(i * 500, i * 500 + 500)))),
    )
    expect(() => emitWasm(policies.map((ir) => ({ ir })))).toThrow(WasmUnsupported)
    expect(() => emitWasm(policies.map((ir) => ({ ir })))).toThrow(/policy `test\/p[0-9]+` cannot/)
  })

  it('a thousand policies are judged in one module', () => {
    const policies = Array.from({ length: 1000 }, (_, i) => policyOf(`test/p${i}`, deny(isOne(i))))
    const { bytes } = emitWasm(policies.map((ir) => ({ ir })))
    const instance = new ModuleInstance(new webAssembly.Module(bytes))
    for (const asked of [0, 999, 500]) {
      const verdicts = instance.judge(JSON.stringify({ a: asked }))
      expect(verdicts.flatMap((each, i) => (each === 0 ? [] : [i]))).toEqual([asked])
      expect(instance.judge(JSON.stringify({ a: asked }), asked + 1)).toMatchObject([{ verdict: 'denied' }])
    }
  })
})
