import type { Json } from '@gatewright/core'
import {
  configMaps,
  type ConfigMap,
  type Container,
  type CronJob,
  cronJobs,
  type DaemonSet,
  daemonSets,
  type Deployment,
  deployments,
  type Job,
  jobs,
  type KubernetesObject,
  type Namespace,
  namespaces,
  networkPolicies,
  type NetworkPolicy,
  type Pod,
  pods,
  type ReplicaSet,
  replicaSets,
  type Resource,
  type Service,
  services,
  type StatefulSet,
  statefulSets,
} from '@gatewright/kubernetes'
import { type Given, merged } from './given.js'
import { minimalContainer, minimalFields } from './minimal.js'

/**
 * An object of a kind, built in or custom: what is given, over the least that the kind's schema requires. Maps are merged, lists
 * replace. Of a custom resource without a schema only `apiVersion`, `kind` and the name are there by themselves. Throws a
 * `TypeError` for `anyObject`, which is no kind.
 */
export function object<T>(of: Resource<T>, given: Given<NoInfer<T>> = {} as Given<NoInfer<T>>): T {
  const { group, version, kind } = of.resource
  if (kind === '*')
    throw new TypeError('object() makes an object of one kind, which `anyObject` does not name')
  const names = {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: { name: 'app' },
  }
  const fields = merged(minimalFields(group, kind, of.schema), names)
  return merged(ordered(fields, names), given) as T
}

/** As manifests are written: what an object is stands above what it holds. */
const ordered = (fields: unknown, names: object): unknown => ({ ...names, ...(fields as object) })

/** A Pod with one container. */
export const pod = (given: Given<Pod> = {}): Pod => object(pods, given)

/** A Deployment whose pods have one container. */
export const deployment = (given: Given<Deployment> = {}): Deployment => object(deployments, given)

/** A StatefulSet whose pods have one container. */
export const statefulSet = (given: Given<StatefulSet> = {}): StatefulSet => object(statefulSets, given)

/** A DaemonSet whose pods have one container. */
export const daemonSet = (given: Given<DaemonSet> = {}): DaemonSet => object(daemonSets, given)

/** A ReplicaSet whose pods have one container. */
export const replicaSet = (given: Given<ReplicaSet> = {}): ReplicaSet => object(replicaSets, given)

/** A Job whose pod has one container and is not restarted. */
export const job = (given: Given<Job> = {}): Job => object(jobs, given)

/** A CronJob that makes such a Job every night. */
export const cronJob = (given: Given<CronJob> = {}): CronJob => object(cronJobs, given)

/** A Service for port 80 of the pods that the other builders make. */
export const service = (given: Given<Service> = {}): Service => object(services, given)

/** A Namespace. */
export const namespace = (given: Given<Namespace> = {}): Namespace => object(namespaces, given)

/** A ConfigMap without data. */
export const configMap = (given: Given<ConfigMap> = {}): ConfigMap => object(configMaps, given)

/** A NetworkPolicy that selects every pod of its namespace and lets nothing in. */
export const networkPolicy = (given: Given<NetworkPolicy> = {}): NetworkPolicy =>
  object(networkPolicies, given)

/** A container, to give in a list of them. */
export const container = (given: Given<Container> = {}): Container =>
  merged(minimalContainer(), given) as Container

/** An object with changes that its types would not allow, to test what a policy makes of those. */
export const malformed = (of: object, changes: { readonly [key: string]: Json }): KubernetesObject =>
  merged(of, changes) as KubernetesObject
