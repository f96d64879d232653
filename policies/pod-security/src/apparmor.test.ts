import { describe, expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import type { RandomValues } from '../../../test/pods/random-values.js'
import { fitsWildcard } from '../../../test/pods/wildcard.js'
import type { WrittenContainer } from '../../../test/pods/written-pod.js'
import { appArmor } from './apparmor.js'

const annotation = 'container.apparmor.security.beta.kubernetes.io/app'
const profiled = (type: string, localhostProfile?: string) => ({
  securityContext: { appArmorProfile: { type, localhostProfile } },
})
const app = { name: 'app' }
const at = 'spec.containers[0].securityContext.appArmorProfile.type'
const denied = (profile: string) => [
  `1 ${at}: container app must not run under the AppArmor profile ${profile}`,
]

it('denies a profile that is not allowed', () => {
  expect(judged(appArmor, pod({ containers: [{ ...app, ...profiled('Unconfined') }] }))).toEqual(
    denied('unconfined'),
  )
  expect(judged(appArmor, pod({ containers: [{ ...app, ...profiled('Localhost', 'web') }] }))).toEqual(
    denied('localhost/web'),
  )
})

it('denies it among init and ephemeral containers, and in templates', () => {
  const free = { name: 'free', ...profiled('Unconfined') }
  const spec = { containers: [app], initContainers: [free], ephemeralContainers: [free] }
  expect(judged(appArmor, deployment(spec))).toEqual(
    ['ephemeralContainers', 'initContainers'].map(
      (list) =>
        `1 spec.template.spec.${list}[0].securityContext.appArmorProfile.type: container free must not run under the AppArmor profile unconfined`,
    ),
  )
  expect(judged(appArmor, cronJob(spec))).toHaveLength(2)
})

it('allows what the runtime does by default, said or not', () => {
  for (const fields of [{}, { securityContext: { appArmorProfile: null } }, profiled('RuntimeDefault')])
    expect(judged(appArmor, pod({ containers: [{ ...app, ...fields }] }))).toBe('allowed')
})

it('allows by wildcards', () => {
  const containers = [{ ...app, ...profiled('Localhost', 'team/web') }]
  expect(judged(appArmor, pod({ containers }), { allowedProfiles: ['localhost/team/*'] })).toBe('allowed')
  expect(judged(appArmor, pod({ containers }), { allowedProfiles: ['localhost/team'] })).toEqual(
    denied('localhost/team/web'),
  )
})

describe('who decides', () => {
  it('a container, before its annotation, before the pod', () => {
    const own = { ...app, ...profiled('RuntimeDefault') }
    const unconfined = profiled('Unconfined')
    expect(judged(appArmor, pod({ containers: [app], ...unconfined }))).toEqual(denied('unconfined'))
    expect(
      judged(appArmor, pod({ containers: [app], ...unconfined }, { [annotation]: 'runtime/default' })),
    ).toBe('allowed')
    expect(judged(appArmor, pod({ containers: [own], ...unconfined }, { [annotation]: 'unconfined' }))).toBe(
      'allowed',
    )
  })

  it('a container that names no file or no type that is known, and not the pod', () => {
    const shared = profiled('RuntimeDefault')
    const judgedWith = (own: object) => judged(appArmor, pod({ containers: [{ ...app, ...own }], ...shared }))
    expect(judgedWith(profiled('Localhost'))).toEqual(denied('localhost/'))
    expect(judgedWith(profiled('runtime/default'))).toEqual(denied('<runtime/default>'))
    expect(judgedWith({ securityContext: { appArmorProfile: {} } })).toEqual(denied('<>'))
  })
})

it.each(['container', 'pod'])('a profile of the %s that is none stands for itself alone', (level) => {
  const judgedWith = (profile: { readonly type?: string }, ...allowedProfiles: readonly string[]) => {
    const said = { securityContext: { appArmorProfile: profile } }
    const one = level === 'pod' ? { containers: [app], ...said } : { containers: [{ ...app, ...said }] }
    return judged(appArmor, pod(one), { allowedProfiles })
  }
  expect(judgedWith({ type: 'Custom' }, '<Custom>')).toBe('allowed')
  expect(judgedWith({}, '<x>')).toEqual(denied('<>'))
  expect(judgedWith({ type: 'Localhost' }, 'localhost/x')).toEqual(denied('localhost/'))
})

const randomContext = (random: RandomValues) =>
  random.maybe(() => ({
    appArmorProfile: random.maybe(() => ({
      type: random.maybeOne([
        'RuntimeDefault',
        'RuntimeDefault',
        'Localhost',
        'Unconfined',
        'unconfined',
        '',
      ]),
      localhostProfile: random.maybeOne(['good', 'bad', '']),
    })),
  }))

/** What a profile of the API is called in annotations, which know no name for what is none. */
function profileOf(context: WrittenContainer['securityContext']): string | undefined {
  const profile = context?.appArmorProfile
  if (profile === null || profile === undefined) return undefined
  switch (profile.type) {
    case 'RuntimeDefault':
      return 'runtime/default'
    case 'Unconfined':
      return 'unconfined'
    case 'Localhost':
      return `localhost/${profile.localhostProfile ?? ''}`
    default:
      return 'no profile'
  }
}

it('takes each type of the container, and of the pod where the container says nothing, in its words', () => {
  const inPod = (type: string, localhostProfile?: string) =>
    pod({ containers: [app], ...profiled(type, localhostProfile) })
  for (const allowedProfiles of [['unconfined'], ['runtime/default', 'unconfined']]) {
    expect(
      judged(appArmor, pod({ containers: [{ ...app, ...profiled('Unconfined') }] }), { allowedProfiles }),
    ).toBe('allowed')
    expect(judged(appArmor, inPod('Unconfined'), { allowedProfiles })).toBe('allowed')
  }
  expect(judged(appArmor, inPod('Localhost', 'web'), { allowedProfiles: ['localhost/web'] })).toBe('allowed')
  // a type that the API does not know is no default
  expect(judged(appArmor, inPod('Other'))).toEqual(denied('<Other>'))
  // nor is a profile without one
  const nameless = pod({ containers: [app], securityContext: { appArmorProfile: {} } })
  expect(judged(appArmor, nameless)).toEqual(denied('<>'))
})

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(appArmor, {
    codes: ['1'],
    hasExemptImages: true,
    parameters: (random) => ({
      allowedProfiles: random.chance(0.2)
        ? undefined
        : random.list(3, () =>
            random.one([
              'runtime/default',
              'unconfined',
              'localhost/*',
              'localhost/good',
              'localhost/b?d',
              '*',
            ]),
          ),
    }),
    annotations: (random) =>
      Object.fromEntries(
        random.list(2, () => [
          `container.apparmor.security.beta.kubernetes.io/c${random.below(3)}`,
          random.one(['runtime/default', 'unconfined', 'localhost/good', 'localhost/bad', '']),
        ]),
      ),
    container: (random) => ({ securityContext: randomContext(random) }),
    spec: (random) => ({ securityContext: randomContext(random) }),
    containerReads: [
      ['text', 'securityContext', 'appArmorProfile', 'type'],
      ['text', 'securityContext', 'appArmorProfile', 'localhostProfile'],
    ],
    podReads: [
      ['text', 'spec', 'securityContext', 'appArmorProfile', 'type'],
      ['object', 'metadata', 'annotations'],
    ],
    brokenByContainer: (container, { metadata, spec }, { allowedProfiles = ['runtime/default'] }) => {
      const profile =
        profileOf(container.securityContext) ??
        metadata.annotations?.[`container.apparmor.security.beta.kubernetes.io/${container.name}`] ??
        profileOf(spec.securityContext) ??
        'runtime/default'
      return allowedProfiles.some((pattern) => fitsWildcard(profile, pattern))
        ? []
        : [['1', 'securityContext', 'appArmorProfile', 'type']]
    },
  })
})
