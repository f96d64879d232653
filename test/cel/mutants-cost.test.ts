import { CelUnsupported, costedPolicy, emitCel, emitParametrisedCel, usualSizes } from '@gatewright/compiler'
import { type Json, type Policy, policiesOf, readParameters } from '@gatewright/core'
import { checkedIr } from '@gatewright/evaluator'
import * as pack from '@gatewright/pod-security'
import { expect, it } from 'vitest'
import { mutantPolicy, mutantsOf } from '../../packages/testing/src/mutation/index.js'
import * as trials from '../language/trial-policies.js'

it('the cost of whatever is said in CEL is known', () => {
  const policies: readonly Policy[] = [
    ...policiesOf([pack.podSecurity]),
    ...policiesOf([pack.restricted({ version: 'latest' })]),
    ...Object.values(trials).filter((each): each is Policy => 'ir' in each),
  ].flatMap((each) => [
    each,
    ...mutantsOf(each)
      // one in five: what is said of others is alike
      .filter((_, i) => i % 5 === 0)
      .map((mutant) => mutantPolicy(each, mutant)),
  ])
  let said = 0
  for (const policy of policies) {
    const read = readParameters(policy, {})
    const values = policy.values as Readonly<Record<string, Json>>
    for (const make of [
      () => emitCel(checkedIr(policy), 'parameters' in read ? read.parameters : {}),
      () => emitParametrisedCel(checkedIr(policy), { root: 'params', values }, { asksOthers: true }),
    ]) {
      try {
        const { total } = costedPolicy(make())({ ...usualSizes, elements: 10 })
        expect(Number.isFinite(total)).toBe(true)
        said++
      } catch (error) {
        if (!(error instanceof CelUnsupported)) throw error
      }
    }
  }
  expect(said).toBeGreaterThan(300)
})
