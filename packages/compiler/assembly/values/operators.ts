// All operators of the language on values, for the test that compares them with their meaning in the core.
export { allocate, heap, setHeap } from '../cells'
export { cidrContains, cidrOverlaps } from './address'
export { duration } from './duration'
export { contains, equalValues } from './equality'
export { digest, name, registry, repository, tag, within } from './image-reference'
export { compareNanos } from './nanos'
export { between, compareNumbers, isInteger, minus, plus, sum, times, toNumber } from './number'
export { compareRatio, quantity, quantityPlus } from './quantity'
export { matchesSelector } from './selector'
export { compareVersions, semver } from './semver'
export {
  compareText,
  endsWith,
  equalText,
  includes,
  join,
  length,
  lower,
  message,
  split,
  startsWith,
  text,
  trimPrefix,
} from './text'
export { timestamp, timestampMinus, timestampPlus } from './timestamp'
export { like, wildcardProblem } from './wildcard'

/** Where the module's constants end. */
export function base(): u32 {
  return <u32>__heap_base
}
