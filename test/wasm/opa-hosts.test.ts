import * as opaWasm from '@open-policy-agent/opa-wasm'
import { emitWasm, type WasmPolicy } from '@gatewright/compiler'
import { judge, type Json, policiesOf, readParameters, type Policy, type Verdict } from '@gatewright/core'
import { checkedIr, evaluator, javascriptEngine, referenceEngine, wasmEngine } from '@gatewright/evaluator'
import { podSecurity } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { normalizeJson } from '../../packages/evaluator/src/normalize.js'
import { OpaWasmWitness } from '../../packages/evaluator/src/opa-wasm/index.js'
import { compiled } from '../../packages/evaluator/src/wasm/engine.js'
import { type Decision, differenceOf } from '../engines/decisions.js'
import { randomObjects } from '../engines/random-objects.js'
import * as trial from '../language/trial-policies.js'

interface Loaded {
  readonly minorVersion: number
  readonly entrypoints: Readonly<Record<string, number>>
  evaluate(input: unknown, entrypoint?: string | number): readonly { readonly result: unknown }[]
  setData(data: unknown): void
}

interface OpaWasm {
  loadPolicy(bytes: Uint8Array, memory?: object): Promise<Loaded>
  loadPolicySync(bytes: Uint8Array, memory?: object): Loaded
}

const opa = (opaWasm as unknown as { readonly default: OpaWasm }).default
const objects = randomObjects(21, Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 150))
const trials = Object.values(trial)
  .filter((each): each is Policy => 'ir' in Object(each))
  .filter((each) => 'parameters' in readParameters(each))
const all = policiesOf([podSecurity, ...trials])
const said = all.filter((each) => compiled([checkedIr(each)]) !== undefined)
const policies = said.map((each): WasmPolicy => ({ ir: checkedIr(each) }))

const parametersOf = (of: Policy): Json => {
  const read = readParameters(of)
  if (!('parameters' in read)) throw new Error(`parameters of ${of.id}`)
  return read.parameters
}

const data = {
  gatewright: {
    parameters: Object.fromEntries(
      said.filter(({ ir }) => ir.parameters !== undefined).map((each) => [each.id, parametersOf(each)]),
    ),
  },
}

function expected(of: Policy, object: Json): Verdict {
  const normalized = normalizeJson(object)
  if ('problem' in normalized) return { verdict: 'error', violations: [], reasons: [normalized.problem] }
  return judge(of.ir, parametersOf(of), normalized.review)
}

function agrees(loaded: Loaded, of: Policy, entry: string | number): void {
  for (const object of objects) {
    for (const input of [object, bufferOf(JSON.stringify(object))]) {
      const results = loaded.evaluate(input, entry)
      expect(results.length).toBe(1)
      const difference = differenceOf(expected(of, object), results[0]?.result as Decision)
      expect(difference, `${of.id} ${JSON.stringify(object)}`).toBeUndefined()
    }
  }
}

const bufferOf = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer

it('most policies can be said', () => {
  expect(said.length).toBeGreaterThan(all.length - 6)
})

