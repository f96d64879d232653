import type { Severity } from '@gatewright/core'
import { neutral, remarksOf, type Report } from './report.js'

const commands: Readonly<Record<Severity, 'error' | 'warning' | 'notice'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'notice',
  info: 'notice',
}

/** The report as workflow commands of GitHub Actions, which show as annotations on the lines of a change. */
export function githubReport(report: Report): string {
  const findings = report.findings.map(({ violation, source, object, location }) => {
    const { start, end } = location?.span ?? {}
    const place =
      start === undefined || end === undefined
        ? ''
        : `,line=${start.line},endLine=${end.line},col=${start.column}`
    return `::${commands[violation.severity]} file=${property(source)}${place},title=${property(violation.policy)}::${data(`${violation.message} (${object})`)}\n`
  })
  const problems = report.problems.map(({ level, code, message, location }) => {
    const place = location === undefined ? '' : `file=${property(location.name)},line=${location.start.line},`
    return `::${level} ${place}title=${property(code)}::${data(message)}\n`
  })
  const unjudged = report.unjudged.map(
    ({ verdict, source, object, policy, message }) =>
      `::${verdict === 'undetermined' ? 'warning' : 'error'} file=${property(source)},title=${property(`${policy}: ${verdict}`)}::${data(`${object}: ${message}`)}\n`,
  )
  const skipped = report.skipped.map(
    ({ name, reason }) => `::error file=${property(name)},title=skipped::${data(`not judged: ${reason}`)}\n`,
  )
  const remarks = remarksOf(report).map(({ code, source, message }) => {
    const place = source === undefined ? '' : `file=${property(source)},`
    return `::warning ${place}title=${property(code)}::${data(message)}\n`
  })
  return [...findings, ...problems, ...unjudged, ...skipped, ...remarks].join('')
}

/** Escapes what would end a command or begin another. */
function data(text: string): string {
  return neutral(text).replaceAll('%', '%25').replaceAll('::', ':%3A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
