import { setTimeout as pause } from 'node:timers/promises'
import { type Cluster, type ClusterObject, nameOf } from './cluster/cluster.js'
import { ClusterError } from './cluster/cluster-error.js'

const constraints = 'constraints.gatekeeper.sh/v1beta1'

interface ByPod {
  readonly observedGeneration?: number
  readonly enforced?: boolean
  readonly errors?: readonly { readonly message?: string }[]
}

/**
 * Waits until what was applied is in force, as far as the cluster says so: templates are read and their kinds are there, constraints are
 * enforced by each Gatekeeper, kinds are established, Deployments are rolled out. Throws a `ClusterError` that says what is missing after the
 * time, and at once where Gatekeeper reports an error.
 */
export async function untilReady(
  cluster: Cluster,
  objects: readonly ClusterObject[],
  milliseconds: number,
): Promise<void> {
  const end = Date.now() + milliseconds
  for (const object of objects) {
    for (;;) {
      const live = await cluster.get(object)
      const missing = live === undefined ? 'it is not there' : await missingIn(cluster, live)
      if (missing === undefined) break
      if (Date.now() > end)
        throw new ClusterError(
          'not-in-time',
          `${nameOf(object)} is not in force after ${milliseconds / 1000} seconds: ${missing}; the same command goes on from here`,
        )
      await pause(300)
    }
  }
}

/** What an object lacks to be in force; undefined where it lacks nothing, or the cluster does not say. */
async function missingIn(cluster: Cluster, live: ClusterObject): Promise<string | undefined> {
  const generation = Number(live.metadata['generation'] ?? 0)
  const status = (live['status'] ?? {}) as {
    readonly created?: boolean
    readonly byPod?: readonly ByPod[]
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[]
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
  }
  const pods = (status.byPod ?? []).filter(({ observedGeneration }) => observedGeneration === generation)
  refuseErrors(live, pods)
  if (live.kind === 'ConstraintTemplate') {
    if (status.created !== true || pods.length === 0) return 'Gatekeeper has not read it'
    const { kind } = (
      live['spec'] as { readonly crd: { readonly spec: { readonly names: { readonly kind: string } } } }
    ).crd.spec.names
    return (await cluster.kinds(constraints)).includes(kind) ? undefined : `there is no kind \`${kind}\` yet`
  }
  if (live.apiVersion === constraints)
    return pods.length > 0 && pods.every(({ enforced }) => enforced === true)
      ? undefined
      : 'Gatekeeper does not enforce it yet'
  if (live.kind === 'CustomResourceDefinition')
    return status.conditions?.some(
      ({ type, status: holds }) => type === 'Established' && holds === 'True',
    ) === true
      ? undefined
      : 'its kind is not established yet'
  if (live.kind === 'Deployment') {
    const { replicas = 1 } = live['spec'] as { readonly replicas?: number }
    const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0 } = status
    if (observedGeneration < generation) return 'no controller has seen it'
    return updatedReplicas >= replicas && availableReplicas >= replicas
      ? undefined
      : `${availableReplicas} of ${replicas} Pods are available`
  }
  return undefined
}

function refuseErrors(live: ClusterObject, pods: readonly ByPod[]): void {
  const errors = pods
    .flatMap(({ errors: all = [] }) => all)
    .map(({ message = '' }) => message)
    // said of templates without CEL, which have Rego
    .filter((message) => message !== '' && !message.includes('K8sNativeValidation engine is missing'))
  if (errors[0] !== undefined) throw new ClusterError('refused', `${nameOf(live)}: ${errors[0]}`)
}
