/** A version of the standards: a minor version of Kubernetes from 1.25 on, or the newest that is known. */
export type StandardsVersion = 'latest' | `1.${number}`

/** The newest minor version whose changes to the standards are here. */
export const newestMinor = 37
const oldestMinor = 25

/** The minor number of a version; throws for one that is not known. */
export function minorOf(version: StandardsVersion): number {
  if (version === 'latest') return newestMinor
  const minor = Number(/^1\.(\d+)$/.exec(version)?.[1])
  if (minor >= oldestMinor && minor <= newestMinor) return minor
  throw new RangeError(
    `the Pod Security Standards of \`${version}\` are not known; use 1.${oldestMinor} to 1.${newestMinor}, or latest`,
  )
}
