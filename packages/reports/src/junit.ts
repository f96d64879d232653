import type { Violation } from '@gatewright/core'
import { type Finding, neutral, type Report } from './report.js'

/** The report as JUnit XML: a suite a file, a case for each object and policy that was judged. */
export function junitReport(report: Report): string {
  const { entries } = report.ledger
  const places = new Map(report.findings.map((finding) => [finding.violation, placeText(finding)] as const))
  const bySource = new Map<string, Entry[]>()
  for (const entry of entries) {
    const known = bySource.get(entry.source)
    if (known === undefined) bySource.set(entry.source, [entry])
    else known.push(entry)
  }
  const all: Case[] = []
  const suites = [...bySource].map(([source, objects]) => {
    const cases = objects.flatMap((entry) => casesOf(entry, places))
    for (const each of cases) all.push(each)
    return `  <testsuite name="${xml(source)}" ${counts(cases)}>\n${cases.map(({ text }) => text).join('')}  </testsuite>\n`
  })
  const seconds = (report.duration / 1000).toFixed(3)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="gatewright" ${counts(all)} time="${seconds}">\n${suites.join('')}</testsuites>\n`
}

interface Case {
  readonly kind: 'passed' | 'failure' | 'error' | 'skipped'
  readonly text: string
}

function counts(cases: readonly Case[]): string {
  const count = (kind: Case['kind']): number => cases.filter((each) => each.kind === kind).length
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
}

/** Where a finding is written: `cart.yaml:12:7`. */
function placeText({ source, location }: Finding): string {
  return location === undefined
    ? source
    : `${source}:${location.span.start.line}:${location.span.start.column}`
}

type Entry = Report['ledger']['entries'][number]

function casesOf(
  { object, outcomes, unreadable }: Entry,
  places: ReadonlyMap<Violation, string>,
): readonly Case[] {
  if (unreadable !== undefined) {
    const body = errorOf(unreadable.code, unreadable.message)
    return [{ kind: 'error', text: testcase(object, 'read', body) }]
  }
  return outcomes.map(({ policy, verdict, violations, reasons }): Case => {
    const message = reasons.map((reason) => reason.message).join('; ')
    switch (verdict) {
      case 'denied': {
        // suppressed, and yet more is wrong with it
        if (violations.length === 0 && reasons.length > 0)
          return { kind: 'error', text: testcase(object, policy, errorOf('invalid', message)) }
        if (violations.length === 0)
          return {
            kind: 'skipped',
            text: testcase(object, policy, '      <skipped message="suppressed"/>\n'),
          }
        return { kind: 'failure', text: testcase(object, policy, failuresOf(violations, places)) }
      }
      case 'invalid':
      case 'error':
        return {
          kind: 'error',
          text: testcase(object, policy, errorOf(verdict, message) + failuresOf(violations, places)),
        }
      case 'undetermined':
      case 'not-applicable':
        return {
          kind: 'skipped',
          text: testcase(object, policy, `      <skipped message="${xml(`${verdict}: ${message}`)}"/>\n`),
        }
      case 'allowed':
        return { kind: 'passed', text: testcase(object, policy, '') }
    }
  })
}

const errorOf = (type: string, message: string): string =>
  `      <error type="${xml(type)}" message="${xml(message)}"/>\n`

function failuresOf(
  violations: Entry['outcomes'][number]['violations'],
  places: ReadonlyMap<Violation, string>,
): string {
  return violations
    .map(
      (each) =>
        `      <failure type="${xml(each.code)}" message="${xml(each.message)}">${xml(places.get(each) ?? '')}</failure>\n`,
    )
    .join('')
}

function testcase(object: string, policy: string, body: string): string {
  const head = `    <testcase classname="${xml(policy)}" name="${xml(object)}"`
  return body === '' ? `${head}/>\n` : `${head}>\n${body}    </testcase>\n`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** A text as XML holds it: no control characters, no non-characters. */
function xml(text: string): string {
  return neutral(text)
    .replace(/[\uD800-\uDFFF\uFFFE\uFFFF]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (character) => entities[character] as string)
}
