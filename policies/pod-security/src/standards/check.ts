import { policy, type Policy, type PolicyDescription, type Rules } from '@gatewright/core'
import { workloads, type WorkloadBindings } from '@gatewright/kubernetes'

/** A check of the Pod Security Standards as a policy. Source: Kubernetes documentation, "Pod Security Standards". */
export function check(
  level: 'baseline' | 'restricted',
  name: string,
  description: Pick<PolicyDescription, 'title' | 'severity' | 'topic'>,
  rule: (bindings: WorkloadBindings) => Rules,
): Policy {
  return policy({
    ...description,
    id: `pod-security-standards/${name}`,
    controls: { pss: [level], 'cis-kubernetes': ['5.2.1'] },
    target: workloads,
    rule: (bindings) => rule(bindings),
  })
}
