import { type Condition, type Expr, message, policy, type Policy, profile } from '@gatewright/core'
import { type Container, networkPolicies, pods, workloads } from '@gatewright/kubernetes'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { inventoryOf } from '@gatewright/evaluator'
import { diffJson, diffPolicies, diffReport, type PolicyDiff } from './index.js'

const describing = { id: 'shop/rule', title: 'A rule', severity: 'high' } as const

/** What is found of two versions. */
function diffed(old: Policy, changed: Policy, runs = 2000): PolicyDiff {
  const [only] = diffPolicies(old, changed, { runs }).policies
  if (only === undefined) throw new Error('nothing was compared')
  return only
}

const classes = (diff: PolicyDiff): readonly string[] => [
  ...new Set(diff.changes.map(({ change }) => change)),
]

type Containers = 'containers' | 'allContainers'
const privileged = (
  lists: Containers,
  more: (c: Expr<Container>) => Condition = (c) => c.securityContext.privileged.is(true),
): Policy =>
  policy({
    ...describing,
    target: workloads,
    rule: ({ pod }) =>
      pod[lists]
        .filter(more)
        .deny((c) => ({ message: message`container ${c.name}`, at: c.securityContext.privileged })),
  })

const registry = (prefix: string): Policy =>
  policy({
    ...describing,
    target: workloads,
    rule: ({ pod }) =>
      pod.allContainers
        .filter((c) => c.image.startsWith(prefix).ifMissing(false).not())
        .deny((c) => ({ message: message`${c.image} is of another registry`, at: c.image })),
  })

const seconds = (most: number): Policy =>
  policy({
    ...describing,
    target: pods,
    rule: ({ object }) =>
      object.spec.terminationGracePeriodSeconds
        .gt(most)
        .ifMissing(false)
        .deny({ message: 'too slow', at: object.spec.terminationGracePeriodSeconds }),
  })

const graceful = (missing: boolean): Policy =>
  policy({
    ...describing,
    target: pods,
    rule: ({ object }) =>
      object.spec.terminationGracePeriodSeconds
        .gt(30)
        .ifMissing(missing)
        .deny({ message: 'too slow', at: object.spec.terminationGracePeriodSeconds }),
  })

const limited = (standard: string): Policy =>
  policy({
    ...describing,
    target: workloads,
    parameters: z.object({ allowed: z.array(z.string()).default([standard]) }),
    rule: ({ pod, parameters }) =>
      pod.dnsPolicy
        .in(parameters.allowed)
        .not()
        .deny({ message: 'this DNS policy is not allowed', at: pod.dnsPolicy }),
  })

