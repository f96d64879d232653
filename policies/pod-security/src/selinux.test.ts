import { expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import type { Field, RandomValues } from '../../../test/pods/random-values.js'
import type { WrittenContainer } from '../../../test/pods/written-pod.js'
import { seLinux } from './selinux.js'

const labelled = (seLinuxOptions: Field) => ({ securityContext: { seLinuxOptions } })
const parameters = {
  allowedSELinuxOptions: [{ type: 'container_t' }, { type: 'container_init_t', user: 'system_u' }],
}

it('denies options of the pod that are not on the list', () => {
  expect(judged(seLinux, pod(labelled({ type: 'spc_t' })), parameters)).toEqual([
    'pod spec.securityContext.seLinuxOptions: the SELinux options of the pod are not among those that are allowed',
  ])
})

it('denies those of containers, init and ephemeral ones too, and in templates', () => {
  const container = { name: 'app', ...labelled({ type: 'container_t', role: 'sysadm_r' }) }
  const spec = { containers: [container], initContainers: [container], ephemeralContainers: [container] }
  expect(judged(seLinux, deployment(spec), parameters)).toEqual(
    ['containers', 'ephemeralContainers', 'initContainers'].map(
      (list) =>
        `container spec.template.spec.${list}[0].securityContext.seLinuxOptions: the SELinux options of container app are not among those that are allowed`,
    ),
  )
  expect(judged(seLinux, cronJob(spec), parameters)).toHaveLength(3)
})

it('allows options of one entry, and parts that are not set', () => {
  for (const options of [{ type: 'container_t' }, { user: 'system_u' }, {}, { type: null }])
    expect(judged(seLinux, pod(labelled(options)), parameters)).toBe('allowed')
})

it.each(['level', 'role', 'type', 'user'])('compares the %s, of pods and of containers', (part) => {
  const allowedSELinuxOptions = [{ level: 's0', role: 'system_r', type: 'container_t', user: 'system_u' }]
  const right = allowedSELinuxOptions[0] as Readonly<Record<string, string>>
  for (const [value, isAllowed] of [
    [right[part] as string, true],
    ['other', false],
  ] as const) {
    const options = labelled({ [part]: value })
    for (const spec of [options, { containers: [{ name: 'app', ...options }] }])
      expect(judged(seLinux, pod(spec), { allowedSELinuxOptions }) === 'allowed').toBe(isAllowed)
  }
})

it('asks nothing of containers that set no options', () => {
  expect(judged(seLinux, pod({ containers: [{ name: 'app' }] }))).toBe('allowed')
  expect(judged(seLinux, pod({ containers: [{ name: 'app', ...labelled({}) }] }))).toHaveLength(1)
  expect(judged(seLinux, pod({ containers: [{ name: 'app', ...labelled({}) }] }), parameters)).toBe('allowed')
})

it('does not mix entries', () => {
  expect(judged(seLinux, pod(labelled({ type: 'container_t', user: 'system_u' })), parameters)).toHaveLength(
    1,
  )
})

it('allows no options where the list is empty, and their absence', () => {
  expect(judged(seLinux, pod(labelled({})))).toHaveLength(1)
  for (const spec of [{}, labelled(null)]) expect(judged(seLinux, pod(spec))).toBe('allowed')
})

const parts = ['level', 'role', 'type', 'user'] as const
const values = { level: ['s0', 's1'], role: ['r', ''], type: ['t', 'spc_t'], user: ['u', ''] } as const

const randomContext = (random: RandomValues) =>
  random.maybe(() => ({
    seLinuxOptions: random.maybe(() =>
      Object.fromEntries(
        parts.map((part) => [part, random.chance(0.4) ? undefined : random.maybeOne(values[part])]),
      ),
    ),
  }))

function isBroken(
  context: Pick<NonNullable<WrittenContainer['securityContext']>, 'seLinuxOptions'> | null | undefined,
  allowed: readonly Readonly<Record<string, string | undefined>>[],
): boolean {
  const options = context?.seLinuxOptions
  if (options === null || options === undefined) return false
  const set = parts.filter((part) => typeof options[part] === 'string')
  return !allowed.some((entry) => set.every((part) => entry[part] === options[part]))
}

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(seLinux, {
    codes: ['container', 'pod'],
    hasExemptImages: true,
    parameters: (random) => ({
      allowedSELinuxOptions: random.chance(0.1)
        ? undefined
        : random.list(3, () =>
            Object.fromEntries(
              parts.flatMap((part) => (random.chance(0.6) ? [[part, random.one(values[part])]] : [])),
            ),
          ),
    }),
    container: (random) => ({ securityContext: randomContext(random) }),
    spec: (random) => ({ securityContext: randomContext(random) }),
    containerReads: parts.map((part) => ['text', 'securityContext', 'seLinuxOptions', part]),
    podReads: parts.map((part) => ['text', 'spec', 'securityContext', 'seLinuxOptions', part]),
    brokenByContainer: ({ securityContext }, _, { allowedSELinuxOptions = [] }) =>
      isBroken(securityContext, allowedSELinuxOptions)
        ? [['container', 'securityContext', 'seLinuxOptions']]
        : [],
    brokenByPod: ({ spec }, { allowedSELinuxOptions = [] }) =>
      isBroken(spec.securityContext, allowedSELinuxOptions)
        ? [['pod', 'spec', 'securityContext', 'seLinuxOptions']]
        : [],
  })
})
