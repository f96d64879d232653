import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { policiesOf } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import { constraint, type Manifest, providerOf, templateOf } from '@gatewright/gatekeeper'
import { podSecurity } from '@gatewright/pod-security'
import { type RunningProvider, serveProvider } from '@gatewright/server'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { inParallel } from './in-parallel.js'
import { packCases, packPod } from './pod-security-cases.js'
import { type Answer, Api } from './rig/api.js'

const connection = inject('cluster')
const api = new Api(connection)
const namespace = 'provided'
const key = (name: string): string => readFileSync(join(connection.keys, name), 'utf8')

let server: RunningProvider
const start = async (port = 0): Promise<void> => {
  server = await serveProvider({
    port,
    certificates: { certificate: key('tls.crt'), key: key('tls.key') },
    policies: { policies: policiesOf([podSecurity]), revision: 'test' },
  })
}

/** Kinds of their own, beside those that other tests install. */
const kindOf = (id: string): string => `Provided${id.replace(/^.*\//, '').replaceAll('-', '')}`
const cases = packCases.map((each) => {
  const kind = kindOf(each.policy.id)
  const template = templateOf(each.policy, { kind, provider: 'gatewright' })
  const label = `provided-${kind.toLowerCase()}`
  const own = constraint(each.policy, {
    name: 'provided',
    kind,
    parameters: each.parameters,
    match: { namespaces: [namespace], labelSelector: { matchLabels: { policy: label } } },
  })
  return { ...each, kind, template, own, label }
})

const templatePath = ({ metadata }: Manifest): string =>
  `/apis/templates.gatekeeper.sh/v1/constrainttemplates/${metadata.name}`
const ownPath = (kind: string): string =>
  `/apis/constraints.gatekeeper.sh/v1beta1/${kind.toLowerCase()}/provided`
const providerPath = '/apis/externaldata.gatekeeper.sh/v1beta1/providers/gatewright'
const tried = (pod: object): Promise<Answer> =>
  api.send('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod)

beforeAll(async () => {
  await start()
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  await api.apply(
    providerPath,
    providerOf({ name: 'gatewright', url: server.url, certificateAuthority: key('ca.crt') }),
  )
  await Promise.all(cases.map(({ template }) => api.apply(templatePath(template), template)))
  await inParallel(4, cases, async ({ kind, own }) => {
    await vi.waitFor(() => api.apply(ownPath(kind), own), { timeout: 60_000, interval: 300 })
  })
}, 120_000)

afterAll(async () => {
  for (const { kind, template } of cases) {
    await api.send('DELETE', ownPath(kind))
    await api.send('DELETE', templatePath(template))
  }
  await api.send('DELETE', providerPath)
  api.close()
  await server.close(0)
})

it.each(cases.map((each) => [each.policy.id, each] as const))(
  '%s is judged by the provider, with our message',
  async (_, { policy, parameters, bad, label }) => {
    const pod = packPod('new', label, bad as never)
    const { judgements } = evaluate([policy], pod, { parameters: { [policy.id]: parameters } })
    const messages = judgements[0]?.verdict.violations.map(({ message }) => message) ?? []
    expect(messages).not.toEqual([])
    await vi.waitFor(
      async () => {
        const { status, text } = await tried(pod)
        expect(status, text).toBe(403)
        const said = (JSON.parse(text) as { readonly message: string }).message
        const lines = said.replace('admission webhook "validation.gatekeeper.sh" denied the request: ', '')
        expect(lines.split('\n').toSorted()).toEqual(
          [...new Set(messages)].map((message) => `[provided] ${message}`).toSorted(),
        )
      },
      { timeout: 60_000, interval: 300 },
    )
    const good = await tried(packPod('new', label))
    expect(good.status, good.text).toBe(201)
  },
)

it('a provider that does not answer denies', async () => {
  const [first] = cases
  if (first === undefined) throw new Error('there is no case')
  await server.close(0)
  const { status, text } = await tried(packPod('other', first.label))
  expect(status, text).toBe(403)
  expect(text).toContain(`${first.policy.id} could not be judged`)
  await start(Number(new URL(server.url).port))
  const after = await tried(packPod('other', first.label))
  expect(after.status, after.text).toBe(201)
})
