import { expect, it } from 'vitest'
import { mutationReport, mutationScore } from '../../packages/testing/src/mutation/index.js'
import { packCases, packPolicies } from './pack-cases.js'

it('prints', () => {
  for (const policy of packPolicies) {
    const started = performance.now()
    const result = mutationScore(policy, packCases(policy, 1, 300), { budget: 5000 })
    const ms = performance.now() - started
    const witnessed = result.mutants.filter((m) => m.witness).length
    console.log(
      policy.id,
      result.killed,
      result.mutants.length,
      result.score.toFixed(3),
      'witnessed',
      witnessed,
      ms.toFixed(0),
    )
    if (policy.id.includes('capab')) console.log(mutationReport(result, { root: process.cwd() }))
  }
  expect(1).toBe(1)
})
