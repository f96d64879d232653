import { message, onlyIf, policy, type Policy } from '@gatewright/core'
import { z } from 'zod'
import { pods, specIsNew } from './selection.js'

/** FlexVolumes use listed drivers only. */
export const flexVolumeDrivers: Policy = policy({
  id: 'pod-security/flexvolume-drivers',
  title: 'FlexVolumes must use an allowed driver',
  description: 'A FlexVolume driver is a program that runs on the node with its rights.',
  severity: 'medium',
  topic: 'flexvolume-drivers',
  target: pods,
  parameters: z.object({
    allowedFlexVolumes: z
      .array(z.object({ driver: z.string() }))
      .default([])
      .describe('The drivers that may be used.'),
  }),
  rule: ({ pod, parameters, ...bindings }) =>
    onlyIf(
      specIsNew(bindings),
      pod.volumes
        .having('flexVolume')
        .filter((volume) =>
          volume.flexVolume.driver.notIn(parameters.allowedFlexVolumes.map((each) => each.driver)),
        )
        .deny((volume) => ({
          message: message`volume ${volume.name} must not use the FlexVolume driver ${volume.flexVolume.driver}`,
          at: volume.flexVolume.driver,
        })),
    ),
})
