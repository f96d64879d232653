import { conditionsByFile, type PlacedCondition } from './by-file.js'
import type { ConditionCoverage } from './coverage.js'
import { observations } from './probe.js'
import { fileOf } from '../report-parts.js'
import { type CoverageReportOptions, resultsOf } from './report.js'

/**
 * Results as an lcov tracefile for the TypeScript lines. Each condition is a block of branches on its line: true, false, decides when
 * true, decides when false; those that are explained are left out. Throws a `TypeError` where the line of a condition is not known.
 */
export function coverageLcov(
  of: ConditionCoverage | readonly ConditionCoverage[],
  options: CoverageReportOptions = {},
): string {
  const records: string[] = []
  for (const [file, lines] of conditionsByFile(resultsOf(of))) {
    const branches = [...lines].flatMap(([line, conditions]) =>
      conditions.flatMap((condition, block) => branchesOf(line, block, condition)),
    )
    const hits = [...lines].map(([line, conditions]) => ({ line, isHit: conditions.some(isSeen) }))
    records.push(
      'TN:',
      `SF:${fileOf({ file }, options)}`,
      ...branches.map(({ text }) => text),
      `BRF:${branches.length}`,
      `BRH:${branches.filter(({ isTaken }) => isTaken).length}`,
      ...hits.map(({ line, isHit }) => `DA:${line},${isHit ? 1 : 0}`),
      `LF:${hits.length}`,
      `LH:${hits.filter(({ isHit }) => isHit).length}`,
      'end_of_record',
    )
  }
  return records.map((each) => `${each}\n`).join('')
}

const isSeen = ({ shown }: PlacedCondition): boolean => shown.true !== undefined || shown.false !== undefined

function branchesOf(
  line: number,
  block: number,
  condition: PlacedCondition,
): readonly { readonly text: string; readonly isTaken: boolean }[] {
  const { shown, status } = condition
  return observations.flatMap((each, branch) => {
    const isTaken = shown[each] !== undefined
    if (!isTaken && status === 'explained') return []
    // `-` says that the line was never reached
    const taken = isTaken ? '1' : isSeen(condition) ? '0' : '-'
    return [{ text: `BRDA:${line},${block},${branch},${taken}`, isTaken }]
  })
}
