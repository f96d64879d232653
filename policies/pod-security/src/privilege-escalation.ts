import { message, policy, type Policy, set } from '@gatewright/core'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

/** Containers say that their processes gain no rights beyond those of their parents. */
export const privilegeEscalation: Policy = policy({
  id: 'pod-security/privilege-escalation',
  title: 'Containers must set allowPrivilegeEscalation to false',
  description:
    'Without it a set-user-id program in the image can gain rights that the container was not given.',
  severity: 'high',
  topic: 'privilege-escalation',
  controls: { 'cis-kubernetes': ['5.2.6'], 'cis-docker': ['2.14', '5.26'], pss: ['restricted'] },
  target: pods,
  parameters: z.object({ ...exemptImages }),
  rule: ({ pod, parameters, ...bindings }) =>
    pod.allContainers
      .filter(containerIsNew(bindings))
      .filter(notExempt(parameters.exemptImages))
      .filter((c) => c.securityContext.allowPrivilegeEscalation.isNot(false))
      .deny((c) => ({
        message: message`container ${c.name} must set allowPrivilegeEscalation to false`,
        at: c.securityContext.allowPrivilegeEscalation,
        fix: set(c.securityContext.allowPrivilegeEscalation, false),
      })),
})
