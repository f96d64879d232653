import { message, onlyIf, policy, type Policy, set } from '@gatewright/core'
import { pods, specIsNew } from './selection.js'

/** Pods share no namespace of their node. */
export const hostNamespaces: Policy = policy({
  id: 'pod-security/host-namespaces',
  title: "Pods must not share their node's network, PID or IPC namespace",
  description: "A pod in its node's namespaces sees other processes, their memory or their traffic.",
  severity: 'high',
  topic: 'host-namespaces',
  controls: { 'cis-kubernetes': ['5.2.3', '5.2.4', '5.2.5'], pss: ['baseline'] },
  target: pods,
  rule: ({ pod, ...bindings }) =>
    onlyIf(
      specIsNew(bindings),
      (['hostNetwork', 'hostPID', 'hostIPC'] as const).map((field) =>
        pod[field].is(true).deny({
          message: message`the pod must not set ${field}`,
          at: pod[field],
          code: field,
          fix: set(pod[field], false),
        }),
      ),
    ),
})
