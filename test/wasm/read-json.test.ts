import { parseDecimal } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { Dice } from '../fuzz/dice.js'
import {
  canonical,
  isDocument,
  layOut,
  mutate,
  project,
  randomDocument,
  randomNumber,
  randomTrie,
} from './documents.js'
import { type Trie, Runtime, buildRuntime, variants } from './runtime.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 1500)

const files = ['json/read', 'json/write', 'abi', 'cells', 'entries']
const everything: Trie = { whole: true }
const nothing = 0

const [EMPTY, TRUNCATED, UNEXPECTED, TRAILING, EXPONENT] = [1, 2, 3, 4, 5] as const
const [CONTROL, BAD_ESCAPE, BAD_UTF8, TOO_DEEP, MARK] = [6, 7, 8, 9, 10] as const

/** What reading says of documents that may be broken where it skips: the same in each variant. */
const said: unknown[] = []

describe.each(variants)('the JSON reader (%s)', (variant) => {
  const module = buildRuntime(files, variant)
  const runtime = new Runtime(module)
  const whole = runtime.trie(everything)
  runtime.keep()

  /** What is read, as the runtime writes it, or the problem and its offset. */
  const readAt = (at: number, size: number, node: number): string | readonly [number, number] => {
    const value = runtime.call('readProjected', at, at + size, node)
    const problem = runtime.global('problem')
    if (problem === 0) return runtime.text(runtime.call('opa_json_dump', value))
    expect(value).toBe(0)
    return [problem, runtime.global('problemAt')]
  }

  let last: { readonly trie: Trie | 0; readonly node: number; readonly heap: number } = {
    trie: nothing,
    node: 0,
    heap: runtime.global('heap'),
  }

  const read = (text: string | Uint8Array, trie: Trie | 0, offset = 0, around = 0x7d) => {
    if (trie === last.trie) runtime.call('setHeap', last.heap)
    else {
      runtime.reset()
      const node = trie === nothing ? 0 : trie === everything ? whole : runtime.trie(trie)
      last = { trie, node, heap: runtime.global('heap') }
    }
    const { node } = last
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    const at = runtime.place(bytes, offset, around)
    const result = readAt(at, bytes.length, node)
    // what is before the text is never written to
    const before = Buffer.from(runtime.memory.buffer, at - 64, 64)
    if (!before.every((byte) => byte === around)) expect(before).toEqual(Buffer.alloc(64, around))
    return result
  }

  const strictly = <T>(act: () => T): T => {
    runtime.call('setStrict', 1)
    try {
      return act()
    } finally {
      runtime.call('setStrict', 0)
    }
  }

  it(`reads what a trie wants of random documents (${runs} documents, seed ${seed})`, () => {
    const dice = new Dice(seed)
    for (let i = 0; i < runs; i++) {
      const document = randomDocument(dice)
      const trie = randomTrie(dice)
      const text = `${dice.one(['', ' ', '\n\t'])}${layOut(dice, document)}${dice.one(['', ' ', '\r\n'])}`
      const around = dice.one([...Buffer.from('{}[]",\\0 \u0000')])
      const expected = canonical(project(document, trie))
      const message = () => `${text}\n${JSON.stringify(trie)}`
      agree(read(text, trie, i % 64, around), expected, message)
      const all = read(text, everything, i % 64, around)
      agree(all, canonical(document), message)
      agree(read(all as string, everything), all, message)
      agree(
        strictly(() => read(text, trie, i % 64, around)),
        expected,
        message,
      )
      expect(sorted(JSON.parse(all as string)), text).toEqual(sorted(JSON.parse(text)))
    }
  })

  it(`refuses what is no document (${runs} changed documents, seed ${seed})`, () => {
    const dice = new Dice(seed)
    let refused = 0
    for (let i = 0; i < runs; i++) {
      const bytes = mutate(dice, Buffer.from(layOut(dice, randomDocument(dice))))
      const trie = randomTrie(dice)
      const offset = dice.below(64)
      const text = Buffer.from(bytes).toString()
      const valid = isDocument(bytes)
      if (!valid) refused++
      const loosely = read(bytes, trie, offset)
      const results = [
        strictly(() => read(bytes, trie, offset)),
        strictly(() => read(bytes, nothing, offset)),
        read(bytes, everything, offset),
      ]
      for (const result of results) {
        agree(typeof result, valid ? 'string' : 'object', () => `${text} ${String(result)}`)
        if (typeof result !== 'string') agree(result[1] <= bytes.length, true, () => text)
      }
      // what is skipped may be broken
      const loose = [loosely, read(bytes, nothing, offset)]
      if (valid) agree(loose[0], results[0], () => text)
      const known = said[i] ?? loose
      said[i] = known
      agree(String(loose), String(known), () => text)
    }
    expect(refused).toBeGreaterThan(runs / 4)
  })

  it('refuses each beginning of a document', () => {
    const dice = new Dice(seed)
    for (let i = 0; i < 12; i++) {
      const bytes = Buffer.from(layOut(dice, randomDocument(dice)))
      const trie = randomTrie(dice)
      for (let size = 0; size < Math.min(bytes.length, 300); size++) {
        const part = bytes.subarray(0, size)
        const text = part.toString()
        // it may also end between the bytes of a character, and be refused for that
        for (const around of [0x7d, 0x22]) {
          for (const result of [
            read(part, trie, size % 64, around),
            strictly(() => read(part, trie, 0, around)),
          ]) {
            const [problem] = result
            if (problem === BAD_UTF8) expect(bytes[size]! & 0xc0).toBe(0x80)
            else agree(String(result), `${text.trim() === '' ? EMPTY : TRUNCATED},${size}`, () => text)
          }
        }
      }
    }
  })

  it('finds the end of what it skips behind any run of escapes, at any place in a block', () => {
    for (let before = 0; before < 140; before++) {
      for (let escapes = 0; escapes < 5; escapes++) {
        const string = `"${'x'.repeat(before)}${'\\\\'.repeat(escapes)}\\"]}${'\\\\'.repeat(escapes)}"`
        const text = `{"a":[{"b":${string},"c":[]}],"${'k'.repeat(before % 33)}":${string},"d":1}`
        expect(read(text, { fields: new Map([['d', {}]]) }, (before * 7) % 64)).toBe('{"d":1}')
      }
    }
  })

  it('looks at no more than 128 bytes behind the end of a text', () => {
    const end = 2 * 65536 - 128
    for (let size = 1; size < 300; size++) {
      const small = new Runtime(module)
      small.call('setHeap', 8192)
      for (const text of [
        `{"a":"${'x'.repeat(size)}"}`,
        `[${'['.repeat(size)}`,
        `"${'\\'.repeat(size)}`,
        '9'.repeat(size),
      ]) {
        const bytes = Buffer.from(text)
        small.bytes.set(bytes, end - bytes.length)
        for (const strict of [0, 1]) {
          small.call('setHeap', 8192)
          small.call('setStrict', strict)
          small.call('readProjected', end - bytes.length, end, nothing)
        }
      }
      expect(small.memory.buffer.byteLength).toBe(2 * 65536)
    }
  })

  it('puts back what is behind the text, and keeps cells out of it', () => {
    runtime.reset()
    const bytes = Buffer.from('[1,"x",{"a":[]}]')
    const at = runtime.place(bytes, 3, 0x41)
    const end = at + bytes.length
    runtime.call('setHeap', end)
    const value = runtime.call('readProjected', at, end, whole)
    expect(Buffer.from(runtime.bytes.subarray(end, end + 16)).toString()).toBe('A'.repeat(16))
    expect(value).toBeGreaterThanOrEqual(end + 16)
    expect(Buffer.from(runtime.bytes.subarray(at, end))).toEqual(bytes)
  })

  it(`reads numbers (${runs} numbers, seed ${seed})`, () => {
    const dice = new Dice(seed)
    const chosen = [
      ...['-0', '0', '-1', '999999999999999999', '-999999999999999999', '1000000000000000000'],
      ...[
        '1e100000',
        '1e100001',
        '1E-100000',
        '1e-100001',
        '0e999999',
        '1e+000001',
        '1e0000001',
        '1e00000001',
        '1e000000001',
      ],
      ...['-0.0', '0e0', '1.0', '123456789012345678901234567890'],
      ...[
        '01',
        '-',
        '-a',
        '1.',
        '.1',
        '1e',
        '1e+',
        '+1',
        '1.e1',
        '--1',
        '0x1',
        '1_0',
        '1e1.5',
        'Infinity',
        'NaN',
      ],
    ]
    const numbers = [...chosen, ...Array.from({ length: runs }, () => randomNumber(dice))]
    for (const text of numbers) {
      runtime.reset()
      const at = runtime.place(Buffer.from(text), dice.below(64), 0x31)
      const cell = runtime.call('readProjected', at, at + text.length, whole)
      if (parseDecimal(text) === undefined) {
        expect(runtime.global('problem'), text).not.toBe(0)
        continue
      }
      expect(runtime.global('problem'), text).toBe(0)
      const { view, bytes } = runtime
      const start = view.getUint32(cell + 4, true)
      const kept = Buffer.from(bytes.subarray(start, start + view.getUint32(cell + 8, true))).toString()
      expect(kept).toBe(text === '-0' ? '0' : text)
      const small = /^-?\d{1,18}$/.test(text)
      expect([view.getUint8(cell), view.getUint8(cell + 1)], text).toEqual([3, small ? 6 : 0])
      if (small) expect(view.getBigInt64(cell + 16, true)).toBe(BigInt(text))
    }
  })

  it('takes the last one of equal keys, however they are written', () => {
    const a: Trie = { fields: new Map([['a', {}]]) }
    expect(read('{"a":1,"\\u0061":2}', a)).toBe('{"a":2}')
    expect(read('{"\\u0061":1,"a":null}', a)).toBe('{"a":null}')
    expect(read('{"a":{"x":1},"a":3}', a)).toBe('{"a":3}')
    const both: Trie = { ...a, values: everything }
    expect(read('{"b":1,"a":1,"\\u0062":2,"\\u0061":2,"c":[]}', both)).toBe('{"a":2,"b":2,"c":[]}')
    expect(read('{"\\ud800":1,"\\udbff":2,"\\ud800x\\udc00":3}', everything)).toBe(
      '{"\uFFFD":2,"\uFFFDx\uFFFD":3}',
    )
  })

  it('reads objects with very many keys', () => {
    const names = Array.from({ length: 50_000 }, (_, i) => `key-${(i * 7919) % 40_000}`)
    const text = `{${names.map((name, i) => `"${name}":${i}`).join(',')}}`
    const start = performance.now()
    const result = read(text, everything)
    expect(performance.now() - start).toBeLessThan(2000)
    expect(JSON.parse(result as string)).toEqual(JSON.parse(text))
  })

  it('makes lone surrogates U+FFFD, and reads pairs', () => {
    const text =
      '["\\ud83d\\ude00","\\ud83d","\\ude00\\ud83d","\\ud83d\\ud83d\\ude00","\\ud83dx","\\ud83d\\n","\\uD83D\\u0041"]'
    const strings = JSON.parse(text) as readonly string[]
    expect(read(text, everything)).toBe(JSON.stringify(strings.map((string) => string.toWellFormed())))
  })

  it('refuses more than 1,000 levels; what is not wanted may have any number, unless reading is strict', () => {
    const lists = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    const objects = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
    expect(read(lists(1000), everything)).toBe(lists(1000))
    expect(read(objects(1000), everything)).toBe(objects(1000))
    expect(read(lists(1001), everything)).toEqual([TOO_DEEP, 1000])
    expect(read(objects(1001), everything)).toEqual([TOO_DEEP, 5000])
    for (const deep of [lists(1_000_000), objects(1_000_000)]) {
      for (const trie of [{}, nothing] as const) {
        const expected = trie === nothing ? 'null' : deep.startsWith('[') ? '[]' : '{}'
        expect(read(deep, trie)).toBe(expected)
        expect(strictly(() => read(deep, trie))).toEqual([TOO_DEEP, deep.startsWith('[') ? 1000 : 5000])
      }
      expect(read(deep.slice(0, -1), nothing)).toEqual([TRUNCATED, deep.length - 1])
    }
    for (const trie of [{}, { a: {} }, nothing] as readonly (Trie | 0)[]) {
      for (const most of [
        lists(1000),
        objects(1000),
        objects(999).replace('1', '{}'),
        objects(999).replace('1', '[]'),
      ])
        expect(strictly(() => read(most, trie))).toBe(read(most, trie))
      for (const more of [
        lists(1001),
        objects(1001),
        objects(1000).replace('1', '{}'),
        objects(1000).replace('1', '[]'),
      ])
        expect(strictly(() => read(more, trie))).toContain(TOO_DEEP)
    }
  })

  it.each([
    ['', [EMPTY, 0]],
    [' \n ', [EMPTY, 3]],
    ['\uFEFF{}', [MARK, 0]],
    ['{} x', [TRAILING, 3]],
    ['1 2', [TRAILING, 2]],
    ['[1}', [UNEXPECTED, 2]],
    ['[1,]', [UNEXPECTED, 3]],
    ['{"a":1,}', [UNEXPECTED, 7]],
    ['{a:1}', [UNEXPECTED, 1]],
    ['{"a" 1}', [UNEXPECTED, 5]],
    ['trua', [UNEXPECTED, 3]],
    ['tru', [TRUNCATED, 3]],
    ['"a', [TRUNCATED, 2]],
    ['"a\\', [TRUNCATED, 3]],
    ['"a\\u00', [TRUNCATED, 6]],
    ['"\\x"', [BAD_ESCAPE, 2]],
    ['"\\u00g0"', [BAD_ESCAPE, 5]],
    ['"\n"', [CONTROL, 1]],
    ['[1e100001]', [EXPONENT, 3]],
    ['\u00a01', [UNEXPECTED, 0]],
    ["'a'", [UNEXPECTED, 0]],
  ])('says what is wrong with %j', (text, expected) => {
    expect(read(text, everything)).toEqual(expected)
    expect(strictly(() => read(text, nothing))).toEqual(expected)
  })

  it('takes UTF-8 only', () => {
    const sequences = [
      ...['80', 'bf', 'c080', 'c1bf', 'c2', 'c27f', 'e0809f', 'e09fbf', 'eda080', 'edbfbf', 'e282', 'ef'],
      ...['f0808080', 'f08fbfbf', 'f4908080', 'f5808080', 'ff', 'fe', 'f09f98', 'c2c2', 'e28228'],
    ]
    for (const sequence of sequences) {
      for (let before = 0; before < 20; before++) {
        const bytes = Buffer.concat([
          Buffer.from(`"${'x'.repeat(before)}é`),
          Buffer.from(sequence, 'hex'),
          Buffer.from('"'),
        ])
        expect(read(bytes, everything), sequence).toEqual([BAD_UTF8, before + 3])
        expect(
          strictly(() => read(bytes, nothing)),
          sequence,
        ).toEqual([BAD_UTF8, before + 3])
      }
    }
    for (const point of [0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
      const text = JSON.stringify(String.fromCodePoint(point).repeat(9))
      expect(read(text, everything)).toBe(text)
    }
  })
})

/** As `toEqual`, with a message that is made only where it is needed. */
function agree(actual: unknown, expected: unknown, message: () => string): void {
  if (actual !== expected) expect(actual, message()).toEqual(expected)
}

/** A parsed value with well-formed strings, and without what the order of its entries says. */
function sorted(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (value === 0) return 0
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sorted(inner)]))
}
