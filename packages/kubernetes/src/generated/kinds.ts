// Made by scripts/generate.mjs.

/** The kinds that the known versions of Kubernetes serve, by their groups. */
export interface ServedKinds {
  readonly '': 'Binding' | 'ComponentStatus' | 'ConfigMap' | 'Endpoints' | 'Event' | 'LimitRange' | 'Namespace' | 'Node' | 'PersistentVolume' | 'PersistentVolumeClaim' | 'Pod' | 'PodTemplate' | 'ReplicationController' | 'ResourceQuota' | 'Secret' | 'Service' | 'ServiceAccount'
  readonly 'admissionregistration.k8s.io': 'MutatingAdmissionPolicy' | 'MutatingAdmissionPolicyBinding' | 'MutatingWebhookConfiguration' | 'ValidatingAdmissionPolicy' | 'ValidatingAdmissionPolicyBinding' | 'ValidatingWebhookConfiguration'
  readonly 'apiextensions.k8s.io': 'CustomResourceDefinition'
  readonly 'apiregistration.k8s.io': 'APIService'
  readonly 'apps': 'ControllerRevision' | 'DaemonSet' | 'Deployment' | 'ReplicaSet' | 'StatefulSet'
  readonly 'authentication.k8s.io': 'SelfSubjectReview' | 'TokenReview'
  readonly 'authorization.k8s.io': 'LocalSubjectAccessReview' | 'SelfSubjectAccessReview' | 'SelfSubjectRulesReview' | 'SubjectAccessReview'
  readonly 'autoscaling': 'HorizontalPodAutoscaler'
  readonly 'batch': 'CronJob' | 'Job'
  readonly 'certificates.k8s.io': 'CertificateSigningRequest' | 'ClusterTrustBundle' | 'PodCertificateRequest'
  readonly 'coordination.k8s.io': 'Lease' | 'LeaseCandidate'
  readonly 'discovery.k8s.io': 'EndpointSlice'
  readonly 'events.k8s.io': 'Event'
  readonly 'flowcontrol.apiserver.k8s.io': 'FlowSchema' | 'PriorityLevelConfiguration'
  readonly 'internal.apiserver.k8s.io': 'StorageVersion'
  readonly 'lifecycle.k8s.io': 'Eviction' | 'EvictionRequest'
  readonly 'networking.k8s.io': 'IPAddress' | 'Ingress' | 'IngressClass' | 'NetworkPolicy' | 'ServiceCIDR'
  readonly 'node.k8s.io': 'RuntimeClass'
  readonly 'policy': 'PodDisruptionBudget'
  readonly 'rbac.authorization.k8s.io': 'ClusterRole' | 'ClusterRoleBinding' | 'Role' | 'RoleBinding'
  readonly 'resource.k8s.io': 'DeviceClass' | 'DeviceTaintRule' | 'ResourceClaim' | 'ResourceClaimTemplate' | 'ResourcePoolStatusRequest' | 'ResourceSlice'
  readonly 'scheduling.k8s.io': 'CompositePodGroup' | 'PodGroup' | 'PriorityClass' | 'Workload'
  readonly 'storage.k8s.io': 'CSIDriver' | 'CSINode' | 'CSIStorageCapacity' | 'StorageClass' | 'VolumeAttachment' | 'VolumeAttributesClass'
  readonly 'storagemigration.k8s.io': 'StorageVersionMigration'
}
