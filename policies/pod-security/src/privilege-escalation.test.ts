import { expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { privilegeEscalation } from './privilege-escalation.js'

const app = { name: 'app', securityContext: { allowPrivilegeEscalation: false } }

it('allows a container that says false', () => {
  expect(judged(privilegeEscalation, pod({ containers: [app] }))).toBe('allowed')
})

it('denies what is true, null or not said', () => {
  for (const securityContext of [
    undefined,
    null,
    {},
    { allowPrivilegeEscalation: null },
    { allowPrivilegeEscalation: true },
  ])
    expect(judged(privilegeEscalation, pod({ containers: [{ name: 'web', securityContext }] }))).toEqual([
      '1 spec.containers[0].securityContext.allowPrivilegeEscalation: container web must set allowPrivilegeEscalation to false',
    ])
})

it('denies it among init and ephemeral containers, and in templates', () => {
  const spec = {
    containers: [app],
    initContainers: [{ name: 'init' }],
    ephemeralContainers: [{ name: 'debug' }],
  }
  expect(judged(privilegeEscalation, deployment(spec))).toEqual([
    '1 spec.template.spec.ephemeralContainers[0].securityContext.allowPrivilegeEscalation: container debug must set allowPrivilegeEscalation to false',
    '1 spec.template.spec.initContainers[0].securityContext.allowPrivilegeEscalation: container init must set allowPrivilegeEscalation to false',
  ])
  expect(judged(privilegeEscalation, cronJob(spec))).toHaveLength(2)
})

it('calls the text false invalid', () => {
  const containers = [app, { name: 'web', securityContext: { allowPrivilegeEscalation: 'false' } }]
  expect(judged(privilegeEscalation, pod({ containers }))).not.toBe('allowed')
})

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(privilegeEscalation, {
    codes: ['1'],
    hasExemptImages: true,
    container: (random) => ({
      securityContext: random.maybe(() => ({
        allowPrivilegeEscalation: random.chance(0.7) ? false : random.maybeOne([true, false]),
      })),
    }),
    containerReads: [['boolean', 'securityContext', 'allowPrivilegeEscalation']],
    brokenByContainer: (container) =>
      container.securityContext?.allowPrivilegeEscalation === false
        ? []
        : [['1', 'securityContext', 'allowPrivilegeEscalation']],
  })
})
