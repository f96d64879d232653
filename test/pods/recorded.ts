import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Policy } from '@gatewright/core'
import type { PolicyCase } from '../../packages/testing/src/mutation/index.js'
import { libraryCases, libraryPolicies } from '../cases/gatekeeper-library.js'
import type { Oracle } from './agreement.js'
import type * as Judged from './judged.js'
import { randomReview } from './random-reviews.js'
import { type Fields, RandomValues } from './random-values.js'

/** A policy of the pack with the cases that its tests ask. */
export interface RecordedPolicy {
  readonly policy: Policy
  readonly cases: PolicyCase[]
}

const recorded = new Map<string, RecordedPolicy>()

/** Keeps a case. What `with` has set goes with it, so that all cases of a policy are put to the same policy. */
function record(policy: Policy, object: unknown, parameters: Fields): void {
  const of = recorded.get(policy.id) ?? { policy: { ...policy, values: {} }, cases: [] }
  recorded.set(policy.id, of)
  of.cases.push({ object, parameters: { ...policy.values, ...parameters } })
}

/** `judged.ts`, with each object that is asked about kept as a case. */
export const recordingJudged = (own: typeof Judged): typeof Judged => ({
  ...own,
  judged: (policy, object, parameters = {}) => {
    record(policy, object, parameters)
    return own.judged(policy, object, parameters)
  },
})

/** `agreement.ts`, with some of the random reviews that a policy is held against an oracle with kept as cases. */
export const recordingAgreement = (
  sets: number,
): {
  expectAgreement: <P extends Fields>(policy: Policy, oracle: Oracle<P>) => void
} => ({
  expectAgreement: (policy, oracle) => {
    const random = new RandomValues(1)
    const { containerReads = [], hasExemptImages = false } = oracle
    const image = ['text', 'image'] as const
    const parts = hasExemptImages ? { ...oracle, containerReads: [...containerReads, image] } : oracle
    const patterns = ['nginx', 'nginx:*', 'registry.example.com/*', '*/db:?', '*', 'ginx', ''] as const
    for (let set = 0; set < sets; set++) {
      const exemptImages = random.chance(0.5) ? [] : random.list(2, () => random.one(patterns))
      const parameters = { ...oracle.parameters?.(random), ...(hasExemptImages ? { exemptImages } : {}) }
      for (let run = 0; run < 40; run++) record(policy, randomReview(random, parts).input, parameters)
    }
  },
})

/** Has the pack's own tests run in the file that asks for it, whose mocks have to be in place; then there are the cases by policy. */
export async function recordedPolicies(): Promise<ReadonlyMap<string, RecordedPolicy>> {
  const folder = fileURLToPath(new URL('../../policies/pod-security/src/', import.meta.url))
  for (const name of readdirSync(folder)) if (name.endsWith('.test.ts')) await import(`${folder}${name}`)
  return recorded
}

/** The cases of the Gatekeeper library that are about a policy. */
export const libraryCasesOf = (policy: Policy): readonly PolicyCase[] =>
  libraryCases
    .filter(({ group }) => libraryPolicies[group]?.id === policy.id)
    .flatMap(({ id, objects, parameters }) =>
      objects.map((object): PolicyCase => ({ name: id, object, parameters: parameters ?? {} })),
    )
