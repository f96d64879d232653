import type { Policy } from '@gatewright/core'
import { evaluator } from '@gatewright/evaluator'
import { admissionPolicyOf, type AdmissionPolicy } from '@gatewright/gatekeeper'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { inParallel } from './in-parallel.js'
import { packCases, packPod } from './pod-security-cases.js'
import { type Answer, Api } from './rig/api.js'
import { saysViolations } from './said-violations.js'

const api = new Api(inject('cluster'))
const namespace = 'parameter-objects'
const label = (policy: Policy): string => policy.id.replaceAll('/', '-')

const made = packCases.map(({ policy, parameters, bad }) => ({
  policy,
  parameters: parameters as Readonly<Record<string, never>>,
  bad,
  manifests: admissionPolicyOf(policy, {
    name: `object-${label(policy)}`,
    parameters: parameters as object as Readonly<Record<string, unknown>>,
    parameterObject: true,
    holdsTo: 1,
    excludeNamespaces: [],
    match: { namespaces: [namespace], labelSelector: { matchLabels: { policy: label(policy) } } },
  }),
}))

const admission = '/apis/admissionregistration.k8s.io/v1'
const paths = ({ policy, binding, parameters }: AdmissionPolicy): Readonly<Record<string, string>> => ({
  policy: `${admission}/validatingadmissionpolicies/${policy.metadata.name}`,
  binding: `${admission}/validatingadmissionpolicybindings/${binding.metadata.name}`,
  ...(parameters !== undefined && {
    definition: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${parameters.definition.metadata.name}`,
    object: `/apis/${parameters.object.apiVersion}/${parameters.object.kind.toLowerCase()}/${parameters.object.metadata.name}`,
  }),
})
const tried = (pod: object): Promise<Answer> =>
  api.send('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod)

beforeAll(async () => {
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  await inParallel(4, made, async ({ manifests }) => {
    const { definition = '', object = '', policy = '', binding = '' } = paths(manifests)
    const { parameters } = manifests
    if (parameters !== undefined) {
      await api.apply(definition, parameters.definition)
      await vi.waitFor(() => api.apply(object, parameters.object), { timeout: 60_000, interval: 300 })
    }
    await api.apply(policy, manifests.policy)
    await api.apply(binding, manifests.binding)
  })
}, 120_000)

afterAll(async () => {
  for (const { manifests } of made) {
    const { binding = '', policy = '', definition } = paths(manifests)
    await api.send('DELETE', binding)
    await api.send('DELETE', policy)
    if (definition !== undefined) await api.send('DELETE', definition)
  }
  api.close()
})

const messageOf = ({ text }: Answer): string =>
  /denied request: ([^]*)$/.exec((JSON.parse(text) as { readonly message?: string }).message ?? '')?.[1] ??
  text

it.each(made.map((each) => [each.policy.id, each] as const))(
  '%s denies with the parameters of its object, and admits what is good',
  async (_, { policy, parameters, bad }) => {
    const pod = packPod('new', label(policy), bad as never)
    const judge = evaluator([policy], { parameters: { [policy.id]: parameters } })
    const violations = judge.evaluate(pod).judgements[0]?.verdict.violations ?? []
    expect(violations).not.toEqual([])
    await vi.waitFor(
      async () => {
        const answer = await tried(pod)
        expect(answer.status, answer.text).toBe(422)
        expect(saysViolations(messageOf(answer), violations), answer.text).toBe(true)
      },
      { timeout: 60_000, interval: 300 },
    )
    await vi.waitFor(
      async () => {
        const good = await tried(packPod('new', label(policy)))
        expect(good.status, good.text).toBe(201)
      },
      { timeout: 60_000, interval: 300 },
    )
  },
)

it('hangs on what the object says, which the API server holds to the schema; without it nothing is allowed', async () => {
  const of = made.find(({ policy }) => policy.id === 'pod-security/volume-types')
  if (of === undefined) throw new Error('it is gone')
  const { manifests, policy } = of
  const { object = '' } = paths(manifests)
  const pod = packPod('new', label(policy), of.bad as never)
  const spec = (volumes: readonly string[]): object => ({
    ...manifests.parameters?.object,
    spec: { volumes },
  })
  const wrong = await api.send('PATCH', `${object}?fieldManager=test&force=true`, spec(['a'.repeat(2000)]))
  expect(wrong.status, wrong.text).toBeGreaterThanOrEqual(400)
  await api.apply(object, spec(['*']))
  await vi.waitFor(async () => expect((await tried(pod)).status).toBe(201), {
    timeout: 30_000,
    interval: 200,
  })
  await api.send('DELETE', object)
  await vi.waitFor(
    async () => {
      const answer = await tried(packPod('new', label(policy)))
      expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
    },
    { timeout: 30_000, interval: 200 },
  )
})
