import { message, policy } from '@gatewright/core'
import { constraint, constraintKind, expansionTemplatesOf, templateOf } from '@gatewright/gatekeeper'
import { pods } from '@gatewright/kubernetes'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { type Answer, Api } from './rig/api.js'

const api = new Api(inject('cluster'))
const namespace = 'expanded'
const hostNetwork = policy({
  id: 'test/expanded-network',
  title: 'No host network',
  severity: 'low',
  target: pods,
  rule: ({ object }) =>
    object.spec.hostNetwork.is(true).deny({ message: message`it is in the network of its node` }),
})
const template = templateOf(hostNetwork)
const expansions = expansionTemplatesOf([hostNetwork])
const templatePath = `/apis/templates.gatekeeper.sh/v1/constrainttemplates/${template.metadata.name}`
const constraintPath = `/apis/constraints.gatekeeper.sh/v1beta1/${constraintKind(hostNetwork).toLowerCase()}/expanded`
const expansionPath = (name: string): string =>
  `/apis/expansion.gatekeeper.sh/v1beta1/expansiontemplate/${name}`

beforeAll(async () => {
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  await api.apply(templatePath, template)
  for (const each of expansions) await api.apply(expansionPath(each.metadata.name), each)
  const own = constraint(hostNetwork, { name: 'expanded', match: { namespaces: [namespace] } })
  await vi.waitFor(() => api.apply(constraintPath, own), { timeout: 60_000, interval: 300 })
}, 120_000)

afterAll(async () => {
  await api.send('DELETE', constraintPath)
  for (const each of expansions) await api.send('DELETE', expansionPath(each.metadata.name))
  await api.send('DELETE', templatePath)
  api.close()
})

const spec = (isBad: boolean): object => ({
  metadata: { labels: { app: 'a' } },
  spec: { hostNetwork: isBad, restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] },
})
const made = (kind: 'Deployment' | 'CronJob', isBad: boolean): Promise<Answer> =>
  kind === 'Deployment'
    ? api.send('POST', `/apis/apps/v1/namespaces/${namespace}/deployments?dryRun=All`, {
        apiVersion: 'apps/v1',
        kind,
        metadata: { name: 'tried' },
        spec: {
          selector: { matchLabels: { app: 'a' } },
          template: { ...spec(isBad), spec: { hostNetwork: isBad, containers: [{ name: 'a', image: 'a' }] } },
        },
      })
    : api.send('POST', `/apis/batch/v1/namespaces/${namespace}/cronjobs?dryRun=All`, {
        apiVersion: 'batch/v1',
        kind,
        metadata: { name: 'tried' },
        spec: { schedule: '* * * * *', jobTemplate: { spec: { template: spec(isBad) } } },
      })

it.each(['Deployment', 'CronJob'] as const)(
  'a %s is denied for the Pods that it would make',
  async (kind) => {
    await vi.waitFor(
      async () => {
        const { status, text } = await made(kind, true)
        expect(status, text).toBe(403)
        expect(text).toContain('it is in the network of its node')
      },
      { timeout: 60_000, interval: 300 },
    )
    const good = await made(kind, false)
    expect(good.status, good.text).toBe(201)
  },
)
