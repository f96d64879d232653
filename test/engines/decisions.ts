import { canonicalText, type Json, type Verdict } from '@gatewright/core'

export { type Decision, decisionOf, differenceOf } from '../../packages/testing/src/equivalence/difference.js'

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
