export type {
  Field,
  ListSchema,
  MapSchema,
  ObjectSchema,
  ScalarSchema,
  Schema,
  StringSchema,
  UnionSchema,
  Unit,
} from './schema.js'
export type { InUnit } from './unit.js'
export { canonicalText, cloneJson, equalJson } from './json.js'
export type { CloneLimits, Json, NotJson } from './json.js'
export { compareNumbers, Decimal, isNumber, numberText, parseDecimal } from './values/decimal.js'
export type { JsonNumber } from './values/decimal.js'
export { compareText, wellFormed } from './values/text.js'
export { matchesPattern, patternProblem } from './values/pattern.js'
export { like, wildcardProblem } from './values/wildcard.js'
export { matchesSelector as selectorMatches } from './values/selector.js'
export { imagePrefix, parseImageReference } from './values/image-reference.js'
export type { ImageReference } from './values/image-reference.js'
export { parseQuantity } from './values/quantity.js'

export {
  allOf,
  anyOf,
  cidr,
  duration,
  imageRef,
  literal,
  matchesSelector,
  message,
  not,
  onlyIf,
  quantity,
  ratio,
  remove,
  semver,
  set,
  text,
  timestamp,
  when,
} from './language/functions.js'
export type { When } from './language/functions.js'
export type {
  BooleanExpr,
  CidrExpr,
  Comparable,
  DurationExpr,
  Expr,
  ImageRefExpr,
  ListExpr,
  ListOperations,
  MapExpr,
  MapOperations,
  MaybeText,
  NumberExpr,
  ObjectExpr,
  ObjectOperations,
  Ordered,
  QuantityExpr,
  RatioExpr,
  Scalar,
  ScalarExpr,
  SemverExpr,
  Shape,
  StringExpr,
  Text,
  TimestampExpr,
  UnionExpr,
  UnknownExpr,
  Unsupported,
  Value,
  ValueOf,
  VariantList,
  Variants,
} from './language/expression.js'
export type {
  Condition,
  Fix,
  NotAValue,
  Rule,
  Rules,
  Truth,
  Undecided,
  Violation as ViolationDescription,
} from './language/rule.js'
export { define, definedName } from './language/define.js'
export { DefinitionError, nearest } from './language/definition-error.js'
export { policy, policyOfIr, readParameters } from './language/policy.js'
export type {
  GivenParametersOf,
  ParameterProblem,
  ParametersOf,
  Policy,
  PolicyDescription,
  RuleInput,
  WithParameters,
} from './language/policy.js'
export { distinctPolicies, policiesOf, profile } from './language/profile.js'
export type { Profile } from './language/profile.js'
export { inputExpression, target } from './language/target.js'
export type { Target } from './language/target.js'
export { cluster } from './language/inventory.js'
export type { Cluster, InventoryExpr, InventoryOperations, Listable } from './language/inventory.js'
export { schemaFromZod } from './language/zod-schema.js'
export { sourceOf, sourceText, thrownAt } from './language/source-location.js'
export type { SourceLocation } from './language/source-location.js'
export { expressionOf, subjectOf } from './language/proxy.js'
export type { Subject, ValueSubject } from './language/subject.js'
export { condition, valueArgument, valueSubject } from './language/values.js'

export type * from './ir/node.js'
export { operatorNames, operatorOf } from './ir/operators.js'
export type { Domain, OperandType, Operator, OperatorName } from './ir/operators.js'
export { inputPath, irVersion } from './ir/policy.js'
export type { InputBinding, KindPath, KindPattern, Operation, PolicyIr, TargetIr } from './ir/policy.js'
export { describe, describeRule } from './ir/describe.js'
export { check } from './check.js'
export { childrenOf } from './ir/children.js'
export type { CheckedPolicy, IrProblem } from './check.js'
export { pathText, readsOf, typeWords } from './analysis/reads.js'
export type { PolicyReads, Reads, ReadTree } from './analysis/reads.js'

export { judgedObject, kindOf } from './review.js'
export type { Inventory, ObjectKind, Review } from './review.js'
export { applyFixes } from './apply-fixes.js'
export { comparePaths, compareViolations } from './verdict.js'
export type { Path, Reason, Verdict, Violation } from './verdict.js'
export { defaultBudget, inputValue, judge, requestOf } from './reference/judge.js'
export { call as callOperator, holeText, patternFault } from './reference/call.js'
export { isObject, isOfType, typeOf, used } from './reference/value.js'
export type { Value as Reference } from './reference/value.js'
export { Findings } from './findings.js'
export type { Found } from './findings.js'
export { Constants as ConstantExpressions } from './reference/constant.js'
export type { Known as KnownVariables } from './reference/constant.js'
export type { JudgeOptions } from './reference/judge.js'
export type { ConditionObserver } from './reference/evaluate.js'
export { BudgetExceeded, Fault, unknownValue } from './reference/fault.js'
export { defaultOperations, targetMismatch } from './target-mismatch.js'
export { absences } from './analysis/absence.js'
export type { Absence, Effect } from './analysis/absence.js'
export { explain, explanationText } from './reference/explain.js'
export type { Explanation } from './reference/explain.js'
export { decodeIr, encodeIr, withoutSources } from './ir/encode.js'
export { constantConditions, knownOf } from './analysis/constant-conditions.js'
export type { ConstantCondition, Known } from './analysis/constant-conditions.js'
export { costOf } from './analysis/cost.js'
export type { Cost } from './analysis/cost.js'
export { lintPolicy, readAt } from './analysis/lint.js'
export type { Lint } from './analysis/lint.js'
export { everyNode, needsOf } from './analysis/needs.js'
export type { Needs } from './analysis/needs.js'
