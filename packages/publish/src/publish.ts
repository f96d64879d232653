import { type Cluster, type ClusterObject, fieldManager, nameOf, type ObjectName } from './cluster/cluster.js'
import { ClusterError } from './cluster/cluster-error.js'
import { type Difference, differences, foreignFields } from './differences.js'
import { managedBy, type PublishPlan, sourceLabel } from './plan.js'
import { untilReady } from './readiness.js'

/** What became of an object, or would have: `untried` where its kind comes with what is applied before it. */
export interface Outcome {
  readonly object: ObjectName
  readonly did: 'created' | 'configured' | 'unchanged' | 'pruned' | 'left' | 'untried'
  readonly differences: readonly Difference[]
}

export interface PublishOptions {
  /** Ask the cluster what it would come to, and change nothing. */
  readonly dryRun?: boolean
  /** Take over fields that others manage. */
  readonly force?: boolean
  /** Delete what carries the name of this source and comes from it no more. */
  readonly prune?: boolean
  /** How long to wait for each phase to be in force, in milliseconds; a minute by default. */
  readonly timeout?: number
  /** Told of each object when it is done. */
  readonly report?: (outcome: Outcome) => void
}

/**
 * Brings what a source has into a cluster, phase by phase: the next one begins when the one before is in force. What is there already and the
 * same is left as it is, so that the same call goes on where another one broke off. Throws a `ClusterError`; what was done until then stays.
 */
export async function publish(
  cluster: Cluster,
  plan: PublishPlan,
  options: PublishOptions = {},
): Promise<readonly Outcome[]> {
  const { dryRun = false, force = false, prune = false, timeout = 60_000, report = () => {} } = options
  const outcomes: Outcome[] = []
  const tell = (outcome: Outcome): void => {
    outcomes.push(outcome)
    report(outcome)
  }
  for (const { objects } of plan.phases) {
    for (const object of objects) tell(await applied(cluster, object, dryRun, force))
    if (!dryRun) await untilReady(cluster, objects, timeout)
  }
  for (const object of (await strays(cluster, plan)).toReversed()) {
    if (prune && !dryRun) await cluster.remove(object)
    tell({ object, did: prune ? 'pruned' : 'left', differences: [] })
  }
  return outcomes
}

async function applied(
  cluster: Cluster,
  object: ClusterObject,
  dryRun: boolean,
  force: boolean,
): Promise<Outcome> {
  const live = await cluster.get(object)
  try {
    const after = await cluster.apply(object, { dryRun, force })
    if (live === undefined) return { object, did: 'created', differences: [] }
    const changed = differences(live, after)
    return { object, did: changed.length === 0 ? 'unchanged' : 'configured', differences: changed }
  } catch (error) {
    // what its kind, or its namespace, comes from was not really applied
    const isLater =
      dryRun && live === undefined && error instanceof ClusterError && error.problem === 'not-found'
    if (isLater) return { object, did: 'untried', differences: [] }
    if (error instanceof ClusterError && error.problem === 'conflict')
      throw new ClusterError('conflict', `${error.message}; --force takes these fields over`)
    throw error
  }
}

/** What carries the name of a source and is not in its plan, in the order of its kinds. */
async function strays(
  cluster: Cluster,
  { source, phases, kinds }: PublishPlan,
): Promise<readonly ClusterObject[]> {
  const planned = new Set(phases.flatMap(({ objects }) => objects).map(keyOf))
  const found: ClusterObject[] = []
  for (const { apiVersion, kind, nameEnd = '' } of kinds) {
    const named = kind === '*' ? await cluster.kinds(apiVersion) : [kind]
    for (const each of named) {
      const label = `${managedBy}=gatewright,${sourceLabel}=${source}`
      const all = await cluster.list({ apiVersion, kind: each }, label)
      found.push(...all.filter(({ metadata: { name } }) => name.endsWith(nameEnd)))
    }
  }
  return found.filter((object) => !planned.has(keyOf(object)))
}

const keyOf = (object: ObjectName): string => `${object.apiVersion} ${nameOf(object)}`

/** How an object of a cluster stands to its source. */
export interface Drift {
  readonly object: ObjectName
  /** `extra`: it carries the name of the source, which does not have it. */
  readonly is: 'same' | 'missing' | 'changed' | 'extra'
  readonly differences: readonly Difference[]
  /** Fields that someone else has set, and of which the source says nothing. */
  readonly foreign: readonly string[]
}

/**
 * Tells what a cluster has otherwise than a source: what is missing, what is changed, and what it has more. What the API server fills in is no
 * difference. Changes nothing. Throws a `ClusterError` where that cannot be told.
 */
export async function drift(cluster: Cluster, plan: PublishPlan): Promise<readonly Drift[]> {
  const found: Drift[] = []
  for (const object of plan.phases.flatMap(({ objects }) => objects)) {
    const live = await cluster.get(object)
    if (live === undefined) {
      found.push({ object, is: 'missing', differences: [], foreign: [] })
      continue
    }
    const changed = differences(live, await cluster.apply(object, { dryRun: true, force: true }))
    const foreign = foreignFields(live, object, fieldManager)
    const isSame = changed.length === 0 && foreign.length === 0
    found.push({ object, is: isSame ? 'same' : 'changed', differences: changed, foreign })
  }
  for (const object of await strays(cluster, plan))
    found.push({ object, is: 'extra', differences: [], foreign: [] })
  return found
}
