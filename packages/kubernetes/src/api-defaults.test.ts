import { judge, message, policy } from '@gatewright/core'
import { expect, it } from 'vitest'
import { apiDefaults, imagePullPolicyOf } from './api-defaults.js'
import { deployments } from './generated/resources.js'
import { definition, kubernetesVersions } from './schemas.js'
import { workloads } from './workloads.js'

const about = { id: 'defaults/test', title: 'A test', severity: 'low' } as const

it('names what the API server writes where nothing is said', () => {
  const { ir } = policy({
    ...about,
    target: deployments,
    rule: ({ object }) =>
      object.spec.replicas
        .default(apiDefaults.DeploymentSpec.replicas)
        .lt(2)
        .deny({ message: 'too few', at: object.spec.replicas }),
  })
  const deployment = (spec: object) =>
    judge(ir, {}, { object: { apiVersion: 'apps/v1', kind: 'Deployment', spec: spec as never } }).verdict
  expect(deployment({})).toBe('denied')
  expect(deployment({ replicas: 1 })).toBe('denied')
  expect(deployment({ replicas: 2 })).toBe('allowed')
})

it.each([
  [{ image: 'nginx' }, 'Always'],
  [{ image: 'nginx:latest' }, 'Always'],
  [{ image: 'nginx:1.27' }, 'IfNotPresent'],
  [{ image: `nginx@sha256:${'a'.repeat(64)}` }, 'IfNotPresent'],
  [{ image: `nginx:latest@sha256:${'a'.repeat(64)}` }, 'Always'],
  [{ image: 'not an image' }, 'IfNotPresent'],
  [{}, 'IfNotPresent'],
  [{ image: 'nginx', imagePullPolicy: 'Never' }, 'Never'],
])('pulls the image of %j %s', (container, expected) => {
  const { ir } = policy({
    ...about,
    target: workloads,
    rule: ({ pod }) => pod.allContainers.deny((c) => ({ message: message`${imagePullPolicyOf(c)}` })),
  })
  const containers = [{ name: 'c', ...container }]
  const { violations } = judge(ir, {}, { object: { apiVersion: 'v1', kind: 'Pod', spec: { containers } } })
  expect(violations.map((each) => each.message)).toEqual([expected])
})

const groups = [
  'core/v1',
  'apps/v1',
  'batch/v1',
  'autoscaling/v2',
  'networking/v1',
  'storage/v1',
  'scheduling/v1',
  'admissionregistration/v1',
]
const each = Object.entries(apiDefaults).flatMap(([type, fields]) =>
  Object.entries(fields).map(([field, value]) => ({ type, field, value: value as unknown })),
)

it.each(each)('$type.$field can be $value in every version', ({ type, field, value }) => {
  for (const version of kubernetesVersions()) {
    const schema = groups.map((group) => definition(`${group}/${type}`, version)).find((known) => known)
    const of = schema?.type === 'object' ? schema.fields[field]?.schema : undefined
    const kind = of?.type === 'scalar' ? typeof value : of?.type
    expect(typeof value, version).toBe(kind)
    if (of?.type === 'string' && of.values !== undefined) expect(of.values, version).toContain(value)
  }
})
