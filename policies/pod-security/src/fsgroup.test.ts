import { expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { fsGroup } from './fsgroup.js'

const ranges = [
  { min: 1, max: 10 },
  { min: 2000, max: 2000 },
]
const withGroup = (group?: number | null) => ({ securityContext: { fsGroup: group } })

it('MustRunAs: denies a group out of range, and none', () => {
  const parameters = { rule: 'MustRunAs', ranges }
  expect(judged(fsGroup, pod(withGroup(11)), parameters)).toEqual([
    '1 spec.securityContext.fsGroup: the fsGroup 11 of the pod is not allowed by the rule MustRunAs',
  ])
  for (const spec of [{}, { securityContext: null }, withGroup(null)])
    expect(judged(fsGroup, deployment(spec), parameters)).toEqual([
      '1 spec.template.spec.securityContext.fsGroup: the fsGroup <missing> of the pod is not allowed by the rule MustRunAs',
    ])
})

it('MayRunAs: denies a group out of range only', () => {
  const parameters = { rule: 'MayRunAs', ranges }
  expect(judged(fsGroup, cronJob(withGroup(0)), parameters)).toEqual([
    '1 spec.jobTemplate.spec.template.spec.securityContext.fsGroup: the fsGroup 0 of the pod is not allowed by the rule MayRunAs',
  ])
  expect(judged(fsGroup, pod({}), parameters)).toBe('allowed')
})

it('allows the ends of a range, and any group where the rule says so or where there is none', () => {
  for (const group of [1, 10, 2000])
    expect(judged(fsGroup, pod(withGroup(group)), { rule: 'MustRunAs', ranges })).toBe('allowed')
  expect(judged(fsGroup, pod(withGroup(0)), { rule: 'RunAsAny', ranges })).toBe('allowed')
  expect(judged(fsGroup, pod(withGroup(0)), { ranges })).toBe('allowed')
})

it('denies every group where there are no ranges', () => {
  expect(judged(fsGroup, pod(withGroup(1)), { rule: 'MayRunAs' })).toHaveLength(1)
})

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(fsGroup, {
    codes: ['1'],
    parameters: (random) => ({
      rule: random.one(['MustRunAs', 'MayRunAs', 'RunAsAny', undefined]),
      ranges: random.chance(0.1)
        ? undefined
        : random.list(2, () => ({ min: random.below(6), max: random.below(6) })),
    }),
    spec: (random) => ({
      securityContext: random.maybe(() => ({ fsGroup: random.maybe(() => random.below(8) - 1) })),
    }),
    podReads: [['number', 'spec', 'securityContext', 'fsGroup']],
    brokenByPod: ({ spec }, { rule = 'RunAsAny', ranges = [] }) => {
      const group = spec.securityContext?.fsGroup ?? undefined
      if (rule === 'RunAsAny' || (rule === 'MayRunAs' && group === undefined)) return []
      const isAllowed = group !== undefined && ranges.some(({ min, max }) => min <= group && group <= max)
      return isAllowed ? [] : [['1', 'spec', 'securityContext', 'fsGroup']]
    },
  })
})
