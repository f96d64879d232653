/** The runtime of a module: what hosts call, and what the compiled policies call. */
export * from './abi'
export { allocate, setHeap } from './cells'
export { cidrContains, cidrOverlaps } from './values/address'
export { duration } from './values/duration'
export {
  elementsOf,
  graver,
  isFault,
  isIn,
  isInList,
  itemPlace,
  itemValue,
  keysOf,
  listOf,
  newElements,
  occurrences,
  push,
  restOf,
  setRest,
} from './judging/elements'
export * from './evaluate'
export { builtRecord, fieldOf, getOf, settled, truth, typed } from './judging/field'
export { addFault, addViolation } from './judging/findings'
export {
  digest as imageDigest,
  name as imageName,
  registry as imageRegistry,
  repository as imageRepository,
  tag as imageTag,
  within as imageWithin,
} from './values/image-reference'
export { inventory } from './judging/inventory'
export { checkInput, inputPlace, inputValue, skip, step } from './judging/judge'
export { runtimeEnd } from './module'
export { matchesAutomaton } from './patterns/automaton'
export { matchesProgram } from './patterns/machines'
export { compareNanos } from './values/nanos'
export { matches, patternFault } from './patterns/patterns'
export { between, compareNumbers, minus, plus, sum, times, toNumber } from './values/number'
export { contains } from './values/equality'
export { computedPlace, indexPlace, isDirectlyUnder, keyPlace, partsPlace } from './judging/place'
export * from './judging/policy'
export { compareRatio, quantity, quantityPlus } from './values/quantity'
export { matchesSelector } from './values/selector'
export { compareVersions, semver } from './values/semver'
export {
  endsWith,
  includes,
  length,
  lower,
  message,
  split,
  startsWith,
  text,
  trimPrefix,
} from './values/text'
export { timestamp, timestampMinus, timestampPlus } from './values/timestamp'
export { like, wildcardProblem as wildcardFault } from './values/wildcard'
