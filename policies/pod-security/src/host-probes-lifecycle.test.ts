import { expect, it } from 'vitest'
import { type Broken, expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import type { RandomValues } from '../../../test/pods/random-values.js'
import { hostProbesLifecycle } from './host-probes-lifecycle.js'

const places = [
  ['livenessProbe'],
  ['readinessProbe'],
  ['startupProbe'],
  ['lifecycle', 'postStart'],
  ['lifecycle', 'preStop'],
] as const
const actions = ['httpGet', 'tcpSocket'] as const

const asking = (path: readonly string[], value: unknown) => ({
  name: 'app',
  ...path.reduceRight<object>((inner, key) => ({ [key]: inner }), value as object),
})

it.each(places.flatMap((place) => actions.map((action) => [...place, action])))(
  'denies a host in %s %s %s',
  (...given) => {
    const path = given.filter((each) => typeof each === 'string')
    const code = path.slice(-2).join('.')
    const container = asking(path, { port: 80, host: '10.0.0.1' })
    expect(judged(hostProbesLifecycle, pod({ containers: [container] }))).toEqual([
      `${code} spec.containers[0].${path.join('.')}.host: container app must not name the host 10.0.0.1 in its ${code}`,
    ])
  },
)

it('denies it among init and ephemeral containers, and in templates', () => {
  const container = asking(['livenessProbe', 'httpGet'], { host: '127.0.0.1' })
  const spec = {
    containers: [{ name: 'web' }],
    initContainers: [container],
    ephemeralContainers: [container],
  }
  expect(judged(hostProbesLifecycle, deployment(spec))).toEqual(
    ['ephemeralContainers', 'initContainers'].map(
      (list) =>
        `livenessProbe.httpGet spec.template.spec.${list}[0].livenessProbe.httpGet.host: container app must not name the host 127.0.0.1 in its livenessProbe.httpGet`,
    ),
  )
  expect(judged(hostProbesLifecycle, cronJob(spec))).toHaveLength(2)
})

it('allows probes and hooks that name no host', () => {
  for (const probe of [undefined, null, {}, { httpGet: null }, { tcpSocket: { host: '' } }, { exec: {} }])
    expect(judged(hostProbesLifecycle, pod({ containers: [{ name: 'app', livenessProbe: probe }] }))).toBe(
      'allowed',
    )
})

it.each(places.flatMap((place) => actions.map((action) => [...place, action])))(
  'allows an empty host in %s %s %s, which is the pod itself',
  (...given) => {
    const path = given.filter((each) => typeof each === 'string')
    const container = asking(path, { port: 80, host: '' })
    expect(judged(hostProbesLifecycle, pod({ containers: [container] }))).toBe('allowed')
  },
)

const randomHandler = (random: RandomValues) =>
  random.chance(0.6)
    ? undefined
    : random.maybe(() => ({
        ...Object.fromEntries(
          actions.map((action) => [
            action,
            random.maybe(() => ({ port: 80, host: random.maybeOne(['', '', '127.0.0.1', 'example.com']) })),
          ]),
        ),
        exec: random.maybe(() => ({ command: ['true'] })),
      }))

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(hostProbesLifecycle, {
    codes: places.flatMap((place) => actions.map((action) => `${place.at(-1)}.${action}`)),
    hasExemptImages: true,
    container: (random) => ({
      livenessProbe: randomHandler(random),
      readinessProbe: randomHandler(random),
      startupProbe: randomHandler(random),
      lifecycle: random.maybe(() => ({ postStart: randomHandler(random), preStop: randomHandler(random) })),
    }),
    containerReads: places.flatMap((place) =>
      actions.map((action) => ['text', ...place, action, 'host'] as const),
    ),
    brokenByContainer: ({ livenessProbe, readinessProbe, startupProbe, lifecycle }) => {
      const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
      return handlers.flatMap((handler, i) =>
        actions.flatMap((action): Broken[] => {
          const place = places[i] ?? []
          return (handler?.[action]?.host ?? '') === ''
            ? []
            : [[`${place.at(-1)}.${action}`, ...place, action, 'host']]
        }),
      )
    },
  })
})
