import { message, policy, type Policy, quantity } from 'gatewright'
import { workloads } from 'gatewright/kubernetes'
import { z } from 'zod'

/** Every container has a memory limit, up to a maximum. Init containers too: they run on the same node. */
export const memoryLimits: Policy = policy({
  id: 'shop/memory-limits',
  title: 'Containers must have a memory limit up to the maximum',
  severity: 'medium',
  topic: 'resource-limits',
  target: workloads,
  parameters: z.object({ maximum: z.string().default('2Gi') }),
  rule: ({ pod, parameters }) =>
    pod.allContainers.each((c) => {
      const limit = c.resources.limits.get('memory')
      return [
        limit.missing().deny({
          message: message`container ${c.name} must set a memory limit`,
          at: c.resources.limits,
          code: 'missing',
        }),
        limit
          .gt(quantity(parameters.maximum))
          .ifMissing(false)
          .deny({
            message: message`container ${c.name}: a memory limit of ${limit} is above ${parameters.maximum}`,
            at: limit,
            code: 'above',
          }),
      ]
    }),
})
