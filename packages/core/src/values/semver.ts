import { compareText } from './text.js'

/** A semantic version; build metadata has no part in its order and is dropped. */
export interface Version {
  readonly numbers: readonly [bigint, bigint, bigint]
  readonly prerelease: readonly string[]
}

const number = '(0|[1-9][0-9]*)'
const identifier = '(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)'
const grammar = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
)

/** Reads a version by Semantic Versioning 2.0.0, without a leading `v`; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = text.length > 256 ? null : grammar.exec(text)
  if (match === null) return undefined
  const [, major = '', minor = '', patch = '', prerelease] = match
  return {
    numbers: [BigInt(major), BigInt(minor), BigInt(patch)],
    prerelease: prerelease === undefined ? [] : prerelease.split('.'),
  }
}

/** Orders two versions by precedence (Semantic Versioning 2.0.0, section 11). */
export function compareVersions(a: Version, b: Version): number {
  for (const [i, x] of a.numbers.entries()) {
    const y = b.numbers[i] as bigint
    if (x !== y) return x < y ? -1 : 1
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length
  for (const [i, x] of a.prerelease.entries()) {
    const y = b.prerelease[i]
    if (y === undefined) return 1
    const order = compareIdentifiers(x, y)
    if (order !== 0) return order
  }
  return a.prerelease.length - b.prerelease.length
}

const numeric = /^[0-9]+$/

function compareIdentifiers(x: string, y: string): number {
  const isNumber = [numeric.test(x), numeric.test(y)]
  if (isNumber[0] !== isNumber[1]) return isNumber[0] === true ? -1 : 1
  if (isNumber[0] === true && x.length !== y.length) return x.length - y.length
  return compareText(x, y)
}
