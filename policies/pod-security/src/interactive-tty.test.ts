import { expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { interactiveTty } from './interactive-tty.js'

it('denies stdin and tty, each on its own', () => {
  expect(judged(interactiveTty, pod({ containers: [{ name: 'shell', stdin: true, tty: true }] }))).toEqual([
    'stdin spec.containers[0].stdin: container shell must not set stdin',
    'tty spec.containers[0].tty: container shell must not set tty',
  ])
})

it('denies them among init and ephemeral containers, and in templates', () => {
  const spec = {
    containers: [{ name: 'app' }],
    initContainers: [{ name: 'init', stdin: true }],
    ephemeralContainers: [{ name: 'debug', tty: true }],
  }
  expect(judged(interactiveTty, deployment(spec))).toEqual([
    'tty spec.template.spec.ephemeralContainers[0].tty: container debug must not set tty',
    'stdin spec.template.spec.initContainers[0].stdin: container init must not set stdin',
  ])
  expect(judged(interactiveTty, cronJob(spec))).toHaveLength(2)
})

it('allows what is false, null or not said', () => {
  for (const fields of [{}, { stdin: null, tty: null }, { stdin: false, tty: false }, { stdinOnce: true }])
    expect(judged(interactiveTty, pod({ containers: [{ name: 'app', ...fields }] }))).toBe('allowed')
})

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(interactiveTty, {
    codes: ['stdin', 'tty'],
    hasExemptImages: true,
    container: (random) => ({
      stdin: random.maybeOne([true, false, false]),
      stdinOnce: random.maybeOne([true, false]),
      tty: random.maybeOne([true, false, false]),
    }),
    containerReads: [
      ['boolean', 'stdin'],
      ['boolean', 'tty'],
    ],
    brokenByContainer: ({ stdin, tty }) => [
      ...(stdin === true ? [['stdin', 'stdin'] as const] : []),
      ...(tty === true ? [['tty', 'tty'] as const] : []),
    ],
  })
})
