export { diffPolicies } from './diff.js'
export type { Diff, DiffOptions, PolicyDiff, Said, VerdictChange } from './diff.js'
export { diffJson, diffReport } from './diff-report.js'
export type { DiffReportOptions } from './diff-report.js'
export type { Deciding } from './deciding.js'
export type { GivenQuestion } from '../cases.js'
export type { StaticChange } from './static-changes.js'
export { changeClasses } from './verdict-changes.js'
export type { ChangeClass } from './verdict-changes.js'
export type { Stored } from '../search/parts.js'
export { compareEngines } from './compare.js'
export type {
  ComparisonOptions,
  EngineDifference,
  EngineResult,
  PolicyComparison,
  VerdictCounts,
} from './compare.js'
export { comparisonJson, comparisonReport } from './compare-report.js'
export { comparedEngines, inProcess, opaEngine } from './engines.js'
export type { ComparedEngine, EngineAnswer } from './engines.js'
export type { AskedQuestion as EngineQuestion } from '../search/questions.js'
export type { Decision } from './difference.js'
