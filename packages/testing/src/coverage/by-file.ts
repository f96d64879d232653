import type { SourceLocation } from '@gatewright/core'
import type { ConditionCoverage, JudgedCondition } from './coverage.js'

/** A condition where it stands in a file, with the policy that it is of. */
export interface PlacedCondition extends JudgedCondition {
  readonly policy: string
  readonly source: SourceLocation
}

/** The conditions by the file and the line that they are written in, both in order. Throws a `TypeError` for one of which that is not known. */
export function conditionsByFile(
  results: readonly ConditionCoverage[],
): ReadonlyMap<string, ReadonlyMap<number, readonly PlacedCondition[]>> {
  const placed = results.flatMap(({ policy, conditions }) =>
    conditions.map((each): PlacedCondition => {
      if (each.source === undefined)
        throw new TypeError(
          `where the condition \`${each.id}\` of policy \`${policy}\` is written is not known, so that it has no line: use coverageReport() or coverageJson()`,
        )
      return { ...each, policy, source: each.source }
    }),
  )
  placed.sort(
    ({ source: a }, { source: b }) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  )
  const files = new Map<string, Map<number, PlacedCondition[]>>()
  for (const each of placed) {
    const { file, line } = each.source
    let lines = files.get(file)
    if (lines === undefined) files.set(file, (lines = new Map()))
    const there = lines.get(line)
    if (there === undefined) lines.set(line, [each])
    else there.push(each)
  }
  return files
}
