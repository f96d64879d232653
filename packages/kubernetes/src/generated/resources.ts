// Made by scripts/generate.mjs.
import { resource, type Resource } from '../resource.js'
import type {
  APIService,
  Binding,
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  CertificateSigningRequest,
  ClusterRole,
  ClusterRoleBinding,
  ClusterTrustBundle,
  ComponentStatus,
  CompositePodGroup,
  ConfigMap,
  ControllerRevision,
  CronJob,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  DeviceClass,
  DeviceTaintRule,
  EndpointSlice,
  Endpoints,
  EventsV1Event,
  EvictionRequest,
  FlowSchema,
  HorizontalPodAutoscaler,
  IPAddress,
  Ingress,
  IngressClass,
  Job,
  KubernetesEvent,
  KubernetesNode,
  Lease,
  LeaseCandidate,
  LifecycleV1alpha1Eviction,
  LimitRange,
  LocalSubjectAccessReview,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  Namespace,
  NetworkPolicy,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodCertificateRequest,
  PodDisruptionBudget,
  PodGroup,
  PodTemplate,
  PriorityClass,
  PriorityLevelConfiguration,
  ReplicaSet,
  ReplicationController,
  ResourceClaimTemplate,
  ResourcePoolStatusRequest,
  ResourceQuota,
  ResourceSlice,
  ResourceV1ResourceClaim,
  Role,
  RoleBinding,
  RuntimeClass,
  Secret,
  SelfSubjectAccessReview,
  SelfSubjectReview,
  SelfSubjectRulesReview,
  Service,
  ServiceAccount,
  ServiceCIDR,
  StatefulSet,
  StorageClass,
  StorageVersion,
  StorageVersionMigration,
  SubjectAccessReview,
  TokenReview,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
  VolumeAttachment,
  VolumeAttributesClass,
  Workload,
} from './types.js'

/** Every `Binding` of `v1`. */
export const bindings: Resource<Binding> = resource({ group: '', version: 'v1', kind: 'Binding', plural: 'bindings', namespaced: true })

/** Every `ComponentStatus` of `v1`. */
export const componentStatuses: Resource<ComponentStatus> = resource({ group: '', version: 'v1', kind: 'ComponentStatus', plural: 'componentstatuses', namespaced: false })

/** Every `ConfigMap` of `v1`. */
export const configMaps: Resource<ConfigMap> = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true })

/** Every `Endpoints` of `v1`. */
export const endpoints: Resource<Endpoints> = resource({ group: '', version: 'v1', kind: 'Endpoints', plural: 'endpoints', namespaced: true })

/** Every `Event` of `v1`. */
export const events: Resource<KubernetesEvent> = resource({ group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true })

/** Every `LimitRange` of `v1`. */
export const limitRanges: Resource<LimitRange> = resource({ group: '', version: 'v1', kind: 'LimitRange', plural: 'limitranges', namespaced: true })

/** Every `Namespace` of `v1`. */
export const namespaces: Resource<Namespace> = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false })

/** Every `Node` of `v1`. */
export const nodes: Resource<KubernetesNode> = resource({ group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false })

