import { canonicalText, type Json } from '@gatewright/core'
import {
  type Difference,
  nameOf,
  type Outcome,
  publish as publishTo,
  type PublishPlan,
} from '@gatewright/publish'
import { neutral } from '@gatewright/reports'
import { clusterPlan, inCluster } from '../cluster-plan.js'
import type { Destination } from '../destination.js'
import { destinationsOf, elsewhere } from '../destinations.js'
import { isOfCluster, type PublishingOptions, type PublishTarget } from '../publishing-options.js'
import { exitCodes, UsageError } from '../usage-error.js'
import { wholeNumber } from '../whole-number.js'

export interface PublishCommandOptions extends PublishingOptions {
  readonly to: readonly PublishTarget[]
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
  const { to, diff = false } = options
  if (to.length === 0)
    throw new UsageError('it is not said where to publish', 'say --to gatekeeper, for example')
  const isTried = options.dryRun === true || diff
  const seconds = wholeNumber(options.timeout, '--timeout') ?? 60
  // what cannot be built is told before anything runs
  const plans: PublishPlan[] = []
  for (const target of to.filter(isOfCluster)) plans.push(await clusterPlan(target, options))
  const others = await destinationsOf(to, options)
  if (!isTried && !(await isTested(options))) return exitCodes.findings
  const did: Outcome['did'][] = []
  const ended = await toCluster(plans, options, seconds, did)
  if (ended !== exitCodes.clean) return ended
  const code = await elsewhere(others, async (destination) => {
    process.stderr.write(`${isTried ? 'tried at' : 'to'} ${neutral(destination.name)}\n`)
    did.push(...(await published(destination, options)))
  })
  if (code !== exitCodes.clean) return code
  process.stderr.write(`${summary(did)}\n`)
  return diff && did.some((each) => each !== 'unchanged') ? exitCodes.findings : exitCodes.clean
}

/** Applies plans to the cluster, and remembers what was done. Gives the exit code. */
async function toCluster(
  plans: readonly PublishPlan[],
  options: PublishCommandOptions,
  seconds: number,
  did: Outcome['did'][],
): Promise<number> {
  if (plans.length === 0) return exitCodes.clean
  const { force = false, prune = false, diff = false } = options
  const isTried = options.dryRun === true || diff
  return inCluster(options, async (cluster) => {
    process.stderr.write(
      `${isTried ? 'tried at' : 'to'} ${cluster.server}, as \`${plans[0]?.source ?? ''}\`\n`,
    )
    for (const plan of plans) {
      const outcomes = await publishTo(cluster, plan, {
        dryRun: isTried,
        force,
        prune,
        timeout: seconds * 1000,
        report: (outcome) => process.stdout.write(linesOf(outcome, isTried, diff)),
      })
      did.push(...outcomes.map((each) => each.did))
    }
    return exitCodes.clean
  })
}

function published(
  destination: Destination,
  { prune = false, dryRun = false, diff = false }: PublishCommandOptions,
): Promise<readonly Outcome['did'][]> {
  const isTried = dryRun || diff
  return destination.publish({
    isTried,
    prune,
    tell: ({ name, did, differences }) =>
      process.stdout.write(
        `${neutral(name)} ${words[did][isTried ? 1 : 0]}\n${diff ? differences.join('') : ''}`,
      ),
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

function summary(all: readonly Outcome['did'][]): string {
  const counts = new Map<string, number>()
  for (const did of all) counts.set(did, (counts.get(did) ?? 0) + 1)
  return [...counts].map(([did, count]) => `${count} ${did}`).join(', ')
}
