import { judge, type Json, policy } from '@gatewright/core'
import { describe, expect, it } from 'vitest'
import { allowFinalizerRemoval, blocksFinalizerRemoval } from './finalizer-removal.js'
import { deployments } from './generated/resources.js'
import { workloads } from './workloads.js'

const about = { id: 'finalizers/test', title: 'A test', severity: 'low' } as const
const guarded = policy({
  ...about,
  target: deployments.on('CREATE', 'UPDATE'),
  when: allowFinalizerRemoval,
  rule: ({ object }) => object.spec.paused.isNot(true).deny({ message: 'not paused' }),
})

const metadata = {
  name: 'cart',
  deletionTimestamp: '2026-01-01T00:00:00Z',
  finalizers: ['a', 'b'],
  labels: { app: 'cart' },
  resourceVersion: '7',
}
const old = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1 } }

const verdict = (object: Json, oldObject: Json = old): string =>
  judge(guarded.ir, {}, { object, oldObject, operation: 'UPDATE' }).verdict

describe('allowFinalizerRemoval', () => {
  it('stands beside a rule that goes through lists, as it does itself', () => {
    const bare = policy({
      ...about,
      target: workloads.on('CREATE', 'UPDATE'),
      when: allowFinalizerRemoval,
      rule: ({ pod }) =>
        pod.allContainers
          .filter((c) => c.ports.some((port) => port.hostPort.gt(0).ifMissing(false)))
          .deny(() => ({ message: 'a host port' })),
    })
    const spec = { template: { spec: { containers: [{ name: 'a', ports: [{ hostPort: 1 }] }] } } }
    const before = { ...old, spec }
    const after = { ...before, metadata: { ...metadata, finalizers: [] } }
    const asked = (object: Json): string =>
      judge(bare.ir, {}, { object, oldObject: before, operation: 'UPDATE' }).verdict
    expect(asked(after)).toBe('not-applicable')
    expect(asked({ ...after, metadata: { ...after.metadata, labels: {} } })).toBe('denied')
  })

  it.each<[string, object]>([
    ['one finalizer', { finalizers: ['a'] }],
    ['all finalizers', { finalizers: [] }],
    ['the field itself', { finalizers: undefined }],
    [
      'and what the API server counts',
      { finalizers: ['b'], resourceVersion: '8', generation: 3, managedFields: [] },
    ],
  ])('lets an update through that removes %s', (_, changed) => {
    const object = JSON.parse(JSON.stringify({ ...old, metadata: { ...metadata, ...changed } })) as Json
    expect(verdict(object)).toBe('not-applicable')
  })

  it.each<[string, Json, Json]>([
    ['adds a finalizer', { ...old, metadata: { ...metadata, finalizers: ['a', 'b', 'c'] } }, old],
    [
      'changes a label too',
      { ...old, metadata: { ...metadata, finalizers: ['a'], labels: { app: 'x' } } },
      old,
    ],
    ['drops the labels too', { ...old, metadata: { name: 'cart', finalizers: ['a'] } }, old],
    [
      'changes the spec too',
      { ...old, metadata: { ...metadata, finalizers: ['a'] }, spec: { replicas: 2 } },
      old,
    ],
    ['adds a field too', { ...old, metadata: { ...metadata, finalizers: ['a'] }, data: {} }, old],
    [
      'is of an object that is not being deleted',
      { ...old, metadata: { name: 'cart', finalizers: ['a'] } },
      { ...old, metadata: { name: 'cart', finalizers: ['a', 'b'] } },
    ],
  ])('judges an update that %s', (_, object, oldObject) => {
    expect(verdict(object, oldObject)).toBe('denied')
  })

  it('judges a creation, whatever it says of a deletion', () => {
    expect(judge(guarded.ir, {}, { object: old, operation: 'CREATE' }).verdict).toBe('denied')
    expect(judge(guarded.ir, {}, { object: old }).verdict).toBe('denied')
  })

  it('is for workloads too', () => {
    const { ir } = policy({
      ...about,
      target: workloads.on('CREATE', 'UPDATE'),
      when: allowFinalizerRemoval,
      rule: ({ pod }) => pod.hostPID.isNot(true).deny({ message: 'a' }),
    })
    const object = { ...old, metadata: { ...metadata, finalizers: [] } }
    expect(judge(ir, {}, { object, oldObject: old, operation: 'UPDATE' }).verdict).toBe('not-applicable')
  })
})

it('is noted where it is missing from a policy that judges updates', () => {
  const { ir } = policy({
    ...about,
    target: deployments,
    rule: ({ object }) => object.spec.paused.isNot(true).deny({ message: 'a' }),
  })
  expect(blocksFinalizerRemoval(ir)).toBe(true)
  expect(blocksFinalizerRemoval(guarded.ir)).toBe(false)
  const created = policy({
    ...about,
    target: deployments.on('CREATE'),
    rule: ({ object }) => object.spec.paused.isNot(true).deny({ message: 'a' }),
  })
  expect(blocksFinalizerRemoval(created.ir)).toBe(false)
})
