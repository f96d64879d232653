import {
  checkedIr,
  evaluate,
  evaluator,
  inventoryOf,
  javascriptEngine,
  matchObject,
  referenceEngine,
  wasmEngine,
} from '@gatewright/evaluator'
import { type Json, policy, type Policy, type Review, unknownValue } from '@gatewright/core'
import {
  anyObject,
  deployments,
  namespaces,
  networkPolicies,
  pods,
  podTemplatePaths,
  workloads,
} from '@gatewright/kubernetes'
import { podSecurity, privilegedContainers, restricted } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'

const privilegedPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'nginx', securityContext: { privileged: true } }] },
}
const engines = [javascriptEngine, referenceEngine, wasmEngine]
const verdictOf = (policies: readonly Policy[], input: unknown, options = {}) =>
  evaluate(policies, input, options).judgements[0]?.verdict

describe('E1: what is no object is an error, never an empty set of violations', () => {
  const text = JSON.stringify(privilegedPod)
  const shapes: readonly (readonly [string, unknown])[] = [
    ['a text', text],
    ['bytes', new TextEncoder().encode(text)],
    ['a buffer', Buffer.from(text)],
    ['undefined', undefined],
    ['null', null],
    ['a list', [privilegedPod]],
    ['a number', 7],
    ['true', true],
    ['a date', new Date(0)],
    ['a map', new Map([['kind', 'Pod']])],
    ['a function', () => privilegedPod],
    ['a promise', Promise.resolve(privilegedPod)],
    ['an AdmissionReview without a request', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }],
    [
      'an AdmissionReview of another version',
      { apiVersion: 'admission.k8s.io/v2', kind: 'AdmissionReview', request: { object: privilegedPod } },
    ],
    [
      'a request without an object',
      { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { operation: 'CREATE' } },
    ],
  ]
  it.each(shapes)('%s', (_, input) => {
    for (const engine of engines) {
      const verdict = verdictOf([privilegedContainers], input, { engine })
      expect(verdict?.verdict).toBe('error')
      expect(verdict?.reasons[0]?.code).toBe('bad-input')
    }
  })

  const wrapped: readonly (readonly [string, unknown])[] = [
    ['a bare object', privilegedPod],
    [
      'an AdmissionReview',
      {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: { operation: 'CREATE', object: privilegedPod },
      },
    ],
    [
      "Gatekeeper's input",
      { review: { operation: 'CREATE', object: privilegedPod }, parameters: { exemptImages: ['*'] } },
    ],
  ]
  it.each(wrapped)('%s is judged', (_, input) => {
    expect(verdictOf([privilegedContainers], input)?.verdict).toBe('denied')
  })
})

it('law 11: an object cannot bring its own parameters', () => {
  const input = { ...privilegedPod, parameters: { exemptImages: ['*'] } }
  expect(verdictOf([privilegedContainers], input)?.verdict).toBe('denied')
})

it('law 11: bad parameters are an error for every object', () => {
  const wrong = [
    { exemptImages: 'nginx' },
    { exemptImage: ['*'] },
    { exemptImages: ['[a'] },
    ['nginx'],
    'nginx',
    7,
    true,
  ]
  for (const given of wrong) {
    const parameters = { [privilegedContainers.id]: given } as never
    const verdict = verdictOf([privilegedContainers], privilegedPod, { parameters })
    expect(verdict?.verdict).toBe('error')
    expect(verdict?.reasons[0]?.code).toBe('invalid-parameters')
  }
})

describe('E2: a policy that loops over much is stopped, as an error', () => {
  const nested = policy({
    id: 'test/nested',
    title: 'Every container with every other',
    severity: 'low',
    target: pods,
    rule: ({ object }) =>
      object.spec.containers.each((a) =>
        object.spec.containers.each((b) =>
          object.spec.containers
            .some((c) => c.name.is(a.name).and(c.name.isNot(b.name)))
            .deny({ message: 'found' }),
        ),
      ),
  })
  it.each(engines)('in the $name engine', (engine) => {
    const containers = Array.from({ length: 2000 }, (_, i) => ({ name: `c${i}` }))
    const verdict = verdictOf(
      [nested],
      { ...privilegedPod, spec: { containers } },
      { engine, budget: 100_000 },
    )
    expect(verdict?.verdict).toBe('error')
    expect(verdict?.reasons[0]?.code).toBe('budget-exceeded')
  })
})

