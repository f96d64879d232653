import type { Policy } from '@gatewright/core'
import { type Actions, type Evaluator, evaluator, type Match } from '@gatewright/evaluator'

/** Policies as a server enforces them. */
export interface PoliciesInForce {
  readonly evaluator: Evaluator
  readonly actions: Actions
  /** What they are a revision of, for logs and audit annotations. */
  readonly revision: string
}

/** What is put in force. */
export interface PoliciesToEnforce {
  readonly policies: readonly Policy[]
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly actions?: Actions
  readonly match?: Match
  readonly revision: string
  /** Whether there may be none, with which everything is let through. */
  readonly mayBeEmpty?: boolean
}

/**
 * Makes policies ready to be enforced. Throws a `TypeError` where they would judge less than is meant: there are none, parameters are
 * wrong, or there are actions for a policy that is not there.
 *
 * A `namespaceSelector` of the match is left to the configuration of the webhook: the API server has the namespaces, and asks only
 * about those that it selects.
 */
export function policiesInForce(given: PoliciesToEnforce): PoliciesInForce {
  const { policies, parameters, actions = {}, match, revision, mayBeEmpty = false } = given
  if (policies.length === 0 && !mayBeEmpty)
    throw new TypeError('there are no policies, so that everything would be let through')
  const ids = new Set(policies.map(({ id }) => id))
  const stray = Object.keys(actions).find((id) => !ids.has(id))
  if (stray !== undefined)
    throw new TypeError(`there is an action for \`${stray}\`, which is none of the policies`)
  const { namespaceSelector: _, ...judged } = match ?? {}
  const made = evaluator(policies, {
    ...(parameters !== undefined && { parameters }),
    ...(Object.keys(judged).length > 0 && { match: judged }),
  })
  const [wrong] = made.parameterProblems
  if (wrong !== undefined) {
    const [problem] = wrong.problems
    throw new TypeError(
      `the parameters of \`${wrong.policy.id}\`: ${problem?.path.join('.') ?? ''}: ${problem?.message ?? ''}`,
    )
  }
  // what judges texts is made at the first one, and no request has to wait for it
  made.evaluateText('{}')
  return { evaluator: made, actions, revision }
}
