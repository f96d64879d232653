import { cloneJson, type Inventory } from '@gatewright/core'
import { normalizeJson } from '@gatewright/evaluator'
import type { Question } from '../search/questions.js'

/** A question that is given: an object or an AdmissionReview, with what else policies are told. */
export interface GivenQuestion {
  readonly object: unknown
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly inventory?: Inventory
}

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