describe('E3: what is too large or too deep is an error, and the next evaluation is right', () => {
  it('depth 10,001', () => {
    let deep: unknown = {}
    for (let i = 0; i < 10_001; i++) deep = { a: deep }
    expect(verdictOf([privilegedContainers], { ...privilegedPod, metadata: deep })?.reasons[0]?.code).toBe(
      'bad-input',
    )
    expect(verdictOf([privilegedContainers], privilegedPod)?.verdict).toBe('denied')
  })

  it('100,000 containers are judged', () => {
    const containers = Array.from({ length: 100_000 }, (_, i) => ({ name: `c${i}`, image: 'nginx' }))
    const last = { name: 'last', image: 'nginx', securityContext: { privileged: true } }
    const verdict = verdictOf([privilegedContainers], {
      ...privilegedPod,
      spec: { containers: [...containers, last] },
    })
    expect(verdict?.violations.map(({ at }) => at)).toEqual([
      ['spec', 'containers', 100_000, 'securityContext', 'privileged'],
    ])
  })
})

describe('E4: names that objects inherit are ordinary keys', () => {
  it.each(['__proto__', 'constructor', 'toString', 'length', 'hasOwnProperty'])('%s', (name) => {
    const read = policy({
      id: 'test/label',
      title: 'A label is there',
      severity: 'low',
      target: anyObject,
      rule: ({ object }) => object.metadata.labels.get(name).exists().deny({ message: 'it is there' }),
    })
    const labels = JSON.parse(`{${JSON.stringify(name)}: "x"}`) as unknown
    for (const engine of engines) {
      expect(
        verdictOf([read], { apiVersion: 'v1', kind: 'Pod', metadata: { labels: {} } }, { engine })?.verdict,
      ).toBe('allowed')
      expect(
        verdictOf([read], { apiVersion: 'v1', kind: 'Pod', metadata: { labels } }, { engine })?.verdict,
      ).toBe('denied')
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

describe('E5: what a host object computes is refused', () => {
  const shapes: readonly (readonly [string, object])[] = [
    [
      'a getter',
      Object.defineProperty({ ...privilegedPod }, 'spec', {
        get: () => ({ containers: [] }),
        enumerable: true,
      }),
    ],
    ['a date', { ...privilegedPod, metadata: new Date(0) }],
    ['a class instance', { ...privilegedPod, spec: new (class Spec {})() }],
    [
      'a cycle',
      (() => {
        const o: Record<string, unknown> = { ...privilegedPod }
        o['self'] = o
        return o
      })(),
    ],
    ['not a number', { ...privilegedPod, x: Number.NaN }],
    ['a hole', { ...privilegedPod, x: [, 1] }],
    ['a symbol', { ...privilegedPod, x: Symbol('x') }],
  ]
  it.each(shapes)('%s', (_, input) => {
    expect(verdictOf([privilegedContainers], input)?.verdict).toBe('error')
  })

  it('a proxy is read once, so that it cannot be another thing when it is judged', () => {
    let reads = 0
    const proxy = new Proxy(
      { ...privilegedPod },
      { get: (of, key) => (reads++ > 50 ? undefined : Reflect.get(of, key)) },
    )
    expect(['denied', 'error']).toContain(verdictOf([privilegedContainers], proxy)?.verdict)
  })
})

it('E6: nothing that is judged is changed', () => {
  const freeze = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
    return value
  }
  const frozen = freeze(JSON.parse(JSON.stringify(privilegedPod))) as Json
  const judge = evaluator([podSecurity, restricted()])
  expect(judge.evaluateJson(frozen).judgements.length).toBeGreaterThan(20)
})

describe('E9: a look-up that fails is an error, not "no match"', () => {
  it('an unknown namespace under a namespace selector', () => {
    const match = { namespaceSelector: { matchLabels: { team: 'a' } } }
    const pod = { ...privilegedPod, metadata: { name: 'p', namespace: 'shop' } }
    expect(matchObject(match, pod)).toMatchObject({ error: { code: 'match-namespace-unknown' } })
    expect(verdictOf([privilegedContainers], pod, { match })?.verdict).toBe('error')
    const known = {
      namespaceObject: () => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'shop', labels: { team: 'a' } },
      }),
    }
    expect(verdictOf([privilegedContainers], pod, { match, ...known })?.verdict).toBe('denied')
  })

  it('a selector that cannot be read', () => {
    const match = { labelSelector: { matchExpressions: [{ key: 'a', operator: 'Inn', values: ['b'] }] } }
    expect(verdictOf([privilegedContainers], privilegedPod, { match })?.verdict).toBe('error')
  })

  it('an inventory that throws', () => {
    const isolated = policy({
      id: 'test/isolated',
      title: 'There is a network policy',
      severity: 'low',
      target: deployments,
      rule: ({ object, cluster }) =>
        cluster.list(networkPolicies).inNamespaceOf(object).isEmpty().deny({ message: 'there is none' }),
    })
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'n' } }
    const broken = {
      list: () => {
        throw new Error('connection refused')
      },
    }
    for (const engine of engines) {
      expect(verdictOf([isolated], object, { engine, inventory: broken })).toMatchObject({
        verdict: 'error',
        reasons: [{ code: 'inventory-failed' }],
      })
      const empty = { list: () => ({ items: [], complete: false }) }
      expect(verdictOf([isolated], object, { engine, inventory: empty })?.verdict).toBe('undetermined')
      const complete = { list: () => ({ items: [], complete: true }) }
      expect(verdictOf([isolated], object, { engine, inventory: complete })?.verdict).toBe('denied')
    }
  })
})

