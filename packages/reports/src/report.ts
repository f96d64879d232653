import type { PolicyDescription, Severity, Violation } from '@gatewright/core'
import type { Ledger, Suppression } from '@gatewright/evaluator'
import type { SourceProblem, Span } from '@gatewright/sources'

/** Everything that a run found, for a format to show. */
export interface Report {
  readonly ledger: Ledger
  readonly findings: readonly Finding[]
  /** Suppressed findings, with the word that suppressed each. */
  readonly suppressed: readonly SuppressedFinding[]
  /** What could not be read, or is odd. */
  readonly problems: readonly SourceProblem[]
  /** Files that were passed over, with the reason. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
  /** Verdicts that are no pass and no violation: invalid objects, what is undetermined, errors. */
  readonly unjudged: readonly Unjudged[]
  /** What is wrong with suppressions: unused, ended, or not to be read. */
  readonly suppressionProblems: readonly SuppressionProblem[]
  readonly policies: readonly ReportedPolicy[]
  /** Milliseconds of the whole run. */
  readonly duration: number
  readonly toolVersion: string
}

export interface SuppressedFinding {
  readonly finding: Finding
  readonly suppression: Suppression
  /** Where it stands: `cart.yaml:12`, `exceptions.yaml, entry 3`. */
  readonly origin: string
  /** It stands in what is judged, so whoever wrote that wrote it; otherwise in the exceptions file. */
  readonly inSource: boolean
}

/** A policy as reports name it. */
export type ReportedPolicy = Pick<
  PolicyDescription,
  'id' | 'title' | 'severity' | 'description' | 'controls' | 'topic'
>

/** A violation, and where its object is written. */
export interface Finding {
  readonly violation: Violation
  readonly title: string
  readonly source: string
  /** The object as people call it: `Deployment shop/cart`. */
  readonly object: string
  /** Where in the source; absent for an object that was never text. */
  readonly location?: FindingLocation
  /** Stays the same when lines move. */
  readonly fingerprint: string
  /** Why the policy found it, as text; where it was asked for. */
  readonly explanation?: string
}

export interface SuppressedFinding {
  readonly finding: Finding
  readonly suppression: Suppression
  /** Where the suppression stands: `cart.yaml:12`, `exceptions.yaml, entry 3`. */
  readonly origin: string
  /** It stands in what is judged, as a comment or an annotation; else in an exceptions file. */
  readonly inSource: boolean
}

export interface FindingLocation {
  readonly span: Span
  /** The place itself is written there; otherwise the nearest part of the object that is. */
  readonly exact: boolean
  /** The line of the start, without its break. */
  readonly line: string
}

export interface Unjudged {
  readonly source: string
  readonly object: string
  readonly policy: string
  readonly verdict: 'invalid' | 'undetermined' | 'error'
  readonly code: string
  readonly message: string
  readonly help?: string
  readonly location?: FindingLocation
}

export interface SuppressionProblem {
  readonly code: 'unused' | 'ended' | 'unreadable'
  readonly message: string
  /** Where it stands: `cart.yaml:12`, `exceptions.yaml, entry 3`. */
  readonly origin: string
}

/** The severities, gravest first. */
export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

/** Whether a severity is at least another. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(least)
}

/** What is shown of a text that others wrote: one line, without control characters, and without those that turn text around. */
export function neutral(text: string): string {
  return text.replace(
    /[\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g,
    '\uFFFD',
  )
}

/** The part of a finding's line that is around its place: files in one line are megabytes long. `from` is its first column. */
export function excerptOf({ span, line }: FindingLocation, most: number): { from: number; text: string } {
  const { column } = span.start
  const from = line.length <= most || column <= most - 40 ? 1 : column - 40
  return { from, text: line.slice(from - 1, from - 1 + most) }
}

/** What was left out of the judging or is odd about it, beside problems of reading and verdicts: one line each. */
export function remarksOf({ ledger, suppressionProblems }: Report): readonly Remark[] {
  const notes = ledger.entries.flatMap(({ source, object, notes: each }) =>
    each.map(({ code, message }): Remark => ({ code, source, message: `${object}: ${message}` })),
  )
  const suppressions = suppressionProblems.map(({ code, message, origin }): Remark => ({
    code: `suppression-${code}`,
    message: `${origin}: ${message}`,
  }))
  const nothing = { code: 'nothing-evaluated', message: 'nothing was evaluated' }
  return [...notes, ...suppressions, ...(ledger.totals.evaluated === 0 ? [nothing] : [])]
}

export interface Remark {
  readonly code: string
  readonly source?: string
  readonly message: string
}
