import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { suggestCases, suggestedTests } from '@gatewright/testing/coverage'
import type { RecordedPolicy } from '@gatewright/testing/recording'
import type { PolicyScore } from '@gatewright/testing/scores'
import type { TestingConfig } from './config.js'
import { replaceFile } from './output.js'
import { isOwnFile } from './own-files.js'
import { UsageError } from './usage-error.js'

const firstWords = '// Suggested by Gatewright'

/** Writes a test file for what no test shows of each policy, beside the policy. A file that is there is not replaced. */
export function suggest(scores: readonly PolicyScore[], { conditions = {} }: TestingConfig): void {
  const missing = scores.flatMap(({ recorded, coverage }) =>
    coverage === undefined || coverage.missed === 0 || recorded.policy.source === undefined
      ? []
      : [{ recorded, coverage, file: suggestedFile(recorded, scores) }],
  )
  for (const { file } of missing) refuseToReplace(file)
  for (const { recorded, coverage, file } of missing) {
    const { policy, suite } = recorded
    const suggestions = suggestCases(policy, suite, {
      explained: conditions[policy.id] ?? {},
      isOwn: isOwnFile,
    })
    const label = relative(process.cwd(), file)
    const { cases, notFound } = suggestions
    const left = notFound.length === 0 ? '' : `, ${notFound.length} not found`
    replaceFile(
      file,
      suggestedTests(policy, suggestions, {
        from: `./${basename(policy.source?.file ?? '').replace(/\.([cm]?)tsx?$/, '.$1js')}`,
      }),
    )
    process.stderr.write(
      `${label}: ${cases.length} ${cases.length === 1 ? 'case' : 'cases'} for ${coverage.missed} ${coverage.missed === 1 ? 'condition' : 'conditions'}${left}; review each before you keep it\n`,
    )
  }
}

/** What was suggested before is among the tests by now, and may have been edited: without it, there is more to suggest. */
function refuseToReplace(file: string): void {
  if (!existsSync(file)) return
  const label = relative(process.cwd(), file)
  throw readFileSync(file, 'utf8').startsWith(firstWords)
    ? new UsageError(
        `\`${label}\` was suggested before, and its tests count`,
        'move those that you keep into a test file of your own, and remove it',
      )
    : new UsageError(`\`${label}\` is there, and was not suggested`, 'rename it')
}

/** The names that suggestions for a policy may go by, each telling more policies apart: `a/host` and `b/host`, then versions of one. */
function suggestedFiles({ policy: { id, source }, digest }: RecordedPolicy): readonly string[] {
  const whole = id.replaceAll('/', '-')
  return [id.slice(id.lastIndexOf('/') + 1), whole, `${whole}-${digest.slice(0, 8)}`].map((name) =>
    join(dirname(source?.file ?? ''), `${name}.suggested.test.ts`),
  )
}

/** The first name that is no other policy's: by what all are called, so that it is the same whichever lack tests. */
function suggestedFile(recorded: RecordedPolicy, scores: readonly PolicyScore[]): string {
  const others = scores.flatMap((each) => (each.recorded === recorded ? [] : [suggestedFiles(each.recorded)]))
  const files = suggestedFiles(recorded)
  return files.find((file, i) => others.every((names) => names[i] !== file)) ?? (files.at(-1) as string)
}