describe('E9: a match that cannot be read is an error for every object, and nothing throws', () => {
  const matches: readonly unknown[] = [
    null,
    [],
    'all',
    { kind: [{ kinds: ['Pod'] }] },
    { kinds: { kinds: ['Pod'] } },
    { kinds: [null] },
    { kinds: ['Pod'] },
    { kinds: [{ kind: ['Pod'] }] },
    { kinds: [{ kinds: 'Pod' }] },
    { kinds: [{ kinds: [7] }] },
    { kinds: [{ apiGroups: 'apps' }] },
    { scope: 'cluster' },
    { source: 'original' },
    { namespaces: 'shop' },
    { namespaces: [5] },
    { namespaces: ['a*b'] },
    { excludedNamespaces: '*' },
    { excludedNamespaces: { 0: '*' } },
    { name: 5 },
    { name: 'a*b' },
    { labelSelector: 'a=b' },
    { labelSelector: { matchLables: { a: 'b' } } },
    { namespaceSelector: [] },
    { __proto__: null, constructor: 'x' },
  ]
  it.each(matches.map((match) => ({ match })))('%j', ({ match }) => {
    const pod = { ...privilegedPod, metadata: { name: 'p', namespace: 'shop' } }
    const verdict = verdictOf([privilegedContainers], pod, { match })
    expect(verdict).toMatchObject({ verdict: 'error', reasons: [{ code: 'invalid-match' }] })
  })
})

describe('E16: a namespace that an object of the cluster names exempts it from nothing', () => {
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'all', namespace: 'kube-system' },
  }
  it.each([
    { excludedNamespaces: ['kube-system'] },
    { excludedNamespaces: ['*'] },
    { namespaces: ['shop'] },
    { namespaceSelector: { matchLabels: { team: 'a' } } },
  ])('by %j', (match) => {
    expect(matchObject(match, role)).toEqual({ matches: true })
    const namespaced = { ...role, kind: 'Role' }
    expect(matchObject(match, namespaced)).not.toEqual({ matches: true })
  })
  it('nor is it looked up in that namespace', () => {
    const items = (namespace: string | null) =>
      inventoryOf([role], { complete: true }).list(
        { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' },
        namespace,
      ).items.length
    expect([items(null), items('kube-system')]).toEqual([1, 0])
  })
})

