import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Policy } from '@gatewright/core'
import { podSecurity } from '@gatewright/pod-security'
import { expect, it, vi } from 'vitest'
import {
  type MutationCase,
  mutationReport,
  type MutationResult,
  mutationScore,
} from '../../packages/testing/src/mutation/index.js'
import { libraryCases, libraryPolicies } from '../cases/gatekeeper-library.js'
import type { Oracle } from '../pods/agreement.js'
import { randomReview } from '../pods/random-reviews.js'
import { type Fields, RandomValues } from '../pods/random-values.js'

const { recorded } = vi.hoisted(() => ({
  recorded: new Map<string, { policy: Policy; cases: MutationCase[] }>(),
}))

/** Keeps a case. What `with` has set goes with it, so that all cases of a policy are put to the same mutants. */
function record(policy: Policy, object: unknown, parameters: Fields): void {
  const of = recorded.get(policy.id) ?? { policy: { ...policy, values: {} }, cases: [] }
  recorded.set(policy.id, of)
  of.cases.push({ object, parameters: { ...policy.values, ...parameters } })
}

// The pack's own tests run in this file, and each object that they ask about becomes a case. Of the 10,000 random reviews that a
// policy is held against an oracle with, there are 4,000 here.
vi.mock('../pods/judged.js', async (original) => {
  const own = await original<typeof import('../pods/judged.js')>()
  return {
    ...own,
    judged: (policy: Policy, object: unknown, parameters: Fields = {}) => {
      record(policy, object, parameters)
      return own.judged(policy, object, parameters)
    },
  }
})
vi.mock('../pods/agreement.js', () => ({
  expectAgreement: <P extends Fields>(policy: Policy, oracle: Oracle<P>) => {
    const random = new RandomValues(1)
    const { containerReads = [], hasExemptImages = false } = oracle
    const image = ['text', 'image'] as const
    const parts = hasExemptImages ? { ...oracle, containerReads: [...containerReads, image] } : oracle
    const patterns = ['nginx', 'nginx:*', 'registry.example.com/*', '*/db:?', '*', 'ginx', ''] as const
    for (let set = 0; set < 100; set++) {
      const exemptImages = random.chance(0.5) ? [] : random.list(2, () => random.one(patterns))
      const parameters = { ...oracle.parameters?.(random), ...(hasExemptImages ? { exemptImages } : {}) }
      for (let run = 0; run < 40; run++) record(policy, randomReview(random, parts).input, parameters)
    }
  },
}))

const folder = fileURLToPath(new URL('../../policies/pod-security/src/', import.meta.url))
for (const name of readdirSync(folder)) if (name.endsWith('.test.ts')) await import(`${folder}${name}`)

const root = fileURLToPath(new URL('../..', import.meta.url))

it("the pack's tests kill its mutants, but for those that are listed", async () => {
  const results = [...recorded.values()].map(({ policy, cases }): MutationResult => {
    const fromLibrary = libraryCases
      .filter(({ group }) => libraryPolicies[group]?.id === policy.id)
      .flatMap(({ id, objects, parameters }) =>
        objects.map((object): MutationCase => ({ name: id, object, parameters: parameters ?? {} })),
      )
    return mutationScore(policy, [...cases, ...fromLibrary])
  })
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
})
