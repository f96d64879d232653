import { message, policy, type Policy } from 'gatewright'
import { networkPolicies, workloads } from 'gatewright/kubernetes'

/** The namespace of a workload has a network policy for all its pods. Offline, what is not among the files is not known. */
export const isolatedNamespaces: Policy = policy({
  id: 'shop/isolated-namespaces',
  title: 'Workloads must run in a namespace that denies traffic by default',
  severity: 'medium',
  topic: 'network-policy-default',
  target: workloads,
  rule: ({ object, cluster }) =>
    cluster
      .list(networkPolicies)
      .inNamespaceOf(object)
      .none((each) => each.spec.podSelector.matchLabels.isEmpty())
      .deny({
        message: message`the namespace ${object.metadata.namespace} has no network policy for all its pods`,
        at: object.metadata.namespace,
      }),
})
