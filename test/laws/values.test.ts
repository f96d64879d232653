import { compileJavaScript } from '@gatewright/compiler'
import {
  callOperator,
  check,
  type CheckedPolicy,
  compareText,
  Fault,
  judge,
  type Json,
  message,
  parseDecimal,
  policy,
  target,
} from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const runs = { numRuns: 20_000, seed: 67 }
const points = (text: string): readonly number[] => [...text].map((point) => point.codePointAt(0) as number)
/** Texts of all planes, many of them near where UTF-16 and code points part. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      'a',
      'Z',
      '\u00DF',
      '\u0130',
      '\uFFFF',
      '\uE000',
      '\uFF5E',
      '🔒',
      '\u{10000}',
      '\u{10FFFF}',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 8,
})

describe('C6: texts are code points', () => {
  it('in length', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(callOperator('length', [value])).toBe(points(value).length)
      }),
      runs,
    )
  })

  it('in order', () => {
    const order = (a: readonly number[], b: readonly number[]): number => {
      for (const [i, x] of a.entries()) {
        const y = b[i]
        if (y === undefined) return 1
        if (x !== y) return x - y
      }
      return a.length - b.length
    }
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Math.sign(order(points(a), points(b))))
      }),
      runs,
    )
  })

  it('of which only ASCII letters have a lower case', () => {
    fc.assert(
      fc.property(text, (value) => {
        const expected = points(value).map((point) => (point >= 65 && point <= 90 ? point + 32 : point))
        expect(callOperator('lower', [value])).toBe(String.fromCodePoint(...expected))
      }),
      runs,
    )
  })

  it('split by nothing into themselves', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(callOperator('split', [value, ''])).toEqual([...value])
      }),
      runs,
    )
  })
})

describe('C7: numbers are exact, or the verdict is an error', () => {
  const largest = 2n ** 53n
  const near = fc.oneof(
    fc.bigInt({ min: -largest - 3n, max: largest + 3n }),
    fc.constantFrom(0n, 1n, -1n, largest, -largest, largest - 1n, largest + 1n),
    fc.bigInt({ min: -100_000n, max: 100_000n }),
  )
  const operations = {
    plus: (a: bigint, b: bigint) => a + b,
    minus: (a: bigint, b: bigint) => a - b,
    times: (a: bigint, b: bigint) => a * b,
  } as const

  it.each(Object.keys(operations) as (keyof typeof operations)[])('%s', (operator) => {
    fc.assert(
      fc.property(near, near, (a, b) => {
        const exact = operations[operator](a, b)
        const result = callOperator(operator, [parseDecimal(String(a)), parseDecimal(String(b))])
        const isWithin = [a, b, exact].every((each) => each <= largest && each >= -largest)
        if (!isWithin) expect(result).toBeInstanceOf(Fault)
        else expect(BigInt(result as number | bigint)).toBe(exact)
      }),
      runs,
    )
  })

  it('order and equality are by value, whatever the digits', () => {
    const digits = fc.tuple(
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      fc.integer({ min: -6, max: 6 }),
    )
    const written = ([coefficient, exponent]: readonly [bigint, number]): string =>
      `${coefficient}e${exponent}`
    const scaled = ([coefficient, exponent]: readonly [bigint, number]): bigint =>
      coefficient * 10n ** BigInt(exponent + 6)
    fc.assert(
      fc.property(digits, digits, (a, b) => {
        const x = parseDecimal(written(a))
        const y = parseDecimal(written(b))
        expect(callOperator('number.lt', [x, y])).toBe(scaled(a) < scaled(b))
        expect(callOperator('number.equals', [x, y])).toBe(scaled(a) === scaled(b))
        expect(callOperator('equals', [x, y])).toBe(scaled(a) === scaled(b))
      }),
      runs,
    )
  })

  it('-0 is 0 and 1.0 is 1', () => {
    expect(callOperator('equals', [parseDecimal('-0'), 0])).toBe(true)
    expect(callOperator('equals', [parseDecimal('1.0'), 1])).toBe(true)
    expect(Object.is(parseDecimal('-0'), 0)).toBe(true)
  })

  it('a ratio by zero is missing', () => {
    expect(callOperator('ratio.gt', [1, 0, 0])).toBeUndefined()
  })
})

it('C10: a policy of ten thousand rules is defined, checked and judged', () => {
  const numbers = Array.from({ length: 10_000 }, (_, i) => i)
  const { ir } = policy({
    id: 'laws/many-rules',
    title: 'Many rules',
    severity: 'low',
    target: target('document', z.object({ name: z.string().optional() })),
    rule: ({ input }) =>
      numbers.map((i) =>
        input.name.in([`n${i}`, 'every']).deny({ message: message`${input.name}`, code: `c${i}` }),
      ),
  })
  const checked = check(ir) as CheckedPolicy
  const compiled = compileJavaScript(checked)
  for (const [name, count] of [
    ['n9999', 1],
    ['every', 10_000],
    ['none', 0],
  ] as const) {
    const review = { object: { name } as Json }
    const verdict = compiled.judge({}, review)
    expect(verdict.violations).toHaveLength(count)
    expect(verdict).toEqual(judge(checked, {}, review))
  }
})