describe('finds', () => {
  it('init containers that are forgotten', () => {
    const diff = diffed(privileged('allContainers'), privileged('containers'))
    const [first] = diff.changes
    expect(first?.change).toBe('newly-allowed')
    expect(first?.old.verdict.verdict).toBe('denied')
    expect(JSON.stringify(first?.object)).toMatch(/(init|ephemeral)Containers/)
    // nothing is in the witness that does not have to be
    expect(JSON.stringify(first?.object).length).toBeLessThan(180)
    expect(first?.old.decidedBy.source?.file).toContain('diff.test.ts')
    expect(first?.new.decidedBy.source?.file).toContain('diff.test.ts')
  })

  it('containers that are looked at anew', () => {
    const diff = diffed(privileged('containers'), privileged('allContainers'))
    expect(classes(diff)[0]).toBe('newly-denied')
    expect(classes(diff)).not.toContain('newly-allowed')
  })

  it.each([
    [
      'a prefix that lost its slash',
      registry('registry.example.com/'),
      registry('registry.example.com'),
      'newly-allowed',
    ],
    [
      'a prefix that is longer',
      registry('registry.example.com/'),
      registry('registry.example.com/shop/'),
      'newly-denied',
    ],
    ['a bound that is one higher', seconds(30), seconds(31), 'newly-allowed'],
    ['a bound that is one lower', seconds(30), seconds(29), 'newly-denied'],
    ['an ifMissing that allows', graceful(true), graceful(false), 'newly-allowed'],
    ['an ifMissing that denies', graceful(false), graceful(true), 'newly-denied'],
    ['another default of a parameter', limited('ClusterFirst'), limited('Default'), 'newly-allowed'],
  ])('%s', (_, old, changed, first) => {
    expect(classes(diffed(old, changed))[0]).toBe(first)
  })

  it('the default of a parameter, said without asking too', () => {
    const { statics } = diffed(limited('ClusterFirst'), limited('Default'))
    expect(statics.map(({ what }) => what)).toEqual(['parameter allowed'])
  })

  it('a value that `with` sets', () => {
    const old = limited('ClusterFirst')
    const diff = diffed(old, old.with({ allowed: ['ClusterFirst', 'None'] }))
    expect(classes(diff)[0]).toBe('newly-allowed')
    expect(diff.statics.map(({ what }) => what)).toEqual(['value of allowed'])
  })

  it('an operation that is judged no more', () => {
    const on = (...operations: ('CREATE' | 'UPDATE')[]): Policy =>
      policy({
        ...describing,
        target: workloads.on(...operations),
        rule: ({ pod }) => pod.hostPID.is(true).deny({ message: 'no', at: pod.hostPID }),
      })
    const diff = diffed(on('CREATE', 'UPDATE'), on('CREATE'))
    const [first] = diff.changes
    expect([first?.change, first?.new.verdict.verdict]).toEqual(['newly-allowed', 'not-applicable'])
    expect(JSON.stringify(first?.object)).toContain('"UPDATE"')
    expect(diff.statics.map(({ what }) => what)).toEqual(['operations'])
  })

  it('kinds that are left out', () => {
    const of = (target: typeof workloads): Policy =>
      policy({
        ...describing,
        target,
        rule: ({ pod }) => pod.hostPID.is(true).deny({ message: 'no', at: pod.hostPID }),
      })
    const podsOnly = policy({
      ...describing,
      target: pods,
      rule: ({ object }) => object.spec.hostPID.is(true).deny({ message: 'no', at: object.spec.hostPID }),
    })
    const diff = diffed(of(workloads), podsOnly)
    expect(classes(diff)[0]).toBe('newly-allowed')
    expect(diff.statics.map(({ what }) => what)).toContain('kinds')
  })

  it('a message alone, and a place alone', () => {
    const said = (text: string, isAtPod: boolean): Policy =>
      policy({
        ...describing,
        target: workloads,
        rule: ({ pod }) =>
          pod.hostPID.is(true).deny({ message: text, at: isAtPod ? pod.hostPID : pod.hostIPC }),
      })
    expect(classes(diffed(said('no', true), said('never', true)))).toEqual(['other-words'])
    expect(classes(diffed(said('no', true), said('no', false)))).toEqual(['other-findings'])
  })

  it('a selector that asks for less', () => {
    const selected = (matchLabels: Record<string, string>): Policy =>
      policy({
        ...describing,
        target: pods,
        when: ({ object }) => object.metadata.labels.get('tier').is('web'),
        rule: ({ object }) =>
          object.spec.nodeSelector
            .get('zone')
            .isNot(matchLabels['zone'] ?? '')
            .deny({ message: 'elsewhere', at: object.spec.nodeSelector }),
      })
    const diff = diffed(selected({ zone: 'a' }), selected({ zone: 'b' }))
    expect(classes(diff)).toEqual(expect.arrayContaining(['newly-allowed', 'newly-denied']))
  })

  it('a condition of `when` that is gone', () => {
    const only = (tier: string): Policy =>
      policy({
        ...describing,
        target: pods,
        when: ({ object }) => object.metadata.labels.get('tier').is(tier),
        rule: ({ object }) => object.spec.hostPID.is(true).deny({ message: 'no', at: object.spec.hostPID }),
      })
    expect(classes(diffed(only('web'), only('data')))).toEqual(
      expect.arrayContaining(['newly-allowed', 'newly-denied']),
    )
  })

  it('what an update may change', () => {
    const fixed = (field: 'serviceAccountName' | 'schedulerName'): Policy =>
      policy({
        ...describing,
        target: pods.on('UPDATE'),
        rule: ({ object, oldObject }) =>
          object.spec[field]
            .default('')
            .differsFrom(oldObject.spec[field].default(''))
            .deny({ message: 'it stays', at: object.spec[field] }),
      })
    const diff = diffed(fixed('serviceAccountName'), fixed('schedulerName'))
    const [first] = diff.changes
    expect(first?.change).toBe('newly-allowed')
    expect(JSON.stringify(first?.object)).toContain('oldObject')
  })

  it('what is looked up', () => {
    const isolated = (type: 'Ingress' | 'Egress'): Policy =>
      policy({
        ...describing,
        target: pods,
        rule: ({ object, cluster }) =>
          cluster
            .list(networkPolicies)
            .inNamespaceOf(object)
            .filter((each) => each.spec.policyTypes.some((each) => each.is(type)))
            .isEmpty()
            .deny({ message: 'nothing isolates it' }),
      })
    const diff = diffed(isolated('Ingress'), isolated('Egress'))
    expect(classes(diff)).toEqual(expect.arrayContaining(['newly-allowed', 'newly-denied']))
    const [first] = diff.changes
    expect(JSON.stringify(first?.inventory)).toContain('NetworkPolicy')
  })

  it('a quantity that is read in another unit', () => {
    const memory = (most: string): Policy =>
      policy({
        ...describing,
        target: pods,
        rule: ({ object }) =>
          object.spec.containers
            .filter((c) => c.resources.limits.get('memory').gt(most).ifMissing(false))
            .deny((c) => ({ message: message`${c.name}`, at: c.resources })),
      })
    expect(classes(diffed(memory('1Gi'), memory('1.5Gi')))[0]).toBe('newly-allowed')
  })

  it('severity and title without asking', () => {
    const diff = diffed(
      privileged('containers'),
      policy({
        ...describing,
        severity: 'low',
        title: 'Another',
        target: workloads,
        rule: ({ pod }) =>
          pod.containers
            .filter((c) => c.securityContext.privileged.is(true))
            .deny((c) => ({ message: message`container ${c.name}`, at: c.securityContext.privileged })),
      }),
    )
    expect(diff.statics.map(({ what, old, new: changed }) => [what, old, changed])).toEqual([
      ['title', 'A rule', 'Another'],
      ['severity', 'high', 'low'],
    ])
    expect(diff.changes).toEqual([])
  })
})

