import { normalize } from '@gatewright/evaluator'
import { expect, it } from 'vitest'
import { inventory } from './inventory.js'
import { namespace, networkPolicy, pod } from './objects.js'
import { review } from './review.js'

it('makes what an API server sends', () => {
  const made = review({
    object: pod({ metadata: { namespace: 'shop' } }),
    oldObject: pod(),
    userInfo: { username: 'alice' },
  })
  expect(made.request).toMatchObject({
    operation: 'UPDATE',
    name: 'app',
    namespace: 'shop',
    resource: { group: '', version: 'v1', resource: 'pods' },
    userInfo: { username: 'alice', groups: ['system:authenticated'] },
    dryRun: false,
  })
  expect(normalize(made)).toMatchObject({ review: { operation: 'UPDATE' }, namespace: 'shop' })
})

it.each([
  [{ object: pod() }, 'CREATE'],
  [{ oldObject: pod() }, 'DELETE'],
  [{ object: pod(), oldObject: pod() }, 'UPDATE'],
])('tells the operation by the objects', (given, operation) => {
  expect(review(given).request.operation).toBe(operation)
})

it.each([
  [{ operation: 'CREATE', object: pod(), oldObject: pod() }, 'a creation has no `oldObject`'],
  [{ operation: 'UPDATE', object: pod() }, 'an update needs'],
  [{ operation: 'DELETE', object: pod() }, 'give what goes as `oldObject`'],
  [{ operation: 'DELETE' }, 'a deletion needs'],
  [{ object: {} }, '`apiVersion` and `kind`'],
  [{ object: { kind: 'Pod', apiVersion: 'v1', at: new Date(0) } }, 'the object is no JSON'],
] as const)('refuses what none sends', (given, says) => {
  expect(() => review(given)).toThrow(says)
})

it('makes an inventory, and refuses what no look-up would find', () => {
  const known = inventory([namespace(), networkPolicy()], { complete: true })
  const found = known.list({ group: '', version: 'v1', kind: 'Namespace' })
  expect(found).toMatchObject({ items: [{ kind: 'Namespace' }], complete: true })
  expect(() => inventory([{ kind: 'Pod' }], { complete: true })).toThrow('object 0 of the inventory has no')
})