describe('policies are judged once', () => {
  it('where one is named twice, alone and in a pack', () => {
    const { judgements } = evaluate([privilegedContainers, podSecurity, privilegedContainers], privilegedPod)
    expect(judgements.filter(({ policy: { id } }) => id === privilegedContainers.id).length).toBe(1)
  })
  it('and one of two that differ is not lost', () => {
    const other = privilegedContainers.with({ exemptImages: ['*'] })
    expect(() => evaluate([privilegedContainers, other], privilegedPod)).toThrow('two different policies')
  })
})

describe('E10: what is going, generated or only tried is judged as any other', () => {
  const metadata: readonly (readonly [string, object])[] = [
    [
      'deletionTimestamp',
      { name: 'p', deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 },
    ],
    ['finalizers', { name: 'p', finalizers: ['example.com/keep'] }],
    ['generateName', { generateName: 'p-' }],
    [
      'ownerReferences',
      { name: 'p', ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u' }] },
    ],
  ]
  it.each(metadata)('%s', (_, each) => {
    const judge = evaluator([podSecurity])
    const plain = judge.evaluate(privilegedPod).judgements.map(({ verdict }) => verdict.violations.length)
    const other = judge
      .evaluate({ ...privilegedPod, metadata: each })
      .judgements.map(({ verdict }) => verdict.violations.length)
    expect(other).toEqual(plain)
  })

  it('dryRun', () => {
    const request = { operation: 'CREATE', dryRun: true, object: privilegedPod }
    expect(
      verdictOf([privilegedContainers], {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request,
      })?.verdict,
    ).toBe('denied')
  })
})

describe('E11: operations that a policy does not declare are not passes', () => {
  const review = (request: object): object => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request,
  })

  it('a deletion is not applicable', () => {
    const verdict = verdictOf(
      [privilegedContainers],
      review({ operation: 'DELETE', object: null, oldObject: privilegedPod }),
    )
    expect(verdict).toMatchObject({ verdict: 'not-applicable', reasons: [{ code: 'operation' }] })
  })

  it('CONNECT is not applicable', () => {
    const exec = { apiVersion: 'v1', kind: 'PodExecOptions', container: 'c' }
    expect(verdictOf([privilegedContainers], review({ operation: 'CONNECT', object: exec }))?.verdict).toBe(
      'not-applicable',
    )
  })

  it.each([
    ['with an object alone creates it', { object: privilegedPod }, 'CREATE'],
    ['with an old object too updates it', { object: privilegedPod, oldObject: privilegedPod }, 'UPDATE'],
  ] as const)('an empty one, as of an audit, is none: a request %s', (_, objects, operation) => {
    const told = policy({
      id: 'test/told',
      title: 'The operation is told',
      severity: 'low',
      target: pods,
      rule: ({ request }) => request.operation.is(operation).deny({ message: operation }),
    })
    const audited = { operation: '', name: 'p', ...objects }
    for (const engine of engines) {
      for (const input of [review(audited), { review: audited }]) {
        expect(verdictOf([told], input, { engine })?.verdict).toBe('denied')
      }
    }
  })

  it.each(['create', ' ', 'AUDIT'])('%j is none that there is, so the request is an error', (operation) => {
    const verdict = verdictOf([privilegedContainers], review({ operation, object: privilegedPod }))
    expect(verdict).toMatchObject({ verdict: 'error', reasons: [{ code: 'bad-input' }] })
  })

  it('a policy about deletions sees the old object', () => {
    const kept = policy({
      id: 'test/kept',
      title: 'The namespace stays',
      severity: 'high',
      target: namespaces.on('DELETE'),
      rule: ({ oldObject }) =>
        oldObject.metadata.name.is('prod').deny({ message: 'prod stays', at: oldObject.metadata.name }),
    })
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod' } }
    // Gatekeeper gives the object that goes as the object too
    for (const given of [{ object: null, oldObject: object }, { object, oldObject: object }, { object }])
      for (const engine of engines) {
        const verdict = verdictOf([kept], review({ operation: 'DELETE', ...given }), { engine })
        expect(verdict?.violations.map(({ at }) => at)).toEqual([['metadata', 'name']])
      }
  })

  it('an object that goes is not judged as one that is to be', () => {
    const there = policy({
      id: 'test/there',
      title: 'Whatever is there, is wrong',
      severity: 'high',
      target: namespaces.on('CREATE', 'DELETE'),
      rule: ({ object: asked }) => asked.metadata.name.exists().deny({ message: 'it is there' }),
    })
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod' } }
    const given = { review: { operation: 'DELETE', object, oldObject: object } }
    for (const engine of engines)
      expect(verdictOf([there], given, { engine })).toMatchObject({ verdict: 'allowed' })
    const [judgement] = evaluator([there]).evaluateText(JSON.stringify(given)).judgements
    expect(judgement?.verdict.verdict).toBe('allowed')
  })
})

