import { type Json, type Path, pathText } from '@gatewright/core'
import type { EngineDifference, EngineResult, PolicyComparison, VerdictCounts } from './compare.js'
import { yamlLines } from '../report-parts.js'
import { storedLines } from './diff-report.js'
import type { Decision } from './difference.js'

/**
 * A comparison as text for a terminal: for each policy and engine how many questions were compared, and each difference. What is true
 * of an engine for all of several policies is said once, at the end.
 */
export function comparisonReport(comparisons: readonly PolicyComparison[]): string {
  const absent = comparisons.length > 1 ? absentEverywhere(comparisons) : new Map<string, string>()
  const lines = comparisons.flatMap((each) => [
    ...policyLines({ ...each, engines: each.engines.filter(({ engine }) => !absent.has(engine)) }),
    '',
  ])
  return `${[...lines, ...closing(comparisons)].join('\n')}\n`
}

/** The engines that no policy was compared in, for one reason, with that reason. */
function absentEverywhere(comparisons: readonly PolicyComparison[]): ReadonlyMap<string, string> {
  const all = comparisons.flatMap(({ engines }) => engines)
  return new Map(
    all.flatMap(({ engine, notCompared }): readonly [string, string][] => {
      const isSame = all.every((each) => each.engine !== engine || each.notCompared === notCompared)
      return isSame && notCompared !== undefined ? [[engine, notCompared]] : []
    }),
  )
}

function policyLines({ policy, questions, verdicts, unasked, engines }: PolicyComparison): readonly string[] {
  const width = Math.max(...engines.map(({ engine }) => engine.length))
  return [
    `${policy}: ${questions} questions, by the reference ${countsText(verdicts)}`,
    ...(unasked === 0
      ? []
      : [`  ${unasked} more are asked of no engine: parameters that are refused, or no kind`]),
    ...engines.flatMap((each) => engineLines(each, width, questions, verdicts)),
    ...warning(questions, verdicts),
  ]
}

/** What saw one verdict only shows next to nothing, and what was never allowed or never denied shows half. */
function warning(questions: number, verdicts: VerdictCounts): readonly string[] {
  const words = Object.keys(verdicts)
  if (questions === 0) return ['  warning: nothing was asked, which shows nothing']
  if (words.length !== 1) {
    const never = ['allowed', 'denied'].filter((each) => !words.includes(each)).join(' or ')
    return never === ''
      ? []
      : [`  warning: no question was ${never}; ask about manifests of yours that are (\`--objects\`)`]
  }
  const [only = ''] = words
  const what = only === 'not-applicable' ? 'which shows nothing' : 'which shows little'
  return [`  warning: every question was ${only}, ${what}`]
}

const countsText = (verdicts: VerdictCounts): string =>
  Object.entries(verdicts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ') || 'nothing'

function engineLines(
  { engine, notCompared, compared, verdicts, untold, different, difference }: EngineResult,
  width: number,
  questions: number,
  all: VerdictCounts,
): readonly string[] {
  const name = `  ${engine.padEnd(width)}  `
  if (notCompared !== undefined) return [`${name}not compared: ${notCompared}`]
  // the verdicts are those above where all questions were compared
  const seen = compared === questions ? '' : ` (${countsText(verdicts)} of ${countsText(all)})`
  return [
    `${name}${compared - different} of ${compared} the same${seen}`,
    ...Object.entries(untold).map(
      ([reason, count]) => `${' '.repeat(width + 4)}${count} not asked: ${reason}`,
    ),
    ...(difference === undefined ? [] : differenceLines(engine, difference)),
  ]
}

function differenceLines(engine: string, each: EngineDifference): readonly string[] {
  const width = Math.max(engine.length, 'reference'.length)
  return [
    `    ${each.what}`,
    `      ${'reference'.padEnd(width)}  ${decisionText(each.reference)}`,
    `      ${engine.padEnd(width)}  ${each.engine === undefined ? 'no decision' : decisionText(each.engine)}`,
    '    of',
    ...yamlLines(each.object),
    ...(Object.keys(each.parameters).length === 0
      ? []
      : ['    with the parameters', ...yamlLines(each.parameters)]),
    ...(each.inventory === undefined ? [] : storedLines(each.inventory)),
  ]
}

function decisionText({ verdict, violations, reasons }: Decision): string {
  const found = violations.map((each) => {
    const { at, code, message } = each as {
      readonly at: Path
      readonly code: string
      readonly message: string
    }
    return `${pathText(at) || 'the object'} (${code}): ${message}`
  })
  return [verdict, ...found, ...reasons.map(({ code, message }) => `${code}: ${message}`)].join('; ')
}

function closing(comparisons: readonly PolicyComparison[]): readonly string[] {
  const all = comparisons.flatMap(({ engines }) => engines)
  const names = [...new Set(all.map(({ engine }) => engine))]
  const absent = absentEverywhere(comparisons)
  return names.map((name) => {
    const own = all.filter(({ engine }) => engine === name)
    const compared = own.reduce((sum, each) => sum + each.compared, 0)
    const different = own.reduce((sum, each) => sum + each.different, 0)
    const left = own.filter(({ notCompared }) => notCompared !== undefined).length
    const part = `${own.length - left} of ${own.length} policies`
    if (left === own.length)
      return `${name}: not compared${absent.has(name) ? `: ${absent.get(name) ?? ''}` : ''}`
    return `${name}: ${different === 0 ? 'no difference' : `${different} differences`} in ${compared} questions of ${part}`
  })
}

/** A comparison as JSON. */
export const comparisonJson = (comparisons: readonly PolicyComparison[]): Json =>
  comparisons as unknown as Json