describe.each([
  ['at once', (bytes: Uint8Array, memory: object) => opa.loadPolicySync(bytes, memory)],
  ['asynchronously', (bytes: Uint8Array, memory: object) => opa.loadPolicy(bytes, memory)],
])('opa-wasm as it is, loading %s', (_, load) => {
  it.each(said.map((each) => [each.id, each] as const))('a module of %s', async (__, of) => {
    const { bytes, entryPoints } = emitWasm([{ ir: checkedIr(of) }])
    const loaded = await load(bytes, { initial: 2 })
    expect(Object.keys(loaded.entrypoints)).toEqual(entryPoints)
    loaded.setData(data)
    agrees(loaded, of, entryPoints[1] as string)
  })

  it('one module of all', async () => {
    const { bytes, entryPoints } = emitWasm(policies)
    const loaded = await load(bytes, {})
    loaded.setData(data)
    for (const object of objects) {
      const results = loaded.evaluate(object) as readonly {
        readonly result: readonly (Decision & { readonly policy: string })[]
      }[]
      expect(results[0]?.result.map(({ policy }) => policy)).toEqual(said.map(({ id }) => id))
      for (const [i, of] of said.entries())
        expect(differenceOf(expected(of, object), results[0]?.result[i])).toBeUndefined()
    }
    for (const [i, of] of said.slice(0, 5).entries()) agrees(loaded, of, entryPoints[i + 1] as string)
  })

  it('as an older host does, step by step', async () => {
    const { bytes, entryPoints } = emitWasm(policies)
    const loaded = await load(withMinorVersion(bytes, 1), {})
    expect(loaded.minorVersion).toBe(1)
    loaded.setData(data)
    for (const [i, of] of said.entries()) agrees(loaded, of, entryPoints[i + 1] as string)
  })
})

it('opa-wasm as it is, with other data from one evaluation to the next', () => {
  const privileged = said.find(({ id }) => id === 'pod-security/privileged-containers') as Policy
  const { bytes, entryPoints } = emitWasm([{ ir: checkedIr(privileged) }])
  const loaded = opa.loadPolicySync(bytes)
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    spec: { containers: [{ name: 'c', image: 'nginx', securityContext: { privileged: true } }] },
  }
  const verdict = (): unknown =>
    (loaded.evaluate(pod, entryPoints[1] as string)[0]?.result as Decision | undefined)?.verdict
  const exempting = (exemptImages: unknown, more: object = {}): object => ({
    gatewright: { parameters: { [privileged.id]: { exemptImages } } },
    ...more,
  })
  for (let i = 0; i < 50; i++) {
    loaded.setData(exempting([]))
    expect(verdict()).toBe('denied')
    loaded.setData(exempting(['nginx'], { large: 'x'.repeat(10_000 * (i % 7)) }))
    expect(verdict()).toBe('allowed')
    loaded.setData(exempting(7))
    expect(verdict()).toBe('error')
    loaded.setData({})
    expect(verdict()).toBe('denied')
  }
})

it('four ways to one verdict: the reference, JavaScript, WebAssembly as objects and as text, opa-wasm', () => {
  const witness = new OpaWasmWitness()
  const plain = evaluator(all, { engine: referenceEngine })
  const others = [javascriptEngine, wasmEngine, witness.engine].map((engine) => evaluator(all, { engine }))
  for (const object of objects) {
    const verdicts = plain.evaluate(object)
    for (const other of others) expect(other.evaluate(object)).toEqual(verdicts)
    expect(evaluated.evaluateText(JSON.stringify(object))).toEqual(verdicts)
  }
  expect(witness.denied).toBe(0)
  expect(witness.asked).toBeGreaterThan(objects.length * 10)
})

const evaluated = evaluator(all)

/** A copy of a module that says that it has an older minor version of the ABI. */
function withMinorVersion(bytes: Uint8Array, version: number): Uint8Array {
  const copy = bytes.slice()
  let at = 0
  const number = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = copy[at++] as number
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const sections = new Map<number, number>()
  for (at = 8; at < copy.length;) {
    const id = copy[at++] as number
    const size = number()
    sections.set(id, at)
    at += size
  }
  at = sections.get(7) as number
  let index: number | undefined
  for (let left = number(); left > 0; left--) {
    const size = number()
    const name = Buffer.from(copy.subarray(at, at + size)).toString()
    at += size + 1
    const exported = number()
    if (name === 'opa_wasm_abi_minor_version') index = exported
  }
  at = sections.get(6) as number
  number()
  for (let left = index as number; left > 0; left--) {
    at += 3
    while ((copy[at++] as number) >= 0x80);
    at++
  }
  expect([...copy.subarray(at, at + 5)]).toEqual([0x7f, 0, 0x41, 3, 0x0b])
  copy[at + 3] = version
  return copy
}
