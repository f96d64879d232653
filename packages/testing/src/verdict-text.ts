import {
  canonicalText,
  type Json,
  pathText,
  type Reason,
  type Verdict,
  type Violation,
} from '@gatewright/core'

/** A verdict in words, the same for equal verdicts: one line for each violation and reason, with details and fixes below. */
export function verdictText({ verdict, violations, reasons }: Verdict): string {
  const parts = [...reasons.map(reasonText), ...violations.map(violationText)]
  return [verdict, ...parts.map((part) => part.replace(/^/gm, '  '))].join('\n')
}

const reasonText = ({ code, message, at }: Reason): string =>
  `${code}: ${message}${at === undefined ? '' : ` (at ${pathText(at)})`}`

function violationText({ policy, code, at, message, details, severity, fix }: Violation): string {
  return [
    `${policy} [${code}] ${severity}: ${message}`,
    `  at ${pathText(at)}`,
    ...(Object.keys(details).length === 0 ? [] : [`  details ${canonicalText(details)}`]),
    ...fix.map((each) =>
      each.kind === 'set'
        ? `  fix: set ${pathText(each.at)} to ${canonicalText(each.value)}`
        : `  fix: remove ${pathText(each.at)}`,
    ),
  ].join('\n')
}

/** All that a verdict says, as a text; the order of its violations is left out. */
export function wholeText({ verdict, violations, reasons }: Verdict): string {
  return canonicalText([
    verdict,
    violations.map((each) => canonicalText(each as unknown as Json)).toSorted(),
    reasons.map((each) => canonicalText(each as unknown as Json)).toSorted(),
  ])
}

/** All that tests can see of a verdict. */
export function outcomeText({ verdict, violations }: Verdict): string {
  return [
    verdict,
    ...violations.map(({ code, at, message }) => `${code} ${pathText(at)}: ${message}`).toSorted(),
  ].join('\n')
}

/** What a verdict says but for its wording: codes and places. */
export function findingsText({ verdict, violations }: Verdict): string {
  return canonicalText([verdict, violations.map(({ code, at }) => `${code} ${pathText(at)}`).toSorted()])
}

const verdicts: readonly unknown[] = [
  'allowed',
  'denied',
  'not-applicable',
  'invalid',
  'undetermined',
  'error',
] satisfies readonly Verdict['verdict'][]

/** Whether a value is a verdict. */
export function isVerdict(value: unknown): value is Verdict {
  if (typeof value !== 'object' || value === null) return false
  const { verdict, violations, reasons } = value as Readonly<Record<string, unknown>>
  return verdicts.includes(verdict) && Array.isArray(violations) && Array.isArray(reasons)
}
