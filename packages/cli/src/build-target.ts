import type { RegoDialect, RegoEntry } from '@gatewright/compiler'
import type { EnforcementAction } from '@gatewright/evaluator'
import type { VerificationOptions } from './bundle-keys.js'
import type { BundleOptions, Configured, PolicyOptions } from './built-bundle.js'
import type { Config } from './config.js'

/** What `build` is told on the command line. */
export interface BuildOptions extends PolicyOptions, BundleOptions, VerificationOptions {
  readonly target: string
  readonly out: string
  readonly check?: boolean
  /** What Rego is asked by. */
  readonly entry?: RegoEntry
  readonly regoVersion?: RegoDialect
  /** Whether a WebAssembly module may use SIMD. */
  readonly simd?: boolean
  /** A folder of what tests asked, for suites of gator. */
  readonly records?: string
  /** What a cluster does about violations of all these policies. */
  readonly action?: EnforcementAction
  /** A stage of the configuration's rollout. */
  readonly stage?: string
  /** The image that a server runs from. */
  readonly image?: string
  /** The namespace that it runs in. */
  readonly namespace?: string
  /** How many of it run. */
  readonly replicas?: string
  /** The authority of its certificate, in PEM. */
  readonly ca?: string
  /** Whether what has a fix is mended. */
  readonly mutate?: boolean
  /** The name of the Provider that judges for Gatekeeper. */
  readonly provider?: string
  /** Whether the parameters of admission policies lie in objects of the cluster. */
  readonly parameterObjects?: boolean
  /** Whether Gatekeeper's templates have CEL beside their Rego. */
  readonly cel?: boolean
  /** Fewest elements of an object's lists that policies in CEL have to hold to. */
  readonly holdsTo?: string
  /** Namespaces in which admission policies are not in force. */
  readonly excludeNamespace?: readonly string[]
}

/** A file that a target makes, by its path below the output folder. */
export interface BuiltFile {
  readonly path: string
  readonly content: string | Uint8Array
}

/** Makes files of policies. */
export type BuildTarget = (
  policies: readonly Configured[],
  options: BuildOptions,
  config: Config,
) => readonly BuiltFile[] | Promise<readonly BuiltFile[]>
