import { isObject, type Json, kindOf, policy } from '@gatewright/core'
import { type Match, matchObject } from '@gatewright/evaluator'
import { admissionPolicyOf } from '@gatewright/gatekeeper'
import { configMaps, findResource, type ServedResource } from '@gatewright/kubernetes'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { inParallel } from './in-parallel.js'
import { Api, apiPath } from './rig/api.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 60)
const api = new Api(inject('cluster'))
const base = '/apis/admissionregistration.k8s.io/v1'

type Fields = Readonly<Record<string, Json>>

const kinds = [
  { group: '', kind: 'ConfigMap' },
  { group: '', kind: 'Namespace' },
  { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
]

/** Denies whatever it is asked about, so that a warning tells that an object matches. */
const all = policy({
  id: 'cluster/all',
  title: 'Nothing is allowed',
  severity: 'low',
  target: { ...configMaps, ir: { ...configMaps.ir, kinds } },
  rule: ({ object }) => object.metadata.name.exists().deny({ message: 'seen', at: object.metadata.name }),
})

/** The same of what goes. */
const going = configMaps.on('DELETE')
const allThatGoes = policy({
  id: 'cluster/all-that-goes',
  title: 'Nothing goes',
  severity: 'low',
  target: { ...going, ir: { ...going.ir, kinds } },
  rule: ({ oldObject }) =>
    oldObject.metadata.name.exists().deny({ message: 'seen', at: oldObject.metadata.name }),
})

const namespaces = ['match-a', 'match-team-x', 'match-team-y']
const labels = fc.constantFrom<Fields>({}, { tier: 'gold' }, { tier: 'lead', 'team.example/of': 'x' })
const patterns = fc.constantFrom(
  'match-a',
  'match-team-x',
  'match-*',
  '*-x',
  '*team*',
  '*',
  'other',
  'other-*',
)
const someOf = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(each, { maxLength: 3 })

const requirement = fc.record({ key: fc.constantFrom('tier', 'team.example/of') }).chain(({ key }) =>
  fc.oneof(
    fc.record({
      key: fc.constant(key),
      operator: fc.constantFrom('In', 'NotIn'),
      values: fc.constantFrom(['gold'], ['lead', 'x'], ['']),
    }),
    fc.record({ key: fc.constant(key), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  ),
)
const selector = fc.record(
  {
    matchLabels: fc.constantFrom({}, { tier: 'gold' }, { 'team.example/of': 'x' }),
    matchExpressions: fc.array(requirement, { maxLength: 2 }),
  },
  { requiredKeys: [] },
)

const matches: fc.Arbitrary<Match> = fc.record(
  {
    kinds: fc.constantFrom(
      [],
      [{ apiGroups: [''] }],
      [{ apiGroups: [], kinds: ['ConfigMap', 'ClusterRole'] }],
      [{ apiGroups: ['*'], kinds: ['*'] }],
    ),
    scope: fc.constantFrom('*', 'Cluster', 'Namespaced'),
    namespaces: someOf(patterns),
    excludedNamespaces: fc.array(patterns, { maxLength: 2 }),
    labelSelector: selector as fc.Arbitrary<Json>,
    namespaceSelector: selector as fc.Arbitrary<Json>,
    name: fc.constantFrom('', 'thing', 'thin*', '*ing', '*hin*', 'match-*', '*', 'thing-'),
    source: fc.constantFrom('All', 'Original'),
  },
  { requiredKeys: [] },
)
// most parts are left out of most matches, since a match of all parts takes next to nothing
const given: readonly Match[] = fc
  .sample(fc.tuple(matches, fc.array(fc.nat(7), { minLength: 1, maxLength: 3 })), { numRuns: runs, seed })
  .map(
    ([match, kept]) => Object.fromEntries(Object.entries(match).filter((_, i) => kept.includes(i))) as Match,
  )
  // a selector of namespaces is refused for Namespaces themselves, which lose labels by a change
  .map((match) =>
    match.namespaceSelector === undefined
      ? match
      : { ...match, kinds: [{ apiGroups: ['*'], kinds: ['ConfigMap', 'ClusterRole'] }] },
  )

/** An API server cuts the warnings of an answer off after 4,096 characters, so that it is asked about some matches at a time. */
const longestWarnings = 3_900
const atOnce = 40
const rounds = Array.from({ length: Math.ceil(runs / atOnce) }, (_, round) =>
  given.slice(round * atOnce, (round + 1) * atOnce).map((match, i) => ({ match, name: `m${round}-${i}` })),
)

interface Stored {
  readonly match: Match
  readonly name: string
}

const namespaceOf = (name: string, own: Fields): Json => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: own },
})

