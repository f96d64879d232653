import { fileURLToPath } from 'node:url'
import { podSecurity } from '@gatewright/pod-security'
import { expect, it, vi } from 'vitest'
import {
  mutationReport,
  type MutationResult,
  mutationScore,
} from '../../packages/testing/src/mutation/index.js'
import { libraryCasesOf, recordedPolicies } from '../pods/recorded.js'

// The pack's own tests run in this file, and each object that they ask about becomes a case. Of the 10,000 random reviews that a
// policy is held against an oracle with, there are 4,000 here.
vi.mock('../pods/judged.js', async (original) =>
  (await import('../pods/recorded.js')).recordingJudged(await original()),
)
vi.mock('../pods/agreement.js', async () => (await import('../pods/recorded.js')).recordingAgreement(100))
const recorded = await recordedPolicies()

const root = fileURLToPath(new URL('../..', import.meta.url))

it("the pack's tests kill all of its mutants", () => {
  const results = [...recorded.values()].map(({ policy, cases }): MutationResult =>
    mutationScore(policy, [...cases, ...libraryCasesOf(policy)]),
  )
  console.log(`${results.reduce((total, { killed }) => total + killed, 0)} mutants are killed`)
  expect(results.map(({ policy }) => policy).toSorted()).toEqual(
    podSecurity.policies.map(({ id }) => id).toSorted(),
  )
  for (const { policy, mutants } of results) expect(mutants.length, policy).toBeGreaterThan(10)
  const survivors = results.filter(({ survived }) => survived > 0)
  expect(survivors.map((result) => mutationReport(result, { root })).join('\n')).toBe('')
}, 300_000)
