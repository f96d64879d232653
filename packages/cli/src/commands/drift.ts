import type { Json } from '@gatewright/core'
import { drift as driftOf, type Drift, nameOf, type PublishPlan } from '@gatewright/publish'
import { neutral } from '@gatewright/reports'
import { clusterPlan, inCluster } from '../cluster-plan.js'
import { destinationsOf, elsewhere } from '../destinations.js'
import { jsonText } from '../json-text.js'
import { isOfCluster, type PublishingOptions, type PublishTarget } from '../publishing-options.js'
import { exitCodes, UsageError } from '../usage-error.js'
import { differenceLines } from './publish.js'

export interface DriftOptions extends PublishingOptions {
  readonly from: readonly PublishTarget[]
  readonly json?: boolean
}

/** Tells what is in force otherwise than the source, and gives the exit code: 1 where something is. */
export async function drift(options: DriftOptions): Promise<number> {
  const { from } = options
  if (from.length === 0)
    throw new UsageError('it is not said what to look at', 'say --from gatekeeper, for example')
  const plans: PublishPlan[] = []
  for (const target of from.filter(isOfCluster)) plans.push(await clusterPlan(target, options))
  const others = await destinationsOf(from, options)
  const found: Found[] = []
  const ended =
    plans.length === 0
      ? exitCodes.clean
      : await inCluster(options, async (cluster) => {
          const all: Drift[] = []
          for (const plan of plans) all.push(...(await driftOf(cluster, plan)))
          found.push(...all.map((each) => ({ is: each.is, json: jsonOf(each), lines: linesOf(each) })))
          tell(all, cluster.server)
          return exitCodes.clean
        })
  if (ended !== exitCodes.clean) return ended
  const code = await elsewhere(others, async (destination) => {
    const all = await destination.drift()
    found.push(
      ...all.map(({ name, is, differences }) => ({
        is,
        json: { at: destination.name, name, is, differences: differences.map((each) => each.trim()) },
        lines: `${neutral(name)} ${words[is]}\n${differences.join('')}`,
      })),
    )
    tell(all, neutral(destination.name))
  })
  if (options.json === true)
    process.stdout.write(`${jsonText(found.map(({ json }) => json) as unknown as Json)}\n`)
  else for (const { is, lines } of found) if (is !== 'same') process.stdout.write(lines)
  if (code !== exitCodes.clean) return code
  return found.every(({ is }) => is === 'same') ? exitCodes.clean : exitCodes.findings
}

interface Found {
  readonly is: Drift['is']
  readonly json: object
  readonly lines: string
}

function tell(found: readonly { readonly is: Drift['is'] }[], where: string): void {
  const same = found.filter(({ is }) => is === 'same').length
  process.stderr.write(`${same} of ${found.length} are as their source says, at ${where}\n`)
}

const words: Readonly<Record<Drift['is'], string>> = {
  missing: 'is not there',
  changed: 'is another',
  extra: 'comes from no source',
  same: '',
}

const jsonOf = ({ object: { apiVersion, kind, metadata }, is, differences, foreign }: Drift): object => ({
  apiVersion,
  kind,
  name: metadata.name,
  ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
  is,
  differences,
  foreign,
})

function linesOf({ object, is, differences, foreign }: Drift): string {
  return [
    `${nameOf(object)} ${words[is]}\n`,
    ...differences.map(differenceLines),
    ...foreign.map((path) => `  ${neutral(path)} is set by someone else\n`),
  ].join('')
}
