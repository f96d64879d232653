import { message, policy, type Policy, set } from '@gatewright/core'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

/** Containers cannot write to their own image. */
export const readOnlyRootFilesystem: Policy = policy({
  id: 'pod-security/read-only-root-filesystem',
  title: 'Containers must mount their root filesystem read-only',
  description:
    'What cannot be written cannot be replaced. Mount an `emptyDir` where a program needs to write.',
  severity: 'medium',
  topic: 'read-only-root-fs',
  controls: { 'cis-docker': ['5.13'] },
  target: pods,
  parameters: z.object({ ...exemptImages }),
  rule: ({ pod, parameters, ...bindings }) =>
    pod.allContainers
      .filter(containerIsNew(bindings))
      .filter(notExempt(parameters.exemptImages))
      .filter((c) => c.securityContext.readOnlyRootFilesystem.isNot(true))
      .deny((c) => ({
        message: message`container ${c.name} must set readOnlyRootFilesystem to true`,
        at: c.securityContext.readOnlyRootFilesystem,
        fix: set(c.securityContext.readOnlyRootFilesystem, true),
      })),
})
