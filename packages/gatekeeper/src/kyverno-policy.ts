import type { CelCapacity } from '@gatewright/compiler'
import { everyNode, type Json, type Policy } from '@gatewright/core'
import { admissionPolicyOf, type AdmissionPolicyOptions } from './admission-policy.js'
import type { Manifest } from './manifest.js'

/** How a policy of Kyverno is written: as an admission policy of the API server, whose parameters are always built in. */
export type KyvernoPolicyOptions = Omit<AdmissionPolicyOptions, 'parameterObject'>

/** A policy that Kyverno judges by, in CEL. */
export interface KyvernoPolicy extends Manifest {
  readonly apiVersion: 'policies.kyverno.io/v1'
  readonly kind: 'ValidatingPolicy'
}

/**
 * A ValidatingPolicy of Kyverno 1.17 and newer around the expressions of the admission policy, with the size of objects that the API server
 * would judge by these. Kyverno would rewrite expressions about Pods for what makes Pods: that is off, since our policies list such kinds
 * themselves, and so is the making of admission policies.
 *
 * Throws as `admissionPolicyOf` does. Source: `github.com/kyverno/api`, `policies.kyverno.io/v1`.
 */
export function kyvernoPolicyOf(
  policy: Policy,
  { excludeNamespaces = ['kube-system', 'kyverno'], ...options }: KyvernoPolicyOptions = {},
): { readonly policy: KyvernoPolicy; readonly capacity: CelCapacity } {
  const made = admissionPolicyOf(policy, { ...options, excludeNamespaces })
  const { matchConstraints, ...spec } = made.policy.spec
  const { validationActions, matchResources = {} } = made.binding.spec
  return {
    capacity: made.capacity,
    policy: {
      apiVersion: 'policies.kyverno.io/v1',
      kind: 'ValidatingPolicy',
      metadata: made.policy.metadata,
      spec: {
        validationActions: validationActions as Json,
        evaluation: {
          mode: 'Kubernetes',
          admission: { enabled: true },
          background: { enabled: isForStored(policy) },
        },
        autogen: {
          podControllers: { controllers: [] },
          validatingAdmissionPolicy: { enabled: false },
        },
        matchConstraints: { ...(matchConstraints as object), ...(matchResources as object) },
        ...spec,
      },
    },
  }
}

/** Whether objects that are there already can be judged: nobody makes them just then, and nobody asks. */
function isForStored({ ir }: Policy): boolean {
  const readsUser = [...everyNode(ir)].some(
    (node) =>
      node.kind === 'field' &&
      node.key === 'userInfo' &&
      node.of.kind === 'input' &&
      ir.target.inputs[node.of.name]?.root === 'request',
  )
  return (ir.target.operations ?? ['CREATE']).includes('CREATE') && !readsUser
}
