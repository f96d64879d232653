import { expect, it } from 'vitest'
import { type Broken, expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { capabilities } from './capabilities.js'

const withCapabilities = (of: { add?: string[]; drop?: string[] | null }) => ({
  name: 'app',
  securityContext: { capabilities: of },
})
const at = 'spec.containers[0].securityContext.capabilities'

it('denies what is added and not allowed, each at its place', () => {
  const containers = [withCapabilities({ add: ['CHOWN', 'SYS_ADMIN', 'NET_RAW'] })]
  expect(judged(capabilities, pod({ containers }), { allowedCapabilities: ['CHOWN'] })).toEqual([
    `add ${at}.add[1]: container app must not add the capability SYS_ADMIN`,
    `add ${at}.add[2]: container app must not add the capability NET_RAW`,
  ])
  expect(judged(capabilities, pod({ containers }), { allowedCapabilities: ['*'] })).toBe('allowed')
})

it('denies what is not dropped, also where nothing is said', () => {
  const parameters = { requiredDropCapabilities: ['NET_RAW', 'KILL'] }
  expect(judged(capabilities, pod({ containers: [{ name: 'app' }] }), parameters)).toEqual([
    `drop ${at}.drop: container app must drop the capability KILL`,
    `drop ${at}.drop: container app must drop the capability NET_RAW`,
  ])
  expect(
    judged(capabilities, pod({ containers: [withCapabilities({ drop: ['KILL'] })] }), parameters),
  ).toEqual([`drop ${at}.drop: container app must drop the capability NET_RAW`])
  expect(judged(capabilities, pod({ containers: [withCapabilities({ drop: ['ALL'] })] }), parameters)).toBe(
    'allowed',
  )
})

it('does not take single capabilities for all of them', () => {
  const containers = [withCapabilities({ drop: ['NET_RAW'] })]
  expect(judged(capabilities, pod({ containers }), { requiredDropCapabilities: ['ALL'] })).toEqual([
    `drop ${at}.drop: container app must drop the capability ALL`,
  ])
})

it('reads names whatever their case, as container runtimes do', () => {
  const containers = [withCapabilities({ add: ['chown'], drop: ['all'] })]
  const parameters = { allowedCapabilities: ['CHOWN'], requiredDropCapabilities: ['ALL'] }
  expect(judged(capabilities, pod({ containers }), parameters)).toBe('allowed')
})

it('denies it among init and ephemeral containers, and in templates', () => {
  const bad = withCapabilities({ add: ['SYS_ADMIN'] })
  const spec = { containers: [{ name: 'web' }], initContainers: [bad], ephemeralContainers: [bad] }
  expect(judged(capabilities, deployment(spec))).toEqual(
    ['ephemeralContainers', 'initContainers'].map(
      (list) =>
        `add spec.template.spec.${list}[0].securityContext.capabilities.add[0]: container app must not add the capability SYS_ADMIN`,
    ),
  )
  expect(judged(capabilities, cronJob(spec))).toHaveLength(2)
})

const names = ['ALL', 'all', 'CHOWN', 'Chown', 'NET_RAW', 'net_raw', 'NET_BIND_SERVICE'] as const

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(capabilities, {
    codes: ['add', 'drop'],
    hasExemptImages: true,
    parameters: (random) => ({
      allowedCapabilities: random.chance(0.2) ? undefined : random.list(4, () => random.one([...names, '*'])),
      requiredDropCapabilities: random.chance(0.5) ? undefined : random.list(2, () => random.one(names)),
    }),
    container: (random) => ({
      securityContext: random.maybe(() => ({
        capabilities: random.maybe(() => ({
          add: random.maybe(() => random.list(3, () => random.one([...names, '', null]))),
          drop: random.maybe(() => random.list(3, () => random.one([...names, null]))),
        })),
      })),
    }),
    containerReads: [
      ['text', 'securityContext', 'capabilities', 'add', 0],
      ['text', 'securityContext', 'capabilities', 'drop', 0],
    ],
    brokenByContainer: (
      { securityContext },
      _,
      { allowedCapabilities = [], requiredDropCapabilities = [] },
    ) => {
      const { add, drop } = securityContext?.capabilities ?? {}
      const upper = (list: readonly (string | null)[]) => new Set(list.map((each) => each?.toUpperCase()))
      const allowed = upper(allowedCapabilities)
      const dropped = upper(drop ?? [])
      const added = (add ?? []).flatMap((each, i): Broken[] =>
        allowed.has('*') || (each !== null && allowed.has(each.toUpperCase()))
          ? []
          : [['add', 'securityContext', 'capabilities', 'add', i]],
      )
      const kept = [...new Set(requiredDropCapabilities)]
        .filter((each) => !dropped.has('ALL') && !dropped.has(each.toUpperCase()))
        .map((): Broken => ['drop', 'securityContext', 'capabilities', 'drop'])
      return [...added, ...kept]
    },
  })
})
