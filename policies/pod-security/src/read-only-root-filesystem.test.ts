import { expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { readOnlyRootFilesystem } from './read-only-root-filesystem.js'

const app = { name: 'app', securityContext: { readOnlyRootFilesystem: true } }

it('allows a container that says true', () => {
  expect(judged(readOnlyRootFilesystem, pod({ containers: [app] }))).toBe('allowed')
})

it('denies what is false, null or not said', () => {
  for (const securityContext of [
    undefined,
    null,
    {},
    { readOnlyRootFilesystem: null },
    { readOnlyRootFilesystem: false },
  ])
    expect(judged(readOnlyRootFilesystem, pod({ containers: [{ name: 'web', securityContext }] }))).toEqual([
      '1 spec.containers[0].securityContext.readOnlyRootFilesystem: container web must set readOnlyRootFilesystem to true',
    ])
})

it('denies it among init and ephemeral containers, and in templates', () => {
  const spec = {
    containers: [app],
    initContainers: [{ name: 'init' }],
    ephemeralContainers: [{ name: 'debug' }],
  }
  expect(judged(readOnlyRootFilesystem, deployment(spec))).toEqual([
    '1 spec.template.spec.ephemeralContainers[0].securityContext.readOnlyRootFilesystem: container debug must set readOnlyRootFilesystem to true',
    '1 spec.template.spec.initContainers[0].securityContext.readOnlyRootFilesystem: container init must set readOnlyRootFilesystem to true',
  ])
  expect(judged(readOnlyRootFilesystem, cronJob(spec))).toHaveLength(2)
})

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(readOnlyRootFilesystem, {
    codes: ['1'],
    hasExemptImages: true,
    container: (random) => ({
      securityContext: random.maybe(() => ({
        readOnlyRootFilesystem: random.chance(0.7) ? true : random.maybeOne([true, false]),
      })),
    }),
    containerReads: [['boolean', 'securityContext', 'readOnlyRootFilesystem']],
    brokenByContainer: (container) =>
      container.securityContext?.readOnlyRootFilesystem === true
        ? []
        : [['1', 'securityContext', 'readOnlyRootFilesystem']],
  })
})
