import type { Json } from '@gatewright/core'
import { drift as driftOf, type Drift, nameOf, type PublishPlan } from '@gatewright/publish'
import { neutral } from '@gatewright/reports'
import { type ClusterOptions, clusterPlan, type ClusterTarget, inCluster } from '../cluster-plan.js'
import { jsonText } from '../json-text.js'
import { exitCodes, UsageError } from '../usage-error.js'
import { differenceLines } from './publish.js'

export interface DriftOptions extends ClusterOptions {
  readonly from: readonly ClusterTarget[]
  readonly json?: boolean
}

/** Tells what a cluster has otherwise than the source, and gives the exit code: 1 where it has. */
export async function drift(options: DriftOptions): Promise<number> {
  const { from } = options
  if (from.length === 0)
    throw new UsageError('it is not said what to look at', 'say --from gatekeeper, for example')
  const plans: PublishPlan[] = []
  for (const target of from) plans.push(await clusterPlan(target, options))
  return inCluster(options, async (cluster) => {
    const found: Drift[] = []
    for (const plan of plans) found.push(...(await driftOf(cluster, plan)))
    const others = found.filter(({ is }) => is !== 'same')
    if (options.json === true) process.stdout.write(`${jsonText(found.map(jsonOf) as unknown as Json)}\n`)
    else for (const each of others) process.stdout.write(linesOf(each))
    process.stderr.write(
      `${found.length - others.length} of ${found.length} are as their source says, at ${cluster.server}\n`,
    )
    return others.length === 0 ? exitCodes.clean : exitCodes.findings
  })
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
  const words = { missing: 'is not there', changed: 'is another', extra: 'comes from no source', same: '' }
  return [
    `${nameOf(object)} ${words[is]}\n`,
    ...differences.map(differenceLines),
    ...foreign.map((path) => `  ${neutral(path)} is set by someone else\n`),
  ].join('')
}
