import { message, policy, type Policy, set } from '@gatewright/core'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

/** No container runs privileged. */
export const privilegedContainers: Policy = policy({
  id: 'pod-security/privileged-containers',
  title: 'Containers must not run privileged',
  description: 'A privileged container has all the rights of its node. Grant single capabilities instead.',
  severity: 'critical',
  topic: 'privileged-containers',
  controls: { 'cis-kubernetes': ['5.2.2'], 'cis-docker': ['5.5'], pss: ['baseline'] },
  target: pods,
  parameters: z.object({ ...exemptImages }),
  rule: ({ pod, parameters, ...bindings }) =>
    pod.allContainers
      .filter(containerIsNew(bindings))
      .filter(notExempt(parameters.exemptImages))
      .filter((c) => c.securityContext.privileged.is(true))
      .deny((c) => ({
        message: message`container ${c.name} must not run privileged`,
        at: c.securityContext.privileged,
        fix: set(c.securityContext.privileged, false),
      })),
})