describe('E12: an update is judged fully, but for what cannot have changed', () => {
  const update = (object: object, oldObject: object, more = {}): object => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { operation: 'UPDATE', object, oldObject, ...more },
  })
  const withImage = (image: string): object => ({
    ...privilegedPod,
    spec: { containers: [{ ...privilegedPod.spec.containers[0], image }] },
  })

  it('of a Pod whose container is as it was: allowed', () => {
    expect(verdictOf([privilegedContainers], update(privilegedPod, privilegedPod))?.verdict).toBe('allowed')
  })

  it('of a Pod whose exempt image was replaced: denied', () => {
    const parameters = { [privilegedContainers.id]: { exemptImages: ['reg.io/trusted:*'] } }
    const input = update(withImage('evil:1'), withImage('reg.io/trusted:1'))
    expect(verdictOf([privilegedContainers], input, { parameters })?.verdict).toBe('denied')
  })

  it('of a Pod by ephemeral containers: denied', () => {
    const debug = {
      ...privilegedPod,
      spec: { containers: [{ name: 'c' }], ephemeralContainers: privilegedPod.spec.containers },
    }
    const input = update(
      debug,
      { ...privilegedPod, spec: { containers: [{ name: 'c' }] } },
      { subResource: 'ephemeralcontainers' },
    )
    expect(verdictOf([privilegedContainers], input)?.verdict).toBe('denied')
  })

  it('of a Deployment: denied', () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: { template: { spec: privilegedPod.spec } },
    }
    expect(verdictOf([privilegedContainers], update(deployment, deployment))?.verdict).toBe('denied')
  })
})

describe('E13: a pod in another kind is found, or the report says that it was not judged', () => {
  const wrap = (path: readonly string[], inner: object): object =>
    path.reduceRight<object>((of, key) => ({ [key]: of }), inner)

  it.each(podTemplatePaths)('$group $kind', ({ group, kind, path }) => {
    const object = {
      ...wrap(path, { spec: privilegedPod.spec }),
      apiVersion: group === '' ? 'v1' : `${group}/v1`,
      kind,
    }
    expect(verdictOf([privilegedContainers], object)?.violations[0]?.at).toEqual([
      ...path,
      'spec',
      'containers',
      0,
      'securityContext',
      'privileged',
    ])
  })

  it.each([
    ['argoproj.io/v1alpha1', 'Rollout', ['spec', 'template']],
    ['serving.knative.dev/v1', 'Service', ['spec', 'template']],
    ['tekton.dev/v1', 'TaskRun', ['spec', 'podTemplate']],
    ['apps/v1', 'Deploymnt', ['spec', 'template']],
  ])('%s %s', (apiVersion, kind, path) => {
    const { judgements, notes } = evaluate([privilegedContainers], {
      ...wrap(path, { spec: privilegedPod.spec }),
      apiVersion,
      kind,
    })
    expect(judgements[0]?.verdict.verdict).toBe('not-applicable')
    expect(notes.map(({ code }) => code)).toEqual(['unknown-pod-template'])
  })
})

describe('E13: what is something like a pod in another kind is told', () => {
  const notesOf = (spec: Json) =>
    evaluate([privilegedContainers], { apiVersion: 'example.com/v1', kind: 'Foo', spec }).notes.length
  const container = { name: 'c', securityContext: { privileged: true } }
  it.each<{ spec: Json }>([
    { spec: { containers: [container] } },
    { spec: { initContainers: [container] } },
    { spec: { ephemeralContainers: [{ name: 'c', image: 'x' }] } },
    { spec: { hostPID: true } },
    { spec: { template: { spec: { hostNetwork: true, containers: [] } } } },
    { spec: Array.from({ length: 30 }).reduce<Json>((of) => ({ a: of }), { containers: [container] }) },
  ])('%j', ({ spec }) => expect(notesOf(spec)).toBe(1))
  it.each<{ spec: Json }>([
    { spec: { containers: ['a'] } },
    { spec: { containers: [{ name: 'c', usage: { cpu: '1' } }] } },
    { spec: { containers: {} } },
  ])('but not %j', ({ spec }) => expect(notesOf(spec)).toBe(0))
})

