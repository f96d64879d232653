import { type CelCapacity, CelUnsupported } from '@gatewright/compiler'
import type { Json, Policy } from '@gatewright/core'
import { actionOf, type EnforcementAction } from '@gatewright/evaluator'
import {
  admissionPolicyOf,
  capacityText,
  GatekeeperError,
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
export function admissionPolicyBuild(
  policies: readonly Configured[],
  { action, excludeNamespace, holdsTo, parameterObjects = false }: BuildOptions,
  { actions = {}, match }: Config,
): readonly BuiltFile[] {
  const excludeNamespaces = excludeNamespace ?? ['kube-system']
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
          admissionPolicyOf(policy, {
            parameters: given,
            parameterObject: parameterObjects,
            action: validationActions[action ?? actionOf(actions, policy.id)],
            excludeNamespaces,
            ...(match !== undefined && { match }),
            ...(fewest !== undefined && { holdsTo: fewest }),
          }),
        ] as const,
    )
    tellCapacity(made.map(([id, { capacity }]) => [id, capacity]))
    return made.flatMap(([, { parameters, policy, binding }]) => [
      ...(parameters === undefined
        ? []
        : [fileOf('definitions', parameters.definition), fileOf('parameters', parameters.object)]),
      fileOf('policies', policy),
      fileOf('bindings', binding),
    ])
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
    `objects are judged with up to ${capacityText(least[1])}, as \`${least[0]}\` holds to; larger ones are denied\n`,
  )
}

/** Warns of what locks a cluster where a policy is wrong, or fails. */
export function tellLockOuts(policies: readonly Policy[], match: Config['match']): void {
  for (const { policy, resource, stops } of lockOuts(policies, match))
    process.stderr.write(
      `warning: \`${policy}\` judges ${resource}: where it denies these, ${stops}; begin with --action warn\n`,
    )
}
