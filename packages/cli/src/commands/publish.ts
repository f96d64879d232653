import { canonicalText, type Json } from '@gatewright/core'
import {
  type Difference,
  nameOf,
  type Outcome,
  publish as publishTo,
  type PublishPlan,
} from '@gatewright/publish'
import { neutral } from '@gatewright/reports'
import { type ClusterOptions, clusterPlan, type ClusterTarget, inCluster } from '../cluster-plan.js'
import { exitCodes, UsageError } from '../usage-error.js'
import { wholeNumber } from '../whole-number.js'

export interface PublishCommandOptions extends ClusterOptions {
  readonly to: readonly ClusterTarget[]
  readonly dryRun?: boolean
  readonly diff?: boolean
  readonly force?: boolean
  readonly prune?: boolean
  readonly timeout?: string
  /** Whether the project's tests have to pass first. */
  readonly test: boolean
}

/** Builds, tests, applies, and waits until it is in force. Gives the exit code. */
export async function publish(options: PublishCommandOptions): Promise<number> {
  const { to, force = false, prune = false, diff = false } = options
  if (to.length === 0)
    throw new UsageError('it is not said where to publish', 'say --to gatekeeper, for example')
  const isTried = options.dryRun === true || diff
  const seconds = wholeNumber(options.timeout, '--timeout') ?? 60
  // what cannot be built is told before anything runs
  const plans: PublishPlan[] = []
  for (const target of to) plans.push(await clusterPlan(target, options))
  if (!isTried && !(await isTested(options))) return exitCodes.findings
  return inCluster(options, async (cluster) => {
    process.stderr.write(
      `${isTried ? 'tried at' : 'to'} ${cluster.server}, as \`${plans[0]?.source ?? ''}\`\n`,
    )
    const outcomes: Outcome[] = []
    for (const plan of plans)
      outcomes.push(
        ...(await publishTo(cluster, plan, {
          dryRun: isTried,
          force,
          prune,
          timeout: seconds * 1000,
          report: (outcome) => process.stdout.write(linesOf(outcome, isTried, diff)),
        })),
      )
    process.stderr.write(`${summary(outcomes)}\n`)
    const isOther = outcomes.some(({ did }) => did !== 'unchanged')
    return diff && isOther ? exitCodes.findings : exitCodes.clean
  })
}

async function isTested({ test: isAsked, config }: PublishCommandOptions): Promise<boolean> {
  if (!isAsked) {
    process.stderr.write('published without running the tests, as --no-test says\n')
    return true
  }
  const { test } = await import('./test.js')
  const code = await test([], {
    project: [],
    reporter: [],
    coverage: true,
    mutation: true,
    scores: [],
    ...(config !== undefined && { config }),
  })
  if (code === exitCodes.clean) return true
  process.stderr.write('nothing is published, since the tests do not pass; --no-test leaves them out\n')
  return false
}

const words: Readonly<Record<Outcome['did'], readonly [did: string, would: string]>> = {
  created: ['created', 'would be created'],
  configured: ['configured', 'would be configured'],
  unchanged: ['unchanged', 'unchanged'],
  pruned: ['pruned', 'would be pruned'],
  left: ['comes from this source no more: --prune deletes it', 'comes from this source no more'],
  untried: ['', 'would be created; it cannot be tried before its kind is there'],
}

function linesOf({ object, did, differences }: Outcome, isTried: boolean, diff: boolean): string {
  const line = `${nameOf(object)} ${words[did][isTried ? 1 : 0]}\n`
  return diff ? `${line}${differences.map(differenceLines).join('')}` : line
}

/** A place, what is there, and what should be. */
export function differenceLines({ path, live, wanted }: Difference): string {
  return [
    `  ${neutral(path)}\n`,
    ...(live === undefined ? [] : [`    - ${shown(live)}\n`]),
    ...(wanted === undefined ? [] : [`    + ${shown(wanted)}\n`]),
  ].join('')
}

function shown(value: Json): string {
  const text = neutral(canonicalText(value))
  return text.length > 200 ? `${text.slice(0, 200)} …` : text
}

function summary(outcomes: readonly Outcome[]): string {
  const counts = new Map<string, number>()
  for (const { did } of outcomes) counts.set(did, (counts.get(did) ?? 0) + 1)
  return [...counts].map(([did, count]) => `${count} ${did}`).join(', ')
}
