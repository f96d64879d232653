import { message, onlyIf, policy, type Policy } from '@gatewright/core'
import { z } from 'zod'
import { pods, specIsNew } from './selection.js'

/** Pods use listed types of volumes only. */
export const volumeTypes: Policy = policy({
  id: 'pod-security/volume-types',
  title: 'Volumes must be of an allowed type',
  description: 'A volume may be of any type on the list, which are the names of its fields; `*` allows all.',
  severity: 'medium',
  topic: 'volume-types',
  controls: { pss: ['restricted'] },
  target: pods,
  parameters: z.object({
    volumes: z
      .array(z.string())
      .default([])
      .describe('The types that are allowed, such as `configMap`; `*` for all.'),
  }),
  rule: ({ pod, parameters, ...bindings }) =>
    onlyIf(
      specIsNew(bindings).and(parameters.volumes.includes('*').not()),
      pod.volumes.each((volume) => {
        const types = volume.keys().difference(['name'])
        return [
          types.difference(parameters.volumes).deny((type) => ({
            message: message`volume ${volume.name} must not be of the type ${type}`,
            at: type,
          })),
          types
            .isEmpty()
            .and(parameters.volumes.includes('emptyDir').not())
            .deny({
              message: message`volume ${volume.name} must not be of the type emptyDir, which it is since it says none`,
              at: volume,
              code: 'no-type',
            }),
        ]
      }),
    ),
})
