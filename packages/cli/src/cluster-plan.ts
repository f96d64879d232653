import { basename } from 'node:path'
import {
  type Cluster,
  clusterAt,
  ClusterError,
  type ClusterObject,
  connectionOf,
  isSourceName,
  ownedKinds,
  planOf,
  type PublishPlan,
} from '@gatewright/publish'
import { neutral } from '@gatewright/reports'
import { readDocuments } from '@gatewright/sources'
import type { BuildOptions, BuiltFile } from './build-target.js'
import { builtFiles } from './commands/build.js'
import { repositoryOf } from './config.js'
import { exitCodes, UsageError } from './usage-error.js'

/** What `publish` and `drift` are told of a cluster. */
export interface ClusterOptions extends Omit<BuildOptions, 'target' | 'out' | 'check'> {
  readonly kubeconfig?: string
  readonly context?: string
  /** The name under which what is published is known again. */
  readonly source?: string
}

/** What a cluster takes. */
export type ClusterTarget = keyof typeof ownedKinds

/** The folders of each, in their order. */
const phases: Readonly<Record<ClusterTarget, readonly string[]>> = {
  gatekeeper: ['templates', 'mutations', 'constraints'],
  vap: ['definitions', 'parameters', 'policies', 'bindings'],
  webhook: ['server', 'configuration'],
  provider: ['server', 'configuration'],
}

/** The name under which what is published is known again. */
export function sourceNameOf({ source: named }: ClusterOptions): string {
  const source = named ?? basename(repositoryOf(process.cwd()))
  if (isSourceName(source)) return source
  throw new UsageError(
    `\`${source}\` is no name of a source`,
    'name one with --source: letters, digits, `-`, `_` and `.`',
  )
}

/** What a target comes to, as it is brought into a cluster. */
export async function clusterPlan(target: ClusterTarget, options: ClusterOptions): Promise<PublishPlan> {
  const source = sourceNameOf(options)
  const files = await builtFiles({ ...options, target, out: '' })
  return planOf(
    source,
    phases[target].map((name) => ({
      name,
      objects: files.filter(({ path }) => path.startsWith(`${name}/`)).map(objectIn),
    })),
    ownedKinds[target],
  )
}

function objectIn({ path, content }: BuiltFile): ClusterObject {
  const [document] = readDocuments(content, { name: path }).documents
  if (document === undefined) throw new Error(`${path} holds no object`)
  return document.value as unknown as ClusterObject
}

/** Does something with the cluster, and says what went wrong there. */
export async function inCluster(
  { kubeconfig, context }: ClusterOptions,
  work: (cluster: Cluster) => Promise<number>,
): Promise<number> {
  let cluster: Cluster | undefined
  try {
    cluster = clusterAt(
      connectionOf({
        ...(kubeconfig !== undefined && { kubeconfig }),
        ...(context !== undefined && { context }),
      }),
    )
    return await work(cluster)
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error
    if (error.problem === 'kubeconfig') throw new UsageError(error.message)
    process.stderr.write(`gatewright: ${neutral(error.message)}\n`)
    return exitCodes.unjudged
  } finally {
    cluster?.close()
  }
}
