import { describe, expect, it } from 'vitest'
import { jsonOf, keyText, resolvePlain, resolveTagged } from './resolve.js'
import { isTimestamp } from './timestamp.js'

const value = (text: string): unknown => jsonOf(resolvePlain(text))
const key = (text: string): string | undefined => keyText(resolvePlain(text))

describe('plain scalars', () => {
  it('are words of YAML 1.1 in three spellings', () => {
    expect(['y', 'Yes', 'ON', 'true', 'TRUE'].map(value)).toEqual([true, true, true, true, true])
    expect(['N', 'no', 'Off', 'False'].map(value)).toEqual([false, false, false, false])
    expect(['', '~', 'null', 'NULL'].map(value)).toEqual([null, null, null, null])
    expect(['yEs', 'tRUE', 'nULL', 'None', 'nan'].map(value)).toEqual(['yEs', 'tRUE', 'nULL', 'None', 'nan'])
  })

  for (const [text, expected] of [
    ['010', 8],
    ['08', 8],
    ['0o17', 15],
    ['0b11', 3],
    ['-0x1F', -31],
    ['0b-1', -1],
    ['1__0', 10],
    ['1_', 1],
    ['+_1', 1],
    ['_1', '_1'],
    ['.1_0', 0.1],
    ['._1', '._1'],
    ['1.', 1],
    ['+.5', 0.5],
    ['1e3', 1000],
    ['-0', 0],
    ['-0.0', 0],
    ['1e400', '1e400'],
    ['.5e999', '.5e999'],
    ['0x', '0x'],
    ['0o8', '0o8'],
    ['0x1p3', '0x1p3'],
    ['1:30', '1:30'],
    ['1.2.3', '1.2.3'],
    ['2001-01-01', '2001-01-01'],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', 18446744073709552000n],
    ['0x10000000000000000', '0x10000000000000000'],
    ['02000000000000000000000', 2000000000000000000000n],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
  ] as const) {
    it(`${text} is ${String(expected)}`, () => expect(value(text)).toBe(expected))
  }

  it('have no JSON value when they are infinite or no number', () => {
    expect(['.nan', '.inf', '-.Inf', '+.INF'].map(value)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('keys', () => {
  it('become text', () => {
    expect(
      ['n', 'on', '010', '1.0', '0.5', '1e6', '0.00001', '.inf', '-.inf', '.nan', 'a', '2001-1-1'].map(key),
    ).toEqual(['false', 'true', '8', '1', '0.5', '1e+06', '1e-05', '.inf', '-.inf', '.nan', 'a', '2001-1-1'])
  })

  it('are refused where readers give another text', () => {
    for (const text of ['~', '18446744073709551615', '0.123456789', '1e39', '1e-60', '16777217.0']) {
      expect(key(text)).toBeUndefined()
    }
  })
})

describe('tags', () => {
  it('check what they name', () => {
    expect(resolveTagged('bool', 'yes')).toEqual({ kind: 'boolean', value: true })
    expect(resolveTagged('float', '010')).toEqual({ kind: 'float', value: 8 })
    expect(resolveTagged('float', '18446744073709551615')).toBeUndefined()
    expect(resolveTagged('int', '1.0')).toBeUndefined()
    expect(resolveTagged('null', 'x')).toBeUndefined()
    expect(resolveTagged('timestamp', '2001-1-1')).toEqual({ kind: 'timestamp', value: '2001-1-1' })
    expect(resolveTagged('timestamp', '2001-2-29')).toBeUndefined()
    expect(resolveTagged('foo', '12')).toEqual({ kind: 'text', value: '12' })
  })

  it('decode base64 of UTF-8 only', () => {
    expect(resolveTagged('binary', 'ZXZp\nbA==')).toEqual({ kind: 'text', value: 'evil' })
    expect(resolveTagged('binary', 'ZXZpbA')).toBeUndefined()
    expect(resolveTagged('binary', '/w==')).toBeUndefined()
  })
})

it('timestamps are dates that exist, in the forms that go-yaml knows', () => {
  for (const text of [
    '2001-1-1',
    '2024-02-29',
    '2001-01-01T1:2:3Z',
    '2001-01-01t01:02:03.5+01:00',
    '2001-01-01 10:11:12',
  ]) {
    expect(isTimestamp(text)).toBe(true)
  }
  for (const text of [
    '2001-13-1',
    '2023-02-29',
    '201-1-1',
    '2001-1-1T24:00:00Z',
    '2001-1-1T1:2:3',
    '2001-1-1 1:2:3Z',
  ]) {
    expect(isTimestamp(text)).toBe(false)
  }
})
