export type { Given } from './given.js'
export {
  configMap,
  container,
  cronJob,
  daemonSet,
  deployment,
  job,
  malformed,
  namespace,
  networkPolicy,
  object,
  pod,
  replicaSet,
  service,
  statefulSet,
} from './objects.js'
export { review } from './review.js'
export type { AdmissionReview, ReviewDescription } from './review.js'
export { inventory } from './inventory.js'
export { fixture, fixtures } from './files.js'
export type { FileUrl } from './files.js'
export { applyFixes } from '@gatewright/core'
export { verdictOf } from './judging.js'
export type { Context } from './judging.js'
export { verdictText } from './verdict-text.js'
export { arbitrary } from './arbitrary/arbitrary.js'
export type {
  ArbitraryKind,
  ArbitraryMode,
  ArbitraryObject,
  ArbitraryOptions,
  ArbitrarySize,
} from './arbitrary/arbitrary.js'
export { questions } from './arbitrary/questions.js'
export type { QuestionOptions } from './arbitrary/questions.js'
export type { Question } from './search/questions.js'
export { checkPolicy, propertyNames } from './properties/check-policy.js'
export type { Counterexample, PolicyCheck, PropertyResult, ShownAnswer } from './properties/check-policy.js'
export type { CheckPolicyOptions } from './properties/options.js'
export type { PropertyName } from './properties/property.js'
export { propertiesReport, propertyText } from './properties/report.js'
