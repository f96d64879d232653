import {
  allOf,
  anyOf,
  type Condition,
  type Expr,
  message,
  onlyIf,
  policy,
  type Policy,
  type Rule,
} from '@gatewright/core'
import { z } from 'zod'
import { idRange, isInRanges } from './id-ranges.js'
import { containerIsNew, exemptImages, notExempt, pods, specIsNew } from './selection.js'

type Range = z.output<typeof idRange>

const ruled = <const R extends readonly [string, ...string[]]>(rules: R) =>
  z.object({ rule: z.enum(rules), ranges: z.array(idRange).default([]) }).optional()

type GroupRule = 'MustRunAs' | 'MayRunAs' | 'RunAsAny'

/** Whether a group breaks the rule that is given for it; no rule is broken where none is given. */
function breaks(
  id: Expr<number | undefined>,
  rule: Expr<GroupRule | undefined>,
  ranges: Expr<Range[]>,
): Condition {
  const outside = isInRanges(id, ranges).not()
  return anyOf(rule.is('MustRunAs').and(outside), allOf(rule.is('MayRunAs'), id.exists(), outside))
}

/** Users and groups of containers follow rules. */
export const users: Policy = policy({
  id: 'pod-security/users',
  title: 'User and group ids must follow the rules',
  description:
    '`MustRunAs`: set and in a range. `MayRunAs`: in a range where set. `MustRunAsNonRoot`: a user other than 0, or runAsNonRoot. `RunAsAny`: free.',
  severity: 'medium',
  topic: 'run-as-user',
  controls: { 'cis-kubernetes': ['5.2.7'] },
  target: pods,
  parameters: z.object({
    ...exemptImages,
    runAsUser: ruled(['MustRunAs', 'MustRunAsNonRoot', 'RunAsAny']),
    runAsGroup: ruled(['MustRunAs', 'MayRunAs', 'RunAsAny']),
    supplementalGroups: ruled(['MustRunAs', 'MayRunAs', 'RunAsAny']),
    fsGroup: ruled(['MustRunAs', 'MayRunAs', 'RunAsAny']),
  }),
  rule: ({ pod, parameters, ...bindings }) => {
    const { runAsUser, runAsGroup, supplementalGroups, fsGroup } = parameters
    const shared = pod.securityContext
    const groups = shared.supplementalGroups
    return [
      pod.allContainers
        .filter(containerIsNew(bindings))
        .filter(notExempt(parameters.exemptImages))
        .each((c): Rule[] => {
          const own = c.securityContext
          const user = own.runAsUser.default(shared.runAsUser)
          const nonRoot = own.runAsNonRoot.default(shared.runAsNonRoot)
          const group = own.runAsGroup.default(shared.runAsGroup)
          return [
            runAsUser.rule
              .is('MustRunAs')
              .and(isInRanges(user, runAsUser.ranges).not())
              .deny({
                message: message`container ${c.name} must not run as user ${user}`,
                at: own.runAsUser,
                code: 'run-as-user',
              }),
            allOf(
              runAsUser.rule.is('MustRunAsNonRoot'),
              anyOf(user.is(0), user.missing().and(nonRoot.isNot(true))),
            ).deny({
              message: message`container ${c.name} must not run as root`,
              at: own.runAsNonRoot,
              code: 'non-root',
            }),
            breaks(group, runAsGroup.rule, runAsGroup.ranges).deny({
              message: message`container ${c.name} must not run as group ${group}`,
              at: own.runAsGroup,
              code: 'run-as-group',
            }),
          ]
        }),
      onlyIf(specIsNew(bindings), [
        breaks(shared.fsGroup, fsGroup.rule, fsGroup.ranges).deny({
          message: message`the pod must not use the fsGroup ${shared.fsGroup}`,
          at: shared.fsGroup,
          code: 'fs-group',
        }),
        groups
          .filter(() => supplementalGroups.rule.in(['MustRunAs', 'MayRunAs']))
          .filter((group) => isInRanges(group, supplementalGroups.ranges).not())
          .deny((group) => ({
            message: message`the pod must not have the supplemental group ${group}`,
            at: group,
            code: 'supplemental-group',
          })),
        supplementalGroups.rule.is('MustRunAs').and(groups.isEmpty()).deny({
          message: 'the pod must set supplementalGroups',
          at: groups,
          code: 'supplemental-groups',
        }),
      ]),
    ]
  },
})
