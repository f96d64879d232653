import { message, onlyIf, policy, type Policy } from '@gatewright/core'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods, specIsNew } from './selection.js'

/** Windows containers do not run as processes of their node. */
export const windowsHostProcess: Policy = policy({
  id: 'pod-security/windows-host-process',
  title: 'Windows pods must not run host processes',
  description: 'A host process container has the rights of its node.',
  severity: 'critical',
  topic: 'windows-host-process',
  controls: { 'cis-kubernetes': ['5.2.10'], pss: ['baseline'] },
  target: pods,
  parameters: z.object({ ...exemptImages }),
  rule: ({ pod, parameters, ...bindings }) => [
    onlyIf(
      specIsNew(bindings),
      pod.securityContext.windowsOptions.hostProcess.is(true).deny({
        message: 'the pod must not set windowsOptions.hostProcess',
        at: pod.securityContext.windowsOptions.hostProcess,
        code: 'pod',
      }),
    ),
    pod.allContainers
      .filter(containerIsNew(bindings))
      .filter(notExempt(parameters.exemptImages))
      .filter((c) => c.securityContext.windowsOptions.hostProcess.is(true))
      .deny((c) => ({
        message: message`container ${c.name} must not set windowsOptions.hostProcess`,
        at: c.securityContext.windowsOptions.hostProcess,
        code: 'container',
      })),
  ],
})
