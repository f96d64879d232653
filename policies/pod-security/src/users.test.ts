import { describe, expect, it } from 'vitest'
import { type Broken, expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import type { RandomValues } from '../../../test/pods/random-values.js'
import { users } from './users.js'

const ranges = [{ min: 100, max: 200 }]
const running = (securityContext: object, shared: object = {}) => ({
  containers: [{ name: 'app', securityContext: { ...securityContext } }],
  securityContext: { ...shared },
})
const at = 'spec.containers[0].securityContext'

it('asks for nothing without parameters', () => {
  expect(judged(users, pod(running({ runAsUser: 0 }, { fsGroup: 0, supplementalGroups: [0] })))).toBe(
    'allowed',
  )
})

describe('runAsUser', () => {
  const mustRunAs = { runAsUser: { rule: 'MustRunAs', ranges } }
  const nonRoot = { runAsUser: { rule: 'MustRunAsNonRoot' } }

  it('MustRunAs: a user in a range, of the container or else of the pod', () => {
    expect(judged(users, pod(running({ runAsUser: 201 }, { runAsUser: 100 })), mustRunAs)).toEqual([
      `run-as-user ${at}.runAsUser: container app must not run as user 201`,
    ])
    expect(judged(users, pod({ containers: [{ name: 'app' }] }), mustRunAs)).toEqual([
      `run-as-user ${at}.runAsUser: container app must not run as user <missing>`,
    ])
    expect(judged(users, pod(running({}, { runAsUser: 100 })), mustRunAs)).toBe('allowed')
    expect(judged(users, pod(running({ runAsUser: 200 }, { runAsUser: 0 })), mustRunAs)).toBe('allowed')
  })

  it('MustRunAsNonRoot: another user than 0, or runAsNonRoot', () => {
    const denied = [`non-root ${at}.runAsNonRoot: container app must not run as root`]
    expect(judged(users, pod(running({ runAsUser: 0, runAsNonRoot: true })), nonRoot)).toEqual(denied)
    expect(judged(users, pod(running({}, {})), nonRoot)).toEqual(denied)
    expect(judged(users, pod(running({ runAsNonRoot: false }, { runAsNonRoot: true })), nonRoot)).toEqual(
      denied,
    )
    for (const fields of [{ runAsUser: 1 }, { runAsNonRoot: true }]) {
      expect(judged(users, pod(running(fields)), nonRoot)).toBe('allowed')
      expect(judged(users, pod(running({}, fields)), nonRoot)).toBe('allowed')
    }
  })

  it('judges init and ephemeral containers, and templates', () => {
    const root = { name: 'root', securityContext: { runAsUser: 0 } }
    const spec = { ...running({ runAsUser: 1 }), initContainers: [root], ephemeralContainers: [root] }
    expect(judged(users, deployment(spec), nonRoot)).toEqual(
      ['ephemeralContainers', 'initContainers'].map(
        (list) =>
          `non-root spec.template.spec.${list}[0].securityContext.runAsNonRoot: container root must not run as root`,
      ),
    )
    expect(judged(users, cronJob(spec), nonRoot)).toHaveLength(2)
  })
})

describe('groups', () => {
  it('runAsGroup: MustRunAs wants one, MayRunAs does not', () => {
    const denied = (group: string) => [
      `run-as-group ${at}.runAsGroup: container app must not run as group ${group}`,
    ]
    for (const rule of ['MustRunAs', 'MayRunAs'])
      expect(judged(users, pod(running({ runAsGroup: 99 })), { runAsGroup: { rule, ranges } })).toEqual(
        denied('99'),
      )
    expect(judged(users, pod(running({})), { runAsGroup: { rule: 'MustRunAs', ranges } })).toEqual(
      denied('<missing>'),
    )
    expect(judged(users, pod(running({})), { runAsGroup: { rule: 'MayRunAs', ranges } })).toBe('allowed')
  })

  it('fsGroup, of the pod', () => {
    const parameters = { fsGroup: { rule: 'MustRunAs', ranges } }
    expect(judged(users, pod(running({}, { fsGroup: 99 })), parameters)).toEqual([
      'fs-group spec.securityContext.fsGroup: the pod must not use the fsGroup 99',
    ])
    expect(judged(users, pod(running({}, { fsGroup: 150 })), parameters)).toBe('allowed')
  })

  it('supplementalGroups, of the pod', () => {
    const parameters = { supplementalGroups: { rule: 'MustRunAs', ranges } }
    expect(judged(users, pod(running({}, { supplementalGroups: [150, 99] })), parameters)).toEqual([
      'supplemental-group spec.securityContext.supplementalGroups[1]: the pod must not have the supplemental group 99',
    ])
    for (const supplementalGroups of [undefined, null, []])
      expect(judged(users, pod(running({}, { supplementalGroups })), parameters)).toEqual([
        'supplemental-groups spec.securityContext.supplementalGroups: the pod must set supplementalGroups',
      ])
    const mayRunAs = { supplementalGroups: { rule: 'MayRunAs', ranges } }
    expect(judged(users, pod(running({})), mayRunAs)).toBe('allowed')
  })
})

it('asks for a group by its rule alone', () => {
  const inRange = pod(running({ runAsGroup: 150 }))
  const outside = pod(running({ runAsGroup: 7 }))
  expect(judged(users, inRange, { runAsGroup: { rule: 'MustRunAs', ranges } })).toBe('allowed')
  expect(judged(users, outside, { runAsGroup: { rule: 'RunAsAny', ranges } })).toBe('allowed')
  expect(judged(users, outside, { runAsGroup: { rule: 'MayRunAs', ranges } })).toHaveLength(1)
})

it('asks for an fsGroup that may be set only where it is', () => {
  const parameters = { fsGroup: { rule: 'MayRunAs', ranges } }
  expect(judged(users, pod(running({}, { fsGroup: 7 })), parameters)).toEqual([
    'fs-group spec.securityContext.fsGroup: the pod must not use the fsGroup 7',
  ])
  expect(judged(users, pod(running({}, { fsGroup: 150 })), parameters)).toBe('allowed')
  expect(judged(users, pod(running({})), parameters)).toBe('allowed')
})

const randomId = (random: RandomValues) => random.maybe(() => random.below(7))
const groupRules = ['MustRunAs', 'MayRunAs', 'RunAsAny'] as const
const userRules = ['MustRunAs', 'MustRunAsNonRoot', 'RunAsAny'] as const
const randomRule = <R extends string>(random: RandomValues, rules: readonly R[]) =>
  random.chance(0.4)
    ? undefined
    : {
        rule: random.one(rules),
        ranges: random.chance(0.1)
          ? undefined
          : random.list(2, () => ({ min: random.below(5), max: random.below(8) })),
      }
type Ruled = ReturnType<typeof randomRule<string>>

const isIn = (id: number, ruled: Ruled): boolean =>
  (ruled?.ranges ?? []).some(({ min, max }) => id >= min && id <= max)

/** Whether an id that may be missing breaks a rule, MustRunAs or MayRunAs. */
function isBroken(id: number | undefined, ruled: Ruled): boolean {
  if (id === undefined) return ruled?.rule === 'MustRunAs'
  return (ruled?.rule === 'MustRunAs' || ruled?.rule === 'MayRunAs') && !isIn(id, ruled)
}

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(users, {
    codes: [
      'fs-group',
      'non-root',
      'run-as-group',
      'run-as-user',
      'supplemental-group',
      'supplemental-groups',
    ],
    hasExemptImages: true,
    parameters: (random) => ({
      runAsUser: randomRule(random, userRules),
      runAsGroup: randomRule(random, groupRules),
      supplementalGroups: randomRule(random, groupRules),
      fsGroup: randomRule(random, groupRules),
    }),
    container: (random) => ({
      securityContext: random.maybe(() => ({
        runAsUser: randomId(random),
        runAsGroup: randomId(random),
        runAsNonRoot: random.maybeOne([true, false]),
      })),
    }),
    spec: (random) => ({
      securityContext: random.maybe(() => ({
        runAsUser: randomId(random),
        runAsGroup: randomId(random),
        runAsNonRoot: random.maybeOne([true, false]),
        fsGroup: randomId(random),
        supplementalGroups: random.maybe(() => random.list(2, () => random.below(7))),
      })),
    }),
    containerReads: [
      ['number', 'securityContext', 'runAsUser'],
      ['number', 'securityContext', 'runAsGroup'],
      ['boolean', 'securityContext', 'runAsNonRoot'],
    ],
    podReads: [
      ['number', 'spec', 'securityContext', 'runAsUser'],
      ['number', 'spec', 'securityContext', 'fsGroup'],
      ['number', 'spec', 'securityContext', 'supplementalGroups', 0],
    ],
    brokenByContainer: ({ securityContext: own }, { spec }, { runAsUser, runAsGroup }) => {
      const shared = spec.securityContext
      const user = own?.runAsUser ?? shared?.runAsUser ?? undefined
      const group = own?.runAsGroup ?? shared?.runAsGroup ?? undefined
      const isNonRoot = user === undefined ? (own?.runAsNonRoot ?? shared?.runAsNonRoot) === true : user !== 0
      const broken: Broken[] = []
      if (isBroken(user, runAsUser)) broken.push(['run-as-user', 'securityContext', 'runAsUser'])
      if (runAsUser?.rule === 'MustRunAsNonRoot' && !isNonRoot)
        broken.push(['non-root', 'securityContext', 'runAsNonRoot'])
      if (isBroken(group, runAsGroup)) broken.push(['run-as-group', 'securityContext', 'runAsGroup'])
      return broken
    },
    brokenByPod: ({ spec }, { fsGroup, supplementalGroups }) => {
      const path = ['spec', 'securityContext'] as const
      const groups = spec.securityContext?.supplementalGroups ?? []
      const broken = groups.flatMap((group, i): Broken[] =>
        isBroken(group ?? undefined, supplementalGroups)
          ? [['supplemental-group', ...path, 'supplementalGroups', i]]
          : [],
      )
      if (groups.length === 0 && isBroken(undefined, supplementalGroups))
        broken.push(['supplemental-groups', ...path, 'supplementalGroups'])
      if (isBroken(spec.securityContext?.fsGroup ?? undefined, fsGroup))
        broken.push(['fs-group', ...path, 'fsGroup'])
      return broken
    },
  })
})
