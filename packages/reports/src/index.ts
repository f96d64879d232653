export { githubReport } from './github.js'
export { jsonReport, jsonReportVersion } from './json.js'
export { junitReport } from './junit.js'
export { isAtLeast, neutral, severities } from './report.js'
export type {
  Finding,
  FindingLocation,
  Report,
  ReportedPolicy,
  SuppressedFinding,
  SuppressionProblem,
  Unjudged,
} from './report.js'
export { sarifReport } from './sarif.js'
export { textReport } from './text.js'
export type { TextOptions } from './text.js'
