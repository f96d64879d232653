import type { Json } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { jsonText } from './json-text.js'

describe('jsonText', () => {
  it('writes what JSON.stringify does', () => {
    const value = { a: [1, -0.5, [], {}, { b: null }], 'c"': 'd\n', e: undefined, f: [true, false] }
    expect(jsonText(value as unknown as Json)).toBe(JSON.stringify(value, null, 2))
  })

  it('writes every digit of a number', () => {
    expect(jsonText({ big: 12345678901234567890n })).toBe('{\n  "big": 12345678901234567890\n}')
  })
})
