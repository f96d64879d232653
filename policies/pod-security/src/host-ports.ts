import {
  allOf,
  anyOf,
  type Condition,
  define,
  type Expr,
  message,
  not,
  onlyIf,
  policy,
  type Policy,
  when,
} from '@gatewright/core'
import type { ContainerPort } from '@gatewright/kubernetes'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods, specIsNew } from './selection.js'

const portNumber = z.number().int().min(0).max(65535)

/** The port of its node that a port of a container takes. The API server writes it for pods on the network of their node. */
function portOfNode(port: Expr<ContainerPort>, isOnNetworkOfNode: Condition): Expr<number | undefined> {
  const own = port.hostPort
  return define(
    'port of node',
    when(own.exists().and(own.isNot(0)), own)
      .when(isOnNetworkOfNode, port.containerPort)
      .otherwise(own),
  )
}

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
    const usesNetworkOfNode = pod.hostNetwork.is(true)
    const noRange = allOf(min.missing(), max.missing())
    return [
      onlyIf(
        specIsNew(bindings),
        allOf(usesNetworkOfNode, not(parameters.hostNetwork)).deny({
          message: 'the pod must not use the network of its node',
          at: pod.hostNetwork,
          code: 'host-network',
        }),
      ),
      pod.allContainers
        .filter(containerIsNew(bindings))
        .filter(notExempt(parameters.exemptImages))
        .each((c) =>
          c.ports.each((port) => {
            const number = portOfNode(port, usesNetworkOfNode.and(parameters.hostNetwork))
            const isOutside = define(
              'outside of range',
              anyOf(noRange, number.lt(min).ifMissing(false), number.gt(max).ifMissing(false)),
            )
            return allOf(number.exists(), number.isNot(0), isOutside).deny({
              message: message`container ${c.name} must not use host port ${number}`,
              at: port.hostPort,
              code: 'host-port',
            })
          }),
        ),
    ]
  },
})
