import { expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod, update } from '../../../test/pods/judged.js'
import { privilegedContainers } from './privileged-containers.js'

const shell = { name: 'shell', image: 'busybox', securityContext: { privileged: true } }

it('denies a privileged container', () => {
  expect(judged(privilegedContainers, pod({ containers: [shell] }))).toEqual([
    '1 spec.containers[0].securityContext.privileged: container shell must not run privileged',
  ])
})

it('denies it among init and ephemeral containers, and in templates', () => {
  const spec = { containers: [{ name: 'app' }], initContainers: [shell], ephemeralContainers: [shell] }
  expect(judged(privilegedContainers, deployment(spec))).toEqual([
    '1 spec.template.spec.ephemeralContainers[0].securityContext.privileged: container shell must not run privileged',
    '1 spec.template.spec.initContainers[0].securityContext.privileged: container shell must not run privileged',
  ])
  expect(judged(privilegedContainers, cronJob({ containers: [shell] }))).toEqual([
    '1 spec.jobTemplate.spec.template.spec.containers[0].securityContext.privileged: container shell must not run privileged',
  ])
})

it('allows what is false, null or not said', () => {
  for (const securityContext of [undefined, null, {}, { privileged: null }, { privileged: false }])
    expect(judged(privilegedContainers, pod({ containers: [{ name: 'app', securityContext }] }))).toBe(
      'allowed',
    )
})

it('calls a text that looks true invalid', () => {
  const containers = [{ name: 'app', securityContext: { privileged: 'true' } }]
  expect(judged(privilegedContainers, pod({ containers }))).toBe('invalid')
})

it('leaves exempt images out, by whole references', () => {
  const evil = { ...shell, image: 'busybox.evil/shell' }
  expect(judged(privilegedContainers, pod({ containers: [shell] }), { exemptImages: ['busybox'] })).toBe(
    'allowed',
  )
  expect(
    judged(privilegedContainers, pod({ containers: [evil] }), { exemptImages: ['busybox'] }),
  ).toHaveLength(1)
})

it('judges an update of a Pod only where an image changes', () => {
  const old = pod({ containers: [{ ...shell, image: 'busybox:1' }] })
  const same = pod({ containers: [shell] })
  expect(judged(privilegedContainers, update(same, same))).toBe('allowed')
  expect(judged(privilegedContainers, update(same, same, 'ephemeralcontainers'))).toHaveLength(1)
  expect(judged(privilegedContainers, update(same, old))).toHaveLength(1)
})

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(privilegedContainers, {
    codes: ['1'],
    hasExemptImages: true,
    container: (random) => ({
      securityContext: random.maybe(() => ({ privileged: random.maybeOne([true, false]) })),
    }),
    containerReads: [['boolean', 'securityContext', 'privileged']],
    brokenByContainer: (container) =>
      container.securityContext?.privileged === true ? [['1', 'securityContext', 'privileged']] : [],
  })
})