describe('finds nothing in', () => {
  it('the same policy under other names, which it knows', () => {
    const other = policy({
      ...describing,
      id: 'shop/other',
      title: 'Other words',
      target: workloads,
      rule: ({ pod }) =>
        pod.containers
          .filter((container) => container.securityContext.privileged.is(true))
          .deny((each) => ({
            message: message`container ${each.name}`,
            at: each.securityContext.privileged,
          })),
    })
    const diff = diffed(privileged('containers'), other)
    expect([diff.same, diff.questions, diff.changes]).toEqual([true, 0, []])
    expect(diffReport({ policies: [diff], added: [], removed: [] })).toContain(
      'shop/rule → shop/other: the same policy but for what it says of itself',
    )
  })

  it('a rule that is written in another way, of which it says no more than that', () => {
    const twice = privileged('containers', (c) => c.securityContext.privileged.default(false).is(true))
    const diff = diffed(privileged('containers'), twice)
    expect([diff.same, diff.changes]).toEqual([false, []])
    expect(diff.verdicts.denied ?? 0).toBeGreaterThan(20)
    expect(diff.verdicts.allowed ?? 0).toBeGreaterThan(20)
    expect(diffReport({ policies: [diff], added: [], removed: [] })).toContain(
      `no difference found in ${diff.questions} questions`,
    )
  })
})

it('matches policies by id, and lists what came and went', () => {
  const named = (id: string, lists: Containers): Policy => {
    const { ir } = privileged(lists)
    return { ...privileged(lists), id, ir: { ...ir, id } }
  }
  const old = profile({
    id: 'shop/old',
    title: 'Old',
    policies: [named('a', 'containers'), named('b', 'allContainers')],
  })
  const changed = [named('b', 'containers'), named('c', 'containers')]
  const diff = diffPolicies(old, changed, { runs: 2000 })
  expect([diff.added, diff.removed, diff.policies.map((each) => each.old)]).toEqual([['c'], ['a'], ['b']])
  expect(classes(diff.policies[0] as PolicyDiff)[0]).toBe('newly-allowed')
})

it('starts from the objects that it is given, and says which ones are none', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { hostPID: true } }
  const old = policy({
    ...describing,
    target: pods,
    rule: ({ object: of }) => of.spec.hostPID.is(true).deny({ message: 'no', at: of.spec.hostPID }),
  })
  const changed = policy({
    ...describing,
    target: pods,
    rule: ({ object: of }) => of.spec.hostIPC.is(true).deny({ message: 'no', at: of.spec.hostIPC }),
  })
  const inventory = inventoryOf([], { complete: true })
  const { policies } = diffPolicies(old, changed, { runs: 0, objects: [{ object, inventory }] })
  expect(policies[0]?.changes.map(({ change, object: of }) => [change, of])).toEqual([
    ['newly-allowed', { apiVersion: 'v1', kind: 'Pod', spec: { hostPID: true } }],
  ])
  expect(() => diffPolicies(old, changed, { objects: [{ object: 'x' }] })).toThrow('object 1 is none that')
})

it('is the same for the same seed', () => {
  const of = (seed: number): unknown =>
    diffJson(diffPolicies(privileged('allContainers'), privileged('containers'), { runs: 1000, seed }))
  expect(of(3)).toEqual(of(3))
})

it('asks each version with the parameters that it knows', () => {
  const ofNames = z.array(z.string()).default([])
  const banned = policy({
    ...describing,
    target: workloads,
    parameters: z.object({ banned: ofNames }),
    rule: ({ pod, parameters }) =>
      pod.schedulerName.in(parameters.banned).deny({ message: 'no', at: pod.schedulerName }),
  })
  const forbidden = policy({
    ...describing,
    target: workloads,
    parameters: z.object({ forbidden: ofNames }),
    rule: ({ pod, parameters }) =>
      pod.schedulerName.in(parameters.forbidden).deny({ message: 'no', at: pod.schedulerName }),
  })
  const diff = diffed(banned, forbidden)
  expect(classes(diff)).toEqual(expect.arrayContaining(['newly-allowed', 'newly-denied']))
  expect(diff.statics.map(({ what }) => what)).toEqual(['parameter banned', 'parameter forbidden'])
})
