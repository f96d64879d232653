import { canonicalText, type Json, type Verdict, type Violation } from '@gatewright/core'

/** The ways in which what is said of an object changes, the dangerous one first. */
export const changeClasses = [
  'newly-allowed',
  'newly-denied',
  'newly-undetermined',
  'newly-error',
  'newly-invalid',
  'newly-judged',
  'newly-not-applicable',
  'other-findings',
  'other-words',
] as const

export type ChangeClass = (typeof changeClasses)[number]

/** How a verdict changes from one version to the next; undefined where it does not. */
export function changeOf(old: Verdict, changed: Verdict): ChangeClass | undefined {
  if (old.verdict === changed.verdict) return wordsChange(old.violations, changed.violations)
  if (!passes(old) && passes(changed)) return 'newly-allowed'
  switch (changed.verdict) {
    case 'allowed':
      return 'newly-judged'
    default:
      return `newly-${changed.verdict}`
  }
}

/** Whether an object gets by a policy; one that a policy leaves out does. */
const passes = ({ verdict }: Verdict): boolean => verdict === 'allowed' || verdict === 'not-applicable'

function wordsChange(
  old: readonly Violation[],
  changed: readonly Violation[],
): 'other-findings' | 'other-words' | undefined {
  const found = ({ code, at }: Violation): Json => [code, at as Json]
  const said = ({ code, at, message, details, fix }: Violation): Json =>
    [code, at, message, details, fix] as unknown as Json
  if (listed(old, found) !== listed(changed, found)) return 'other-findings'
  return listed(old, said) === listed(changed, said) ? undefined : 'other-words'
}

const listed = (violations: readonly Violation[], of: (violation: Violation) => Json): string =>
  violations
    .map((each) => canonicalText(of(each)))
    .toSorted()
    .join('\n')
