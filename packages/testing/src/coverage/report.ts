import { type Json, sourceText } from '@gatewright/core'
import { fileOf, percent } from '../report-parts.js'
import { type ConditionCoverage, type JudgedCondition, writtenElsewhere } from './coverage.js'
import { type Observation, observations } from './probe.js'

export interface CoverageReportOptions {
  /** A folder that the names of source files are printed from; without it they are whole. */
  readonly root?: string
}

/**
 * Results as text for a terminal: each policy with its score, and each condition with its line and what is missing of it. Those that
 * packages bring in are counted only.
 */
export function coverageReport(
  of: ConditionCoverage | readonly ConditionCoverage[],
  options: CoverageReportOptions = {},
): string {
  return resultsOf(of)
    .map((result) => {
      const own = result.conditions.filter(({ explanation }) => explanation !== writtenElsewhere)
      return [
        summaryOf(result),
        ...own.flatMap((each) => ['', ...conditionLines(each, options)]),
        ...elsewhereLines(result.conditions.length - own.length),
        '',
      ].join('\n')
    })
    .join('\n')
}

const elsewhereLines = (count: number): readonly string[] =>
  count === 0
    ? []
    : [
        '',
        count === 1
          ? 'explained: 1 condition is written in a package, and tested there'
          : `explained: ${count} conditions are written in packages, and tested there`,
      ]

/** Results as JSON. */
export function coverageJson(
  of: ConditionCoverage | readonly ConditionCoverage[],
  options: CoverageReportOptions = {},
): Json {
  return resultsOf(of).map(({ policy, score, covered, explained, missed, conditions }) => ({
    policy,
    score,
    covered,
    explained,
    missed,
    conditions: conditions.map(({ source, explanation, shown, missing, ...rest }) => ({
      ...rest,
      source: source === undefined ? null : { ...source, file: fileOf(source, options) },
      shown: Object.fromEntries(
        observations.flatMap((each) => (shown[each] === undefined ? [] : [[each, shown[each]]])),
      ) as Json,
      missing: [...missing],
      ...(explanation === undefined ? {} : { explanation }),
    })),
  }))
}

/** One result or several, as a list. */
export const resultsOf = (
  of: ConditionCoverage | readonly ConditionCoverage[],
): readonly ConditionCoverage[] => ('conditions' in of ? [of] : of)

/** A result in one line. */
export function summaryOf({ policy, score, covered, missed, explained }: ConditionCoverage): string {
  const counted = covered + missed
  const more = explained === 0 ? '' : `, ${explained} explained`
  return `${policy}: ${covered} of ${counted} ${counted === 1 ? 'condition' : 'conditions'} covered (${percent(score)})${more}`
}

function conditionLines(condition: JudgedCondition, options: CoverageReportOptions): readonly string[] {
  const { id, text, source, status } = condition
  const place = source === undefined ? '' : ` ${sourceText({ ...source, file: fileOf(source, options) })}`
  return [
    `${status}: ${id}${place}`,
    `  ${text.length > 200 ? `${text.slice(0, 199)}…` : text}`,
    ...missingLines(condition).map((line) => `  ${line}`),
  ]
}

const words: Readonly<Record<Observation, string>> = {
  true: 'never true',
  false: 'never false',
  'decides-when-true': 'never decides alone by being true',
  'decides-when-false': 'never decides alone by being false',
}

/** What is missing of a condition, in words, and why. */
export function missingLines({ missing, explanation }: JudgedCondition): readonly string[] {
  if (missing.length === 0) return []
  // what is never true cannot decide by it either
  const shown = missing.filter(
    (each) =>
      each === 'true' ||
      each === 'false' ||
      !missing.includes(each === 'decides-when-true' ? 'true' : 'false'),
  )
  return [
    shown.map((each) => words[each]).join('; '),
    ...(explanation === undefined ? [] : [`because ${explanation}`]),
  ]
}
