export type * from './generated/types.js'
export type { ServedKinds } from './generated/kinds.js'
export * from './generated/resources.js'
export type { AdmissionRequest, UserInfo } from './admission-request.js'
export { objectNamespace } from './object-namespace.js'
export { podTemplatePath, podTemplatePaths } from './pod-template.js'
export { anyObject, customResource, resource } from './resource.js'
export type {
  KubernetesObject,
  ObjectBindings,
  OperationBindings,
  Resource,
  ResourceName,
} from './resource.js'
export {
  definition,
  findResource,
  kubernetesVersions,
  nearestKind,
  newestVersion,
  schemaOf,
  servedResources,
} from './schemas.js'
export type { KubernetesVersion, ServedResource } from './schemas.js'
export { workloads } from './workloads.js'
export type { PodView, WorkloadBindings, WorkloadOperationBindings, Workloads } from './workloads.js'
export { customResourceTypes } from './custom-resource-types.js'
export type { CustomResourceTypes } from './custom-resource-types.js'
export { schemaFromOpenApi } from './openapi-schema.js'
export type { OpenApiSchema } from './openapi-schema.js'
export { unknownFields } from './unknown-fields.js'
export type { UnknownField } from './unknown-fields.js'
export { unknownKind } from './unknown-kind.js'
export type { UnknownKind } from './unknown-kind.js'
export { lintKubernetesPolicy } from './lint.js'
export { apiDefaults, imagePullPolicyOf } from './api-defaults.js'
export { admissionRules, joinedRules } from './admission-rules.js'
export type { AdmissionRule } from './admission-rules.js'
export { allowFinalizerRemoval, blocksFinalizerRemoval } from './finalizer-removal.js'
export type { Update } from './finalizer-removal.js'
