import type { BundleOptions } from './built-bundle.js'
import type { VerificationOptions } from './bundle-keys.js'
import type { ClusterOptions, ClusterTarget } from './cluster-plan.js'

/** Where policies are published, and looked for. */
export type PublishTarget = ClusterTarget | 'oci' | 'opa'

export const publishTargets: readonly PublishTarget[] = [
  'gatekeeper',
  'vap',
  'webhook',
  'provider',
  'oci',
  'opa',
]

/** What `publish` and `drift` are told of where that is, and of what is built for it. */
export interface PublishingOptions extends ClusterOptions, BundleOptions, VerificationOptions {
  /** The tag of a registry. */
  readonly reference?: string
  /** Where OPA listens. */
  readonly opaUrl?: string
  /** A file with its token, or `env:NAME`. */
  readonly opaToken?: string
  readonly plainHttp?: boolean
}

export const isOfCluster = (target: PublishTarget): target is ClusterTarget =>
  target !== 'oci' && target !== 'opa'
