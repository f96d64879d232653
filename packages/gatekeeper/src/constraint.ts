import { type Json, type Policy, readParameters } from '@gatewright/core'
import { type EnforcementAction, enforcementActions } from '@gatewright/evaluator'
import { type ConstraintMatch, matchOf } from './constraint-match.js'
import { GatekeeperError } from './gatekeeper-error.js'
import { constraintKind } from './kind-name.js'
import { type Manifest, syncWave, syncWaves } from './manifest.js'

/** Where Gatekeeper judges: its webhook, its audit, `gator`, a ValidatingAdmissionPolicy that it makes, or all of them. */
export type EnforcementPoint =
  | 'validation.gatekeeper.sh'
  | 'audit.gatekeeper.sh'
  | 'gator.gatekeeper.sh'
  | 'vap.k8s.io'
  | '*'

/** An action, and where it is taken. */
export interface ScopedEnforcementAction {
  readonly action: EnforcementAction
  readonly enforcementPoints: readonly { readonly name: EnforcementPoint }[]
}

/** One action everywhere (by default `deny`), or actions for some places. */
type Enforcement =
  | { readonly enforcementAction?: EnforcementAction; readonly scopedEnforcementActions?: never }
  | {
      readonly enforcementAction?: never
      readonly scopedEnforcementActions: readonly [ScopedEnforcementAction, ...ScopedEnforcementAction[]]
    }

/** What a constraint is, beside its policy. Parameters that the policy requires have to be given. */
export type ConstraintOptions<Given> = {
  /** The name of the constraint, among those of its kind. */
  readonly name: string
  /** The kind, where the template has another than follows from the policy's id. */
  readonly kind?: string
  readonly match?: ConstraintMatch
} & Enforcement &
  ({} extends Given ? { readonly parameters?: Given } : { readonly parameters: Given })

/** A Constraint. */
export interface Constraint extends Manifest {
  readonly apiVersion: 'constraints.gatekeeper.sh/v1beta1'
}

const actions: readonly unknown[] = enforcementActions
const points: readonly unknown[] = [
  'validation.gatekeeper.sh',
  'audit.gatekeeper.sh',
  'gator.gatekeeper.sh',
  'vap.k8s.io',
  '*',
] satisfies EnforcementPoint[]

/**
 * A Constraint: for which objects a policy holds in a cluster, with which parameters, and what is done about violations. It matches the
 * kinds that the policy is about. Throws a `GatekeeperError` for parameters, a match or an action that could not be what is meant.
 */
export function constraint<P, Given>(
  policy: Policy<P, Given>,
  options: ConstraintOptions<NoInfer<Given>>,
): Constraint {
  const { name, match, enforcementAction = 'deny', scopedEnforcementActions: scoped } = options
  const kind = constraintKind(policy, options.kind)
  if (!/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(name) || name.length > longestName)
    throw new GatekeeperError(
      'invalid-name',
      `\`${name}\` cannot be the name of a constraint`,
      `use lower-case letters, digits and \`-\`, ${longestName} at most`,
    )
  checkActions(name, enforcementAction, scoped)
  const parameters = parametersOf(
    policy,
    name,
    options.parameters as Readonly<Record<string, Json>> | undefined,
  )
  return {
    apiVersion: 'constraints.gatekeeper.sh/v1beta1',
    kind,
    metadata: {
      name,
      annotations: {
        [syncWave]: syncWaves.constraints,
        // its kind is there only once Gatekeeper has read the template
        'argocd.argoproj.io/sync-options': 'SkipDryRunOnMissingResource=true',
      },
    },
    spec: {
      enforcementAction: scoped === undefined ? enforcementAction : 'scoped',
      ...(scoped !== undefined && { scopedEnforcementActions: scoped as unknown as Json }),
      match: matchOf(policy as Policy, match) as unknown as Json,
      ...(Object.keys(parameters).length > 0 && { parameters }),
    },
  }
}

const longestName = 63

/** The parameters to write: those that are given, and those that were set ahead, which another template may not have. */
function parametersOf(
  policy: Policy<never, never> | Policy,
  name: string,
  given: Readonly<Record<string, Json>> = {},
): Readonly<Record<string, Json>> {
  const read = readParameters(policy as Policy, given)
  if ('problems' in read) {
    const [problem] = read.problems
    throw new GatekeeperError(
      'invalid-parameters',
      `the parameters of constraint \`${name}\` of policy \`${policy.id}\`: ${problem?.path.join('.') ?? ''}: ${problem?.message ?? ''}`,
    )
  }
  return { ...policy.values, ...given }
}

function checkActions(
  name: string,
  action: unknown,
  scoped: readonly ScopedEnforcementAction[] | undefined,
): void {
  const unknown =
    scoped === undefined
      ? actions.includes(action)
        ? undefined
        : action
      : (scoped.find((each) => !actions.includes(each.action))?.action ??
        scoped.flatMap((each) => each.enforcementPoints).find((each) => !points.includes(each.name))?.name)
  if (unknown !== undefined)
    throw new GatekeeperError(
      'invalid-action',
      `constraint \`${name}\` has \`${String(unknown)}\`, which Gatekeeper does not know`,
      `actions are ${actions.join(', ')}; places are ${points.join(', ')}`,
    )
  if (scoped?.length === 0 || scoped?.some((each) => each.enforcementPoints.length === 0) === true)
    throw new GatekeeperError(
      'invalid-action',
      `constraint \`${name}\` has an action for no place`,
      'name where it is taken',
    )
}
