import { message, pathText, policy } from '@gatewright/core'
import { evaluate, javascriptEngine, ledgerOf, type Match, referenceEngine } from '@gatewright/evaluator'
import { pods, workloads } from '@gatewright/kubernetes'
import { podSecurity, privilegedContainers } from '@gatewright/pod-security'
import { policiesInForce, serveWebhook } from '@gatewright/server'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { namespace, steps } from './admission-steps.js'
import { privilegedConstraint, privilegedTemplate } from './privileged-template.js'
import { type AdmissionReview, RecordingWebhook } from './recording-webhook.js'
import { Api, apiPath } from './rig/api.js'

const connection = inject('cluster')
const api = new Api(connection)
const webhook = new RecordingWebhook(api, connection)

/** Everything that the API server asked, in order. */
const recorded: AdmissionReview[] = []

beforeAll(async () => {
  const namespaces = { group: '', version: 'v1', plural: 'namespaces' }
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
  await api.apply(apiPath(namespaces, undefined, namespace), object)
  await webhook.start(namespace, connection)
  await vi.waitUntil(
    async () => {
      const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'probe' } }
      await api.send('POST', `/api/v1/namespaces/${namespace}/configmaps?dryRun=All`, probe)
      return webhook.taken().length > 0
    },
    { timeout: 20_000 },
  )
})

afterAll(() => webhook.stop())

const asked = ({ request: { operation, kind, subResource } }: AdmissionReview): string =>
  [operation, kind.kind, ...(subResource === undefined ? [] : [subResource])].join(' ')

const named = steps.map((step) => [step.what, step.verdict, step] as const)

it.each(named)('%s: %s', async (_, expected, { does, asks, because }) => {
  const { status, text } = await does(api)
  const reviews = webhook.taken()
  recorded.push(...reviews)
  expect(reviews.map(asked), `${status} ${text}`).toEqual(asks)
  for (const review of reviews) {
    for (const engine of [javascriptEngine, referenceEngine]) {
      const [judgement] = evaluate([privilegedContainers], review, { engine }).judgements
      const { verdict, violations = [], reasons = [] } = judgement?.verdict ?? {}
      expect(verdict, JSON.stringify(reasons)).toBe(expected)
      const found = [...violations.map(({ at }) => pathText(at)), ...reasons.map(({ code }) => code)]
      expect(found).toEqual(because === undefined ? [] : [because])
    }
  }
})

it('every review is accounted for by the whole pack, and reads the same in the shape that Gatekeeper gives', () => {
  expect(recorded).toHaveLength(steps.flatMap(({ asks }) => asks).length)
  const entries = recorded.map((review) => {
    const { judgements, problem, notes } = evaluate([podSecurity], review)
    expect(problem).toBeUndefined()
    expect(evaluate([podSecurity], { review: review.request }).judgements).toEqual(judgements)
    expect(evaluate([podSecurity], review, { engine: referenceEngine }).judgements).toEqual(judgements)
    const outcomes = judgements.map(({ policy, verdict }) => ({
      policy: policy.id,
      suppressed: [],
      ...verdict,
    }))
    for (const { verdict, reasons } of outcomes) {
      expect(['allowed', 'denied', 'not-applicable']).toContain(verdict)
      if (verdict === 'not-applicable') expect(reasons[0]?.code).toMatch(/^(?:kind|operation)$/)
    }
    return { source: 'the API server', object: asked(review), outcomes, notes }
  })
  const { totals } = ledgerOf(entries)
  const about = steps.filter(({ verdict }) => verdict !== 'not-applicable').length
  expect(totals).toMatchObject({ evaluated: about, notMatched: recorded.length - about, unreadable: 0 })
})

it('the webhook answers every review as the evaluator says, since each is about the kind of its object', async () => {
  const policies = [privilegedContainers]
  const server = await serveWebhook({ policies: policiesInForce({ policies, revision: 'a' }) })
  try {
    for (const review of recorded) {
      const response = await fetch(`${server.url}/validate`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(review),
      })
      const answer = (await response.json()) as { readonly response: { readonly allowed: boolean } }
      const [judgement] = evaluate(policies, review).judgements
      expect(answer.response.allowed, `${asked(review)}: ${JSON.stringify(answer)}`).toBe(
        judgement?.verdict.verdict !== 'denied',
      )
    }
  } finally {
    await server.close(0)
  }
})

it('a policy that is about deletions judges them by the object that goes', () => {
  const kept = policy({
    id: 'test/kept',
    title: 'Some pods stay',
    severity: 'low',
    target: pods.on('DELETE'),
    rule: ({ oldObject }) => oldObject.metadata.name.is('plain').deny({ message: 'it stays' }),
  })
  const denied = recorded.filter(
    (review) => evaluate([kept], review).judgements[0]?.verdict.verdict === 'denied',
  )
  expect(denied.map(asked)).toEqual(['DELETE Pod'])
})

it('Gatekeeper says of every review what the same rule and match say here', async () => {
  const rule = policy({
    id: 'test/privileged',
    title: 'No container is privileged',
    severity: 'high',
    target: workloads,
    rule: ({ pod }) =>
      pod.allContainers
        .filter((each) => each.securityContext.privileged.is(true))
        .deny((each) => ({ message: message`${each.name} is privileged` })),
  })
  const match: Match = { kinds: [{ apiGroups: [''], kinds: ['Pod'] }], namespaces: [namespace] }
  const gatekeeper = new Api({ ...connection, port: connection.gatekeeperPort })
  const admits = async (review: unknown): Promise<boolean> => {
    const { response } = (await gatekeeper.ask('POST', '/v1/admit', review)) as {
      readonly response: { readonly allowed: boolean }
    }
    return response.allowed
  }
  const template = '/apis/templates.gatekeeper.sh/v1/constrainttemplates/privileged'
  const constraint = '/apis/constraints.gatekeeper.sh/v1beta1/privileged/no-privileged'
  try {
    await api.apply(template, privilegedTemplate)
    await vi.waitFor(() => api.apply(constraint, privilegedConstraint(match)), { timeout: 30_000 })
    await vi.waitUntil(async () => !(await admits(recorded[0])), { timeout: 30_000 })
    // Gatekeeper judges deletions by the old object as well, and a policy here only where it is about them
    const compared = recorded.filter(({ request }) => request.operation !== 'DELETE')
    const verdicts = new Set<string | undefined>()
    for (const review of compared) {
      const verdict = evaluate([rule], review, { match }).judgements[0]?.verdict.verdict
      verdicts.add(verdict)
      expect(await admits(review), asked(review)).toBe(verdict !== 'denied')
    }
    expect([...verdicts].sort()).toEqual(['allowed', 'denied', 'not-applicable'])
  } finally {
    await api.send('DELETE', constraint)
    await api.send('DELETE', template)
    gatekeeper.close()
  }
})
