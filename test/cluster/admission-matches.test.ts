import { isObject, type Json, policy } from '@gatewright/core'
import { type Match, matchObject } from '@gatewright/evaluator'
import { admissionPolicyOf } from '@gatewright/gatekeeper'
import { configMaps, namespaces } from '@gatewright/kubernetes'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { type Answer, Api } from './rig/api.js'

const api = new Api(inject('cluster'))

/** Denies whatever it is asked about, so that who is denied is who is matched. */
const everything = policy({
  id: 'test/everything',
  title: 'Nothing is right',
  severity: 'low',
  target: configMaps.or(namespaces),
  rule: ({ object }) => object.metadata.name.exists().deny({ message: 'it is matched' }),
})

const matches: readonly Match[] = [
  {},
  { namespaces: ['match-a'] },
  { namespaces: ['match-*'] },
  { namespaces: ['*-a', '*tch-b*'] },
  { namespaces: ['*'] },
  { excludedNamespaces: ['match-b'] },
  { excludedNamespaces: ['*-b', 'other'] },
  { scope: 'Namespaced' },
  { scope: 'Cluster' },
  { name: 'shop' },
  { name: 'sh*' },
  { name: '*op' },
  { name: '*h*' },
  { kinds: [{ apiGroups: [''], kinds: ['Namespace'] }] },
  { labelSelector: { matchLabels: { tier: 'front' } } },
  { labelSelector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['front', ''] }] } },
  { labelSelector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] } },
  { labelSelector: { matchExpressions: [{ key: 'a.b/c', operator: 'DoesNotExist' }] } },
  {
    labelSelector: {
      matchLabels: { tier: 'front' },
      matchExpressions: [{ key: 'a.b/c', operator: 'In', values: ['1', '2'] }],
    },
  },
  { namespaceSelector: { matchLabels: { team: 'a' } } },
  { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] } },
  {
    namespaces: ['match-*'],
    scope: 'Namespaced',
    name: '*1',
    labelSelector: { matchLabels: { tier: 'front' } },
  },
]

const teams: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'match-a': { team: 'a' },
  'match-b': { team: 'b' },
  other: {},
}
const labels: readonly (Readonly<Record<string, string>> | undefined)[] = [
  undefined,
  {},
  { tier: 'front' },
  { tier: '' },
  { tier: 'back', 'a.b/c': '1' },
  { tier: 'front', 'a.b/c': '2' },
]

const base = '/apis/admissionregistration.k8s.io/v1'
const nameOf = (i: number): string => `match-test-${i}`
const paths = (i: number): readonly string[] => [
  `${base}/validatingadmissionpolicybindings/${nameOf(i)}`,
  `${base}/validatingadmissionpolicies/${nameOf(i)}`,
]
const namespaceOf = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { ...teams[name], 'kubernetes.io/metadata.name': name } },
})

/** The numbers of the matches that the API server warns of. */
const warned = ({ warning }: Answer): readonly number[] =>
  matches.flatMap((_, i) => (warning.includes(`ValidatingAdmissionPolicy '${nameOf(i)}'`) ? [i] : []))

/** The numbers of the matches that the shared evaluator takes the object for. */
function expected(object: Json): readonly number[] {
  return matches.flatMap((match, i) => {
    const answer = matchObject(match, object, {
      namespaceObject: (name) => (Object.hasOwn(teams, name) ? (namespaceOf(name) as Json) : undefined),
    })
    if ('error' in answer) throw new Error(answer.error.message)
    return answer.matches ? [i] : []
  })
}

const map = (name: string, own: (typeof labels)[number], data = '1'): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(own !== undefined && { labels: own }) },
  data: { a: data },
})
const created = (namespace: string, object: object): Promise<Answer> =>
  api.send('POST', `/api/v1/namespaces/${namespace}/configmaps?dryRun=All`, object)

beforeAll(async () => {
  for (const name of Object.keys(teams)) await api.apply(`/api/v1/namespaces/${name}`, namespaceOf(name))
  for (const [i, match] of matches.entries()) {
    const made = admissionPolicyOf(everything, {
      name: nameOf(i),
      match,
      action: 'Warn',
      excludeNamespaces: [],
    })
    const [binding = '', own = ''] = paths(i)
    await api.apply(own, made.policy)
    await api.apply(binding, made.binding)
  }
  await vi.waitFor(
    async () => expect(warned(await created('match-a', map('shop', { tier: 'front' })))).toContain(14),
    { timeout: 30_000, interval: 300 },
  )
}, 60_000)

afterAll(async () => {
  for (const i of matches.keys()) for (const path of paths(i)) await api.send('DELETE', path)
  api.close()
})

it('new objects are matched as the shared evaluator matches them', async () => {
  for (const namespace of Object.keys(teams))
    for (const own of labels)
      for (const name of ['shop', 'sh', 'stop', 'other1']) {
        const answer = await created(namespace, map(name, own))
        expect(answer.status, answer.text).toBe(201)
        const object = JSON.parse(answer.text) as Json
        expect(warned(answer), JSON.stringify([namespace, own, name])).toEqual(expected(object))
      }
  const generated = await created('match-a', { ...map('', {}), metadata: { generateName: 'shop-' } })
  expect(warned(generated)).toEqual(expect.arrayContaining([10, 12]))
  for (const name of ['match-new', 'shop', 'other-new'])
    for (const own of labels) {
      const answer = await api.send('POST', '/api/v1/namespaces?dryRun=All', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, ...(own !== undefined && { labels: own }) },
      })
      const object = JSON.parse(answer.text) as Json
      expect(isObject(object) && object['kind']).toBe('Namespace')
      expect(warned(answer), JSON.stringify([name, own])).toEqual(expected(object))
    }
})

it('a change is matched by what the object shall be, and not by what it was', async () => {
  for (const before of labels) {
    const path = '/api/v1/namespaces/match-a/configmaps/shop1'
    await api.send('DELETE', path)
    await api.ask('POST', '/api/v1/namespaces/match-a/configmaps', map('shop1', before))
    for (const after of labels) {
      const answer = await api.send('PUT', `${path}?dryRun=All`, map('shop1', after, '2'))
      const object = JSON.parse(answer.text) as Json
      expect(warned(answer), JSON.stringify([before, after])).toEqual(expected(object))
    }
  }
})
