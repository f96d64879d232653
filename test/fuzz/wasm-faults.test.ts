import {
  check,
  judge,
  type Json,
  operatorNames,
  type PolicyIr,
  type Review,
  type Verdict,
} from '@gatewright/core'
import { inventoryOf } from '@gatewright/evaluator'
import { describe, expect, it } from 'vitest'
import type { ModuleInstance } from '../../packages/evaluator/src/wasm/module-instance.js'
import { decisionOf, differenceOf } from '../engines/decisions.js'
import { nodeFaults, operatorFault, policyFaults, withFault } from './faults.js'
import { RandomPolicies } from './random-policies.js'
import { type AskedWasm, compared, instanceOf } from './wasm-judged.js'

// The comparison of WebAssembly with the reference, compared itself: with a fault in the translation it has to find a difference.

const policiesInAll = 2_500
const objectsEach = 40
const policiesEach = 3

interface Case {
  readonly policy: PolicyIr
  readonly asked: AskedWasm
  readonly reviews: readonly Review[]
}

const random = new RandomPolicies(1, { unknowns: false, reviews: true })
const objects = random.inventory()

const all: readonly Case[] = Array.from({ length: policiesInAll }, (): Case => {
  const { policy, given, parameters, review } = random.next()
  return {
    policy,
    asked: { given, parameters, objects, complete: false, spelling: 1 },
    reviews: Array.from({ length: objectsEach }, review),
  }
})

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
  it.each(changes)('of: %s', (_, change) => {
    let tried = 0
    for (const right of all) {
      const policy = rightWith(change, right.policy)
      if (policy === undefined || !isTold(right, policy)) continue
      const instance = instanceOf(policy, right.asked)
      if (instance === undefined) continue
      if (noticed(right, instance)) return
      if (++tried === policiesEach) break
    }
    expect.fail(tried === 0 ? 'no policy shows the fault' : `none of ${tried} policies shows the fault`)
  })
})

/** Whether the reference tells a policy from the one with the fault. */
function isTold({ policy, asked, reviews }: Case, wrong: PolicyIr): boolean {
  const inventory = inventoryOf(asked.objects, asked)
  const verdict = (of: PolicyIr, review: Review): Verdict =>
    judge(of, asked.parameters as Json, { ...review, inventory })
  return reviews.some(
    (review) => differenceOf(verdict(policy, review), decisionOf(verdict(wrong, review))) !== undefined,
  )
}

/** Whether the comparison finds that a module is not of the policy. */
const noticed = ({ policy, asked, reviews }: Case, module: ModuleInstance): boolean =>
  reviews.some((review) => compared(policy, asked, review, module).difference !== undefined)

/** A policy with a change, where it is right after it. */
function rightWith(change: Change, policy: PolicyIr): PolicyIr | undefined {
  const changed = change(policy)
  return changed === undefined || 'problems' in check(changed) ? undefined : changed
}
