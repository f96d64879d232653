import { cloneJson } from '@gatewright/core'
import { normalizeJson } from '@gatewright/evaluator'
import type { GivenQuestion } from '../cases.js'
import type { Question } from '../search/questions.js'

/** Questions as searches take them. Throws a `TypeError` for what policies cannot be asked about, since it would be passed over. */
export function questionsFrom(given: readonly GivenQuestion[]): readonly Question[] {
  return given.map(({ object, parameters = {}, inventory }, i) => {
    const cloned = cloneJson(object)
    const problem =
      'problem' in cloned
        ? cloned.problem.message
        : ((normalized) => ('problem' in normalized ? normalized.problem.message : undefined))(
            normalizeJson(cloned.value),
          )
    if ('problem' in cloned || problem !== undefined)
      throw new TypeError(`object ${i + 1} is none that policies are asked about: ${problem}`)
    return { object: cloned.value, parameters, inventory }
  })
}
