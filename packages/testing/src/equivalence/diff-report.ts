import { canonicalText, type Json, type SourceLocation } from '@gatewright/core'
import { placedVerdict, yamlLines } from '../report-parts.js'
import type { Stored } from '../search/parts.js'
import type { Deciding } from './deciding.js'
import type { Diff, PolicyDiff, Said, VerdictChange } from './diff.js'

export interface DiffReportOptions {
  /** How files are called; whole by default. */
  readonly fileName?: (file: string) => string
}

const whole = (file: string): string => file

/** A diff as text for a terminal: for each policy what changed, with the smallest object found and the line that decided. */
export function diffReport(diff: Diff, { fileName = whole }: DiffReportOptions = {}): string {
  return [
    ...diff.removed.map((id) => `${id}: removed\n`),
    ...diff.added.map((id) => `${id}: added\n`),
    ...diff.policies.map((each) => `${policyLines(each, fileName).join('\n')}\n`),
  ].join('\n')
}

function policyLines(diff: PolicyDiff, fileName: (file: string) => string): readonly string[] {
  const { old, new: changed, same, statics, changes, questions, refused, verdicts } = diff
  const name = old === changed ? old : `${old} → ${changed}`
  const stated = statics.map((each) => `  ${each.what}: ${shortly(each.old)} → ${shortly(each.new)}`)
  if (same) {
    const but = stated.length === 0 ? '' : ' but for what it says of itself'
    return [`${name}: the same policy${but}`, ...stated]
  }
  const said = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`)
  const notes = [
    ...(refused === 0
      ? []
      : [`  ${refused} more were not compared: their parameters are refused by one version or both`]),
    ...(questions > 0 && Object.keys(verdicts).every((each) => each === 'not-applicable')
      ? ['  warning: the old version was not applicable each time, which shows nothing']
      : []),
  ]
  const summary = changes.length === 0 ? `no difference found in ${questions} questions` : 'differs'
  return [
    `${name}: ${summary}`,
    ...stated,
    ...changes.flatMap((each) => ['', ...changeLines(each, fileName)]),
    ...(changes.length === 0 ? [] : ['']),
    `  asked ${questions} questions; the old version said ${said.join(', ') || 'nothing'}`,
    ...notes,
  ]
}

const shortly = (value: Json | undefined): string => {
  if (value === undefined) return 'none'
  const text = canonicalText(value)
  return text.length > 200 ? `${text.slice(0, 197)}…` : text
}

function changeLines(
  { change, old, new: changed, object, parameters, inventory, questions }: VerdictChange,
  fileName: (file: string) => string,
): readonly string[] {
  return [
    `  ${change.replaceAll('-', ' ')} (${questions} of the questions)`,
    `    old: ${saidOf(old, fileName)}`,
    `    new: ${saidOf(changed, fileName)}`,
    '    of',
    ...yamlLines(object),
    ...(Object.keys(parameters).length === 0 ? [] : ['    with the parameters', ...yamlLines(parameters)]),
    ...(inventory === undefined ? [] : storedLines(inventory)),
  ]
}

/** The objects that are looked up, as a report has them. */
export function storedLines({ objects, complete }: Stored): readonly string[] {
  const known = complete ? 'these are all other objects' : 'these other objects are known'
  if (objects.length === 0)
    return [complete ? '    where there are no other objects' : '    where no other objects are known']
  return [`    where ${known}`, ...objects.flatMap((each) => yamlLines(each))]
}

function saidOf({ verdict, decidedBy }: Said, fileName: (file: string) => string): string {
  return `${placedVerdict(verdict)}: ${decidedText(decidedBy, fileName)}`
}

function decidedText({ text, source }: Deciding, fileName: (file: string) => string): string {
  return source === undefined ? text : `${text} (${placeText(source, fileName)})`
}

const placeText = ({ file, line }: SourceLocation, fileName: (file: string) => string): string =>
  `${fileName(file)}:${line}`

/** A diff as JSON. */
export function diffJson(
  { policies, added, removed }: Diff,
  { fileName = whole }: DiffReportOptions = {},
): Json {
  const said = ({ verdict, decidedBy: { text, source } }: Said): Json =>
    ({
      verdict: verdict.verdict,
      violations: verdict.violations,
      reasons: verdict.reasons,
      decidedBy: text,
      ...(source === undefined ? {} : { source: { ...source, file: fileName(source.file) } }),
    }) as unknown as Json
  return {
    added,
    removed,
    policies: policies.map(({ statics, changes, ...rest }) => ({
      ...rest,
      statics: statics.map(({ what, old, new: changed }) => ({
        what,
        old: old ?? null,
        new: changed ?? null,
      })),
      changes: changes.map(({ old, new: changed, ...each }) => ({
        ...each,
        old: said(old),
        new: said(changed),
      })),
    })),
  } as unknown as Json
}
