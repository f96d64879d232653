import { fileURLToPath } from 'node:url'
import { podSecurity } from '@gatewright/pod-security'
import { expect, it, vi } from 'vitest'
import { conditionCoverage, coverageReport } from '../../packages/testing/src/coverage/index.js'
import { libraryCasesOf, recordedPolicies } from '../pods/recorded.js'

// The pack's own tests run in this file, and each object that they ask about becomes a case. The random reviews that policies are
// held against an oracle with are no part of it: what they show, a case has to say in words.
vi.mock('../pods/judged.js', async (original) =>
  (await import('../pods/recorded.js')).recordingJudged(await original()),
)
vi.mock('../pods/agreement.js', async () => (await import('../pods/recorded.js')).recordingAgreement(0))
const recorded = await recordedPolicies()

const root = fileURLToPath(new URL('../..', import.meta.url))

it("the pack's cases show each condition true, false and deciding alone in both, and nothing needs to be explained", () => {
  const results = [...recorded.values()].map(({ policy, cases }) =>
    conditionCoverage(policy, [...cases, ...libraryCasesOf(policy)]),
  )
  expect(results.map(({ policy }) => policy).toSorted()).toEqual(
    podSecurity.policies.map(({ id }) => id).toSorted(),
  )
  const missed = results.filter(({ score }) => score < 1)
  expect(missed.length, coverageReport(missed, { root })).toBe(0)
  expect(results.reduce((sum, { covered }) => sum + covered, 0)).toBeGreaterThan(200)
}, 180_000)
