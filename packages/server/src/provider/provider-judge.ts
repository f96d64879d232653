import { canonicalText, type Json, type Policy, type Reason, type Verdict } from '@gatewright/core'
import { type Evaluation, type Evaluator, evaluator } from '@gatewright/evaluator'
import { type ProviderKey, readProviderKey } from './provider-key.js'

/** A violation as Gatekeeper knows them. */
export interface ProviderViolation {
  readonly msg: string
  readonly details: Readonly<Record<string, Json>>
}

/** What a policy has against a review: nothing where it is allowed. */
export interface Judged {
  readonly policy: string
  readonly verdict: Verdict['verdict']
  readonly violations: readonly ProviderViolation[]
}

/** The answer to a key, or why it cannot be judged. */
export type ProviderAnswer = Judged | { readonly problem: string }

/** Answers keys, by policies that stay the same. */
export type ProviderJudge = (key: string) => ProviderAnswer

/** How many sets of parameters are kept ready to judge by: constraints are few, and who asks must not fill the memory. */
const keptReady = 256

/** Judges what templates ask, each by its policy and the parameters of its constraint. */
export function providerJudge(policies: readonly Policy[]): ProviderJudge {
  const byId = new Map(policies.map((policy) => [policy.id, policy]))
  const ready = new Map<string, Evaluator>()
  const evaluatorOf = (policy: Policy, parameters: ProviderKey['parameters']): Evaluator => {
    const name = canonicalText([policy.id, parameters])
    const kept = ready.get(name)
    const made = kept ?? evaluator([policy], { parameters: { [policy.id]: parameters } })
    ready.delete(name)
    ready.set(name, made)
    const [oldest] = ready.keys()
    if (ready.size > keptReady && oldest !== undefined) ready.delete(oldest)
    return made
  }
  return (text) => {
    const key = readProviderKey(text)
    if ('problem' in key) return key
    const policy = byId.get(key.policy)
    if (policy === undefined) return { problem: `this provider has no policy \`${key.policy}\`` }
    const evaluation = evaluatorOf(policy, key.parameters).evaluateText(key.review)
    return answerOf(policy, key, evaluation)
  }
}

function answerOf(policy: Policy, { isAdmitted }: ProviderKey, { judgements }: Evaluation): ProviderAnswer {
  const verdict = judgements[0]?.verdict
  if (verdict === undefined) return { problem: `\`${policy.id}\` gave no verdict` }
  const reasons = reasonsTold(policy, isAdmitted, verdict)
  return {
    policy: policy.id,
    verdict: verdict.verdict,
    violations: [
      ...verdict.violations.map(({ message, at, code, details, severity }) => ({
        msg: message,
        details: {
          at: [...at],
          code,
          ...(Object.keys(details).length > 0 && { details }),
          ...(severity !== policy.ir.severity && { severity }),
        },
      })),
      ...reasons.map(({ message, at = [], code }) => ({
        msg: message,
        details: { at: [...at], code, verdict: verdict.verdict },
      })),
    ],
  }
}

/**
 * The reasons that stand as violations: what cannot be judged, and what does not fit its schema, unless an API server has decoded it by its own.
 */
function reasonsTold(policy: Policy, isAdmitted: boolean, { verdict, reasons }: Verdict): readonly Reason[] {
  switch (verdict) {
    case 'allowed':
    case 'denied':
    case 'not-applicable':
      return []
    case 'invalid':
      return isAdmitted && policy.ir.target.builtIn === true ? [] : reasons
    case 'undetermined':
    case 'error':
      return reasons
  }
}
