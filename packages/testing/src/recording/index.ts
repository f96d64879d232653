export { recordVariable } from './variable.js'
export { readRecords } from './read-records.js'
export type { RecordedPolicy } from './read-records.js'
