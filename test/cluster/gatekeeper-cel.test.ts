import type { Policy } from '@gatewright/core'
import { evaluator } from '@gatewright/evaluator'
import { constraint, constraintKind } from '@gatewright/gatekeeper'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { celAlone } from '../cel-alone.js'
import { inParallel } from './in-parallel.js'
import { packCases, packPod } from './pod-security-cases.js'
import { type Answer, Api } from './rig/api.js'
import { saysViolations } from './said-violations.js'

const api = new Api(inject('cluster'))
const namespace = 'cel-templates'

/** Kinds of their own, so that templates of the same policies with Rego can be there too. */
const kindOf = (policy: Policy): string => `Cel${constraintKind(policy)}`
const label = (policy: Policy): string => kindOf(policy).toLowerCase()
const templatePath = (policy: Policy): string =>
  `/apis/templates.gatekeeper.sh/v1/constrainttemplates/${label(policy)}`
const constraintPath = (policy: Policy, name = 'cel'): string =>
  `/apis/constraints.gatekeeper.sh/v1beta1/${label(policy)}/${name}`
const tried = (pod: object): Promise<Answer> =>
  api.send('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod)

beforeAll(async () => {
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  await Promise.all(
    packCases.map(({ policy }) => api.apply(templatePath(policy), celAlone(policy, kindOf(policy)))),
  )
  await inParallel(4, packCases, async ({ policy, parameters }) => {
    const manifest = constraint(policy, {
      name: 'cel',
      kind: kindOf(policy),
      parameters,
      match: { namespaces: [namespace], labelSelector: { matchLabels: { policy: label(policy) } } },
    })
    await vi.waitFor(() => api.apply(constraintPath(policy), manifest), { timeout: 60_000, interval: 300 })
  })
}, 120_000)

afterAll(async () => {
  for (const { policy } of packCases) {
    await api.send('DELETE', constraintPath(policy))
    await api.send('DELETE', templatePath(policy))
  }
  api.close()
})

it.each(packCases.map((each) => [each.policy.id, each] as const))(
  '%s denies by CEL with our messages, and admits what is good',
  async (_, { policy, parameters, bad }) => {
    const pod = packPod('new', label(policy), bad as never)
    const judge = evaluator([policy], { parameters: { [policy.id]: parameters as object as never } })
    const violations = judge.evaluate(pod).judgements[0]?.verdict.violations ?? []
    expect(violations).not.toEqual([])
    await vi.waitFor(
      async () => {
        const { status, text } = await tried(pod)
        expect(status, text).toBe(403)
        const said = (JSON.parse(text) as { readonly message: string }).message
        const [, message = ''] = /\[cel\] ([^]*)$/.exec(said) ?? []
        expect(saysViolations(message, violations), said).toBe(true)
      },
      { timeout: 60_000, interval: 300 },
    )
    const good = await tried(packPod('new', label(policy)))
    expect(good.status, good.text).toBe(201)
  },
)

it('refuses parameters that are larger than its cost is worked out for', async () => {
  const [of] = packCases.filter(({ policy }) => policy.id === 'pod-security/volume-types')
  const policy = of?.policy as Policy
  const manifest = constraint(policy, {
    name: 'large',
    kind: kindOf(policy),
    parameters: { volumes: Array.from({ length: 300 }, (_, i) => `volume-${i}`) },
  })
  const { status, text } = await api.send(
    'POST',
    `/apis/constraints.gatekeeper.sh/v1beta1/${label(policy)}`,
    manifest,
  )
  expect(status, text).toBe(422)
  expect(text).toMatch(/volumes.*must have at most \d+ items/)
})
