import { message, policy, type Policy } from '@gatewright/core'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

/** Containers add allowed capabilities only, and drop those that have to go. */
export const capabilities: Policy = policy({
  id: 'pod-security/capabilities',
  title: 'Containers must add only allowed capabilities and drop the required ones',
  description: 'Dropping `ALL` drops every capability; allowing `*` allows every one.',
  severity: 'high',
  topic: 'capabilities-added',
  controls: { 'cis-kubernetes': ['5.2.8', '5.2.9'], 'cis-docker': ['5.4'], pss: ['baseline', 'restricted'] },
  target: pods,
  parameters: z.object({
    ...exemptImages,
    allowedCapabilities: z
      .array(z.string())
      .default([])
      .describe('Capabilities that may be added; `*` for any.'),
    requiredDropCapabilities: z
      .array(z.string())
      .default([])
      .describe('Capabilities that have to be dropped; `ALL` for all.'),
  }),
  rule: ({ pod, parameters, ...bindings }) =>
    pod.allContainers
      .filter(containerIsNew(bindings))
      .filter(notExempt(parameters.exemptImages))
      .each((c) => {
        const { add, drop } = c.securityContext.capabilities
        const allowed = parameters.allowedCapabilities
        return [
          add
            .difference(allowed)
            .filter(() => allowed.includes('*').not())
            .deny((capability) => ({
              message: message`container ${c.name} must not add the capability ${capability}`,
              at: capability,
              code: 'add',
            })),
          parameters.requiredDropCapabilities
            .difference(drop)
            .filter(() => drop.includes('ALL').not())
            .deny((capability) => ({
              message: message`container ${c.name} must drop the capability ${capability}`,
              at: drop,
              code: 'drop',
            })),
        ]
      }),
})
