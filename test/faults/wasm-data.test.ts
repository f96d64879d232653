import * as opaWasm from '@open-policy-agent/opa-wasm'
import { emitWasm } from '@gatewright/compiler'
import { checkedIr } from '@gatewright/evaluator'
import { privilegedContainers } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { ModuleInstance } from '../../packages/evaluator/src/wasm/module-instance.js'
import { webAssembly } from '../../packages/evaluator/src/wasm/web-assembly.js'

// What hosts of OPA do with the heap of a module: parameters of data that is gone must not count.

interface Loaded {
  evaluate(
    input: unknown,
    entrypoint?: string | number,
  ): readonly { readonly result: { readonly verdict: string } }[]
  setData(data: unknown): void
}
const opa = (
  opaWasm as unknown as { readonly default: { loadPolicySync(bytes: Uint8Array, memory: object): Loaded } }
).default

const { bytes } = emitWasm([{ ir: checkedIr(privilegedContainers) }])
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'nginx', securityContext: { privileged: true } }] },
}
const exempting = {
  gatewright: { parameters: { [privilegedContainers.id]: { exemptImages: ['nginx*'] } } },
}
/** Data of another program, in a text of a certain length. */
const foreign = (length: number): object => ({ other: 'x'.repeat(length - '{"other":""}'.length) })

describe('E8: data that a host has replaced does not count', () => {
  it('also where the new data is in the very place of the old', () => {
    const loaded = opa.loadPolicySync(bytes, {})
    const verdict = (): string | undefined => loaded.evaluate(pod, 1)[0]?.result.verdict
    expect(verdict()).toBe('denied')
    loaded.setData(exempting)
    expect(verdict()).toBe('allowed')
    loaded.setData(foreign(JSON.stringify(exempting).length))
    expect(verdict()).toBe('denied')
    loaded.setData(exempting)
    expect(verdict()).toBe('allowed')
    loaded.setData({})
    expect(verdict()).toBe('denied')
  })
})

describe('E7: data that is set again and again', () => {
  const { id } = privilegedContainers
  const document = JSON.stringify(pod)
  const dataOf = (given: unknown): string => JSON.stringify({ gatewright: { parameters: { [id]: given } } })

  it('takes the place of the data before', () => {
    const instance = new ModuleInstance(new webAssembly.Module(bytes))
    const large = Array.from({ length: 20_000 }, (_, i) => `image-${i}-*`)
    for (let i = 0; i < 100; i++) {
      instance.setData(dataOf({ exemptImages: large }))
      expect(instance.judge(document)).toMatchObject([{ verdict: 'denied' }])
      instance.setData(dataOf({ exemptImages: ['nginx*'] }))
      expect(instance.judge(document)).toEqual([0])
      expect(() => instance.setData('{"gatewright":')).toThrow('the data document cannot be read')
      expect(instance.judge(document)).toMatchObject([{ verdict: 'denied' }])
    }
    expect(instance.memorySize).toBeLessThan(16 << 20)
  })

  it.each([[7], [[]], ['text'], [{ exemptImages: null }], [{ other: 1 }]])(
    'is an error where parameters are %j',
    (given) => {
      const instance = new ModuleInstance(new webAssembly.Module(bytes))
      instance.setData(dataOf(given))
      expect(instance.judge(document)).toMatchObject([
        { verdict: 'error', reasons: [{ code: 'invalid-parameters' }] },
      ])
    },
  )
})

interface Exports {
  opa_malloc(size: number): number
  opa_json_parse(address: number, size: number): number
  opa_heap_ptr_get(): number
  opa_heap_ptr_set(address: number): void
  opa_eval_ctx_new(): number
  opa_eval_ctx_set_input(context: number, value: number): void
  opa_eval_ctx_set_data(context: number, value: number): void
  opa_eval_ctx_set_entrypoint(context: number, entry: number): void
  opa_eval_ctx_get_result(context: number): number
  opa_json_dump(value: number): number
  eval(context: number): number
}

/** A host of the older kind, which has the input parsed like data. */
class SteppingHost {
  readonly #memory = new webAssembly.Memory({ initial: 8 })
  readonly #exports: Exports
  readonly #base: number

  constructor() {
    const abort = (): never => {
      throw new Error('aborted')
    }
    const { exports } = new webAssembly.Instance(new webAssembly.Module(bytes), {
      env: { memory: this.#memory, opa_abort: abort },
    })
    this.#exports = exports as Exports
    this.#base = this.#exports.opa_heap_ptr_get()
  }

  #parsed(value: unknown): number {
    const text = new TextEncoder().encode(JSON.stringify(value))
    const at = this.#exports.opa_malloc(text.length + 256)
    new Uint8Array(this.#memory.buffer).set(text, at)
    return this.#exports.opa_json_parse(at, text.length)
  }

  /** Without data where none is given. */
  verdict(input: unknown, data?: unknown): string {
    const { opa_heap_ptr_set: setHeap, ...all } = this.#exports
    setHeap(this.#base)
    const context = all.opa_eval_ctx_new()
    if (data !== undefined) all.opa_eval_ctx_set_data(context, this.#parsed(data))
    all.opa_eval_ctx_set_input(context, this.#parsed(input))
    all.opa_eval_ctx_set_entrypoint(context, 1)
    all.eval(context)
    const at = all.opa_json_dump(all.opa_eval_ctx_get_result(context))
    const memory = new Uint8Array(this.#memory.buffer)
    const text = new TextDecoder().decode(memory.subarray(at, memory.indexOf(0, at)))
    return (JSON.parse(text) as [{ readonly result: { readonly verdict: string } }])[0].result.verdict
  }
}

describe('E8: an input is never taken for data', () => {
  it.each([
    ['null', null],
    ['an empty object', {}],
    ['what looks like data', exempting],
    ['a pod with data in it', { ...pod, ...exempting }],
    ['an empty list', []],
  ])('%s', (_, input) => {
    const host = new SteppingHost()
    for (let i = 0; i < 3; i++) {
      host.verdict(input)
      expect(host.verdict(pod)).toBe('denied')
      expect(host.verdict({ ...pod, ...exempting })).toBe('denied')
      host.verdict(input, exempting)
      expect(host.verdict(pod, {})).toBe('denied')
      expect(host.verdict(pod, exempting)).toBe('allowed')
      expect(host.verdict(pod, null)).toBe('denied')
      expect(host.verdict(pod, foreign(JSON.stringify(exempting).length))).toBe('denied')
      expect(host.verdict({ ...pod, metadata: { name: 'x'.repeat(200) } })).toBe('denied')
    }
  })
})
