import type { Operation, TargetIr } from './ir/policy.js'
import { judgedObject, kindOf, type Review } from './review.js'
import type { Reason } from './verdict.js'

/** The operations of a target that names none: what changes an object to be. */
export const defaultOperations: readonly Operation[] = ['CREATE', 'UPDATE']

/** Why a target does not take a review: its kind or its operation is another. Undefined where it does. */
export function targetMismatch(target: TargetIr, review: Review): Reason | undefined {
  const operations = target.operations ?? defaultOperations
  const operation = review.operation
  if (operation !== undefined && target.kinds !== undefined && !operations.includes(operation)) {
    return {
      code: 'operation',
      message: `the policy is about ${operations.join(', ')}, not \`${operation}\``,
    }
  }
  if (target.kinds === undefined) return undefined
  const kind = kindOf(judgedObject(review))
  if (kind === undefined) {
    return { code: 'kind', message: 'the object has no `apiVersion` and `kind`' }
  }
  const found = target.kinds.some(
    (pattern) =>
      (pattern.group === kind.group || pattern.group === '*') &&
      (pattern.kind === kind.kind || pattern.kind === '*') &&
      (pattern.versions === undefined || pattern.versions.includes(kind.version)),
  )
  if (found) return undefined
  const name = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  return { code: 'kind', message: `the policy is not about \`${name}\`` }
}
