import { type CelCapacity, CelUnsupported } from '@gatewright/compiler'
import type { Json, Policy } from '@gatewright/core'
import { actionOf, type EnforcementAction } from '@gatewright/evaluator'
import {
  admissionPolicyOf,
  capacityText,
  GatekeeperError,
  kyvernoPolicyOf,
  type KyvernoPolicyOptions,
  lockOuts,
  type Manifest,
  type ValidationAction,
  yamlOf,
} from '@gatewright/gatekeeper'
import type { Configured } from './built-bundle.js'
import type { Config } from './config.js'
import { UsageError } from './usage-error.js'
import { wholeNumber } from './whole-number.js'
import type { BuildOptions, BuiltFile } from './build-target.js'

const validationActions: Readonly<Record<EnforcementAction, ValidationAction>> = {
  deny: 'Deny',
  warn: 'Warn',
  dryrun: 'Audit',
}

/** ValidatingAdmissionPolicies with their parameters in them, and the bindings that put them in force. */
export const admissionPolicyBuild = (
  policies: readonly Configured[],
  options: BuildOptions,
  config: Config,
): readonly BuiltFile[] =>
  celFiles(
    policies,
    { ...options, excludeNamespace: options.excludeNamespace ?? ['kube-system'] },
    config,
    (policy, given) => {
      const made = admissionPolicyOf(policy, { ...given, parameterObject: options.parameterObjects === true })
      const { parameters } = made
      return {
        capacity: made.capacity,
        files: [
          ...(parameters === undefined
            ? []
            : [fileOf('definitions', parameters.definition), fileOf('parameters', parameters.object)]),
          fileOf('policies', made.policy),
          fileOf('bindings', made.binding),
        ],
      }
    },
  )

/** ValidatingPolicies for Kyverno. */
export const kyvernoBuild = (
  policies: readonly Configured[],
  options: BuildOptions,
  config: Config,
): readonly BuiltFile[] =>
  celFiles(
    policies,
    { ...options, excludeNamespace: options.excludeNamespace ?? ['kube-system', 'kyverno'] },
    config,
    (policy, given) => {
      const made = kyvernoPolicyOf(policy, given)
      return { capacity: made.capacity, files: [fileOf('policies', made.policy)] }
    },
  )

interface CelFiles {
  readonly capacity: CelCapacity
  readonly files: readonly BuiltFile[]
}

/** What is made of each policy in CEL, with what people should know of all of it. */
function celFiles(
  policies: readonly Configured[],
  { action, excludeNamespace: excludeNamespaces = [], holdsTo }: BuildOptions,
  { actions = {}, match }: Config,
  make: (policy: Policy, options: KyvernoPolicyOptions) => CelFiles,
): readonly BuiltFile[] {
  if (excludeNamespaces.length > 0)
    process.stderr.write(
      `not in force in ${excludeNamespaces.join(', ')}: say --exclude-namespace for others\n`,
    )
  const fewest = wholeNumber(holdsTo, '--holds-to')
  tellLockOuts(
    policies.map(({ policy }) => policy),
    match,
  )
  try {
    const made = policies.map(
      ({ policy, given }) =>
        [
          policy.id,
          make(policy, {
            parameters: given,
            action: validationActions[action ?? actionOf(actions, policy.id)],
            excludeNamespaces,
            ...(match !== undefined && { match }),
            ...(fewest !== undefined && { holdsTo: fewest }),
          }),
        ] as const,
    )
    tellCapacity(made.map(([id, { capacity }]) => [id, capacity]))
    return made.flatMap(([, { files }]) => files)
  } catch (error) {
    if (error instanceof GatekeeperError) throw new UsageError(error.message)
    if (!(error instanceof CelUnsupported)) throw error
    throw new UsageError(error.message, 'build the other policies with --policy')
  }
}

const fileOf = (folder: string, manifest: Manifest): BuiltFile => ({
  path: `${folder}/${manifest.metadata.name}.yaml`,
  content: yamlOf(manifest as unknown as Json),
})

/** Tells which policy in CEL holds to the least. */
export function tellCapacity(capacities: readonly (readonly [policy: string, CelCapacity])[]): void {
  const [least] = capacities.toSorted(
    ([, a], [, b]) => (a.elements ?? Number.POSITIVE_INFINITY) - (b.elements ?? Number.POSITIVE_INFINITY),
  )
  if (least === undefined || least[1].elements === undefined) return
  process.stderr.write(
    `an object is judged with up to ${capacityText(least[1])}, as \`${least[0]}\` holds to; larger ones are denied\n`,
  )
}

/** Warns of what locks a cluster where a policy is wrong, or fails. */
export function tellLockOuts(policies: readonly Policy[], match: Config['match']): void {
  for (const { policy, resource, stops } of lockOuts(policies, match))
    process.stderr.write(
      `warning: \`${policy}\` judges ${resource}: where it denies these, ${stops}; begin with --action warn\n`,
    )
}
