import { canonicalText, Decimal, type Json } from '@gatewright/core'
import type { LedgerEntry } from '@gatewright/evaluator'
import type { Finding, FindingLocation, Report } from './report.js'

/** The version of the JSON report's shape; it grows by fields, and changes when one changes its meaning. */
export const jsonReportVersion = 'gatewright.report/1'

/** The report for programs: findings, what was not judged, and the whole ledger. Equal runs give equal texts. */
export function jsonReport(report: Report): string {
  const { ledger } = report
  const document = {
    version: jsonReportVersion,
    tool: { name: 'gatewright', version: report.toolVersion },
    totals: ledger.totals,
    findings: report.findings.map(findingJson),
    suppressed: report.suppressed.map(({ finding, suppression, origin, inSource }) => ({
      ...findingJson(finding),
      suppression: { ...suppression, origin, inSource },
    })),
    unjudged: report.unjudged.map(({ location, ...entry }) => ({
      ...entry,
      location: locationJson(location),
    })),
    problems: report.problems,
    skipped: report.skipped,
    suppressionProblems: report.suppressionProblems,
    policies: report.policies,
    ledger: ledger.entries.map(entryJson),
  }
  return `${textOf(document)}\n`
}

/** An entry of the ledger: the verdicts that are neither a pass nor a matter of another policy, and how many are. */
function entryJson({ outcomes, ...entry }: LedgerEntry): object {
  const told = outcomes.filter(({ verdict }) => verdict !== 'allowed' && verdict !== 'not-applicable')
  const count = (verdict: string): number => outcomes.filter((each) => each.verdict === verdict).length
  const notApplicable = outcomes.filter(({ verdict }) => verdict === 'not-applicable')
  return {
    ...entry,
    allowed: count('allowed'),
    notApplicable: notApplicable.length,
    notApplicableBecause: [
      ...new Set(notApplicable.flatMap(({ reasons }) => reasons.map(({ message }) => message))),
    ],
    outcomes: told.map(({ policy, verdict, reasons, violations, suppressed }) => ({
      policy,
      verdict,
      reasons,
      violations: violations.length,
      suppressed: suppressed.length,
    })),
  }
}

function findingJson({ violation, title, source, object, location, fingerprint }: Finding): object {
  return { ...violation, title, source, object, location: locationJson(location), fingerprint }
}

function locationJson(location: FindingLocation | undefined): object | undefined {
  return location === undefined ? undefined : { ...location.span, exact: location.exact }
}

/** The document as JSON. Numbers that JavaScript's own writer would round or refuse take the exact one. */
function textOf(document: object): string {
  let exact = false
  const text = JSON.stringify(document, (_, value: unknown) => {
    if (typeof value === 'bigint' || value instanceof Decimal) exact = true
    return exact ? undefined : value
  })
  return escaped(exact ? canonicalText(plain(document)) : text)
}

/** JSON text with what a terminal would act on written as escapes: the value is the same. */
function escaped(text: string): string {
  return text.replace(
    /[\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The value without what is undefined; its numbers stay as they are. */
function plain(value: unknown): Json {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value as Json
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.map(([key, each]) => [key, plain(each)]))
}
