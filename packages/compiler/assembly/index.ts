/** The runtime of a module: what hosts call, and what the compiled policies call. */
export * from './abi'
export { allocate, setHeap } from './cells'
export { cidrContains, cidrOverlaps } from './address'
export { duration } from './duration'
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
} from './elements'
export * from './evaluate'
export { builtRecord, fieldOf, getOf, settled, truth, typed } from './field'
export { addFault, addViolation } from './findings'
export {
  digest as imageDigest,
  name as imageName,
  registry as imageRegistry,
  repository as imageRepository,
  tag as imageTag,
  within as imageWithin,
} from './image-reference'
export { inventory } from './inventory'
export { checkInput, inputPlace, inputValue, skip, step } from './judge'
export { runtimeEnd } from './module'
export { matchesAutomaton } from './automaton'
export { matchesProgram } from './machines'
export { compareNanos } from './nanos'
export { matches, patternFault } from './patterns'
export { between, compareNumbers, minus, plus, sum, times, toNumber } from './number'
export { computedPlace, indexPlace, isDirectlyUnder, keyPlace, partsPlace } from './place'
export * from './policy'
export { compareRatio, quantity, quantityPlus } from './quantity'
export { matchesSelector } from './selector'
export { compareVersions, semver } from './semver'
export {
  contains,
  endsWith,
  includes,
  length,
  lower,
  message,
  split,
  startsWith,
  text,
  trimPrefix,
} from './text'
export { timestamp, timestampMinus, timestampPlus } from './timestamp'
export { like, wildcardProblem as wildcardFault } from './wildcard'
