import { emitRego, emitRegoLibrary, type RegoModule } from '@gatewright/compiler'
import { check, judge, operatorNames, type PolicyIr, type Verdict } from '@gatewright/core'
import { inventoryOf } from '@gatewright/evaluator'
import { describe, expect, it } from 'vitest'
import { nodeFaults, operatorFault, policyFaults, withFault } from '../fuzz/faults.js'
import { RandomPolicies } from '../fuzz/random-policies.js'
import { type Decision, decisionOf, differenceOf } from './decisions.js'
import { answersOf, type Asked, checked, isSaid, type Stored } from './rego-judged.js'

// The comparison of OPA with the reference, compared itself: with a fault in the translation it has to find a difference.

const policiesInAll = 2_500
const objectsEach = 40
const policiesEach = 3

const random = new RandomPolicies(1, { unknowns: false, reviews: true })
const stored: Stored = { objects: random.inventory(), complete: false }
const inventory = inventoryOf(stored.objects, stored)

const all: readonly Asked[] = Array.from({ length: policiesInAll }, (_, i): Asked => {
  const { policy, given, parameters, review } = random.next()
  const reviews = Array.from({ length: objectsEach }, review)
  return { policy: checked({ ...policy, id: `fuzz/p${i}` }), given, parameters, reviews }
}).filter(({ policy }) => isSaid(policy))

type Change = (policy: PolicyIr) => PolicyIr | undefined

const changes: readonly (readonly [name: string, change: Change])[] = [
  ...operatorNames.map((name): [string, Change] => [
    `operator ${name}`,
    (policy) => withFault(policy, operatorFault(name)),
  ]),
  ...Object.entries(nodeFaults).map(([name, fault]): [string, Change] => [
    `node ${name}`,
    (policy) => withFault(policy, fault),
  ]),
  ...Object.entries(policyFaults),
]

describe('a fault in the translation is noticed', () => {
  // what OPA is asked is what the reference tells apart, in a sample of the size that the comparison has
  const faulty = changes.flatMap(([name, change], c) =>
    first(policiesEach, all, (right) => {
      const policy = rightWith(change, right.policy)
      if (policy === undefined) return undefined
      const wrong = { ...right, policy: checked({ ...policy, id: `fault-${c}/${right.policy.id.slice(5)}` }) }
      return differing(right, verdictsOf(wrong).map(decisionOf)) > 0 && isSaid(wrong.policy)
        ? { name, right, wrong }
        : undefined
    }),
  )
  const modules = faulty.map(({ wrong }) => emitRego({ ir: wrong.policy }))
  const answers = answersOf(
    [...modules, emitRegoLibrary(modules)],
    modules,
    faulty.map(({ wrong }) => wrong),
    stored,
  )

  it.each(changes.map(([name]) => name))('of: %s', (name) => {
    const found = faulty.flatMap(({ name: of, right }, i) =>
      of === name ? [differing(right, answers[(modules[i] as RegoModule).package] ?? [])] : [],
    )
    expect(Math.max(0, ...found)).toBeGreaterThan(0)
  })
})

function verdictsOf({ policy, parameters, reviews }: Asked): readonly Verdict[] {
  return reviews.map((review) => judge(policy, parameters, { ...review, inventory }))
}

/** How many answers are not the verdicts of the reference on a policy. */
function differing(asked: Asked, answers: readonly unknown[]): number {
  return verdictsOf(asked).filter((verdict, j) => differenceOf(verdict, answers[j] as Decision | undefined))
    .length
}

/** The results of the first few for which there is one. */
function first<T, R>(count: number, of: readonly T[], result: (each: T) => R | undefined): readonly R[] {
  const found: R[] = []
  for (const each of of) {
    if (found.length === count) break
    const one = result(each)
    if (one !== undefined) found.push(one)
  }
  return found
}

/** A policy with a change, where it is right after it. */
function rightWith(change: Change, policy: PolicyIr): PolicyIr | undefined {
  const changed = change(policy)
  return changed === undefined || 'problems' in check(changed) ? undefined : changed
}
