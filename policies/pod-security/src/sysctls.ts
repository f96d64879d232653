import {
  anyOf,
  type Condition,
  type Expr,
  message,
  onlyIf,
  policy,
  type Policy,
  when,
} from '@gatewright/core'
import { z } from 'zod'
import { pods, specIsNew } from './selection.js'

const pattern = z.string().regex(/^[^[{\\]*$/)

/** A name as the kubelet reads it: where its first separator is a slash, slashes stand for dots and dots for slashes. */
const dotted = (name: Expr<string>): Expr<string> =>
  when(
    name.matches('^[^./]*/'),
    name
      .split('/')
      .map((part) => part.split('.').join('/'))
      .join('.'),
  ).otherwise(name)

const matchesAny = (patterns: Expr<string[]>, name: Expr<string>): Condition =>
  patterns.some((each) => dotted(name).like(dotted(each)))

/** Pods set allowed kernel parameters only. */
export const sysctls: Policy = policy({
  id: 'pod-security/sysctls',
  title: 'Pods must set only allowed sysctls',
  description:
    'What is forbidden is so even where it is allowed too. An empty list of allowed ones allows none; no list allows all.',
  severity: 'medium',
  topic: 'sysctls',
  controls: { pss: ['baseline'] },
  target: pods,
  parameters: z.object({
    allowedSysctls: z
      .array(pattern)
      .optional()
      .describe('Names that may be set, with `*` as a wildcard; all where it is not given.'),
    forbiddenSysctls: z
      .array(pattern)
      .default([])
      .describe('Names that must not be set, with `*` as a wildcard.'),
  }),
  rule: ({ pod, parameters, ...bindings }) =>
    onlyIf(
      specIsNew(bindings),
      pod.securityContext.sysctls
        .filter((sysctl) =>
          anyOf(
            matchesAny(parameters.forbiddenSysctls, sysctl.name),
            parameters.allowedSysctls.exists().and(matchesAny(parameters.allowedSysctls, sysctl.name).not()),
          ),
        )
        .deny((sysctl) => ({
          message: message`the pod must not set the sysctl ${sysctl.name}`,
          at: sysctl.name,
        })),
    ),
})
