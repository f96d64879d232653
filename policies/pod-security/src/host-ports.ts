import { allOf, anyOf, message, not, onlyIf, policy, type Policy } from '@gatewright/core'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods, specIsNew } from './selection.js'

const portNumber = z.number().int().min(0).max(65535)

/** Containers take ports of their node from a range only, and pods its network only where that is allowed. */
export const hostPorts: Policy = policy({
  id: 'pod-security/host-ports',
  title: 'Host ports must be unused or in the allowed range',
  description:
    'A host port opens the node itself to the network, past network policies. Without a range none is allowed.',
  severity: 'medium',
  topic: 'host-ports',
  controls: { 'cis-kubernetes': ['5.2.12'], 'cis-docker': ['5.9', '5.14'], pss: ['baseline'] },
  target: pods,
  parameters: z.object({
    ...exemptImages,
    hostNetwork: z.boolean().default(false).describe('Whether pods may use the network of their node.'),
    min: portNumber.optional().describe('The lowest port that is allowed.'),
    max: portNumber.optional().describe('The highest port that is allowed.'),
  }),
  rule: ({ pod, parameters, ...bindings }) => {
    const { min, max } = parameters
    const noRange = allOf(min.missing(), max.missing())
    return [
      onlyIf(
        specIsNew(bindings),
        allOf(pod.hostNetwork.is(true), not(parameters.hostNetwork)).deny({
          message: 'the pod must not use the network of its node',
          at: pod.hostNetwork,
          code: 'host-network',
        }),
      ),
      pod.allContainers
        .filter(containerIsNew(bindings))
        .filter(notExempt(parameters.exemptImages))
        .each((c) =>
          c.ports
            .filter((port) => port.hostPort.isNot(0).and(port.hostPort.exists()))
            .filter((port) =>
              anyOf(noRange, port.hostPort.lt(min).ifMissing(false), port.hostPort.gt(max).ifMissing(false)),
            )
            .deny((port) => ({
              message: message`container ${c.name} must not use host port ${port.hostPort}`,
              at: port.hostPort,
              code: 'host-port',
            })),
        ),
    ]
  },
})
