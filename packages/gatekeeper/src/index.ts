export type { EnforcementAction } from '@gatewright/evaluator'
export { constraint } from './constraint.js'
export type {
  Constraint,
  ConstraintOptions,
  EnforcementPoint,
  ScopedEnforcementAction,
} from './constraint.js'
export type {
  ConstraintMatch,
  NamedKinds,
  Selector,
  ServedGroup,
  ServedKind,
  WithKinds,
} from './constraint-match.js'
export { yamlOf } from './file.js'
export type { GatekeeperFile } from './file.js'
export { gatekeeperFiles } from './folders.js'
export type { GatekeeperPlan } from './folders.js'
export { GatekeeperError } from './gatekeeper-error.js'
export { constraintKind } from './kind-name.js'
export type { Manifest } from './manifest.js'
export { serverManifests } from './installation/server-manifests.js'
export type { ClusterObject, InstallationOptions } from './installation/server-manifests.js'
export {
  excludedNamespaces,
  mutatingConfiguration,
  validatingConfiguration,
} from './installation/webhook-configuration.js'
export type { WebhookConfigurationOptions } from './installation/webhook-configuration.js'
export { providerOf } from './provider.js'
export type { Provider, ProviderOptions } from './provider.js'
export { structuralSchema } from './structural-schema.js'
export type { SchemaPart } from './structural-schema.js'
export { suiteOf } from './suite.js'
export type { SuiteCase, SuiteOptions } from './suite.js'
export { configOf, syncSetOf } from './sync.js'
export type { SyncManifest } from './sync.js'
export { celOf, givenTo, parametersSchema, templateOf, templatesOf } from './template.js'
export type { ConstraintTemplate, TemplateOptions, TemplatesOptions } from './template.js'
export { mutationsOf } from './mutation.js'
export type { Mutation, MutationOptions } from './mutation.js'
export { expansionTemplatesOf, isAboutPodsAlone } from './expansion.js'
export type { ExpansionTemplate } from './expansion.js'
export { admissionPolicyOf } from './admission-policy.js'
export { kyvernoPolicyOf } from './kyverno-policy.js'
export type { KyvernoPolicy, KyvernoPolicyOptions } from './kyverno-policy.js'
export { capacityText } from './capacity.js'
export { lockOuts } from './lock-outs.js'
export type { LockOut } from './lock-outs.js'
export type { AdmissionPolicy, AdmissionPolicyOptions, ValidationAction } from './admission-policy.js'