it('E4: a policy that is called as what objects inherit has no parameters from there', () => {
  const inherited = policy({
    id: 'constructor',
    title: 'No privilege',
    severity: 'low',
    target: pods,
    rule: ({ object }) =>
      object.spec.containers
        .some((c) => c.securityContext.privileged.is(true))
        .deny({ message: 'privileged' }),
  })
  expect(verdictOf([inherited], privilegedPod, { parameters: {} })?.verdict).toBe('denied')
})

describe('E1: a list of objects is an error, not an object of another kind', () => {
  it.each(['List', 'PodList', 'ConfigMap'])('%s', (kind) => {
    for (const items of [[privilegedPod], []]) {
      const verdict = verdictOf([privilegedContainers], { apiVersion: 'v1', kind, items })
      expect(verdict).toMatchObject({ verdict: 'error', reasons: [{ code: 'bad-input' }] })
    }
  })
})

describe('E18: look-alikes are other names', () => {
  it.each(['nginx\u200B', 'ngіnx', 'NGINX', 'nginx.', 'nginx\u0301'])('%s', (image) => {
    const parameters = { [privilegedContainers.id]: { exemptImages: ['nginx'] } }
    const object = {
      ...privilegedPod,
      spec: { containers: [{ name: 'c', image, securityContext: { privileged: true } }] },
    }
    expect(verdictOf([privilegedContainers], object, { parameters })?.verdict).toBe('denied')
  })
})

it('workloads are what they are without a match too', () => {
  expect(workloads.ir.kinds?.length).toBe(podTemplatePaths.length)
})

it.each([
  { kind: 'Pod' },
  { apiVersion: 'v1' },
  { apiVersion: 1, kind: 'Pod' },
  { apiVersion: 'v1', kind: null },
])('an object that does not say what it is is invalid, not of another kind: %j', (head) => {
  expect(verdictOf([privilegedContainers], { ...head, spec: privilegedPod.spec })?.verdict).toBe('invalid')
})

it.each(engines)(
  'an element of the wrong type is invalid where it is asked for by its place: $name',
  (engine) => {
    const first = policy({
      id: 'test/first',
      title: 'The first container is not called app',
      severity: 'low',
      target: pods,
      rule: ({ object }) => object.spec.containers.at(0).name.is('app').deny({ message: 'it is' }),
    })
    const verdict = verdictOf([first], { ...privilegedPod, spec: { containers: ['app'] } }, { engine })
    expect(verdict?.verdict).toBe('invalid')
    expect(verdict?.reasons).toMatchObject([{ code: 'wrong-type', at: ['spec', 'containers', 0] }])
  },
)

describe.each(engines)('a pod template that cannot be had, in the $name engine', (engine) => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } }
  const verdict = (spec: Json) => verdictOf([privilegedContainers], { ...deployment, spec }, { engine })

  it.each<{ value: Json }>([{ value: 'text' }, { value: [] }, { value: 7 }, { value: true }])(
    'is invalid where $value stands above it',
    ({ value }) => {
      expect(verdict(value)).toMatchObject({ verdict: 'invalid', reasons: [{ at: ['spec'] }] })
      expect(verdict({ template: value })).toMatchObject({
        verdict: 'invalid',
        reasons: [{ at: ['spec', 'template'] }],
      })
    },
  )

  it('is undetermined where what stands above it is not known yet', () => {
    const review: Review = { object: { ...deployment, spec: unknownValue as unknown as Json } }
    const prepared = engine.prepare(checkedIr(privilegedContainers))
    expect(prepared.judge({ exemptImages: [] }, review).verdict).toBe('undetermined')
  })
})
