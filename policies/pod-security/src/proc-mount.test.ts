import { expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { procMount } from './proc-mount.js'

const unmasked = { name: 'probe', securityContext: { procMount: 'Unmasked' } }

it('denies another type than the default', () => {
  expect(judged(procMount, pod({ containers: [unmasked] }))).toEqual([
    '1 spec.containers[0].securityContext.procMount: container probe must not set procMount to Unmasked',
  ])
  expect(
    judged(procMount, pod({ containers: [{ name: 'a', securityContext: { procMount: 'default' } }] })),
  ).toEqual(['1 spec.containers[0].securityContext.procMount: container a must not set procMount to default'])
})

it('denies it among init and ephemeral containers, and in templates', () => {
  const spec = { containers: [{ name: 'app' }], initContainers: [unmasked], ephemeralContainers: [unmasked] }
  expect(judged(procMount, deployment(spec))).toEqual([
    '1 spec.template.spec.ephemeralContainers[0].securityContext.procMount: container probe must not set procMount to Unmasked',
    '1 spec.template.spec.initContainers[0].securityContext.procMount: container probe must not set procMount to Unmasked',
  ])
  expect(judged(procMount, cronJob(spec))).toHaveLength(2)
})

it('allows the default, said or not', () => {
  for (const securityContext of [undefined, null, {}, { procMount: null }, { procMount: 'Default' }])
    expect(judged(procMount, pod({ containers: [{ name: 'app', securityContext }] }))).toBe('allowed')
})

it('allows either where the parameter says Unmasked', () => {
  expect(judged(procMount, pod({ containers: [unmasked] }), { procMount: 'Unmasked' })).toBe('allowed')
})

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(procMount, {
    codes: ['1'],
    hasExemptImages: true,
    parameters: (random) => ({ procMount: random.one(['Default', 'Default', 'Unmasked', undefined]) }),
    container: (random) => ({
      securityContext: random.maybe(() => ({
        procMount: random.maybeOne(['Default', 'Default', 'Unmasked', 'unmasked', '', 'DEFAULT']),
      })),
    }),
    containerReads: [['text', 'securityContext', 'procMount']],
    brokenByContainer: ({ securityContext }, _, { procMount: allowed = 'Default' }) => {
      const type = securityContext?.procMount ?? 'Default'
      return allowed === 'Unmasked' || type === 'Default' ? [] : [['1', 'securityContext', 'procMount']]
    },
  })
})
