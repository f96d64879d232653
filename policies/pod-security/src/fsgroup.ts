import { anyOf, allOf, message, onlyIf, policy, type Policy } from '@gatewright/core'
import { z } from 'zod'
import { idRange, isInRanges } from './id-ranges.js'
import { pods, specIsNew } from './selection.js'

/** The group that owns a pod's volumes follows a rule. */
export const fsGroup: Policy = policy({
  id: 'pod-security/fsgroup',
  title: 'The fsGroup of pods must follow the rule',
  description:
    '`MustRunAs`: it is set and in a range. `MayRunAs`: where it is set, it is in a range. `RunAsAny`: it is free.',
  severity: 'low',
  topic: 'fsgroup',
  target: pods,
  parameters: z.object({
    rule: z.enum(['MustRunAs', 'MayRunAs', 'RunAsAny']).default('RunAsAny'),
    ranges: z.array(idRange).default([]).describe('Group ids that are allowed.'),
  }),
  rule: ({ pod, parameters, ...bindings }) => {
    const group = pod.securityContext.fsGroup
    const outside = isInRanges(group, parameters.ranges).not()
    return onlyIf(
      specIsNew(bindings),
      anyOf(
        parameters.rule.is('MustRunAs').and(outside),
        allOf(parameters.rule.is('MayRunAs'), group.exists(), outside),
      ).deny({
        message: message`the fsGroup ${group} of the pod is not allowed by the rule ${parameters.rule}`,
        at: group,
      }),
    )
  },
})
