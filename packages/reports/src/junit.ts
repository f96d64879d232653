import { neutral, type Report } from './report.js'

/** The report as JUnit XML: a suite a file, a case for each object and policy that was judged. */
export function junitReport(report: Report): string {
  const { entries, totals } = report.ledger
  const bySource = new Map<string, (typeof entries)[number][]>()
  for (const entry of entries) bySource.set(entry.source, [...(bySource.get(entry.source) ?? []), entry])
  const suites = [...bySource].map(([source, objects]) => {
    const cases = objects.flatMap((entry) => casesOf(entry))
    const count = (kind: string): number => cases.filter((each) => each.kind === kind).length
    const attributes = `name="${xml(source)}" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
    return `  <testsuite ${attributes}>\n${cases.map(({ text }) => text).join('')}  </testsuite>\n`
  })
  const seconds = (report.duration / 1000).toFixed(3)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="gatewright" failures="${totals.violations}" time="${seconds}">\n${suites.join('')}</testsuites>\n`
}

type Entry = Report['ledger']['entries'][number]

function casesOf({
  object,
  outcomes,
  unreadable,
}: Entry): readonly { readonly kind: string; readonly text: string }[] {
  if (unreadable !== undefined) {
    const body = `      <error type="${xml(unreadable.code)}" message="${xml(unreadable.message)}"/>\n`
    return [{ kind: 'error', text: testcase(object, 'read', body) }]
  }
  return outcomes.map(({ policy, verdict, violations, reasons }) => {
    const message = reasons.map((reason) => reason.message).join('; ')
    switch (verdict) {
      case 'denied': {
        if (violations.length === 0)
          return {
            kind: 'skipped',
            text: testcase(object, policy, '      <skipped message="suppressed"/>\n'),
          }
        const failures = violations.map(
          (each) => `      <failure type="${xml(each.code)}" message="${xml(each.message)}"/>\n`,
        )
        return { kind: 'failure', text: testcase(object, policy, failures.join('')) }
      }
      case 'invalid':
      case 'error':
        return {
          kind: 'error',
          text: testcase(object, policy, `      <error type="${verdict}" message="${xml(message)}"/>\n`),
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
