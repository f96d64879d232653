import { type Condition, type Expr, message, not, policy, type Policy } from '@gatewright/core'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

/** Container runtimes take a capability's name in any case. */
const isAmong = (name: Expr<string>, list: Expr<readonly string[]>): Condition =>
  list.some((each) => each.lower().is(name.lower()))

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
            .filter((capability) => not(allowed.includes('*').or(isAmong(capability, allowed))))
            .deny((capability) => ({
              message: message`container ${c.name} must not add the capability ${capability}`,
              at: capability,
              code: 'add',
            })),
          parameters.requiredDropCapabilities
            .filter((capability) =>
              drop.none((each) => each.lower().is('all').or(each.lower().is(capability.lower()))),
            )
            .deny((capability) => ({
              message: message`container ${c.name} must drop the capability ${capability}`,
              at: drop,
              code: 'drop',
            })),
        ]
      }),
})
