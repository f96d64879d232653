import { describe, expect, it } from 'vitest'
import { expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import type { RandomValues } from '../../../test/pods/random-values.js'
import type { WrittenContainer } from '../../../test/pods/written-pod.js'
import { seccomp } from './seccomp.js'

const ofContainer = 'container.seccomp.security.alpha.kubernetes.io/app'
const ofPod = 'seccomp.security.alpha.kubernetes.io/pod'
const profiled = (type: string, localhostProfile?: string) => ({
  securityContext: { seccompProfile: { type, localhostProfile } },
})
const app = { name: 'app' }
const at = 'spec.containers[0].securityContext.seccompProfile.type'
const denied = (profile: string) => [
  `1 ${at}: container app must not run under the seccomp profile ${profile}`,
]

it('denies a profile that is not allowed, and where there is none', () => {
  expect(judged(seccomp, pod({ containers: [app] }))).toEqual(denied('unconfined'))
  expect(judged(seccomp, pod({ containers: [{ ...app, ...profiled('Unconfined') }] }))).toEqual(
    denied('unconfined'),
  )
  expect(judged(seccomp, pod({ containers: [{ ...app, ...profiled('Localhost', 'a.json') }] }))).toEqual(
    denied('localhost/a.json'),
  )
})

it('denies it among init and ephemeral containers, and in templates', () => {
  const free = { name: 'free', ...profiled('Unconfined') }
  const spec = {
    containers: [app],
    initContainers: [free],
    ephemeralContainers: [free],
    ...profiled('RuntimeDefault'),
  }
  expect(judged(seccomp, deployment(spec))).toEqual(
    ['ephemeralContainers', 'initContainers'].map(
      (list) =>
        `1 spec.template.spec.${list}[0].securityContext.seccompProfile.type: container free must not run under the seccomp profile unconfined`,
    ),
  )
  expect(judged(seccomp, cronJob(spec))).toHaveLength(2)
})

describe('who decides', () => {
  const shared = profiled('RuntimeDefault')

  it('a container, before the pod, before the annotations', () => {
    const annotations = { [ofContainer]: 'unconfined', [ofPod]: 'unconfined' }
    expect(judged(seccomp, pod({ containers: [app], ...shared }, annotations))).toBe('allowed')
    expect(judged(seccomp, pod({ containers: [{ ...app, ...profiled('Unconfined') }], ...shared }))).toEqual(
      denied('unconfined'),
    )
  })

  it('the annotation of a container, before that of the pod', () => {
    const annotations = { [ofContainer]: 'runtime/default', [ofPod]: 'unconfined' }
    expect(judged(seccomp, pod({ containers: [app] }, annotations))).toBe('allowed')
    expect(judged(seccomp, pod({ containers: [app] }, { [ofPod]: 'localhost/a.json' }))).toEqual(
      denied('localhost/a.json'),
    )
  })

  it('a container that names no file or no type that is known, and not the pod', () => {
    const judgedWith = (own: object) => judged(seccomp, pod({ containers: [{ ...app, ...own }], ...shared }))
    expect(judgedWith(profiled('Localhost'))).toEqual(denied('localhost/'))
    expect(judgedWith(profiled('runtime/default'))).toEqual(denied('<runtime/default>'))
    expect(judgedWith({ securityContext: { seccompProfile: {} } })).toEqual(denied('<>'))
  })
})

it.each(['container', 'pod'])('a profile of the %s that is none stands for itself alone', (level) => {
  const judgedWith = (profile: { readonly type?: string }, ...allowedProfiles: readonly string[]) => {
    const said = { securityContext: { seccompProfile: profile } }
    const one = level === 'pod' ? { containers: [app], ...said } : { containers: [{ ...app, ...said }] }
    return judged(seccomp, pod(one), { allowedProfiles })
  }
  expect(judgedWith({ type: 'Custom' }, '<Custom>')).toBe('allowed')
  expect(judgedWith({}, '<x>')).toEqual(denied('<>'))
  expect(judgedWith({ type: 'Localhost' }, 'localhost/x')).toEqual(denied('localhost/'))
})

it('a word that only begins as a file of the node is none', () => {
  expect(
    judged(seccomp, pod({ containers: [app] }, { [ofPod]: 'localhosts' }), {
      allowedProfiles: ['localhost/*'],
    }),
  ).toEqual(denied('localhosts'))
})

describe('what is allowed', () => {
  const file = { containers: [{ ...app, ...profiled('Localhost', 'a.json') }] }

  it.each([
    { allowedProfiles: ['*'] },
    { allowedProfiles: ['localhost/*'] },
    { allowedProfiles: ['localhost/a.json'] },
    { allowedProfiles: ['Localhost'], allowedLocalhostFiles: ['b.json', 'a.json'] },
    { allowedProfiles: ['Localhost'], allowedLocalhostFiles: ['*'] },
  ])('a file, by $allowedProfiles $allowedLocalhostFiles', (parameters) => {
    expect(judged(seccomp, pod(file), parameters)).toBe('allowed')
    expect(judged(seccomp, pod({ containers: [app] }, { [ofPod]: 'localhost/a.json' }), parameters)).toBe(
      'allowed',
    )
  })

  it.each([
    { allowedProfiles: ['Localhost'] },
    { allowedProfiles: ['Localhost'], allowedLocalhostFiles: ['b.json'] },
    { allowedProfiles: ['RuntimeDefault'], allowedLocalhostFiles: ['a.json'] },
  ])('no file, by $allowedProfiles $allowedLocalhostFiles', (parameters) => {
    expect(judged(seccomp, pod(file), parameters)).toEqual(denied('localhost/a.json'))
  })

  it.each(['runtime/default', 'docker/default', 'RuntimeDefault'])(
    'the default of the runtime as %s',
    (name) => {
      const parameters = { allowedProfiles: [name] }
      const containers = [{ ...app, ...profiled('RuntimeDefault') }]
      expect(judged(seccomp, pod({ containers }), parameters)).toBe('allowed')
      for (const annotation of ['runtime/default', 'docker/default'])
        expect(judged(seccomp, pod({ containers: [app] }, { [ofPod]: annotation }), parameters)).toBe(
          'allowed',
        )
    },
  )
})

const randomContext = (random: RandomValues) =>
  random.maybe(() => ({
    seccompProfile: random.maybe(() => ({
      type: random.maybeOne([
        'RuntimeDefault',
        'RuntimeDefault',
        'Localhost',
        'Unconfined',
        'runtime/default',
        '',
      ]),
      localhostProfile: random.maybeOne(['good.json', 'bad.json', '']),
    })),
  }))

type Profile = 'default' | 'unconfined' | 'none' | { readonly file: string }

function byFields(context: WrittenContainer['securityContext']): Profile | undefined {
  const profile = context?.seccompProfile
  if (profile === null || profile === undefined) return undefined
  if (profile.type === 'RuntimeDefault') return 'default'
  if (profile.type === 'Unconfined') return 'unconfined'
  return profile.type === 'Localhost' ? { file: profile.localhostProfile ?? '' } : 'none'
}

function byAnnotation(value: string | null | undefined): Profile | undefined {
  if (value === null || value === undefined) return undefined
  if (value === 'runtime/default' || value === 'docker/default') return 'default'
  if (value === 'unconfined') return 'unconfined'
  return value.startsWith('localhost/') ? { file: value.slice('localhost/'.length) } : 'none'
}

function isAllowed(profile: Profile, profiles: readonly string[], files: readonly string[]): boolean {
  const listed = (...names: string[]): boolean => names.some((name) => profiles.includes(name))
  if (listed('*')) return true
  if (profile === 'none') return false
  if (profile === 'default') return listed('runtime/default', 'docker/default', 'RuntimeDefault')
  if (profile === 'unconfined') return listed('unconfined', 'Unconfined')
  if (listed('localhost/*', `localhost/${profile.file}`)) return true
  return listed('Localhost') && (files.includes('*') || files.includes(profile.file))
}

it('takes each type of the pod, and the old name of the default, in its words', () => {
  const inPod = (type: string, localhostProfile?: string) =>
    pod({ containers: [app], ...profiled(type, localhostProfile) })
  expect(
    judged(seccomp, pod({ containers: [{ ...app, ...profiled('Unconfined') }] }), {
      allowedProfiles: ['Unconfined'],
    }),
  ).toBe('allowed')
  expect(judged(seccomp, inPod('Unconfined'), { allowedProfiles: ['unconfined'] })).toBe('allowed')
  expect(judged(seccomp, inPod('Localhost', 'a.json'), { allowedProfiles: ['localhost/*'] })).toBe('allowed')
  expect(judged(seccomp, inPod('Unconfined'), { allowedProfiles: ['localhost/*'] })).toEqual(
    denied('unconfined'),
  )
  // a type that the API does not know is not what stands where there is none
  expect(judged(seccomp, inPod('Other'), { allowedProfiles: ['unconfined'] })).toEqual(denied('<Other>'))
  const nameless = pod({ containers: [app], securityContext: { seccompProfile: {} } })
  expect(judged(seccomp, nameless, { allowedProfiles: ['unconfined'] })).toEqual(denied('<>'))
  const annotations = { 'container.seccomp.security.alpha.kubernetes.io/app': 'docker/default' }
  expect(judged(seccomp, pod({ containers: [app] }, annotations))).toBe('allowed')
})

it('allows no other file of the node than those that are listed', () => {
  const parameters = { allowedProfiles: ['Localhost'], allowedLocalhostFiles: ['b.json'] }
  const using = (file: string) => pod({ containers: [{ ...app, ...profiled('Localhost', file) }] })
  expect(judged(seccomp, using('b.json'), parameters)).toBe('allowed')
  expect(judged(seccomp, using('a.json'), parameters)).toEqual(denied('localhost/a.json'))
})

it('E17: an oracle agrees on random workloads', () => {
  expectAgreement(seccomp, {
    codes: ['1'],
    hasExemptImages: true,
    parameters: (random) => ({
      allowedProfiles: random.chance(0.2)
        ? undefined
        : random.list(3, () =>
            random.one([
              'runtime/default',
              'docker/default',
              'unconfined',
              'localhost/*',
              'localhost/good.json',
              'RuntimeDefault',
              'Unconfined',
              'Localhost',
              'Localhost',
              '*',
            ]),
          ),
      allowedLocalhostFiles: random.chance(0.3)
        ? undefined
        : random.list(2, () => random.one(['good.json', 'bad.json', '*'])),
    }),
    annotations: (random) =>
      Object.fromEntries(
        random.list(2, () => [
          random.one([
            ofPod,
            ...[0, 1, 2].map((i) => `container.seccomp.security.alpha.kubernetes.io/c${i}`),
          ]),
          random.one(['runtime/default', 'docker/default', 'unconfined', 'localhost/good.json', 'other', '']),
        ]),
      ),
    container: (random) => ({ securityContext: randomContext(random) }),
    spec: (random) => ({ securityContext: randomContext(random) }),
    containerReads: [
      ['text', 'securityContext', 'seccompProfile', 'type'],
      ['text', 'securityContext', 'seccompProfile', 'localhostProfile'],
    ],
    podReads: [
      ['text', 'spec', 'securityContext', 'seccompProfile', 'type'],
      ['object', 'metadata', 'annotations'],
    ],
    brokenByContainer: (
      { name, securityContext },
      { metadata, spec },
      { allowedProfiles = ['runtime/default'], allowedLocalhostFiles = [] },
    ) => {
      const profile =
        byFields(securityContext) ??
        byFields(spec.securityContext) ??
        byAnnotation(metadata.annotations?.[`container.seccomp.security.alpha.kubernetes.io/${name}`]) ??
        byAnnotation(metadata.annotations?.[ofPod]) ??
        'unconfined'
      return isAllowed(profile, allowedProfiles, allowedLocalhostFiles)
        ? []
        : [['1', 'securityContext', 'seccompProfile', 'type']]
    },
  })
})