const configMap = (metadata: Fields): Json => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
const clusterRole = (metadata: Fields): Json => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata,
  rules: [],
})

const pathOf = (object: Json, name?: string): string => {
  const { metadata = {} } = object as { readonly metadata?: { readonly namespace?: string } }
  const resource = findResource(kindOf(object) ?? { group: '', kind: '' }) as ServedResource
  return apiPath(resource, metadata.namespace, name)
}

/** Objects that are made, each in every namespace that it can be in, by name and by a name that is generated. */
const made: readonly Json[] = fc
  .sample(labels, { numRuns: 4, seed })
  .flatMap((own) => [
    ...namespaces.flatMap((namespace) => [
      configMap({ name: 'thing', namespace, labels: own }),
      configMap({ generateName: 'thing', namespace, labels: own }),
    ]),
    clusterRole({ name: 'thing', labels: own }),
    clusterRole({ generateName: 'thing-', labels: own }),
    namespaceOf('match-new', own),
    namespaceOf('other', own),
  ])

/** Objects that are there, whose labels are changed. */
const stored: readonly Json[] = [
  ...namespaces.map((namespace) => configMap({ name: 'thing-there', namespace, labels: { tier: 'gold' } })),
  clusterRole({ name: 'match-role', labels: { tier: 'gold' } }),
  configMap({ name: 'bare', namespace: 'match-a' }),
]

const namespaceLabels: Readonly<Record<string, Fields>> = {
  'match-a': {},
  'match-team-x': { tier: 'gold' },
  'match-team-y': { tier: 'lead', 'team.example/of': 'x' },
}

beforeAll(async () => {
  for (const name of namespaces)
    await api.apply(`/api/v1/namespaces/${name}`, namespaceOf(name, namespaceLabels[name] ?? {}))
  for (const object of stored) await api.ask('POST', pathOf(object), object)
}, 60_000)

afterAll(async () => {
  for (const object of stored) {
    const { metadata } = object as { readonly metadata: Fields }
    await api.send('DELETE', pathOf(object, String(metadata['name'])))
  }
})

async function store({ name, match }: Stored, of = all): Promise<void> {
  const made = admissionPolicyOf(of, { name, match, action: 'Warn', excludeNamespaces: [] })
  await api.apply(`${base}/validatingadmissionpolicies/${name}`, made.policy)
  await api.apply(`${base}/validatingadmissionpolicybindings/${name}`, made.binding)
}

async function remove(name: string): Promise<void> {
  await api.ask('DELETE', `${base}/validatingadmissionpolicybindings/${name}`)
  await api.ask('DELETE', `${base}/validatingadmissionpolicies/${name}`)
}

const probe = 'match-probe'

/** Waits until the probe, which has no match and is stored and removed last, is in force or is not, and with it those before. */
async function until(isLive: boolean): Promise<void> {
  const asked = configMap({ name: 'probe', namespace: 'match-a' })
  for (let i = 0; i < 200; i++) {
    const { warning } = await api.send('POST', `${pathOf(asked)}?dryRun=All`, asked)
    if (isLive ? warning.includes(`'${probe}'`) : warning === '') return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`the admission policies are ${isLive ? 'not live' : 'still there'}`)
}

interface Seen {
  matched: number
  passed: number
}

