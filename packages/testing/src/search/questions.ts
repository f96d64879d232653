import {
  type Inventory,
  type Json,
  judgedObject,
  kindOf,
  type Policy,
  readParameters,
  type Review,
  type Verdict,
} from '@gatewright/core'
import { checkedIr, evaluate, javascriptEngine, normalizeJson, type Prepared } from '@gatewright/evaluator'

/** A question that can be put to any version of a policy. */
export interface Question {
  readonly object: Json
  readonly parameters: Readonly<Record<string, unknown>>
  readonly inventory: Inventory | undefined
}

/** A question as engines are asked it: what the rules see as parameters, and the review. */
export interface AskedQuestion {
  readonly parameters: Json
  readonly review: Review
}

/** The review that a policy judges; undefined where the object is none that it is asked about. */
export function judgedReview(policy: Policy, { object, inventory }: Question): Review | undefined {
  const normalized = normalizeJson(object)
  if ('problem' in normalized) return undefined
  const { review } = normalized
  if (policy.ir.target.kinds !== undefined && kindOf(judgedObject(review)) === undefined) return undefined
  return inventory === undefined ? review : { ...review, inventory }
}

/** A question as all versions of a policy are asked it; `same` is what they all say where none of them is asked. */
type Asked = AskedQuestion | { readonly same: Verdict }

/** Prepares questions once for all versions of a policy, whose target and parameters are the same. */
export class Questions {
  readonly #policy: Policy
  readonly #asked = new WeakMap<Question, Asked>()

  constructor(policy: Policy) {
    this.#policy = policy
  }

  asked(question: Question): Asked {
    let asked = this.#asked.get(question)
    if (asked === undefined) this.#asked.set(question, (asked = this.#prepare(question)))
    return asked
  }

  #prepare(question: Question): Asked {
    const { object, parameters } = question
    const review = judgedReview(this.#policy, question)
    const read = readParameters(this.#policy, parameters)
    if (review !== undefined && 'parameters' in read) return { review, parameters: read.parameters }
    const { judgements } = evaluate([this.#policy], object, {
      engine: javascriptEngine,
      parameters: { [this.#policy.id]: parameters },
    })
    return { same: judgements[0]?.verdict as Verdict }
  }
}

/** Puts questions to one version of a policy. */
export class Asking {
  readonly #prepared: Prepared
  readonly #questions: Questions

  constructor(policy: Policy, questions: Questions) {
    this.#prepared = javascriptEngine.prepare(checkedIr(policy))
    this.#questions = questions
  }

  verdict(question: Question): Verdict {
    const asked = this.#questions.asked(question)
    return 'same' in asked ? asked.same : this.#prepared.judge(asked.parameters, asked.review)
  }
}
