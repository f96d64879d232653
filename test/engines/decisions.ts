import { canonicalText, type Json, type Reason, type Verdict, type Violation } from '@gatewright/core'

/** What the `decision` of an emitted module is. */
export interface Decision {
  readonly verdict: string
  readonly violations: readonly unknown[]
  readonly reasons: readonly Reason[]
}

/** A verdict as a decision has it. */
export const decisionOf = ({ verdict, violations, reasons }: Verdict): Decision => ({
  verdict,
  violations: violations.map(({ at, code, details, message }) => ({ at, code, details, message })),
  reasons,
})

/** Where a decision of OPA is not the verdict of the reference: in the verdict, a violation, a misfit or a reason's code. */
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

/** What Gatekeeper is told of a verdict: violations, and what is no plain answer, each once. */
export function reported({ verdict, violations, reasons }: Verdict): readonly unknown[] {
  if (verdict === 'not-applicable') return []
  return [
    ...violations.map(({ at, code, message, details }) => ({
      msg: message,
      details: { at, code, ...(Object.keys(details).length === 0 ? {} : { details }) },
    })),
    ...new Map(
      reasons.map(({ at, code, message }) => {
        const details = { at: at ?? [], code, verdict: code === 'bad-input' ? 'error' : 'invalid' }
        return [canonicalText([details.at, code, message] as Json), { msg: message, details }] as const
      }),
    ).values(),
  ]
}

/** Violations as a text in which their order has no part. */
export const sorted = (violations: readonly unknown[]): string =>
  violations
    .map((each) => canonicalText(each as Json))
    .sort()
    .join('\n')

/** What violations are ordered by (law 8). */
const keys = (violations: readonly unknown[]): string =>
  violations
    .map((each) => {
      const { at, code, message } = each as Violation
      return canonicalText([at, code, message])
    })
    .join('\n')

const places = (reasons: readonly Reason[]): string =>
  [...new Set(reasons.flatMap(({ code, at }) => (at === undefined ? [] : [`${code} ${canonicalText(at)}`])))]
    .sort()
    .join()
