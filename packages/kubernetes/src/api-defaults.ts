import { allOf, anyOf, type Expr, imageRef, when } from '@gatewright/core'
import type * as types from './generated/types.js'

/**
 * What the API server writes where a manifest says nothing, by type and field: `c.terminationMessagePolicy` of a container that names
 * none is `apiDefaults.Container.terminationMessagePolicy`. A policy that names the default here does not have to guess it:
 *
 *     object.spec.replicas.default(apiDefaults.DeploymentSpec.replicas).gte(2)
 *
 * Only defaults that hang on nothing else are here. A field that is not is left missing by the API server, or what it becomes
 * depends on other fields (`imagePullPolicyOf`).
 *
 * Source: the `SetDefaults_…` functions of `k8s.io/kubernetes/pkg/apis`, the same in all versions that are known.
 */
export const apiDefaults = {
  ConfigMapVolumeSource: { defaultMode: 420 },
  Container: { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' },
  ContainerPort: { protocol: 'TCP' },
  CronJobSpec: {
    concurrencyPolicy: 'Allow',
    failedJobsHistoryLimit: 1,
    successfulJobsHistoryLimit: 3,
    suspend: false,
  },
  DaemonSetSpec: { revisionHistoryLimit: 10 },
  DaemonSetUpdateStrategy: { type: 'RollingUpdate' },
  DeploymentSpec: { progressDeadlineSeconds: 600, replicas: 1, revisionHistoryLimit: 10 },
  DeploymentStrategy: { type: 'RollingUpdate' },
  DownwardAPIVolumeSource: { defaultMode: 420 },
  HTTPGetAction: { path: '/', scheme: 'HTTP' },
  HorizontalPodAutoscalerSpec: { minReplicas: 1 },
  JobSpec: { completionMode: 'NonIndexed', manualSelector: false, suspend: false },
  MutatingWebhook: {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    reinvocationPolicy: 'Never',
    timeoutSeconds: 10,
  },
  NetworkPolicyPort: { protocol: 'TCP' },
  ObjectFieldSelector: { apiVersion: 'v1' },
  PersistentVolumeClaimSpec: { volumeMode: 'Filesystem' },
  PersistentVolumeSpec: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' },
  PodSpec: {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
  },
  PriorityClass: { preemptionPolicy: 'PreemptLowerPriority' },
  Probe: { failureThreshold: 3, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 1 },
  ProjectedVolumeSource: { defaultMode: 420 },
  ReplicaSetSpec: { replicas: 1 },
  ReplicationControllerSpec: { replicas: 1 },
  RollingUpdateDeployment: { maxSurge: '25%', maxUnavailable: '25%' },
  Secret: { type: 'Opaque' },
  SecretVolumeSource: { defaultMode: 420 },
  ServiceAccountTokenProjection: { expirationSeconds: 3600 },
  ServicePort: { protocol: 'TCP' },
  ServiceSpec: { sessionAffinity: 'None', type: 'ClusterIP' },
  StatefulSetSpec: { podManagementPolicy: 'OrderedReady', replicas: 1, revisionHistoryLimit: 10 },
  StatefulSetUpdateStrategy: { type: 'RollingUpdate' },
  StorageClass: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
  ValidatingWebhook: { failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10 },
} as const

/**
 * When a container's image is pulled: as it says, else `Always` for the tag `latest` and for an image without tag and digest, else
 * `IfNotPresent` (`SetDefaults_Container` of `k8s.io/kubernetes/pkg/apis/core/v1`).
 */
export function imagePullPolicyOf(
  container: Expr<types.Container>,
): Expr<NonNullable<types.Container['imagePullPolicy']>> {
  const image = imageRef(container.image)
  const isLatest = anyOf(
    image.tag.is('latest'),
    allOf(image.name.exists(), image.tag.missing(), image.digest.missing()),
  )
  return container.imagePullPolicy.default(when(isLatest, 'Always').otherwise('IfNotPresent'))
}
