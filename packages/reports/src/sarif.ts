import { type Severity, wellFormed } from '@gatewright/core'
import {
  excerptOf,
  type Finding,
  type FindingLocation,
  neutral,
  remarksOf,
  type Report,
  type ReportedPolicy,
} from './report.js'

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
}

/** What code-scanning services sort by: 0 to 10. */
const securitySeverity: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
}

/** The report as SARIF 2.1.0 (OASIS), with regions, fingerprints, suppressions, and what could not be read as notifications. */
export function sarifReport(report: Report): string {
  const rules = report.policies.map(ruleOf)
  const index = new Map(report.policies.map(({ id }, i) => [id, i] as const))
  const results = [
    // of a run, either every result says what suppresses it or none does (SARIF 2.1.0, 3.27.23)
    ...report.findings.map((finding) => ({ ...resultOf(finding, index), suppressions: [] })),
    ...report.suppressed.map(({ finding, suppression, origin, inSource }) => ({
      ...resultOf(finding, index),
      suppressions: [
        {
          kind: inSource ? 'inSource' : 'external',
          status: 'accepted',
          justification: neutral(suppression.reason),
          properties: { origin: neutral(origin) },
        },
      ],
    })),
  ]
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Gatewright',
            semanticVersion: report.toolVersion,
            informationUri: 'https://github.com/gatewright/gatewright',
            rules,
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: isWhole(report),
            toolExecutionNotifications: notificationsOf(report),
          },
        ],
        results,
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** Whether all that was given could be judged. */
function isWhole({ ledger, unjudged }: Report): boolean {
  return ledger.totals.unreadable === 0 && unjudged.every(({ verdict }) => verdict === 'undetermined')
}

function ruleOf({ id, title, severity, description, controls = {}, topic }: ReportedPolicy): object {
  const tags = Object.entries(controls).flatMap(([name, sections]) =>
    sections.map((section) => `${name}:${section}`),
  )
  return {
    id,
    shortDescription: { text: title },
    ...(description === undefined
      ? {}
      : { fullDescription: { text: description }, help: { text: description, markdown: description } }),
    defaultConfiguration: { level: levels[severity] },
    properties: {
      tags: ['security', ...(topic === undefined ? [] : [topic]), ...tags],
      'security-severity': securitySeverity[severity],
    },
  }
}

function resultOf(
  { violation, source, object, location, fingerprint }: Finding,
  index: ReadonlyMap<string, number>,
): object {
  return {
    ruleId: violation.policy,
    ruleIndex: index.get(violation.policy),
    level: levels[violation.severity],
    message: { text: `${neutral(violation.message)} (${neutral(object)})` },
    locations: [
      {
        ...placeOf(source, location),
        logicalLocations: [{ fullyQualifiedName: neutral(object), kind: 'resource' }],
      },
    ],
    partialFingerprints: { 'gatewright/v1': fingerprint },
    properties: { code: violation.code, at: violation.at },
  }
}

function placeOf(source: string, location: FindingLocation | undefined): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(source) },
      ...(location === undefined ? {} : { region: regionOf(location) }),
    },
  }
}

function regionOf(location: FindingLocation): object {
  const { start, end } = location.span
  return {
    startLine: start.line,
    startColumn: start.column,
    endLine: end.line,
    endColumn: Math.max(end.column, end.line === start.line ? start.column + 1 : 1),
    snippet: { text: neutral(excerptOf(location, 400).text) },
  }
}

/** A relative reference, with what a URI cannot hold encoded. */
function uriOf(source: string): string {
  return wellFormed(source).split('/').map(encodeURIComponent).join('/')
}

function notificationsOf(report: Report): readonly object[] {
  const read = report.problems.map(({ level, code, message, location }) => ({
    level,
    message: { text: neutral(message) },
    descriptor: { id: code },
    ...(location === undefined
      ? {}
      : {
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(location.name) },
                region: { startLine: location.start.line, startColumn: location.start.column },
              },
            },
          ],
        }),
  }))
  const skipped = report.skipped.map(({ name, reason }) => ({
    level: 'warning',
    message: { text: `${neutral(name)} was skipped: ${neutral(reason)}` },
    descriptor: { id: 'skipped' },
  }))
  const unjudged = report.unjudged.map(({ verdict, object, policy, message, source, location }) => ({
    level: verdict === 'undetermined' ? 'warning' : 'error',
    message: { text: `${neutral(object)}, ${policy}: ${neutral(message)}` },
    descriptor: { id: verdict },
    associatedRule: { id: policy },
    locations: [placeOf(source, location)],
  }))
  const remarks = remarksOf(report).map(({ code, source, message }) => ({
    level: 'warning',
    message: { text: neutral(source === undefined ? message : `${source} ${message}`) },
    descriptor: { id: code },
  }))
  return [...read, ...skipped, ...unjudged, ...remarks]
}
