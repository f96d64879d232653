import { message, policy, type Policy, type Rule } from '@gatewright/core'
import { z } from 'zod'
import { hostHandlers } from './host-handlers.js'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

/** Probes and lifecycle hooks ask the pod itself, not another host. */
export const hostProbesLifecycle: Policy = policy({
  id: 'pod-security/host-probes-lifecycle',
  title: 'Probes and lifecycle hooks must not name a host',
  description:
    'The kubelet sends them, from the network of the node, so that a host of choice is reached past network policies.',
  severity: 'medium',
  topic: 'host-probes-lifecycle',
  controls: { pss: ['baseline'] },
  target: pods,
  parameters: z.object({ ...exemptImages }),
  rule: ({ pod, parameters, ...bindings }) =>
    pod.allContainers
      .filter(containerIsNew(bindings))
      .filter(notExempt(parameters.exemptImages))
      .each((c) =>
        hostHandlers(c).map(({ name, host }): Rule =>
          host
            .isNot('')
            .and(host.exists())
            .deny({
              message: message`container ${c.name} must not name the host ${host} in its ${name}`,
              at: host,
              code: name,
            }),
        ),
      ),
})
