import { expect, it } from 'vitest'
import { type Broken, expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { volumeTypes } from './volume-types.js'

const volumes = [
  { name: 'settings', configMap: { name: 'settings' } },
  { name: 'host', hostPath: { path: '/' } },
]

it('denies a type that is not allowed', () => {
  expect(judged(volumeTypes, pod({ volumes }), { volumes: ['configMap'] })).toEqual([
    '1 spec.volumes[1].hostPath: volume host must not be of the type hostPath',
  ])
  expect(judged(volumeTypes, deployment({ volumes }), { volumes: ['configMap'] })).toEqual([
    '1 spec.template.spec.volumes[1].hostPath: volume host must not be of the type hostPath',
  ])
  expect(judged(volumeTypes, cronJob({ volumes }))).toHaveLength(2)
})

it('denies a type that the API does not know', () => {
  const unknown = [{ name: 'new', quantumDisk: {} }]
  expect(judged(volumeTypes, pod({ volumes: unknown }), { volumes: ['emptyDir'] })).toEqual([
    '1 spec.volumes[0].quantumDisk: volume new must not be of the type quantumDisk',
  ])
})

it('takes a volume that says no type for what the API server makes of it', () => {
  for (const volume of [{ name: 'scratch' }, { name: 'scratch', hostPath: null }]) {
    expect(judged(volumeTypes, pod({ volumes: [volume] }), { volumes: ['configMap'] })).toEqual([
      'no-type spec.volumes[0]: volume scratch must not be of the type emptyDir, which it is since it says none',
    ])
    expect(judged(volumeTypes, pod({ volumes: [volume] }), { volumes: ['emptyDir'] })).toBe('allowed')
  }
})

it('allows listed types, every type by a star, and pods without volumes', () => {
  expect(judged(volumeTypes, pod({ volumes }), { volumes: ['configMap', 'hostPath'] })).toBe('allowed')
  expect(judged(volumeTypes, pod({ volumes }), { volumes: ['*'] })).toBe('allowed')
  for (const none of [undefined, null, []])
    expect(judged(volumeTypes, pod({ volumes: none }))).toBe('allowed')
})

it('E17: an oracle agrees on random workloads', () => {
  const types = ['configMap', 'emptyDir', 'hostPath', 'secret', 'quantumDisk'] as const
  expectAgreement(volumeTypes, {
    codes: ['1', 'no-type'],
    parameters: (random) => ({
      volumes: random.chance(0.1)
        ? undefined
        : random.list(5, () => random.one([...types, 'name', '*'] as readonly string[])),
    }),
    spec: (random) => ({
      volumes: random.maybe(() =>
        random.list(2, () => ({
          name: random.maybeOne(['a', 'b']),
          ...Object.fromEntries(random.list(2, () => [random.one(types), random.maybe(() => ({}))])),
        })),
      ),
    }),
    podReads: [['object', 'spec', 'volumes', 0]],
    brokenByPod: ({ spec }, { volumes: allowed = [] }) =>
      (spec.volumes ?? []).flatMap((volume, i): Broken[] => {
        const isAllowed = (type: string) => allowed.includes('*') || allowed.includes(type)
        const said = Object.entries(volume ?? {}).flatMap(([key, value]) =>
          key === 'name' || value === null ? [] : [key],
        )
        if (said.length === 0) return isAllowed('emptyDir') ? [] : [['no-type', 'spec', 'volumes', i]]
        return said.filter((type) => !isAllowed(type)).map((type) => ['1', 'spec', 'volumes', i, type])
      }),
  })
})
