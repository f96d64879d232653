import type { Json } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readDocuments } from './read-documents.js'
import { writeYaml } from './write-yaml.js'
import { isFastText, readFast } from './yaml/read-fast.js'
import { readFull } from './yaml/read-full.js'

const value = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(
      fc.string({ unit: 'binary' }).filter((text) => !/[\uD800-\uDFFF]/.test(text) || text.isWellFormed()),
      fc.constantFrom(
        'y',
        'Off',
        '~',
        '<<',
        '010',
        '1_0',
        '0b-1',
        '1:30',
        '- a',
        'a: b',
        'x #y',
        '',
        ' ',
        '\n',
        '=',
        '...',
      ),
      fc.integer(),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .filter((double) => Math.abs(double) < 2 ** 53 && !Object.is(double, -0)),
      fc.bigInt({ min: 2n ** 54n, max: 2n ** 63n }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 6 }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

describe('writing YAML', () => {
  it('gives a text that both readers read back to the same value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 6 }), value, { maxKeys: 4, noNullPrototype: true }),
        (object) => {
          const text = writeYaml(object)
          expect(readFull(text)).toEqual(object)
          const fast = isFastText(text) ? readFast(text, 0, text.length) : { handOver: '' }
          if ('value' in fast) expect(fast.value).toEqual(object)
          expect(parse(text, { intAsBigInt: true })).toEqual(
            parse(JSON.stringify(object, bigAsText).replaceAll(/"#(-?\d+)#"/g, '$1'), { intAsBigInt: true }),
          )
        },
      ),
      { numRuns: 300, seed: 1 },
    )
  })

  it('is in block style, plain where no reader is misled', () => {
    const object = {
      apiVersion: 'v1',
      metadata: { name: 'web', labels: {}, 'app.kubernetes.io/name': 'web:1.2' },
      list: ['a', ['b', []], { c: null, d: true }],
      port: 8080,
      text: 'two\nlines',
    }
    expect(writeYaml(object)).toBe(`apiVersion: v1
metadata:
  name: web
  labels: {}
  app.kubernetes.io/name: web:1.2
list:
  - a
  - - b
    - []
  - c: null
    d: true
port: 8080
text: "two\\nlines"
`)
    expect(readDocuments(writeYaml(object), { name: 'x', expect: 'any' }).documents[0]?.readBy).toEqual({
      reader: 'fast',
    })
  })

  it('writes texts of several lines as blocks where that is asked for, and every reader gives them back', () => {
    const rego = 'package a\n\nviolation if {\n\tx > 1 # y: z\n}\n'
    expect(writeYaml({ a: { rego, one: 'line' } }, { blocks: true })).toBe(
      'a:\n  rego: |\n    package a\n\n    violation if {\n    \tx > 1 # y: z\n    }\n  one: line\n',
    )
    const line = fc.string({
      unit: fc.constantFrom('a', ' ', '\t', '#', ':', '-', '\r', '\u0085', '\u2028', 'é', '😀', '|'),
      maxLength: 5,
    })
    let blocks = 0
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), fc.constantFrom('\n', '\n', '', '\n\n'), (all, end) => {
        const object = { list: [{ text: all.join('\n') + end }], after: 1 }
        const text = writeYaml(object, { blocks: true })
        if (text.includes('text: |')) blocks++
        expect(readFull(text)).toEqual(object)
        expect(parse(text)).toEqual(object)
        expect(readDocuments(text, { name: 'x', expect: 'any' }).documents[0]?.value).toEqual(object)
      }),
      { numRuns: 1000, seed: 1 },
    )
    expect(blocks).toBeGreaterThan(20)
  })

  it('writes a bare value, and numbers of every size', () => {
    expect([writeYaml([]), writeYaml('yes'), writeYaml(null)]).toEqual(['[]\n', '"yes"\n', 'null\n'])
    expect(writeYaml([1e21, 1e-7, 12345678901234567890n, -0, 0.5])).toBe(
      '- 1.0e+21\n- 1.0e-7\n- 12345678901234567890\n- 0\n- 0.5\n',
    )
  })

  it('refuses what no file can hold', () => {
    expect(() => writeYaml('\uD800')).toThrow(TypeError)
    expect(() => writeYaml({ ['k'.repeat(1001)]: 1 })).toThrow('longer than the 1000 characters')
  })
})

function bigAsText(_key: string, item: unknown): unknown {
  return typeof item === 'bigint' ? `#${item}#` : item
}
