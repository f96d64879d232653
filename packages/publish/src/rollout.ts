import { distinctPolicies, nearest, type Policy, type Profile } from '@gatewright/core'
import { actionOf, type Actions, type EnforcementAction } from '@gatewright/evaluator'

/** A step on the way of policies into force. */
export interface Stage {
  /** How it is called: in kebab-case. */
  readonly name: string
  /** What is done about violations of all policies. */
  readonly action?: EnforcementAction
  /** What is done about violations of some, by policy id. */
  readonly actions?: Actions
  /** Whether policies may do less than in the stage before. */
  readonly mayLoosen?: boolean
}

/** The stages of a rollout, each with what is done then about violations of each policy. */
export interface Rollout {
  readonly stages: readonly { readonly name: string; readonly actions: Actions }[]
}

const strictness: Readonly<Record<EnforcementAction, number>> = { dryrun: 0, warn: 1, deny: 2 }

/**
 * A plan by which policies come into force: what a stage does not say is as in the stage before, and before the first nothing is in force.
 * Throws a `TypeError` where the first stage leaves a policy out, a stage says nothing or has the name of another, names a policy that is not
 * there, or makes one laxer without saying so.
 */
export function rollout(of: readonly (Policy | Profile)[], stages: readonly Stage[]): Rollout {
  const ids = distinctPolicies(of).map(({ id }) => id)
  if (stages.length === 0) throw new TypeError('a rollout has a stage at least')
  let before: Actions | undefined
  const worked: { readonly name: string; readonly actions: Actions }[] = []
  for (const { name, action, actions = {}, mayLoosen = false } of stages) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
      throw new TypeError(`the name of a stage, \`${name}\`, is not kebab-case`)
    if (worked.some((each) => each.name === name)) throw new TypeError(`two stages are called \`${name}\``)
    refuseUnknown(name, Object.keys(actions), ids)
    for (const each of [action, ...Object.values(actions)])
      if (each !== undefined && !Object.hasOwn(strictness, each))
        throw new TypeError(
          `stage \`${name}\` has the action \`${String(each)}\`; there are dryrun, warn and deny`,
        )
    if (action === undefined && Object.keys(actions).length === 0)
      throw new TypeError(`stage \`${name}\` says nothing that is done`)
    const now = Object.fromEntries(
      ids.map((id) => {
        const said = Object.hasOwn(actions, id) ? actions[id] : action
        const then = said ?? (before === undefined ? undefined : actionOf(before, id))
        if (then === undefined)
          throw new TypeError(
            `the first stage, \`${name}\`, says nothing of \`${id}\`; give it an \`action\` for all`,
          )
        if (!mayLoosen && before !== undefined && strictness[then] < strictness[actionOf(before, id)])
          throw new TypeError(
            `stage \`${name}\` makes \`${id}\` laxer: ${actionOf(before, id)} becomes ${then}; say \`mayLoosen: true\` if that is meant`,
          )
        return [id, then] as const
      }),
    )
    worked.push({ name, actions: now })
    before = now
  }
  return { stages: worked }
}

function refuseUnknown(stage: string, named: readonly string[], ids: readonly string[]): void {
  const unknown = named.find((id) => !ids.includes(id))
  if (unknown === undefined) return
  const near = nearest(unknown, ids)
  const help = near === undefined ? '' : `; did you mean \`${near}\`?`
  throw new TypeError(`stage \`${stage}\` names \`${unknown}\`, which is none of the policies${help}`)
}

/** What is done in a stage. Throws a `TypeError` where there is none of that name. */
export function stageActions({ stages }: Rollout, name: string): Actions {
  const found = stages.find((stage) => stage.name === name)
  if (found !== undefined) return found.actions
  throw new TypeError(
    `there is no stage \`${name}\`; there are ${stages.map((stage) => stage.name).join(', ')}`,
  )
}
