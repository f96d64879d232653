import { describe, expect, it } from 'vitest'
import { Dice } from '../fuzz/dice.js'
import { canonical, layOut, randomDocument } from './documents.js'
import { Runtime, buildRuntime, variants } from './runtime.js'

const files = ['json/read', 'json/write', 'abi', 'cells', 'entries']
const [OK, INVALID_TYPE, INVALID_PATH] = [0, 2, 3] as const

describe.each(variants)("the functions that OPA's hosts call (%s)", (variant) => {
  const module = buildRuntime(files, variant)

  const start = (): Runtime => new Runtime(module)

  const parse = (runtime: Runtime, text: string): number => {
    const bytes = Buffer.from(text)
    const at = runtime.call('opa_malloc', bytes.length)
    runtime.bytes.set(bytes, at)
    return runtime.call('opa_json_parse', at, bytes.length)
  }

  const dump = (runtime: Runtime, value: number): string => runtime.text(runtime.call('opa_json_dump', value))

  it('reads and writes texts, one after the other', () => {
    const runtime = start()
    const dice = new Dice(1)
    const documents = Array.from({ length: 200 }, () => randomDocument(dice))
    const values = documents.map((document) => parse(runtime, layOut(dice, document)))
    for (let time = 0; time < 2; time++) {
      expect(values.map((value) => dump(runtime, value))).toEqual(documents.map(canonical))
    }
  })

  it('tells null from what is no JSON', () => {
    const runtime = start()
    expect(parse(runtime, 'null')).not.toBe(0)
    expect(dump(runtime, parse(runtime, ' null '))).toBe('null')
    expect(runtime.call('fromHost', parse(runtime, 'null'))).toBe(0)
    expect(runtime.call('toHost', 0)).toBe(parse(runtime, 'null'))
    for (const scalar of ['true', 'false', '0', '""', '[]', '{}']) {
      const value = parse(runtime, scalar)
      expect(dump(runtime, value)).toBe(scalar)
      expect(runtime.call('fromHost', value)).toBe(value)
    }
    for (const text of ['', ' ', 'nul', '{', '{}{}', '[1,]', '\uFEFF1', '{1}', 'set()']) {
      expect(parse(runtime, text), text).toBe(0)
    }
    expect(runtime.call('opa_json_parse', 0xfffffff0, 8)).toBe(0)
    expect(runtime.call('opa_json_parse', 0xfffffff0, 80)).toBe(0)
  })

  it('reads a text that ends where memory does', () => {
    for (const text of ['"x"', '[1]', '{"a":[true,{"b":"\\n"}]}', '7', '"', '[']) {
      const runtime = start()
      const at = runtime.memory.buffer.byteLength - text.length
      runtime.bytes.set(Buffer.from(text), at)
      runtime.call('opa_heap_ptr_set', at + text.length)
      const value = runtime.call('opa_value_parse', at, text.length)
      if (text.length === 1 && text !== '7') expect(value).toBe(0)
      else expect(dump(runtime, value)).toBe(text)
    }
  })

  it("writes a value with blanks as OPA's own form has them", () => {
    const runtime = start()
    const value = parse(runtime, '{"b":[1,2,"a:,"],"a":{}}')
    expect(runtime.text(runtime.call('opa_value_dump', value))).toBe('{"a": {}, "b": [1, 2, "a:,"]}')
    expect(dump(runtime, value)).toBe('{"a":{},"b":[1,2,"a:,"]}')
  })

  it('escapes what has to be escaped, and nothing else', () => {
    const runtime = start()
    const all =
      Array.from({ length: 0x80 }, (_, point) => String.fromCodePoint(point)).join('') + '\u2028\u2029é😀'
    expect(dump(runtime, runtime.string(all))).toBe(JSON.stringify(all))
    expect(dump(runtime, parse(runtime, '"<>&\\u003c\\u2028\\/"'))).toBe('"<>&<\u2028/"')
  })

  it('writes integers', () => {
    const runtime = start()
    const write = (runtime as unknown as { call(name: string, value: bigint): void }).call.bind(runtime)
    const values = [0n, 1n, -1n, 9n, 10n, -10n, 99n, 100n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)]
    for (const value of values) {
      runtime.call('begin')
      write('writeInteger', value)
      expect(runtime.text(runtime.call('finish'))).toBe(String(value))
    }
  })

  it('writes more than memory had room for', () => {
    const runtime = start()
    const text = JSON.stringify(
      Array.from({ length: 20_000 }, (_, i) => ({ [`k\n${i}`]: 'é'.repeat(i % 40) })),
    )
    const value = parse(runtime, text)
    for (let i = 0; i < 3; i++) expect(dump(runtime, value)).toBe(text)
  })

  it('sets values in data, and takes them out', () => {
    const runtime = start()
    const data = parse(runtime, '{"a":{"b":1},"n":null,"l":[1],"\\u0061b":2}')
    const add = (path: unknown, value: string): number =>
      runtime.call('opa_value_add_path', data, parse(runtime, JSON.stringify(path)), parse(runtime, value))
    const remove = (path: unknown): number =>
      runtime.call('opa_value_remove_path', data, parse(runtime, JSON.stringify(path)))
    const shown = (): unknown => JSON.parse(dump(runtime, data))
    expect(add(['a', 'b'], '{"c":[]}')).toBe(OK)
    expect(add(['x', 'y\n', 'z'], 'null')).toBe(OK)
    expect(add(['x', 'y\n', 'w'], 'true')).toBe(OK)
    expect(add(['ab'], '3')).toBe(OK)
    const expected = {
      a: { b: { c: [] } },
      n: null,
      l: [1],
      ab: 3,
      x: { 'y\n': { z: null, w: true } },
    }
    expect(shown()).toEqual(expected)
    expect(add(['n', 'x'], '1')).toBe(INVALID_TYPE)
    expect(add(['l', '0'], '1')).toBe(INVALID_TYPE)
    expect(add(['a', 'b', 'c', 'd'], '1')).toBe(INVALID_TYPE)
    for (const path of [[], 'a', [1], ['a', null], null, {}]) {
      expect(add(path, '1')).toBe(INVALID_PATH)
      expect(remove(path)).toBe(INVALID_PATH)
    }
    expect(runtime.call('opa_value_add_path', 0, parse(runtime, '["a"]'), data)).toBe(INVALID_TYPE)
    expect(shown()).toEqual(expected)
    for (const path of [['y'], ['y', 'z'], ['l', '0'], ['n', 'x'], ['a', 'c']]) expect(remove(path)).toBe(OK)
    expect(shown()).toEqual(expected)
    expect(remove(['x', 'y\n', 'z'])).toBe(OK)
    expect(remove(['a', 'b'])).toBe(OK)
    expect(remove(['l'])).toBe(OK)
    expect(shown()).toEqual({ a: {}, n: null, ab: 3, x: { 'y\n': { w: true } } })
  })

  it('keeps what an evaluation is called with', () => {
    const runtime = start()
    const context = runtime.call('opa_eval_ctx_new')
    expect(runtime.call('opa_eval_ctx_get_result', context)).toBe(0)
    runtime.call('opa_eval_ctx_set_input', context, 11)
    runtime.call('opa_eval_ctx_set_data', context, 12)
    runtime.call('opa_eval_ctx_set_entrypoint', context, 13)
    const word = (offset: number): number => runtime.view.getUint32(context + offset, true)
    expect([0, 4, 8, 12].map(word)).toEqual([11, 12, 0, 13])
    runtime.view.setUint32(context + 8, 14, true)
    expect(runtime.call('opa_eval_ctx_get_result', context)).toBe(14)
  })

  it('sets the heap back', () => {
    const runtime = start()
    expect(runtime.call('opa_malloc', 0) % 8).toBe(0)
    const base = runtime.call('opa_heap_ptr_get')
    const value = parse(runtime, '[1,2]')
    expect(runtime.call('opa_heap_ptr_get')).toBeGreaterThan(base)
    for (const name of ['opa_heap_blocks_stash', 'opa_heap_stash_clear', 'opa_heap_blocks_restore'])
      runtime.call(name)
    for (const name of ['opa_free', 'opa_value_free']) runtime.call(name, value)
    expect(dump(runtime, value)).toBe('[1,2]')
    runtime.call('opa_heap_ptr_set', base)
    expect(runtime.call('opa_heap_ptr_get')).toBe(base)
  })
})
