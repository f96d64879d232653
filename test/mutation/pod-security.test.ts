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

it("the pack's tests kill its mutants, but for those that are listed", async () => {
  const results = [...recorded.values()].map(({ policy, cases }): MutationResult =>
    mutationScore(policy, [...cases, ...libraryCasesOf(policy)]),
  )
  const sum = (key: 'killed' | 'survived'): number => results.reduce((total, each) => total + each[key], 0)
  const all = sum('killed') + sum('survived')
  for (const { policy, score, killed, mutants } of results)
    console.log(`${policy}: ${killed} of ${mutants.length}, ${(score * 100).toFixed(1)} %`)
  console.log(`in all: ${sum('killed')} of ${all}, ${((sum('killed') / all) * 100).toFixed(1)} %`)
  expect(results.map(({ policy }) => policy).toSorted()).toEqual(
    podSecurity.policies.map(({ id }) => id).toSorted(),
  )
  // the lowest and the whole as measured, rounded down
  for (const { policy, score } of results) expect(score, policy).toBeGreaterThanOrEqual(0.88)
  expect(sum('killed') / all).toBeGreaterThanOrEqual(0.95)
  const text = results.map((result) => mutationReport(result, { root })).join('\n')
  await expect(text).toMatchFileSnapshot('survivors.txt')
}, 300_000)
