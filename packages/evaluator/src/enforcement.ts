/** What an enforcing place does about a violation: refuse the request, let it through with a warning, or only tell of it. */
export type EnforcementAction = 'deny' | 'warn' | 'dryrun'

export const enforcementActions: readonly EnforcementAction[] = ['deny', 'warn', 'dryrun']

/** Actions by policy id. A policy that is not among them is enforced: `deny`. */
export type Actions = Readonly<Record<string, EnforcementAction>>

/** What is done about violations of a policy, which may be called `constructor`. */
export const actionOf = (actions: Actions, id: string): EnforcementAction =>
  Object.hasOwn(actions, id) ? (actions[id] ?? 'deny') : 'deny'
