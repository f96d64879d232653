import { canonicalText, type Json, type Path, type Reason, type Verdict } from '@gatewright/core'

/** What an engine says, as those do that know no more of a policy than what is in its own form. */
export interface Decision {
  readonly verdict: string
  readonly violations: readonly unknown[]
  readonly reasons: readonly Reason[]
}

/** A verdict as a decision has it: a violation has `at`, `code`, `details` and `message`. */
export const decisionOf = ({ verdict, violations, reasons }: Verdict): Decision => ({
  verdict,
  violations: violations.map(({ at, code, details, message }) => ({ at, code, details, message })),
  reasons,
})

/** Where a decision is not the verdict of the reference: in the verdict, a violation, a misfit or a reason's code. */
export function differenceOf(expected: Verdict, actual: Decision | undefined): string | undefined {
  if (actual === undefined) return 'there is no decision'
  if (actual.verdict !== expected.verdict) return 'the verdicts differ'
  const { violations } = decisionOf(expected)
  if (sorted(violations) !== sorted(actual.violations)) return 'the violations differ'
  if (keys(violations) !== keys(actual.violations)) return 'the violations stand in another order'
  if (expected.verdict !== 'not-applicable' && places(expected.reasons) !== places(actual.reasons))
    return 'the misfits differ'
  const codes = new Set(actual.reasons.map(({ code }) => code))
  return expected.reasons.every(({ code }) => codes.has(code)) ? undefined : 'a reason is missing'
}

/** Where a whole verdict is not that of the reference: as for a decision, or in the policy, the severity or the fixes of a violation. */
export function verdictDifference(expected: Verdict, actual: Verdict): string | undefined {
  const difference = differenceOf(expected, decisionOf(actual))
  if (difference !== undefined) return difference
  return sorted(expected.violations) === sorted(actual.violations)
    ? undefined
    : 'the severities or the fixes differ'
}

/** Violations as a text in which their order has no part. */
const sorted = (violations: readonly unknown[]): string =>
  violations
    .map((each) => canonicalText(each as Json))
    .toSorted()
    .join('\n')

/** What violations are ordered by (law 8). */
const keys = (violations: readonly unknown[]): string =>
  violations
    .map((each) => {
      const { at, code, message } = each as {
        readonly at: Path
        readonly code: string
        readonly message: string
      }
      return canonicalText([at as Json, code, message])
    })
    .join('\n')

const places = (reasons: readonly Reason[]): string =>
  [
    ...new Set(
      reasons.flatMap(({ code, at }) => (at === undefined ? [] : [`${code} ${canonicalText(at as Json)}`])),
    ),
  ]
    .toSorted()
    .join()
