import { canonicalText, isObject, type Json, needsOf, type Policy, readParameters } from '@gatewright/core'
import { evaluator, referenceEngine } from '@gatewright/evaluator'
import type { SuiteCase } from '@gatewright/gatekeeper'
import type { PolicyCase } from '@gatewright/testing/mutation'

/** Cases that `gator verify` can be asked, and how many of those that were given it cannot, by the reason. */
export interface SuiteCases {
  readonly cases: readonly SuiteCase[]
  readonly leftOut: ReadonlyMap<string, number>
}

/** Turns what tests asked a policy into cases of `gator verify`, with what the reference says of them. */
export function suiteCases(policy: Policy, asked: readonly PolicyCase[]): SuiteCases {
  const leftOut = new Map<string, number>()
  const cases = asked.flatMap((each, i) => {
    const found = suiteCase(policy, each, `case ${i + 1}`)
    if (typeof found !== 'string') return [found]
    leftOut.set(found, (leftOut.get(found) ?? 0) + 1)
    return []
  })
  return { cases, leftOut }
}

/** A case, or why gator cannot be asked it. */
function suiteCase(
  policy: Policy,
  { name, object, parameters = {}, inventory }: PolicyCase,
  other: string,
): SuiteCase | string {
  const judged = object as Json
  if (!hasKind(judged)) return 'the object has no apiVersion and kind, which gator needs'
  if (judged['kind'] === 'AdmissionReview' && !isWholeReview(judged))
    return 'the review has no whole request, which gator needs'
  if (parametersProblem(policy, parameters)) return 'the parameters are none that the policy takes'
  const items: Json[] = []
  for (const resource of needsOf(policy.ir).inventory) {
    const answer = inventoryAnswer(inventory, resource)
    if (answer === undefined)
      return 'the inventory is not complete, and that of Gatekeeper always counts as complete'
    items.push(...answer)
  }
  const judge = evaluator([policy], {
    engine: referenceEngine,
    parameters: { [policy.id]: parameters },
    ...(inventory === undefined ? {} : { inventory }),
  })
  const verdict = judge.evaluateJson(judged).judgements[0]?.verdict
  const asCase = {
    name: name ?? other,
    object: judged,
    parameters: parameters as Readonly<Record<string, Json>>,
    ...(items.length === 0 ? {} : { inventory: items }),
  }
  switch (verdict?.verdict) {
    case 'allowed':
    case 'not-applicable':
      return { ...asCase, violations: 'no' }
    case 'denied': {
      const distinct = new Set(
        verdict.violations.map((each) => canonicalText({ ...each, fix: null } as unknown as Json)),
      )
      return {
        ...asCase,
        violations: distinct.size,
        messages: verdict.violations.map(({ message }) => message),
      }
    }
    default:
      return `the verdict is ${verdict?.verdict ?? 'none'}, which Gatekeeper cannot say`
  }
}

const hasKind = (object: Json): object is { readonly [key: string]: Json } =>
  isObject(object) && typeof object['apiVersion'] === 'string' && typeof object['kind'] === 'string'

function isWholeReview({ request }: { readonly [key: string]: Json }): boolean {
  if (!isObject(request)) return false
  const objects = [request['object'], request['oldObject']].filter(
    (each) => each !== undefined && each !== null,
  )
  return isObject(request['kind']) && objects.length > 0 && objects.every((each) => hasKind(each as Json))
}

const parametersProblem = (policy: Policy, parameters: Readonly<Record<string, unknown>>): boolean =>
  'problems' in readParameters(policy, parameters)

function inventoryAnswer(
  inventory: PolicyCase['inventory'],
  resource: { readonly group: string; readonly version: string; readonly kind: string },
): readonly Json[] | undefined {
  if (inventory === undefined) return undefined
  try {
    const { items, complete } = inventory.list(resource)
    return complete ? items : undefined
  } catch {
    return undefined
  }
}
