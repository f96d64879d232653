import { message, onlyIf, policy, type Policy } from '@gatewright/core'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

/** Containers see `/proc` as it is masked by default. */
export const procMount: Policy = policy({
  id: 'pod-security/proc-mount',
  title: 'Containers must keep the allowed procMount type',
  description:
    'An unmasked `/proc` shows and changes settings of the node. `Unmasked` as parameter allows either.',
  severity: 'high',
  topic: 'proc-mount',
  controls: { pss: ['baseline'] },
  target: pods,
  parameters: z.object({
    ...exemptImages,
    procMount: z.enum(['Default', 'Unmasked']).default('Default').describe('The type that is allowed.'),
  }),
  rule: ({ pod, parameters, ...bindings }) =>
    onlyIf(
      parameters.procMount.is('Default'),
      pod.allContainers
        .filter(containerIsNew(bindings))
        .filter(notExempt(parameters.exemptImages))
        .filter((c) => c.securityContext.procMount.default('Default').isNot('Default'))
        .deny((c) => ({
          message: message`container ${c.name} must not set procMount to ${c.securityContext.procMount}`,
          at: c.securityContext.procMount,
        })),
    ),
})
