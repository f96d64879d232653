import type { SourceLocation } from '@gatewright/core'
import { type ConditionCoverage, conditionCoverage } from '../coverage/coverage.js'
import { type MutationResult, mutationScore } from '../mutation/score.js'
import type { RecordedPolicy } from '../recording/read-records.js'

/** Reasons by the id of a condition or a mutant, for each policy. */
export type Explanations = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface ScoreOptions {
  /** Whether to measure condition coverage; true by default. */
  readonly coverage?: boolean
  /** Whether to run mutants; true by default. */
  readonly mutation?: boolean
  /** Why conditions cannot be shown, by policy. */
  readonly conditions?: Explanations
  /** Why mutants survive, by policy. */
  readonly survivors?: Explanations
  /** Whether what is written somewhere is the author's own, so that its tests are to show it; all is by default. */
  readonly isOwn?: (source: SourceLocation) => boolean
  /** How many objects to try for a witness of each survivor; as `mutationScore` has it. */
  readonly budget?: number
}

/** How good the tests of a policy are. */
export interface PolicyScore {
  readonly recorded: RecordedPolicy
  readonly coverage?: ConditionCoverage
  readonly mutation?: MutationResult
}

/**
 * Measures how good the tests of some policies are, from what test runs recorded. Throws a `TypeError` for explanations of a policy that
 * no test asked, and for those that explain nothing.
 */
export function scoresOf(
  recorded: readonly RecordedPolicy[],
  options: ScoreOptions = {},
): readonly PolicyScore[] {
  const { coverage = true, mutation = true, conditions = {}, survivors = {}, budget, isOwn } = options
  const ids = new Set(recorded.map(({ policy }) => policy.id))
  for (const id of [...Object.keys(conditions), ...Object.keys(survivors)])
    if (!ids.has(id))
      throw new TypeError(`there are explanations for the policy \`${id}\`, which no test asked`)
  const of = (explained: Explanations, id: string): Readonly<Record<string, string>> =>
    Object.hasOwn(explained, id) ? (explained[id] ?? {}) : {}
  return recorded.map((each) => {
    const { policy, suite } = each
    if (suite.length === 0) return { recorded: each }
    return {
      recorded: each,
      ...(coverage && {
        coverage: conditionCoverage(policy, suite, {
          explained: of(conditions, policy.id),
          ...(isOwn !== undefined && { isOwn }),
        }),
      }),
      ...(mutation && {
        mutation: mutationScore(policy, suite, {
          explained: of(survivors, policy.id),
          ...(isOwn !== undefined && { isOwn }),
          ...(budget !== undefined && { budget }),
        }),
      }),
    }
  })
}
