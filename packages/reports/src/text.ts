import type { Severity } from '@gatewright/core'
import { excerptOf, type Finding, type FindingLocation, neutral, type Report, severities } from './report.js'

export interface TextOptions {
  /** Colour with ANSI escapes. */
  readonly color?: boolean
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const
type Paint = (text: string, ...styles: (keyof typeof codes)[]) => string

const severityColor: Readonly<Record<Severity, keyof typeof codes>> = {
  critical: 'magenta',
  high: 'red',
  medium: 'yellow',
  low: 'blue',
  info: 'cyan',
}

/** The report for people: findings by file with the line they are about, then what was not judged, then the sums. */
export function textReport(report: Report, options: TextOptions = {}): string {
  const paint: Paint = (text, ...styles) =>
    options.color === true ? `\u001B[${styles.map((style) => codes[style]).join(';')}m${text}\u001B[0m` : text
  return (
    [...findingLines(report, paint), ...unjudgedLines(report, paint), ...sumLines(report, paint)].join('\n') +
    '\n'
  )
}

function findingLines(report: Report, paint: Paint): string[] {
  const bySource = grouped(report.findings)
  return [...bySource].flatMap(([source, findings]) => [
    paint(neutral(source), 'bold'),
    ...findings.flatMap((finding) => [...oneFinding(finding, paint), ...indented(finding.explanation)]),
    '',
  ])
}

function grouped(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const group = groups.get(finding.source)
    if (group === undefined) groups.set(finding.source, [finding])
    else group.push(finding)
  }
  return groups
}

function oneFinding({ violation, object, location }: Finding, paint: Paint): string[] {
  const place = location === undefined ? '' : `${location.span.start.line}:${location.span.start.column}`
  const rule = violation.code === '1' ? violation.policy : `${violation.policy}#${violation.code}`
  return [
    `  ${paint(place.padEnd(7), 'dim')} ${paint(violation.severity.padEnd(8), severityColor[violation.severity], 'bold')} ${neutral(violation.message)}`,
    `          ${paint(`${rule} · ${neutral(object)}`, 'dim')}`,
    ...snippet(location, paint),
  ]
}

/** The line that a finding is about, with its place marked. */
function snippet(location: FindingLocation | undefined, paint: Paint): string[] {
  if (location === undefined) return []
  const { start, end } = location.span
  const number = String(start.line)
  const gutter = ' '.repeat(number.length)
  const width =
    end.line === start.line
      ? Math.max(1, end.column - start.column)
      : Math.max(1, location.line.length - start.column + 1)
  const { from, text } = excerptOf(location, 140)
  const mark = '^'.repeat(Math.min(width, 140 - (start.column - from)))
  const note = location.exact ? '' : ' here, where it is not set'
  return [
    `          ${paint(`${number} |`, 'dim')} ${neutral(text)}`,
    `          ${paint(`${gutter} |`, 'dim')} ${' '.repeat(start.column - from)}${paint(`${mark}${note}`, 'red')}`,
  ]
}

function indented(text: string | undefined): string[] {
  return text === undefined
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => `          ${neutral(line)}`)
}

function unjudgedLines(report: Report, paint: Paint): string[] {
  const lines: string[] = []
  for (const { level, code, message, help, location } of report.problems) {
    const place =
      location === undefined
        ? ''
        : `${neutral(location.name)}:${location.start.line}:${location.start.column} `
    const word = level === 'error' ? paint('not read', 'red', 'bold') : paint('warning', 'yellow')
    lines.push(`${word}  ${place}${neutral(message)} ${paint(`(${code})`, 'dim')}`)
    if (help !== undefined) lines.push(`          ${paint(neutral(help), 'dim')}`)
  }
  for (const { name, reason } of report.skipped) {
    lines.push(`${paint('skipped', 'yellow')}   ${neutral(name)}: ${neutral(reason)}`)
  }
  for (const entry of report.unjudged) {
    const place =
      entry.location === undefined
        ? neutral(entry.source)
        : `${neutral(entry.source)}:${entry.location.span.start.line}`
    const word = paint(entry.verdict, entry.verdict === 'undetermined' ? 'yellow' : 'red', 'bold')
    lines.push(
      `${word}  ${place} ${neutral(entry.object)}: ${neutral(entry.message)} ${paint(`(${entry.policy})`, 'dim')}`,
    )
  }
  for (const help of new Set(report.unjudged.flatMap(({ help }) => help ?? [])))
    lines.push(`          ${paint(neutral(help), 'dim')}`)
  for (const { ledgerNote } of notesOf(report)) lines.push(`${paint('note', 'cyan')}  ${ledgerNote}`)
  for (const { code, message, origin } of report.suppressionProblems) {
    lines.push(`${paint(`suppression ${code}`, 'yellow')}  ${neutral(origin)}: ${neutral(message)}`)
  }
  return lines.length > 0 ? [...lines, ''] : lines
}

function notesOf({ ledger }: Report): readonly { readonly ledgerNote: string }[] {
  return ledger.entries.flatMap(({ source, object, notes }) =>
    notes.map(({ message }) => ({ ledgerNote: neutral(`${source} ${object}: ${message}`) })),
  )
}

function sumLines(report: Report, paint: Paint): string[] {
  const { totals } = report.ledger
  const found = severities
    .filter((severity) => totals.bySeverity[severity] > 0)
    .map((severity) => paint(`${totals.bySeverity[severity]} ${severity}`, severityColor[severity]))
  const objects = [
    `${totals.evaluated} evaluated`,
    ...(totals.notMatched > 0 ? [`${totals.notMatched} not matched`] : []),
    ...(totals.unreadable > 0 ? [paint(`${totals.unreadable} unreadable`, 'red')] : []),
  ]
  const verdicts = (['invalid', 'undetermined', 'error'] as const)
    .filter((verdict) => totals.byVerdict[verdict] > 0)
    .map((verdict) => `${totals.byVerdict[verdict]} ${verdict}`)
  const bySeverity = found.length > 0 ? `: ${found.join(', ')}` : ''
  const counted = `${totals.violations} ${totals.violations === 1 ? 'finding' : 'findings'}${bySeverity}`
  const clean =
    totals.violations === 0 && totals.unreadable === 0 && totals.evaluated > 0 && report.unjudged.length === 0
  return [
    `${totals.objects} ${totals.objects === 1 ? 'object' : 'objects'}: ${objects.join(', ')} · ${report.policies.length} ${report.policies.length === 1 ? 'policy' : 'policies'}`,
    `${clean ? paint('no findings', 'green', 'bold') : counted}${totals.suppressed > 0 ? ` · ${totals.suppressed} suppressed` : ''}`,
    ...(verdicts.length > 0 ? [`verdicts that are no pass: ${verdicts.join(', ')}`] : []),
    ...(totals.evaluated === 0 ? [paint('nothing was evaluated', 'red', 'bold')] : []),
  ]
}
