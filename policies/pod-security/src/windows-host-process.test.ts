import { expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { windowsHostProcess } from './windows-host-process.js'

const hostProcess = { windowsOptions: { hostProcess: true } }

it('denies it for the pod, also where a container takes it back', () => {
  const containers = [{ name: 'app', securityContext: { windowsOptions: { hostProcess: false } } }]
  expect(judged(windowsHostProcess, pod({ containers, securityContext: hostProcess }))).toEqual([
    'pod spec.securityContext.windowsOptions.hostProcess: the pod must not set windowsOptions.hostProcess',
  ])
})

it('denies it for containers, init and ephemeral ones too, and in templates', () => {
  const container = { name: 'agent', securityContext: hostProcess }
  const spec = { containers: [container], initContainers: [container], ephemeralContainers: [container] }
  expect(judged(windowsHostProcess, deployment(spec))).toEqual(
    ['containers', 'ephemeralContainers', 'initContainers'].map(
      (list) =>
        `container spec.template.spec.${list}[0].securityContext.windowsOptions.hostProcess: container agent must not set windowsOptions.hostProcess`,
    ),
  )
  expect(judged(windowsHostProcess, cronJob(spec))).toHaveLength(3)
})

it('allows what is false, null or not said', () => {
  for (const windowsOptions of [undefined, null, {}, { hostProcess: null }, { hostProcess: false }]) {
    const securityContext = { windowsOptions }
    expect(
      judged(windowsHostProcess, pod({ containers: [{ name: 'app', securityContext }], securityContext })),
    ).toBe('allowed')
  }
})

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(windowsHostProcess, {
    codes: ['container', 'pod'],
    hasExemptImages: true,
    container: (random) => ({
      securityContext: random.maybe(() => ({
        windowsOptions: random.maybe(() => ({ hostProcess: random.maybeOne([true, false]) })),
      })),
    }),
    spec: (random) => ({
      securityContext: random.maybe(() => ({
        windowsOptions: random.maybe(() => ({ hostProcess: random.maybeOne([true, false]) })),
      })),
    }),
    containerReads: [['boolean', 'securityContext', 'windowsOptions', 'hostProcess']],
    podReads: [['boolean', 'spec', 'securityContext', 'windowsOptions', 'hostProcess']],
    brokenByContainer: ({ securityContext }) =>
      securityContext?.windowsOptions?.hostProcess === true
        ? [['container', 'securityContext', 'windowsOptions', 'hostProcess']]
        : [],
    brokenByPod: ({ spec }) =>
      spec.securityContext?.windowsOptions?.hostProcess === true
        ? [['pod', 'spec', 'securityContext', 'windowsOptions', 'hostProcess']]
        : [],
  })
})
