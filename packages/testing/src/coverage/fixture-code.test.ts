import { type Json, parseDecimal } from '@gatewright/core'
import { pods } from '@gatewright/kubernetes'
import { expect, it } from 'vitest'
import { fits } from './fits.js'
import { fixturesOf } from './fixture-code.js'
import { codeOf, printed, textCode } from './typescript.js'

it.each<Json>([
  'plain',
  "it's",
  'say "it\'s"',
  'back\\slash and `${x}`',
  'lines\n\u2028\u2029\u0000 end',
  -0,
  1e21,

  null,
  [],
  {},
  { a: [1, { 'b-c': true }], $d: 'e', '1': 'f' },
  JSON.parse('{"__proto__": {"x": 1}}') as Json,
  Array.from({ length: 40 }, (_, i) => `element ${i}`),
])('writes %j so that it reads the same', (value) => {
  const code = printed(codeOf(value))
  // oxlint-disable-next-line typescript/no-implied-eval
  const read = new Function(`return (${code})`)() as Json
  expect(read).toEqual(value)
  expect(Object.is(read, -0)).toBe(Object.is(value, -0))
  expect(JSON.stringify(read)).toBe(JSON.stringify(value))
  expect(code).not.toMatch(/[\u2028\u2029]/)
})

it('writes every digit of a number, and refuses one that no literal is', () => {
  expect(codeOf(12345678901234567890n)).toBe('12345678901234567890n')
  const tiny = parseDecimal('1.000000000000000000001')
  expect(() => codeOf({ a: [tiny ?? null] })).toThrow(
    'no literal of TypeScript is the number 1000000000000000000001e-21',
  )
})

it('uses the quotes that need no escapes', () => {
  expect(textCode('a')).toBe("'a'")
  expect(textCode("c.is('x')")).toBe('"c.is(\'x\')"')
  expect(textCode('"')).toBe("'\"'")
})

it('knows what the types of fixtures allow', () => {
  const allowed: readonly Json[] = [
    {},
    { spec: { hostPID: true } },
    { metadata: { labels: { a: 'b' } } },
    { spec: { containers: [{ name: 'app' }] } },
    { spec: { containers: [{ name: 'app', resources: { limits: { cpu: 1, memory: '1Gi' } } }] } },
  ]
  const refused: readonly Json[] = [
    { spec: { hostPID: 'yes' } },
    { spec: { hostPid: true } },
    { spec: { containers: [{}] } },
    { spec: { containers: {} } },
    { metadata: { labels: { a: 1 } } },
    { spec: null },
  ]
  for (const value of allowed) expect(fits(pods.schema, value), JSON.stringify(value)).toBe(true)
  for (const value of refused) expect(fits(pods.schema, value), JSON.stringify(value)).toBe(false)
})

const codes = (input: Json): readonly string[] => fixturesOf(input).map(({ code }) => printed(code))

it('offers builders where the types allow it, and the input itself last', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ tty: true }] } }
  expect(codes(pod)).toEqual([
    'pod({ spec: { containers: [container({ tty: true })] } })',
    "{ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ tty: true }] } }",
  ])
  expect(codes({ apiVersion: 'v1', kind: 'Pod' })[0]).toBe('pod()')
  expect(codes({ apiVersion: 'v1', kind: 'Pod', spec: 7 })).toHaveLength(1)
  expect(codes({ apiVersion: 'v2', kind: 'Pod' })).toHaveLength(1)
  expect(codes(7)).toEqual(['7'])
})

it('offers reviews that an API server sends', () => {
  const review = (request: Json): Json => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request,
  })
  const pod = { apiVersion: 'v1', kind: 'Pod' }
  expect(codes(review({ operation: 'UPDATE', object: pod, oldObject: pod }))[0]).toBe(
    'review({ object: pod(), oldObject: pod() })',
  )
  expect(codes(review({ operation: 'DELETE', oldObject: pod }))[0]).toBe('review({ oldObject: pod() })')
  expect(codes(review({ operation: 'UPDATE', object: pod }))).toHaveLength(1)
  expect(codes(review({ operation: 'CREATE', object: pod, dryRun: true }))).toHaveLength(1)
})
