import { type Json, type Policy, readParameters } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import { constraint, constraintKind, templatesOf } from '@gatewright/gatekeeper'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { variantsOf } from './bad-parameters.js'
import { everyParameter } from './every-parameter.js'
import { inParallel } from './in-parallel.js'
import { packCases, packPod } from './pod-security-cases.js'
import { type Answer, Api } from './rig/api.js'

const api = new Api(inject('cluster'))
const namespace = 'templates'

const policies: readonly Policy[] = [...packCases.map(({ policy }) => policy), everyParameter]
const templates = templatesOf(policies)
const templatePath = (name: string): string => `/apis/templates.gatekeeper.sh/v1/constrainttemplates/${name}`
const kindPath = (policy: Policy): string =>
  `/apis/constraints.gatekeeper.sh/v1beta1/${constraintKind(policy).toLowerCase()}`
const label = (policy: Policy): string => constraintKind(policy).toLowerCase()

const constraints = packCases.map(({ policy, parameters }) => ({
  policy,
  manifest: constraint(policy, {
    name: 'pack',
    parameters,
    match: { namespaces: [namespace], labelSelector: { matchLabels: { policy: label(policy) } } },
  }),
}))
const podsPath = `/api/v1/namespaces/${namespace}/pods`
const tried = (pod: object): Promise<Answer> => api.send('POST', `${podsPath}?dryRun=All`, pod)

beforeAll(async () => {
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  // what stands before there is a constraint
  for (const { policy, bad } of packCases)
    await api.ask('POST', podsPath, packPod(`old-${label(policy)}`, label(policy), bad as never))
  await Promise.all(templates.map((each) => api.apply(templatePath(each.metadata.name), each)))
  await inParallel(4, constraints, async ({ policy, manifest }) => {
    await vi.waitFor(() => api.apply(`${kindPath(policy)}/pack`, manifest), {
      timeout: 60_000,
      interval: 300,
    })
  })
}, 120_000)

afterAll(async () => {
  for (const { policy } of constraints) await api.send('DELETE', `${kindPath(policy)}/pack`)
  for (const each of templates) await api.send('DELETE', templatePath(each.metadata.name))
  api.close()
})

/** What our own evaluator says of a pod as the API server would store it. */
function messagesOf(policy: Policy, parameters: Json, object: object): readonly string[] {
  const { judgements } = evaluate([policy], object, {
    parameters: { [policy.id]: parameters as object } as never,
  })
  return (judgements[0]?.verdict.violations ?? []).map(({ message }) => message)
}

it.each(packCases.map((each) => [each.policy.id, each] as const))(
  '%s denies with our message, and admits what is good',
  async (_, { policy, parameters, bad }) => {
    const pod = packPod('new', label(policy), bad as never)
    const messages = messagesOf(policy, parameters, pod)
    expect(messages).not.toEqual([])
    await vi.waitFor(
      async () => {
        const { status, text } = await tried(pod)
        expect(status, text).toBe(403)
        const said = (JSON.parse(text) as { readonly message: string }).message
        for (const message of messages) expect(said).toContain(`[pack] ${message}`)
      },
      { timeout: 60_000, interval: 300 },
    )
    const good = await tried(packPod('new', label(policy)))
    expect(good.status, good.text).toBe(201)
  },
)

it('audit finds what stood before', async () => {
  await vi.waitFor(
    async () => {
      await inParallel(4, packCases, async ({ policy, parameters, bad }) => {
        const { status } = (await api.ask('GET', `${kindPath(policy)}/pack`)) as {
          readonly status?: {
            readonly violations?: readonly { readonly name: string; readonly message: string }[]
          }
        }
        const name = `old-${label(policy)}`
        const found = (status?.violations ?? [])
          .filter((each) => each.name === name)
          .map(({ message }) => message)
        expect(found.toSorted(), policy.id).toEqual(
          messagesOf(policy, parameters, packPod(name, label(policy), bad as never)).toSorted(),
        )
      })
    },
    { timeout: 60_000, interval: 2_000 },
  )
})

it('C12: the API server refuses the parameters that the policy refuses, and takes those that it takes', async () => {
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const counts = { taken: 0, refused: 0 }
  const differences: string[] = []
  for (const policy of policies) {
    await vi.waitFor(() => api.ask('GET', `${crds}/${label(policy)}.constraints.gatekeeper.sh`), {
      timeout: 60_000,
    })
    const schema = (policy.ir.parameters ?? { type: 'object', properties: {} }) as Readonly<
      Record<string, Json>
    >
    const all = variantsOf(schema)
    await inParallel(8, all, async ({ what, value }) => {
      const object = {
        apiVersion: 'constraints.gatekeeper.sh/v1beta1',
        kind: constraintKind(policy),
        metadata: { name: 'tried' },
        spec: { parameters: value },
      }
      const { status, text } = await api.send('POST', `${kindPath(policy)}?dryRun=All`, object)
      const isTaken = status === 201
      if (!isTaken && !text.includes('spec.parameters')) differences.push(`${policy.id} ${what}: ${text}`)
      const isRight = 'parameters' in readParameters(policy, value as never)
      counts[isTaken ? 'taken' : 'refused']++
      if (isTaken !== isRight)
        differences.push(
          `${policy.id} ${what}: here ${isRight ? 'taken' : 'refused'}, there ${status} ${text.slice(0, 300)}`,
        )
    })
  }
  console.log(counts)
  expect(differences).toEqual([])
  expect(counts.refused).toBeGreaterThan(100)
  expect(counts.taken).toBeGreaterThan(50)
})
