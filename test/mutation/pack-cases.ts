import type { Json, Policy } from '@gatewright/core'
import * as pack from '@gatewright/pod-security'
import type { MutationCase } from '../../packages/testing/src/mutation/index.js'
import { libraryCases, libraryPolicies } from '../cases/gatekeeper-library.js'
import { randomObjects } from '../engines/random-objects.js'

/** The policies of the pack, as they come and as they are set up in it, each by its name. */
export const packPolicies: readonly Policy[] = [
  ...new Map(
    Object.values(pack)
      .flatMap((each) => (typeof each === 'object' && 'ir' in each ? [each] : []))
      .map((each) => [each.id, each] as const),
  ).values(),
]

/** Parameters that the pack sets, so that a policy is asked with those too. */
const packParameters = (policy: Policy): readonly Readonly<Record<string, Json>>[] =>
  pack.podSecurity.policies.flatMap((each) =>
    each.id === policy.id && Object.keys(each.values).length > 0 ? [each.values] : [],
  )

/** Cases for a policy of the pack: those of Gatekeeper's library, and random workloads. They expect what the policy says. */
export function packCases(policy: Policy, seed: number, count: number): readonly MutationCase[] {
  const own = libraryCases.filter(({ group }) => libraryPolicies[group]?.id === policy.id)
  const fromLibrary = own.flatMap(({ id, objects, parameters }) =>
    objects.map((object): MutationCase => ({ name: id, object, parameters: parameters ?? {} })),
  )
  const sets = [
    {},
    ...packParameters(policy),
    ...new Map(own.map(({ parameters }) => [JSON.stringify(parameters), parameters ?? {}])).values(),
  ]
  const random = randomObjects(seed, count).map((object, i): MutationCase => ({
    name: `random ${i + 1}`,
    object,
    parameters: sets[i % sets.length] ?? {},
  }))
  return [...fromLibrary, ...random]
}
