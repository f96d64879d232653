import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Violation } from '@gatewright/core'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { type SuppressedObject, Suppressions } from './exceptions.js'

const folder = mkdtempSync(join(tmpdir(), 'gatewright-exceptions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const today = '2026-06-15'
const entry = fc.record(
  {
    policy: fc.constantFrom('a/x', 'a/y'),
    code: fc.constantFrom('1', '2'),
    kind: fc.constantFrom('Pod', 'Job'),
    namespace: fc.constantFrom('shop', 'shop-2'),
    name: fc.constantFrom('cart', 'Cart', 'cart.'),
    until: fc.constantFrom('2026-06-14', '2026-06-15', '2026-06-16'),
  },
  { requiredKeys: ['policy'] },
)
const object = fc.record({
  kind: fc.constantFrom('Pod', 'Job', undefined),
  namespace: fc.constantFrom('shop', 'shop-2', undefined),
  name: fc.constantFrom('cart', 'Cart', 'cart.', undefined),
})
const violation = fc.record({ policy: fc.constantFrom('a/x', 'a/y'), code: fc.constantFrom('1', '2') })

/** What holds, said once more: all that an entry names is so, and its last day is not over. */
function speaksFor(
  each: { readonly [key: string]: string | undefined },
  of: { readonly [key: string]: string | undefined },
): boolean {
  const isNamed = each['namespace'] !== undefined || each['name'] !== undefined
  const fields = ['policy', 'code', 'kind', 'namespace', 'name']
  return (
    isNamed &&
    (each['until'] ?? today) >= today &&
    fields.every((key) => each[key] === undefined || each[key] === of[key])
  )
}

it('E16: entries of an exceptions file speak for what they name, to their last day, and the narrowest is the one', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), object, violation, (entries, of, found) => {
      const path = join(folder, 'exceptions.json')
      const exceptions = entries.map((each, index) => ({ ...each, reason: `entry ${index}` }))
      writeFileSync(path, JSON.stringify({ exceptions }))
      const suppressions = new Suppressions(today)
      suppressions.readFile(path)
      const subject: SuppressedObject = { source: 's', document: undefined, path: [], value: null, ...of }
      const made: Violation = { ...found, at: [], message: 'm', severity: 'low', details: {}, fix: [] }
      const expected = exceptions
        .filter((each) => speaksFor(each, { ...of, ...found }))
        .toSorted((a, b) => Object.keys(b).filter(narrows).length - Object.keys(a).filter(narrows).length)
      expect(suppressions.of(made, subject)?.suppression.reason).toBe(expected[0]?.reason)
    }),
    { numRuns: 10_000, seed: 16 },
  )
})

const narrows = (key: string): boolean => ['code', 'kind', 'namespace', 'name'].includes(key)
