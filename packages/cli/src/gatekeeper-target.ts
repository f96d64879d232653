import { resolve } from 'node:path'
import { RegoUnsupported } from '@gatewright/compiler'
import type { Policy } from '@gatewright/core'
import { actionOf } from '@gatewright/evaluator'
import {
  celOf,
  type Constraint,
  constraint,
  constraintKind,
  type ConstraintMatch,
  GatekeeperError,
  gatekeeperFiles,
  givenTo,
  isAboutPodsAlone,
  type SuiteCase,
} from '@gatewright/gatekeeper'
import { readRecords } from '@gatewright/testing/recording'
import { tellCapacity } from './admission-policies-target.js'
import { type Config, repositoryOf } from './config.js'
import { UsageError } from './usage-error.js'
import type { Configured } from './built-bundle.js'
import type { BuildOptions, BuiltFile } from './build-target.js'
import { suiteCases } from './suite-cases.js'
import { wholeNumber } from './whole-number.js'

/**
 * Templates, constraints, the sync set and suites for Gatekeeper. Parameters that are given are those of the constraints. A policy that
 * has no constraint in the configuration gets one for what the configuration matches.
 */
export function gatekeeperBuild(
  policies: readonly Configured[],
  options: BuildOptions,
  config: Config,
): readonly BuiltFile[] {
  const { kinds = {}, mutations = [], expansion = false } = config.gatekeeper ?? {}
  const holdsTo = wholeNumber(options.holdsTo, '--holds-to')
  try {
    const constraints = constraintsOf(policies, options, config)
    return gatekeeperFiles({
      policies: policies.map(({ policy }) => policy),
      constraints,
      mutations,
      expansion,
      kinds,
      suites: options.records === undefined ? {} : suitesOf(policies, options.records),
      root: repositoryOf(process.cwd()),
      ...(options.cel === true && {
        cel: withCel(policies, (policy) => ({
          given: givenTo(kindOf(policy, kinds), constraints),
          ...(holdsTo !== undefined && { holdsTo }),
        })),
      }),
      ...(holdsTo !== undefined && { holdsTo }),
      ...(options.provider === undefined ? {} : { provider: options.provider }),
      ...(options.regoVersion === undefined ? {} : { regoVersion: options.regoVersion }),
    })
  } catch (error) {
    if (error instanceof GatekeeperError) throw new UsageError(error.message)
    if (!(error instanceof RegoUnsupported)) throw error
    throw new UsageError(error.message, 'build the other policies with --policy')
  }
}

/** The policies whose templates have CEL. Tells what these hold to, and of the others why they have none. */
function withCel(
  policies: readonly Configured[],
  optionsOf: (policy: Policy) => Parameters<typeof celOf>[1],
): readonly string[] {
  const all = policies.map(({ policy }) => [policy.id, celOf(policy, optionsOf(policy))] as const)
  for (const [id, cel] of all)
    if ('reason' in cel) process.stderr.write(`${id} is judged by Rego alone: ${cel.reason}\n`)
  const said = all.flatMap(([id, cel]) => ('capacity' in cel ? [[id, cel.capacity] as const] : []))
  tellCapacity(said)
  return said.map(([id]) => id)
}

function constraintsOf(
  policies: readonly Configured[],
  { action }: BuildOptions,
  config: Config,
): readonly Constraint[] {
  const { actions = {}, gatekeeper: { constraints = [], kinds = {} } = {} } = config
  const known = new Set(policies.map(({ policy }) => kindOf(policy, kinds)))
  // the others are of policies that this run does not build
  const named = constraints.filter(({ kind }) => known.has(kind) || !isConfigured(kind, config))
  const others = policies.filter(
    ({ policy }) => !constraints.some(({ kind }) => kind === kindOf(policy, kinds)),
  )
  return [
    ...named,
    ...others.map(({ policy, given }) =>
      constraint(policy, {
        name: policy.id.replaceAll('/', '-').slice(0, 63).replace(/-+$/, ''),
        kind: kindOf(policy, kinds),
        enforcementAction: action ?? actionOf(actions, policy.id),
        parameters: given,
        match: matchIn(config, policy),
      }),
    ),
  ]
}

/** The match of the configuration. What is looked at by the workload itself is not looked at again in the Pod that it is expanded to. */
function matchIn({ match = {}, gatekeeper = {} }: Config, policy: Policy): ConstraintMatch {
  const isTwice = gatekeeper.expansion === true && !isAboutPodsAlone(policy) && match.source === undefined
  return { ...(match as ConstraintMatch), ...(isTwice && { source: 'Original' }) }
}

const kindOf = (policy: Policy, kinds: Readonly<Record<string, string>>): string =>
  constraintKind(policy, Object.hasOwn(kinds, policy.id) ? kinds[policy.id] : undefined)

/** Whether a kind is that of a policy of the configuration. */
function isConfigured(kind: string, { policies = [], gatekeeper = {} }: Config): boolean {
  const all = policies.flatMap((each) => ('policies' in each ? each.policies : [each]))
  return all.some((policy) => kindOf(policy, gatekeeper.kinds ?? {}) === kind)
}

function suitesOf(
  policies: readonly Configured[],
  folder: string,
): Readonly<Record<string, readonly SuiteCase[]>> {
  const records = recordsIn(folder)
  const suites = policies.map(({ policy }) => {
    const asked = records.filter((each) => each.policy.id === policy.id).flatMap(({ suite }) => suite)
    const { cases, leftOut } = suiteCases(policy, asked)
    for (const [reason, count] of leftOut)
      process.stderr.write(
        `the suite of ${policy.id} is without ${count} of ${asked.length} cases: ${reason}\n`,
      )
    return [policy.id, cases] as const
  })
  return Object.fromEntries(suites)
}

function recordsIn(folder: string): ReturnType<typeof readRecords> {
  try {
    return readRecords(resolve(folder))
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