/** Every `PersistentVolumeClaim` of `v1`. */
export const persistentVolumeClaims: Resource<PersistentVolumeClaim> = resource({ group: '', version: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', namespaced: true })

/** Every `PersistentVolume` of `v1`. */
export const persistentVolumes: Resource<PersistentVolume> = resource({ group: '', version: 'v1', kind: 'PersistentVolume', plural: 'persistentvolumes', namespaced: false })

/** Every `Pod` of `v1`. */
export const pods: Resource<Pod> = resource({ group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true })

/** Every `PodTemplate` of `v1`. */
export const podTemplates: Resource<PodTemplate> = resource({ group: '', version: 'v1', kind: 'PodTemplate', plural: 'podtemplates', namespaced: true })

/** Every `ReplicationController` of `v1`. */
export const replicationControllers: Resource<ReplicationController> = resource({ group: '', version: 'v1', kind: 'ReplicationController', plural: 'replicationcontrollers', namespaced: true })

/** Every `ResourceQuota` of `v1`. */
export const resourceQuotas: Resource<ResourceQuota> = resource({ group: '', version: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', namespaced: true })

/** Every `Secret` of `v1`. */
export const secrets: Resource<Secret> = resource({ group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true })

/** Every `ServiceAccount` of `v1`. */
export const serviceAccounts: Resource<ServiceAccount> = resource({ group: '', version: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true })

/** Every `Service` of `v1`. */
export const services: Resource<Service> = resource({ group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true })

/** Every `ControllerRevision` of `apps/v1`. */
export const controllerRevisions: Resource<ControllerRevision> = resource({ group: 'apps', version: 'v1', kind: 'ControllerRevision', plural: 'controllerrevisions', namespaced: true })

/** Every `DaemonSet` of `apps/v1`. */
export const daemonSets: Resource<DaemonSet> = resource({ group: 'apps', version: 'v1', kind: 'DaemonSet', plural: 'daemonsets', namespaced: true })

/** Every `Deployment` of `apps/v1`. */
export const deployments: Resource<Deployment> = resource({ group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true })

/** Every `ReplicaSet` of `apps/v1`. */
export const replicaSets: Resource<ReplicaSet> = resource({ group: 'apps', version: 'v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true })

/** Every `StatefulSet` of `apps/v1`. */
export const statefulSets: Resource<StatefulSet> = resource({ group: 'apps', version: 'v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true })

/** Every `MutatingAdmissionPolicy` of `admissionregistration.k8s.io/v1`. */
export const mutatingAdmissionPolicies: Resource<MutatingAdmissionPolicy> = resource({ group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicy', plural: 'mutatingadmissionpolicies', namespaced: false })

/** Every `MutatingAdmissionPolicyBinding` of `admissionregistration.k8s.io/v1`. */
export const mutatingAdmissionPolicyBindings: Resource<MutatingAdmissionPolicyBinding> = resource({ group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicyBinding', plural: 'mutatingadmissionpolicybindings', namespaced: false })

/** Every `MutatingWebhookConfiguration` of `admissionregistration.k8s.io/v1`. */
export const mutatingWebhookConfigurations: Resource<MutatingWebhookConfiguration> = resource({ group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingWebhookConfiguration', plural: 'mutatingwebhookconfigurations', namespaced: false })

/** Every `ValidatingAdmissionPolicy` of `admissionregistration.k8s.io/v1`. */
export const validatingAdmissionPolicies: Resource<ValidatingAdmissionPolicy> = resource({ group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicy', plural: 'validatingadmissionpolicies', namespaced: false })

/** Every `ValidatingAdmissionPolicyBinding` of `admissionregistration.k8s.io/v1`. */
export const validatingAdmissionPolicyBindings: Resource<ValidatingAdmissionPolicyBinding> = resource({ group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicyBinding', plural: 'validatingadmissionpolicybindings', namespaced: false })

/** Every `ValidatingWebhookConfiguration` of `admissionregistration.k8s.io/v1`. */
export const validatingWebhookConfigurations: Resource<ValidatingWebhookConfiguration> = resource({ group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingWebhookConfiguration', plural: 'validatingwebhookconfigurations', namespaced: false })

/** Every `CustomResourceDefinition` of `apiextensions.k8s.io/v1`. */
export const customResourceDefinitions: Resource<CustomResourceDefinition> = resource({ group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', plural: 'customresourcedefinitions', namespaced: false })

/** Every `APIService` of `apiregistration.k8s.io/v1`. */
export const apiServices: Resource<APIService> = resource({ group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService', plural: 'apiservices', namespaced: false })

/** Every `SelfSubjectReview` of `authentication.k8s.io/v1`. */
export const selfSubjectReviews: Resource<SelfSubjectReview> = resource({ group: 'authentication.k8s.io', version: 'v1', kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', namespaced: false })

/** Every `TokenReview` of `authentication.k8s.io/v1`. */
export const tokenReviews: Resource<TokenReview> = resource({ group: 'authentication.k8s.io', version: 'v1', kind: 'TokenReview', plural: 'tokenreviews', namespaced: false })

/** Every `LocalSubjectAccessReview` of `authorization.k8s.io/v1`. */
export const localSubjectAccessReviews: Resource<LocalSubjectAccessReview> = resource({ group: 'authorization.k8s.io', version: 'v1', kind: 'LocalSubjectAccessReview', plural: 'localsubjectaccessreviews', namespaced: true })

/** Every `SelfSubjectAccessReview` of `authorization.k8s.io/v1`. */
export const selfSubjectAccessReviews: Resource<SelfSubjectAccessReview> = resource({ group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', namespaced: false })

/** Every `SelfSubjectRulesReview` of `authorization.k8s.io/v1`. */
export const selfSubjectRulesReviews: Resource<SelfSubjectRulesReview> = resource({ group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews', namespaced: false })

/** Every `SubjectAccessReview` of `authorization.k8s.io/v1`. */
export const subjectAccessReviews: Resource<SubjectAccessReview> = resource({ group: 'authorization.k8s.io', version: 'v1', kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', namespaced: false })

/** Every `CronJob` of `batch/v1`. */
export const cronJobs: Resource<CronJob> = resource({ group: 'batch', version: 'v1', kind: 'CronJob', plural: 'cronjobs', namespaced: true })

/** Every `Job` of `batch/v1`. */
export const jobs: Resource<Job> = resource({ group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', namespaced: true })

/** Every `CertificateSigningRequest` of `certificates.k8s.io/v1`. */
export const certificateSigningRequests: Resource<CertificateSigningRequest> = resource({ group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest', plural: 'certificatesigningrequests', namespaced: false })

/** Every `ClusterTrustBundle` of `certificates.k8s.io/v1`. */
export const clusterTrustBundles: Resource<ClusterTrustBundle> = resource({ group: 'certificates.k8s.io', version: 'v1', kind: 'ClusterTrustBundle', plural: 'clustertrustbundles', namespaced: false })

/** Every `PodCertificateRequest` of `certificates.k8s.io/v1`. */
export const podCertificateRequests: Resource<PodCertificateRequest> = resource({ group: 'certificates.k8s.io', version: 'v1', kind: 'PodCertificateRequest', plural: 'podcertificaterequests', namespaced: true })

/** Every `Lease` of `coordination.k8s.io/v1`. */
export const leases: Resource<Lease> = resource({ group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', namespaced: true })

/** Every `EndpointSlice` of `discovery.k8s.io/v1`. */
export const endpointSlices: Resource<EndpointSlice> = resource({ group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', plural: 'endpointslices', namespaced: true })

/** Every `Event` of `events.k8s.io/v1`. */
export const eventsEvents: Resource<EventsV1Event> = resource({ group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', namespaced: true })

/** Every `FlowSchema` of `flowcontrol.apiserver.k8s.io/v1`. */
export const flowSchemas: Resource<FlowSchema> = resource({ group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'FlowSchema', plural: 'flowschemas', namespaced: false })

/** Every `PriorityLevelConfiguration` of `flowcontrol.apiserver.k8s.io/v1`. */
export const priorityLevelConfigurations: Resource<PriorityLevelConfiguration> = resource({ group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'PriorityLevelConfiguration', plural: 'prioritylevelconfigurations', namespaced: false })

/** Every `IngressClass` of `networking.k8s.io/v1`. */
export const ingressClasses: Resource<IngressClass> = resource({ group: 'networking.k8s.io', version: 'v1', kind: 'IngressClass', plural: 'ingressclasses', namespaced: false })

/** Every `Ingress` of `networking.k8s.io/v1`. */
export const ingresses: Resource<Ingress> = resource({ group: 'networking.k8s.io', version: 'v1', kind: 'Ingress', plural: 'ingresses', namespaced: true })

/** Every `IPAddress` of `networking.k8s.io/v1`. */
export const ipAddresses: Resource<IPAddress> = resource({ group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress', plural: 'ipaddresses', namespaced: false })

/** Every `NetworkPolicy` of `networking.k8s.io/v1`. */
export const networkPolicies: Resource<NetworkPolicy> = resource({ group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy', plural: 'networkpolicies', namespaced: true })

/** Every `ServiceCIDR` of `networking.k8s.io/v1`. */
export const serviceCIDRs: Resource<ServiceCIDR> = resource({ group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR', plural: 'servicecidrs', namespaced: false })

/** Every `RuntimeClass` of `node.k8s.io/v1`. */
export const runtimeClasses: Resource<RuntimeClass> = resource({ group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', plural: 'runtimeclasses', namespaced: false })

/** Every `PodDisruptionBudget` of `policy/v1`. */
export const podDisruptionBudgets: Resource<PodDisruptionBudget> = resource({ group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', namespaced: true })

/** Every `ClusterRoleBinding` of `rbac.authorization.k8s.io/v1`. */
export const clusterRoleBindings: Resource<ClusterRoleBinding> = resource({ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false })

/** Every `ClusterRole` of `rbac.authorization.k8s.io/v1`. */
export const clusterRoles: Resource<ClusterRole> = resource({ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', plural: 'clusterroles', namespaced: false })

/** Every `RoleBinding` of `rbac.authorization.k8s.io/v1`. */
export const roleBindings: Resource<RoleBinding> = resource({ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding', plural: 'rolebindings', namespaced: true })

/** Every `Role` of `rbac.authorization.k8s.io/v1`. */
export const roles: Resource<Role> = resource({ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role', plural: 'roles', namespaced: true })

/** Every `DeviceClass` of `resource.k8s.io/v1`. */
export const deviceClasses: Resource<DeviceClass> = resource({ group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass', plural: 'deviceclasses', namespaced: false })

/** Every `DeviceTaintRule` of `resource.k8s.io/v1`. */
export const deviceTaintRules: Resource<DeviceTaintRule> = resource({ group: 'resource.k8s.io', version: 'v1', kind: 'DeviceTaintRule', plural: 'devicetaintrules', namespaced: false })

/** Every `ResourceClaim` of `resource.k8s.io/v1`. */
export const resourceClaims: Resource<ResourceV1ResourceClaim> = resource({ group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaim', plural: 'resourceclaims', namespaced: true })

/** Every `ResourceClaimTemplate` of `resource.k8s.io/v1`. */
export const resourceClaimTemplates: Resource<ResourceClaimTemplate> = resource({ group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaimTemplate', plural: 'resourceclaimtemplates', namespaced: true })

/** Every `ResourceSlice` of `resource.k8s.io/v1`. */
export const resourceSlices: Resource<ResourceSlice> = resource({ group: 'resource.k8s.io', version: 'v1', kind: 'ResourceSlice', plural: 'resourceslices', namespaced: false })

/** Every `PriorityClass` of `scheduling.k8s.io/v1`. */
export const priorityClasses: Resource<PriorityClass> = resource({ group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', plural: 'priorityclasses', namespaced: false })

/** Every `CSIDriver` of `storage.k8s.io/v1`. */
export const csiDrivers: Resource<CSIDriver> = resource({ group: 'storage.k8s.io', version: 'v1', kind: 'CSIDriver', plural: 'csidrivers', namespaced: false })

/** Every `CSINode` of `storage.k8s.io/v1`. */
export const csiNodes: Resource<CSINode> = resource({ group: 'storage.k8s.io', version: 'v1', kind: 'CSINode', plural: 'csinodes', namespaced: false })

/** Every `CSIStorageCapacity` of `storage.k8s.io/v1`. */
export const csiStorageCapacityes: Resource<CSIStorageCapacity> = resource({ group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity', plural: 'csistoragecapacities', namespaced: true })

/** Every `StorageClass` of `storage.k8s.io/v1`. */
export const storageClasses: Resource<StorageClass> = resource({ group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', plural: 'storageclasses', namespaced: false })

/** Every `VolumeAttachment` of `storage.k8s.io/v1`. */
export const volumeAttachments: Resource<VolumeAttachment> = resource({ group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttachment', plural: 'volumeattachments', namespaced: false })

/** Every `VolumeAttributesClass` of `storage.k8s.io/v1`. */
export const volumeAttributesClasses: Resource<VolumeAttributesClass> = resource({ group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttributesClass', plural: 'volumeattributesclasses', namespaced: false })

/** Every `StorageVersionMigration` of `storagemigration.k8s.io/v1`. */
export const storageVersionMigrations: Resource<StorageVersionMigration> = resource({ group: 'storagemigration.k8s.io', version: 'v1', kind: 'StorageVersionMigration', plural: 'storageversionmigrations', namespaced: false })

/** Every `HorizontalPodAutoscaler` of `autoscaling/v2`. */
export const horizontalPodAutoscalers: Resource<HorizontalPodAutoscaler> = resource({ group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers', namespaced: true })

/** Every `LeaseCandidate` of `coordination.k8s.io/v1beta1`. */
export const leaseCandidates: Resource<LeaseCandidate> = resource({ group: 'coordination.k8s.io', version: 'v1beta1', kind: 'LeaseCandidate', plural: 'leasecandidates', namespaced: true })

/** Every `PodGroup` of `scheduling.k8s.io/v1beta1`. */
export const podGroups: Resource<PodGroup> = resource({ group: 'scheduling.k8s.io', version: 'v1beta1', kind: 'PodGroup', plural: 'podgroups', namespaced: true })

/** Every `Workload` of `scheduling.k8s.io/v1beta1`. */
export const workloads: Resource<Workload> = resource({ group: 'scheduling.k8s.io', version: 'v1beta1', kind: 'Workload', plural: 'workloads', namespaced: true })

/** Every `StorageVersion` of `internal.apiserver.k8s.io/v1alpha1`. */
export const storageVersions: Resource<StorageVersion> = resource({ group: 'internal.apiserver.k8s.io', version: 'v1alpha1', kind: 'StorageVersion', plural: 'storageversions', namespaced: false })

/** Every `EvictionRequest` of `lifecycle.k8s.io/v1alpha1`. */
export const evictionRequests: Resource<EvictionRequest> = resource({ group: 'lifecycle.k8s.io', version: 'v1alpha1', kind: 'EvictionRequest', plural: 'evictionrequests', namespaced: true })

/** Every `Eviction` of `lifecycle.k8s.io/v1alpha1`. */
export const evictions: Resource<LifecycleV1alpha1Eviction> = resource({ group: 'lifecycle.k8s.io', version: 'v1alpha1', kind: 'Eviction', plural: 'evictions', namespaced: true })

/** Every `ResourcePoolStatusRequest` of `resource.k8s.io/v1alpha3`. */
export const resourcePoolStatusRequests: Resource<ResourcePoolStatusRequest> = resource({ group: 'resource.k8s.io', version: 'v1alpha3', kind: 'ResourcePoolStatusRequest', plural: 'resourcepoolstatusrequests', namespaced: false })

/** Every `CompositePodGroup` of `scheduling.k8s.io/v1alpha3`. */
export const compositePodGroups: Resource<CompositePodGroup> = resource({ group: 'scheduling.k8s.io', version: 'v1alpha3', kind: 'CompositePodGroup', plural: 'compositepodgroups', namespaced: true })
