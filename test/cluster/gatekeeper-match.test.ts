import { type Json, message, policy } from '@gatewright/core'
import { evaluator } from '@gatewright/evaluator'
import { constraint, constraintKind, templateOf } from '@gatewright/gatekeeper'
import { configMaps } from '@gatewright/kubernetes'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { Api } from './rig/api.js'

const api = new Api(inject('cluster'))
const namespace = 'match-of-changes'
const match = { namespaces: [namespace], labelSelector: { matchLabels: { team: 'shop' } } }
const closed = policy({
  id: 'test/closed',
  title: 'Nothing is written',
  severity: 'low',
  target: configMaps,
  rule: ({ object }) =>
    object.data
      .get('key')
      .is('bad')
      .deny({ message: message`it is bad` }),
})
const template = templateOf(closed)
const templatePath = `/apis/templates.gatekeeper.sh/v1/constrainttemplates/${template.metadata.name}`
const constraintPath = `/apis/constraints.gatekeeper.sh/v1beta1/${constraintKind(closed).toLowerCase()}/of-changes`
const maps = `/api/v1/namespaces/${namespace}/configmaps`

const configMap = (name: string, team: string | undefined, key: string): Json => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: team === undefined ? {} : { team } },
  data: { key },
})

const teams = ['shop', 'other', undefined] as const

beforeAll(async () => {
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  for (const team of teams) await api.ask('POST', maps, configMap(`of-${team ?? 'none'}`, team, 'good'))
  await api.apply(templatePath, template)
  const own = constraint(closed, { name: 'of-changes', match })
  await vi.waitFor(() => api.apply(constraintPath, own), { timeout: 60_000, interval: 300 })
}, 120_000)

afterAll(async () => {
  await api.send('DELETE', constraintPath)
  await api.send('DELETE', templatePath)
  api.close()
})

it('nobody gets out of a match by a change, here and in Gatekeeper', async () => {
  const judge = evaluator([closed], { match })
  const seen = new Set<string>()
  for (const from of teams)
    for (const to of teams) {
      const name = `of-${from ?? 'none'}`
      const object = configMap(name, to, 'bad')
      const request = {
        uid: 'a',
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        operation: 'UPDATE',
        name,
        namespace,
        object,
        oldObject: configMap(name, from, 'good'),
      }
      const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }
      const ours = judge.evaluate(review).judgements[0]?.verdict.verdict
      await vi.waitFor(
        async () => {
          const { status } = await api.send('PUT', `${maps}/${name}?dryRun=All`, object)
          expect([from, to, status]).toEqual([from, to, ours === 'denied' ? 403 : 200])
        },
        { timeout: 30_000, interval: 300 },
      )
      seen.add(`${ours}`)
    }
  expect([...seen].toSorted()).toEqual(['denied', 'not-applicable'])
})
