import { type Profile, profile } from '@gatewright/core'
import { baselineChecks } from './baseline.js'
import { restrictedChecks } from './restricted.js'
import type { StandardsVersion } from './version.js'

/** What of a level is meant. */
export interface StandardsOptions {
  /** The version of the standards; by default the newest that is known. */
  readonly version?: StandardsVersion
  /** Checks to leave out, by their policy ids. */
  readonly exclude?: readonly string[]
}

/** The level `baseline` of the Pod Security Standards, as a profile of policies. */
export function baseline({ version = 'latest', exclude = [] }: StandardsOptions = {}): Profile {
  return profile({
    id: 'pod-security-standards/baseline',
    title: `Pod Security Standards: baseline (${version})`,
    policies: baselineChecks(version),
    exclude,
  })
}

/** The level `restricted` of the Pod Security Standards, which holds `baseline`, as a profile of policies. */
export function restricted({ version = 'latest', exclude = [] }: StandardsOptions = {}): Profile {
  return profile({
    id: 'pod-security-standards/restricted',
    title: `Pod Security Standards: restricted (${version})`,
    policies: restrictedChecks(version),
    exclude,
  })
}