/** Which matches are read otherwise by the API server than by the evaluator. */
async function differences(
  of: readonly Stored[],
  object: Json,
  warning: string,
  seen: Seen,
  was?: Json,
): Promise<readonly string[]> {
  expect(warning.length).toBeLessThan(longestWarnings)
  const { metadata } = object as { readonly metadata: Fields }
  const own = metadata['namespace']
  const namespace =
    typeof own === 'string' ? ((await api.ask('GET', `/api/v1/namespaces/${own}`)) as Json) : undefined
  const { name: _, ...unnamed } = metadata
  // before it has a name, an object is known by what its name will begin with
  const forms: readonly Json[] =
    metadata['generateName'] === undefined
      ? [object, ...(was === undefined ? [] : [was])]
      : [object, { ...(object as Fields), metadata: unnamed }]
  return of.flatMap(({ match, name }) => {
    const ours = forms.map((form) =>
      matchObject(match, form, namespace === undefined ? {} : { namespaceObject: () => namespace }),
    )
    const isOurs = ours.some((each) => 'matches' in each && each.matches)
    const isTheirs = warning.includes(`'${name}' with binding '${name}': seen`)
    seen[isOurs ? 'matched' : 'passed']++
    const isError = warning.includes(`'${name}'`) && !isTheirs
    if (isOurs === isTheirs && !isError && ours.every((each) => !('error' in each))) return []
    return [
      `${JSON.stringify(match)} ours ${JSON.stringify(ours)} API server ${isTheirs}${isError ? ', with an error' : ''} ${JSON.stringify(metadata)}`,
    ]
  })
}

describe('matches of what goes', () => {
  const of = rounds[0] ?? []
  beforeAll(async () => {
    await inParallel(8, of, (each) => store(each, allThatGoes))
    await store({ name: probe, match: {} })
    await until(true)
  }, 120_000)

  afterAll(async () => {
    await inParallel(8, of, ({ name }) => remove(name))
    await remove(probe)
    await until(false)
  }, 120_000)

  it('an object that goes matches as what it was', async () => {
    const seen: Seen = { matched: 0, passed: 0 }
    const found: string[] = []
    for (const object of stored) {
      const { metadata } = object as { readonly metadata: Fields }
      const path = pathOf(object, String(metadata['name']))
      const live = (await api.ask('GET', path)) as Json
      const { status, text, warning } = await api.send('DELETE', `${path}?dryRun=All`)
      expect(status, text).toBeLessThan(300)
      found.push(...(await differences(of, live, warning, seen)))
    }
    console.log(`gone: ${JSON.stringify(seen)}`)
    expect(found.slice(0, 3).join('\n')).toBe('')
    expect(Math.min(seen.matched, seen.passed)).toBeGreaterThan(of.length)
  })
})

describe.each(rounds.map((of, round) => ({ of, round })))('matches of round $round', ({ of }) => {
  beforeAll(async () => {
    await inParallel(8, of, store)
    await store({ name: probe, match: {} })
    await until(true)
  }, 120_000)

  afterAll(async () => {
    await inParallel(8, of, ({ name }) => remove(name))
    await remove(probe)
    await until(false)
  }, 120_000)

  it('an object that is made matches where the evaluator says so', async () => {
    const seen: Seen = { matched: 0, passed: 0 }
    const found: string[] = []
    await inParallel(8, made, async (object) => {
      const { status, text, warning } = await api.send('POST', `${pathOf(object)}?dryRun=All`, object)
      expect(status, text).toBeLessThan(300)
      found.push(...(await differences(of, JSON.parse(text) as Json, warning, seen)))
    })
    console.log(`made: ${JSON.stringify(seen)}`)
    expect(found.slice(0, 3).join('\n')).toBe('')
    expect(Math.min(seen.matched, seen.passed)).toBeGreaterThan(of.length)
  })

  it('an object that is changed matches as what it becomes, or as what it was', async () => {
    const seen: Seen = { matched: 0, passed: 0 }
    const found: string[] = []
    const labelsTo: readonly Json[] = [{ tier: 'lead' }, { tier: null }, { 'team.example/of': 'x' }]
    const namespacesThere = namespaces.map((name) => namespaceOf(name, {}))
    for (const object of [...stored, ...namespacesThere])
      for (const to of labelsTo) {
        const { metadata } = object as { readonly metadata: Fields }
        const path = `${pathOf(object, String(metadata['name']))}?dryRun=All`
        const patch = { metadata: { labels: to } }
        const was = (await api.ask('GET', pathOf(object, String(metadata['name'])))) as Json
        const { status, text, warning } = await api.send('PATCH', path, patch, {
          'content-type': 'application/merge-patch+json',
        })
        expect(status, text).toBeLessThan(300)
        const changed = JSON.parse(text) as Json
        expect(isObject(changed)).toBe(true)
        found.push(...(await differences(of, changed, warning, seen, was)))
      }
    console.log(`changed: ${JSON.stringify(seen)}`)
    expect(found.slice(0, 3).join('\n')).toBe('')
    expect(Math.min(seen.matched, seen.passed)).toBeGreaterThan(of.length)
  })
})
