import { type Condition, type Expr, message, not, onlyIf, policy, type Policy } from '@gatewright/core'
import type { SELinuxOptions } from '@gatewright/kubernetes'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods, specIsNew } from './selection.js'

const option = z.object({
  level: z.string().optional(),
  role: z.string().optional(),
  type: z.string().optional(),
  user: z.string().optional(),
})
type Option = z.output<typeof option>

const parts = ['level', 'role', 'type', 'user'] as const

/** Whether options that somebody set are those of one entry: each part that is set has the value of that entry. */
function isAllowed(options: Expr<SELinuxOptions | undefined>, allowed: Expr<Option[]>): Condition {
  const [first, ...others] = parts
  return allowed.some((each) => {
    const fits = (part: (typeof parts)[number]): Condition =>
      options[part].missing().or(options[part].sameAs(each[part]))
    return fits(first).and(...others.map(fits))
  })
}

/** SELinux options are those of a list. */
export const seLinux: Policy = policy({
  id: 'pod-security/selinux',
  title: 'SELinux options must be among those that are allowed',
  description:
    'A part that a pod sets has to have the value of an entry of the list; parts that it does not set are free.',
  severity: 'medium',
  topic: 'selinux',
  controls: { 'cis-docker': ['5.3'], pss: ['baseline'] },
  target: pods,
  parameters: z.object({
    ...exemptImages,
    allowedSELinuxOptions: z.array(option).default([]).describe('Options that may be set together.'),
  }),
  rule: ({ pod, parameters, ...bindings }) => {
    const allowed = parameters.allowedSELinuxOptions
    const shared = pod.securityContext.seLinuxOptions
    return [
      onlyIf(
        specIsNew(bindings),
        shared
          .exists()
          .and(not(isAllowed(shared, allowed)))
          .deny({
            message: 'the SELinux options of the pod are not among those that are allowed',
            at: shared,
            code: 'pod',
          }),
      ),
      pod.allContainers
        .filter(containerIsNew(bindings))
        .filter(notExempt(parameters.exemptImages))
        .filter((c) => c.securityContext.seLinuxOptions.exists())
        .filter((c) => not(isAllowed(c.securityContext.seLinuxOptions, allowed)))
        .deny((c) => ({
          message: message`the SELinux options of container ${c.name} are not among those that are allowed`,
          at: c.securityContext.seLinuxOptions,
          code: 'container',
        })),
    ]
  },
})
