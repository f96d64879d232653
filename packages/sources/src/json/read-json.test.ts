import { canonicalText, Decimal } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../refusal.js'
import { readJson } from './read-json.js'

function refusal(text: string): Refusal | undefined {
  try {
    return readJson(text, 0).refusal
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

describe('JSON', () => {
  it('is read as JSON.parse reads it', () => {
    const json = fc.json({ maxDepth: 5 }).filter((text) => !text.includes('__proto__'))
    fc.assert(
      fc.property(json, fc.constantFrom(0, 2), (text, space) => {
        const written = JSON.stringify(JSON.parse(text), null, space)
        const { value: read, end } = readJson(written, 0)
        expect(end).toBe(written.length)
        expect(JSON.parse(canonicalText(read))).toEqual(JSON.parse(written))
      }),
      { numRuns: 300, seed: 1 },
    )
  })

  it('is refused wherever JSON.parse refuses it, and read wherever it reads it', () => {
    const edit = fc.tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom(...'{}[]":,\\019-.eE tn\n'))
    fc.assert(
      fc.property(edit, ([text, at, token]) => {
        const place = at % (text.length + 1)
        const edited = text.slice(0, place) + token + text.slice(place)
        let parsed = true
        try {
          JSON.parse(edited)
        } catch {
          parsed = false
        }
        let read = true
        try {
          read = edited.slice(readJson(edited, 0).end).trim() === ''
        } catch {
          read = false
        }
        expect(read).toBe(parsed)
      }),
      { numRuns: 1000, seed: 1 },
    )
  })

  it('does not take a number that is too small for a double for 0', () => {
    expect(canonicalText(readJson('1e-400', 0).value)).toBe('1e-400')
    expect(canonicalText(readJson('-0.5e-400', 0).value)).toBe('-5e-401')
    for (const zero of ['0', '-0', '0.0', '-0e-5', '0e-400']) expect(readJson(zero, 0).value).toBe(0)
  })

  it('keeps every digit of a number', () => {
    const texts = [
      '1.10',
      '9007199254740993',
      '-0',
      '1e3',
      '0.1e-7',
      '3.14159265358979323846',
      '1e22',
      '1E+2',
    ]
    const values = texts.map((text) => readJson(text, 0).value)
    expect(values.slice(0, 4)).toEqual([1.1, 9007199254740993n, 0, 1000])
    expect(values[5]).toBeInstanceOf(Decimal)
    expect(values.map(canonicalText)[5]).toBe('314159265358979323846e-20')
    expect(refusal(`[0.${'1'.repeat(1000)}]`)).toMatchObject({ code: 'number-out-of-range' })
    expect(refusal('[1e400]')).toMatchObject({ code: 'number-out-of-range', range: { start: 1, end: 6 } })
  })

  it('has keys twice refused, once escapes are read', () => {
    expect(refusal('{"a":1,"\\u0061":2}')).toMatchObject({
      code: 'duplicate-key',
      range: { start: 7, end: 15 },
      related: { range: { start: 1, end: 4 } },
    })
  })

  it('has escapes read, and lone surrogates replaced', () => {
    expect(readJson('"\\ud83d\\ude00\\/\\u0000"', 0).value).toBe('😀/\u0000')
    expect(readJson('"\\ud83d"', 0).value).toBe('\uFFFD')
    expect(readJson('"\\\\"', 0).value).toBe('\\')
  })

  it('says what it expected and where', () => {
    expect(refusal('{"a" 1}')).toMatchObject({
      message: 'expected `:`, found `1`',
      range: { start: 5, end: 6 },
    })
    expect(refusal('[1')).toMatchObject({ message: 'expected `,` or `]`, found the end of the text' })
    expect(refusal('"a\nb"')?.message).toBe('a control character is in a JSON string')
  })
})
