import { BundleError, type BundleForm, policyBundle, writeBundle } from '@gatewright/bundle'
import { actionOf } from '@gatewright/evaluator'
import { RegoCollision, RegoUnsupported, WasmUnsupported } from '@gatewright/compiler'
import {
  check,
  type CheckedPolicy,
  distinctPolicies,
  type Json,
  type Policy,
  type PolicyIr,
  readParameters,
} from '@gatewright/core'
import { type SigningOptions, signingKey } from './bundle-keys.js'
import { type Config, configuration, repositoryOf } from './config.js'
import { parametersFor } from './parameters.js'
import { namedOrConfigured } from './policies.js'
import { UsageError } from './usage-error.js'

/** Which policies something is made of, with what parameters. */
export interface PolicyOptions {
  readonly policy: readonly string[]
  readonly parameters?: string
  readonly config?: string | false
}

/** How a bundle is made of them. */
export interface BundleOptions extends SigningOptions {
  /** What a bundle judges with. */
  readonly form?: BundleForm
  /** The number of a bundle among those before and after it. */
  readonly sequence?: string
}

/** A policy with the parameters that it is given here, and those that a rule then sees. */
export interface Configured {
  readonly policy: Policy
  readonly given: Readonly<Record<string, Json>>
  readonly parameters: Json
}

/** The policies that the command line or the configuration names, with their parameters, and the configuration. */
export async function configuredPolicies(
  options: PolicyOptions,
): Promise<{ readonly policies: readonly Configured[]; readonly config: Config }> {
  const context = { directory: process.cwd(), scanned: [], trust: true }
  const { config } = await configuration(options.config, context)
  const policies = distinctPolicies(await namedOrConfigured(options.policy, config, context))
  if (policies.length === 0)
    throw new UsageError('there is nothing to build', 'name policies with --policy, or in the configuration')
  const parameters = await parametersFor(policies, config, options.parameters)
  return { policies: policies.map((policy) => configured(policy, parameters[policy.id])), config }
}

function configured(policy: Policy, given: Readonly<Record<string, unknown>> = {}): Configured {
  const read = readParameters(policy, given)
  if ('parameters' in read)
    return { policy, given: given as Readonly<Record<string, Json>>, parameters: read.parameters }
  const [problem] = read.problems
  throw new UsageError(
    `the parameters of \`${policy.id}\`: ${problem?.path.join('.') ?? ''}: ${problem?.message ?? ''}`,
    'give them with --parameters, or in the configuration',
  )
}

/** The bundle of the policies that the command line or the configuration names. */
export async function bundleOf(options: PolicyOptions & BundleOptions): Promise<Uint8Array> {
  const { policies, config } = await configuredPolicies(options)
  return builtBundle(policies, options, config)
}

/** One bundle of all policies. Parameters that are given are data in it, or in the policies themselves. */
export async function builtBundle(
  policies: readonly Configured[],
  options: BundleOptions,
  { actions = {}, match }: Config,
): Promise<Uint8Array> {
  const { form, sequence } = options
  const key = signingKey(options)
  const count = sequence === undefined ? undefined : Number(sequence)
  if (count !== undefined && (!Number.isSafeInteger(count) || count < 1))
    throw new UsageError(`\`--sequence\` is an integer from 1, not \`${sequence ?? ''}\``)
  try {
    const bundle = policyBundle(
      policies.map(({ policy: { ir, values }, given, parameters }) => ({
        ir: checkedIr(ir),
        values: values as Readonly<Record<string, Json>>,
        given,
        parameters: parameters as Readonly<Record<string, Json>>,
        action: actionOf(actions, ir.id),
      })),
      {
        ...(form !== undefined && { form }),
        ...(match !== undefined && { match: match as Json }),
        ...(count !== undefined && { sequence: count }),
        root: repositoryOf(process.cwd()),
      },
    )
    return await writeBundle(bundle, key)
  } catch (error) {
    if (error instanceof RegoCollision)
      throw new UsageError(error.message, 'rename one, or build them apart with --policy and --out')
    if (error instanceof BundleError) throw new UsageError(error.message)
    if (!(error instanceof RegoUnsupported || error instanceof WasmUnsupported)) throw error
    throw new UsageError(error.message, 'build the other policies with --policy')
  }
}

export function checkedIr(ir: PolicyIr): CheckedPolicy {
  const result = check(ir)
  if ('problems' in result) throw new UsageError(result.problems.map(({ message }) => message).join('; '))
  return result
}
