import {
  allOf,
  anyOf,
  type Condition,
  type Expr,
  expressionOf,
  type MapExpr,
  not,
  type PolicyIr,
  readsOf,
  valueArgument,
  valueSubject,
} from '@gatewright/core'
import type { AdmissionRequest } from './admission-request.js'
import type { KubernetesObject } from './resource.js'

/** What a removal of finalizers is told by. */
export interface Update {
  readonly object: Expr<KubernetesObject>
  readonly oldObject: Expr<KubernetesObject | undefined>
  readonly request: Expr<AdmissionRequest>
}

/** What changes by itself when finalizers are removed. */
const changing = ['finalizers', 'generation', 'managedFields', 'resourceVersion']

/**
 * For a policy's `when`: lets an update through that only takes finalizers from an object that is being deleted, and nothing else.
 *
 * An object that was there before a policy, and that it denies, could otherwise never go: its controllers cannot say that they have
 * cleaned up. Deletion as such exempts nothing (Kyverno's CVE-2023-34091).
 *
 *     target: deployments.on('CREATE', 'UPDATE'),
 *     when: allowFinalizerRemoval,
 */
export function allowFinalizerRemoval({ object, oldObject, request }: Update): Condition {
  const { metadata } = object
  const before = oldObject.metadata
  return not(
    allOf(
      request.operation.is('UPDATE'),
      before.deletionTimestamp.exists(),
      metadata.finalizers.isSubsetOf(before.finalizers),
      sameBut(anyMap(object, 'object'), anyMap(oldObject, 'oldObject'), ['metadata']),
      sameBut(anyMap(metadata, 'metadata'), anyMap(before, 'metadata'), changing),
    ),
  )
}

/** Whether two maps have the same under all keys but some. */
function sameBut(a: MapExpr<unknown>, b: MapExpr<unknown>, keys: readonly string[]): Condition {
  const same = (of: MapExpr<unknown>): Condition =>
    of.keys().every((key) => anyOf(key.in(keys), a.get(key).sameAs(b.get(key))))
  return allOf(same(a), same(b))
}

/** An object as a map: of all its fields, those too that no schema knows. */
function anyMap(of: unknown, name: string): MapExpr<unknown> {
  const { node } = valueArgument(of, name)
  return expressionOf(valueSubject(node, { type: 'map', values: { type: 'unknown' } }, 'present'))
}

/** Whether a policy can keep an object from going: it judges updates, and a removal of finalizers is one like any other to it. */
export function blocksFinalizerRemoval(policy: PolicyIr): boolean {
  const { kinds, operations = ['CREATE', 'UPDATE'] } = policy.target
  const before = readsOf(policy).when.get('oldObject')?.fields.get('metadata')
  return (
    kinds !== undefined && operations.includes('UPDATE') && before?.fields.has('deletionTimestamp') !== true
  )
}
