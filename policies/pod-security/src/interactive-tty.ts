import { message, policy, type Policy, set } from '@gatewright/core'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

/** Containers wait for no one at a terminal. */
export const interactiveTty: Policy = policy({
  id: 'pod-security/interactive-tty',
  title: 'Containers must set neither stdin nor tty',
  description:
    'A container with a terminal is made for somebody to type into, which production workloads are not.',
  severity: 'low',
  topic: 'interactive-tty',
  target: pods,
  parameters: z.object({ ...exemptImages }),
  rule: ({ pod, parameters, ...bindings }) => {
    const containers = pod.allContainers
      .filter(containerIsNew(bindings))
      .filter(notExempt(parameters.exemptImages))
    return (['stdin', 'tty'] as const).map((field) =>
      containers
        .filter((c) => c[field].is(true))
        .deny((c) => ({
          message: message`container ${c.name} must not set ${field}`,
          at: c[field],
          code: field,
          fix: set(c[field], false),
        })),
    )
  },
})
