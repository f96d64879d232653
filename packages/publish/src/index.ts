export { clusterAt, fieldManager, nameOf } from './cluster/cluster.js'
export type { ApplyOptions, Cluster, ClusterObject, ObjectName } from './cluster/cluster.js'
export { ClusterError } from './cluster/cluster-error.js'
export type { ClusterProblem } from './cluster/cluster-error.js'
export { connectionOf } from './cluster/kubeconfig.js'
export type { Connection, KubeconfigOptions } from './cluster/kubeconfig.js'
export type { Difference } from './differences.js'
export { isSourceName, ownedKinds, planOf } from './plan.js'
export type { OwnedKind, Phase, PublishPlan } from './plan.js'
export { drift, publish } from './publish.js'
export type { Drift, Outcome, PublishOptions } from './publish.js'
export { opaAt } from './opa/opa-server.js'
export type { OpaConnection, OpaServer } from './opa/opa-server.js'
export { OpaError } from './opa/opa-error.js'
export type { OpaProblem } from './opa/opa-error.js'
export { opaDrift, publishToOpa } from './opa/publish-opa.js'
export type { OpaData, OpaDrift, OpaOutcome, OpaPlan, OpaPublishOptions } from './opa/publish-opa.js'
export { publishToRegistry, registryDrift } from './registry/publish-registry.js'
export type {
  BundleDifference,
  RegistryDrift,
  RegistryOutcome,
  RegistryPublishOptions,
} from './registry/publish-registry.js'
export { rollout, stageActions } from './rollout.js'
export type { Rollout, Stage } from './rollout.js'
