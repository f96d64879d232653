import { evaluate } from 'gatewright'
import { inventoryOf } from 'gatewright/evaluator'
import { describe, expect, test } from 'vitest'
import { imageRegistries } from './image-registries.js'
import { isolatedNamespaces } from './isolated-namespaces.js'
import { memoryLimits } from './memory-limits.js'

const pod = (container: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app', namespace: 'shop' },
  spec: { containers: [{ name: 'app', ...container }] },
})

describe('image registries', () => {
  const judge = (image: string) =>
    evaluate([imageRegistries.with({ registries: ['registry.example.com', 'ghcr.io/team'] })], pod({ image }))
      .judgements[0]?.verdict.verdict

  test.each(['registry.example.com/a:1', 'ghcr.io/team/b@sha256:' + '0'.repeat(64)])(
    '%s is allowed',
    (image) => {
      expect(judge(image)).toBe('allowed')
    },
  )
  test.each(['nginx', 'registry.example.com.evil.io/a', 'ghcr.io/team-b/x', 'ghcr.io/team/../evil', ''])(
    '%s is denied',
    (image) => {
      expect(judge(image)).toBe('denied')
    },
  )
})

test.each([
  [{}, ['missing']],
  [{ resources: { limits: { memory: '2Gi' } } }, []],
  [{ resources: { limits: { memory: '2049Mi' } } }, ['above']],
  [{ resources: { limits: { memory: 'lots' } } }, ['missing']],
])('memory limits: %j', (container, codes) => {
  const { violations } = evaluate([memoryLimits], pod(container)).judgements[0]?.verdict ?? { violations: [] }
  expect(violations.map(({ code }) => code)).toEqual(codes)
})

describe('isolated namespaces', () => {
  const policyFor = (namespace: string): object => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'default', namespace },
    spec: { podSelector: {} },
  })
  const judge = (objects: readonly object[], complete: boolean) =>
    evaluate([isolatedNamespaces], pod({}), { inventory: inventoryOf(objects as never, { complete }) })
      .judgements[0]?.verdict.verdict

  test('one for all pods is enough', () => expect(judge([policyFor('shop')], false)).toBe('allowed'))
  test('one elsewhere is not', () => expect(judge([policyFor('other')], true)).toBe('denied'))
  test('none that is known is not none', () => expect(judge([], false)).toBe('undetermined'))
})
