import { CelUnsupported } from '@gatewright/compiler'
import type { Json } from '@gatewright/core'
import { actionOf, type EnforcementAction } from '@gatewright/evaluator'
import { admissionPolicyOf, GatekeeperError, type ValidationAction, yamlOf } from '@gatewright/gatekeeper'
import type { Configured } from './built-bundle.js'
import type { Config } from './config.js'
import { UsageError } from './usage-error.js'
import type { BuildOptions, BuiltFile } from './build-target.js'

const validationActions: Readonly<Record<EnforcementAction, ValidationAction>> = {
  deny: 'Deny',
  warn: 'Warn',
  dryrun: 'Audit',
}

/** ValidatingAdmissionPolicies with their parameters in them, and the bindings that put them in force. */
export function admissionPolicyBuild(
  policies: readonly Configured[],
  { action, excludeNamespace }: BuildOptions,
  { actions = {}, match }: Config,
): readonly BuiltFile[] {
  const excludeNamespaces = excludeNamespace ?? ['kube-system']
  if (excludeNamespaces.length > 0)
    process.stderr.write(
      `not in force in ${excludeNamespaces.join(', ')}: say --exclude-namespace for others\n`,
    )
  try {
    return policies.flatMap(({ policy, given }) => {
      const made = admissionPolicyOf(policy, {
        parameters: given,
        action: validationActions[action ?? actionOf(actions, policy.id)],
        excludeNamespaces,
        ...(match !== undefined && { match }),
      })
      return [
        ['policies', made.policy],
        ['bindings', made.binding],
      ].map(([folder, manifest]) => {
        const { metadata } = manifest as typeof made.policy
        return {
          path: `${String(folder)}/${metadata.name}.yaml`,
          content: yamlOf(manifest as unknown as Json),
        }
      })
    })
  } catch (error) {
    if (error instanceof GatekeeperError) throw new UsageError(error.message)
    if (!(error instanceof CelUnsupported)) throw error
    throw new UsageError(error.message, 'build the other policies with --policy')
  }
}
