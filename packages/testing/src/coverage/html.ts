import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { conditionsByFile, type PlacedCondition } from './by-file.js'
import type { ConditionCoverage, JudgedCondition } from './coverage.js'
import { fileOf, percent } from '../report-parts.js'
import { type CoverageReportOptions, missingLines, resultsOf, summaryOf } from './report.js'

/** Lines of source shown around those with conditions. */
const around = 2

/**
 * Results as one HTML file without scripts or anything from elsewhere: each policy with its conditions, then the source lines where
 * the file can be read. Conditions of which the line is not known stand with their policy alone.
 */
export function coverageHtml(
  of: ConditionCoverage | readonly ConditionCoverage[],
  options: CoverageReportOptions = {},
): string {
  const results = resultsOf(of)
  const known = results.map((each) => ({
    ...each,
    conditions: each.conditions.filter(({ source }) => source !== undefined),
  }))
  const hash = createHash('sha256').update(style).digest('base64')
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<title>Condition coverage</title>',
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<h1>Condition coverage</h1>',
    ...summaryTable(results),
    ...results.flatMap((each) => policySection(each, options)),
    ...[...conditionsByFile(known)].flatMap(([file, lines]) => fileSection(file, lines, options)),
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0 }
code, pre { font: 13px/1.5 ui-monospace, monospace }
td code { white-space: pre-wrap; overflow-wrap: anywhere }
pre { overflow-x: auto }
.missed { color: light-dark(#a40e26, #ff7b86) }
.covered { color: light-dark(#0a6b2d, #56d07c) }
.explained { color: light-dark(#7a5200, #e0b050) }
`

function summaryTable(results: readonly ConditionCoverage[]): readonly string[] {
  return [
    '<table>',
    '<tr><th>policy<th>covered<th>missed<th>explained<th>score',
    ...results.map(
      ({ policy, covered, missed, explained, score }) =>
        `<tr><td><a href="#${anchor(policy)}">${escaped(policy)}</a><td>${covered}<td>${missed}<td>${explained}<td class="${missed === 0 ? 'covered' : 'missed'}">${percent(score)}`,
    ),
    '</table>',
  ]
}

function policySection(result: ConditionCoverage, options: CoverageReportOptions): readonly string[] {
  return [
    `<h2 id="${anchor(result.policy)}">${escaped(result.policy)}</h2>`,
    `<p>${escaped(summaryOf(result))}</p>`,
    '<table>',
    '<tr><th>status<th>condition<th>line<th>missing',
    ...result.conditions.map((each) => {
      const { status, text, id, source } = each
      const place =
        source === undefined
          ? ''
          : `<a href="#${anchor(`${source.file}:${source.line}`)}">${escaped(`${fileOf(source, options)}:${source.line}:${source.column}`)}</a>`
      return `<tr><td class="${status}">${status}<td><code>${escaped(text)}</code><br>${id}<td>${place}<td>${missingLines(each).map(escaped).join('<br>')}`
    }),
    '</table>',
  ]
}

function fileSection(
  file: string,
  lines: ReadonlyMap<number, readonly PlacedCondition[]>,
  options: CoverageReportOptions,
): readonly string[] {
  const title = `<h2>${escaped(fileOf({ file }, options))}</h2>`
  const source = sourceLines(file)
  if (source === undefined)
    return [
      title,
      '<p>The file cannot be read, so only the conditions are shown.</p>',
      '<pre>',
      ...[...lines].map(([line, conditions]) =>
        lineHtml(file, line, conditions.map(({ text }) => text).join('; '), conditions),
      ),
      '</pre>',
    ]
  const shown = new Set<number>()
  for (const line of lines.keys())
    for (let each = line - around; each <= line + around; each++)
      if (each >= 1 && each <= source.length) shown.add(each)
  const numbers = [...shown].toSorted((a, b) => a - b)
  return [
    title,
    '<pre>',
    ...numbers.flatMap((line, i) => [
      ...(i > 0 && numbers[i - 1] !== line - 1 ? ['      …'] : []),
      lineHtml(file, line, source[line - 1] ?? '', lines.get(line) ?? []),
    ]),
    '</pre>',
  ]
}

function lineHtml(file: string, line: number, text: string, conditions: readonly PlacedCondition[]): string {
  const number = String(line).padStart(5)
  if (conditions.length === 0) return `${number}   ${escaped(text)}`
  const status = worst(conditions)
  const mark = { covered: '+', explained: '~', missed: '!' }[status]
  const notes = conditions.flatMap((each) =>
    each.missing.length === 0
      ? []
      : [`          ${each.policy}: ${each.text}: ${missingLines(each).join(', ')}`],
  )
  return [
    `<span id="${anchor(`${file}:${line}`)}" class="${status}">${number} ${mark} ${escaped(text)}</span>`,
    ...notes.map((note) => `<span class="${status}">${escaped(note)}</span>`),
  ].join('\n')
}

function worst(conditions: readonly JudgedCondition[]): JudgedCondition['status'] {
  const has = (status: JudgedCondition['status']): boolean =>
    conditions.some((each) => each.status === status)
  return has('missed') ? 'missed' : has('explained') ? 'explained' : 'covered'
}

/** The lines of a source file; undefined where it cannot be read. */
function sourceLines(file: string): readonly string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)
  } catch {
    return undefined
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (each) => entities[each] as string)

/** A text as a name of a place in the page. */
const anchor = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9/.:_-]/g, (each) => `_${(each.codePointAt(0) ?? 0).toString(16)}_`)
