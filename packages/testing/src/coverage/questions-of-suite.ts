import type { Policy } from '@gatewright/core'
import type { Suite } from '../cases.js'
import { readySuite } from '../ready-suite.js'
import { type Asked, whileAsking } from '../recording/asked.js'
import { jsonOf } from '../review.js'
import type { Question } from '../search/questions.js'

/** A question that a suite asks, with the name of its case. */
export interface NamedQuestion {
  readonly name: string
  readonly question: Question
}

/**
 * The questions that a suite asks a policy, which has to pass it. Those of a function are seen where it asks them through
 * `gatewright/testing` or `gatewright/vitest`; a `TypeError` where it asks none there.
 */
export function questionsOf(policy: Policy, suite: Suite): readonly NamedQuestion[] {
  if (typeof suite !== 'function') {
    const { questions } = readySuite(policy, suite)
    return questions.map((question, i) => ({ name: suite[i]?.name ?? `case ${i + 1}`, question }))
  }
  const asked: Asked[] = []
  whileAsking(
    (each) => asked.push(each),
    () => readySuite(policy, suite),
  )
  const questions = asked
    .filter((each) => each.policy.ir === policy.ir && !each.isLeftOut)
    .map((each, i): NamedQuestion => ({
      name: `question ${i + 1}`,
      question: {
        object: jsonOf(each.object, 'an object of the suite'),
        parameters: { ...each.policy.values, ...each.parameters },
        inventory: each.inventory,
      },
    }))
  if (questions.length === 0)
    throw new TypeError(
      `the suite of policy \`${policy.id}\` asks nothing through expect(policy) or verdictOf(): give its cases as a list`,
    )
  return questions
}
