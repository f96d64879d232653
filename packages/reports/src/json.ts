import { canonicalText, type Json } from '@gatewright/core'
import type { Finding, FindingLocation, Report } from './report.js'

/** The version of the JSON report's shape; it grows by fields, and changes when one changes its meaning. */
export const jsonReportVersion = 'gatewright.report/1'

/** The report for programs: findings, what was not judged, and the whole ledger. Keys are sorted, so that equal runs are equal texts. */
export function jsonReport(report: Report): string {
  const { ledger } = report
  const document = {
    version: jsonReportVersion,
    tool: { name: 'gatewright', version: report.toolVersion },
    totals: ledger.totals,
    findings: report.findings.map(findingJson),
    suppressed: report.suppressed.map(({ finding, suppression }) => ({
      ...findingJson(finding),
      suppression,
    })),
    unjudged: report.unjudged.map(({ location, ...entry }) => ({
      ...entry,
      location: locationJson(location),
    })),
    problems: report.problems,
    skipped: report.skipped,
    suppressionProblems: report.suppressionProblems,
    policies: report.policies,
    ledger: ledger.entries.map(({ outcomes, ...entry }) => ({
      ...entry,
      outcomes: outcomes.map(({ policy, verdict, reasons, violations, suppressed }) => ({
        policy,
        verdict,
        reasons,
        violations: violations.length,
        suppressed: suppressed.length,
      })),
    })),
  }
  return `${canonicalText(plain(document))}\n`
}

function findingJson({ violation, title, source, object, location, fingerprint }: Finding): object {
  return { ...violation, title, source, object, location: locationJson(location), fingerprint }
}

function locationJson(location: FindingLocation | undefined): object | undefined {
  return location === undefined ? undefined : { ...location.span, exact: location.exact }
}

/** The value without what is undefined; its numbers stay as they are. */
function plain(value: unknown): Json {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value as Json
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.map(([key, each]) => [key, plain(each)]))
}
