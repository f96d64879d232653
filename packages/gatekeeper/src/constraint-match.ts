import type { Policy, TargetIr } from '@gatewright/core'
import { type Match, matchProblems } from '@gatewright/evaluator'
import { nearestKind, type ServedKinds } from '@gatewright/kubernetes'
import { GatekeeperError } from './gatekeeper-error.js'

/** A group of the API that Kubernetes itself serves. */
export type ServedGroup = keyof ServedKinds

/** A kind that Kubernetes itself serves. */
export type ServedKind = ServedKinds[ServedGroup]

/** Groups and kinds by their names; a misspelt one does not compile. Those of custom resources are said with `customResource`. */
export interface NamedKinds {
  readonly apiGroups: readonly (ServedGroup | '*')[]
  readonly kinds: readonly (ServedKind | '*')[]
}

/** A resource, or another target with kinds: `deployments`, `workloads`, `customResource('example.com/v1', 'Widget')`. */
export interface WithKinds {
  readonly ir: Pick<TargetIr, 'kinds' | 'name'>
}

/** Which objects a constraint is about: Gatekeeper's `match`. What is not given does not matter. */
export interface ConstraintMatch extends Omit<Match, 'kinds' | 'labelSelector' | 'namespaceSelector'> {
  /** By default the kinds that the policy is about; others cannot be named. */
  readonly kinds?: readonly (NamedKinds | WithKinds)[]
  readonly labelSelector?: Selector
  readonly namespaceSelector?: Selector
}

/** A label selector. */
export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly (
    | { readonly key: string; readonly operator: 'In' | 'NotIn'; readonly values: readonly string[] }
    | { readonly key: string; readonly operator: 'Exists' | 'DoesNotExist' }
  )[]
}

type Kinds = NonNullable<Match['kinds']>

/** The match of a constraint, with kinds by their names. Throws a `GatekeeperError` for what Gatekeeper or the policy would not match. */
export function matchOf(policy: Policy, match: ConstraintMatch = {}): Match {
  const own = kindsOf(policy.ir.target)
  const kinds = (match.kinds ?? []).flatMap((each) => ('ir' in each ? kindsOf(each.ir) : [each]))
  // what a target names is right by itself: custom resources, and `extensions`, which only old manifests have
  const named = (match.kinds ?? []).filter((each) => !('ir' in each))
  const [problem] = matchProblems({ ...match, kinds: named } as never, nearestKind)
  if (problem !== undefined) throw invalid(policy, problem)
  for (const each of kinds) refuseForeign(policy, each)
  return { ...match, kinds: kinds.length === 0 ? own : kinds } as Match
}

/** The kinds of a target, as a match has them: a line for the kinds of each group. */
function kindsOf({ kinds, name }: WithKinds['ir']): Kinds {
  if (kinds === undefined)
    throw new GatekeeperError(
      'no-kubernetes-object',
      `\`${name}\` is no object of Kubernetes`,
      'leave it out',
    )
  const groups = new Map<string, string[]>()
  for (const { group, kind } of kinds) groups.set(group, [...(groups.get(group) ?? []), kind])
  return [...groups].map(([group, all]) => ({ apiGroups: [group], kinds: all }))
}

function refuseForeign(policy: Policy, { apiGroups = [], kinds = [] }: Kinds[number]): void {
  if (apiGroups.length === 0 || kinds.length === 0)
    throw invalid(policy, '`kinds` has an entry without `apiGroups` or `kinds`, which matches any')
  if (apiGroups.includes('*') && apiGroups.length > 1)
    throw invalid(policy, '`*` stands beside other groups, which Gatekeeper does not take')
  const own = policy.ir.target.kinds ?? []
  if (own.some(({ kind }) => kind === '*')) return
  for (const kind of kinds) {
    if (
      own.some(
        (each) => each.kind === kind && apiGroups.some((group) => group === '*' || group === each.group),
      )
    )
      continue
    throw invalid(
      policy,
      `\`${kind}\` of \`${apiGroups.join('`, `')}\` is none of the kinds that the policy is about`,
    )
  }
}

const invalid = (policy: Policy, problem: string): GatekeeperError =>
  new GatekeeperError('invalid-match', `the match of a constraint of policy \`${policy.id}\`: ${problem}`)
