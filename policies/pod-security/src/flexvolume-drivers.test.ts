import { expect, it } from 'vitest'
import { type Broken, expectAgreement } from '../../../test/pods/agreement.js'
import { cronJob, deployment, judged, pod } from '../../../test/pods/judged.js'
import { flexVolumeDrivers } from './flexvolume-drivers.js'

const volumes = [
  { name: 'scratch', emptyDir: {} },
  { name: 'disk', flexVolume: { driver: 'example/lvm' } },
]
const parameters = { allowedFlexVolumes: [{ driver: 'example/lvm' }] }

it('denies a driver that is not listed', () => {
  expect(judged(flexVolumeDrivers, pod({ volumes }))).toEqual([
    '1 spec.volumes[1].flexVolume.driver: volume disk must not use the FlexVolume driver example/lvm',
  ])
  expect(judged(flexVolumeDrivers, deployment({ volumes }))).toEqual([
    '1 spec.template.spec.volumes[1].flexVolume.driver: volume disk must not use the FlexVolume driver example/lvm',
  ])
  expect(judged(flexVolumeDrivers, cronJob({ volumes }))).toHaveLength(1)
})

it('allows a driver that is listed, and other volumes', () => {
  expect(judged(flexVolumeDrivers, pod({ volumes }), parameters)).toBe('allowed')
  for (const others of [undefined, null, [], [{ name: 'disk', flexVolume: null }]])
    expect(judged(flexVolumeDrivers, pod({ volumes: others }))).toBe('allowed')
})

it('denies a FlexVolume that names no driver', () => {
  expect(judged(flexVolumeDrivers, pod({ volumes: [{ name: 'disk', flexVolume: {} }] }), parameters)).toEqual(
    ['1 spec.volumes[0].flexVolume.driver: volume disk must not use the FlexVolume driver <missing>'],
  )
})

it('E17: an oracle agrees on random workloads', () => {
  const drivers = ['example/lvm', 'example/cifs', 'example/lvm2', ''] as const
  expectAgreement(flexVolumeDrivers, {
    codes: ['1'],
    parameters: (random) => ({
      allowedFlexVolumes: random.chance(0.2)
        ? undefined
        : random.list(3, () => ({ driver: random.one(drivers) })),
    }),
    spec: (random) => ({
      volumes: random.maybe(() =>
        random.list(3, () =>
          random.chance(0.02)
            ? null
            : {
                name: random.maybeOne(['a', 'b']),
                flexVolume: random.maybe(() => ({ driver: random.maybeOne(drivers) })),
              },
        ),
      ),
    }),
    podReads: [['text', 'spec', 'volumes', 0, 'flexVolume', 'driver']],
    brokenByPod: ({ spec }, { allowedFlexVolumes = [] }) =>
      (spec.volumes ?? []).flatMap((volume, i): Broken[] => {
        const flexVolume = volume?.flexVolume
        if (flexVolume === null || flexVolume === undefined) return []
        return allowedFlexVolumes.some(({ driver }) => driver === flexVolume.driver)
          ? []
          : [['1', 'spec', 'volumes', i, 'flexVolume', 'driver']]
      }),
  })
})
