import { expect, it } from 'vitest'
import { applyFixes } from './apply-fixes.js'
import type { Json } from './json.js'

it('sets what is there and what is not, in the place that it has', () => {
  const object = { a: { x: 1, y: 2 }, list: [{ n: 1 }] }
  const fixed = applyFixes(object, [
    { kind: 'set', at: ['a', 'x'], value: false },
    { kind: 'set', at: ['list', 0, 'deep', 'er'], value: 'v' },
  ])
  expect(JSON.stringify(fixed)).toBe('{"a":{"x":false,"y":2},"list":[{"n":1,"deep":{"er":"v"}}]}')
  expect(object).toEqual({ a: { x: 1, y: 2 }, list: [{ n: 1 }] })
})

it('removes elements of one list without mistaking one for another', () => {
  const fixed = applyFixes({ list: ['a', 'b', 'c', 'd'] }, [
    { kind: 'remove', at: ['list', 0] },
    { kind: 'remove', at: ['list', 2] },
    { kind: 'remove', at: ['list', 2] },
    { kind: 'remove', at: ['none', 1] },
  ])
  expect(fixed).toEqual({ list: ['b', 'd'] })
})

it('refuses fixes that contradict each other or lead nowhere', () => {
  const set = (value: boolean) => ({ kind: 'set', at: ['a'], value }) as const
  expect(applyFixes({}, [set(true), set(true)])).toEqual({ a: true })
  expect(() => applyFixes({}, [set(true), set(false)])).toThrow('two fixes change `a`')
  expect(() => applyFixes({}, [set(true), { kind: 'remove', at: ['a'] }])).toThrow('two fixes')
  expect(() => applyFixes({ a: 'text' }, [{ kind: 'set', at: ['a', 'b'], value: 1 }])).toThrow(
    '`a` has no such',
  )
  expect(() => applyFixes({ a: [] }, [{ kind: 'set', at: ['a', 1], value: 1 }])).toThrow('`a` has no such')
})

it('takes as long as there are fixes, however many there are', { timeout: 20_000 }, () => {
  const list = Array.from({ length: 20_000 }, () => ({ a: true, b: true }))
  const fixed = applyFixes(
    { list },
    list.flatMap((_, i) => [
      { kind: 'set', at: ['list', i, 'a'], value: false } as const,
      { kind: 'set', at: ['list', i, 'a'], value: false } as const,
      { kind: 'remove', at: ['list', i, 'b'] } as const,
    ]),
  )
  expect(fixed).toEqual({ list: list.map(() => ({ a: false })) })
  expect(list[0]).toEqual({ a: true, b: true })
})

it('takes any key for one, and changes nothing that it was given', () => {
  const object = JSON.parse('{"__proto__":{"a":1},"b":{"c":1}}') as Json
  const shared = { c: 1 }
  const fixed = applyFixes(object, [
    { kind: 'set', at: ['__proto__', 'a'], value: 2 },
    { kind: 'set', at: ['b'], value: shared },
    { kind: 'set', at: ['b', 'c'], value: 2 },
    { kind: 'remove', at: ['b', 'none'] },
  ])
  expect(JSON.stringify(fixed)).toBe('{"__proto__":{"a":2},"b":{"c":2}}')
  expect(Object.getPrototypeOf(fixed)).toBe(Object.prototype)
  expect(JSON.stringify(object)).toBe('{"__proto__":{"a":1},"b":{"c":1}}')
  expect(shared).toEqual({ c: 1 })
})
