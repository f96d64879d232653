import {
  type Inventory,
  type Json,
  judgedObject,
  kindOf,
  pathText,
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

/** A question as all versions of a policy are asked it; `same` is what they all say where none of them is asked. */
type Asked = { readonly review: Review; readonly parameters: Json } | { readonly same: Verdict }

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

  #prepare({ object, parameters, inventory }: Question): Asked {
    const normalized = normalizeJson(object)
    const read = readParameters(this.#policy, parameters)
    const isAsked =
      'review' in normalized &&
      'parameters' in read &&
      (this.#policy.ir.target.kinds === undefined || kindOf(judgedObject(normalized.review)) !== undefined)
    if (isAsked)
      return {
        review: inventory === undefined ? normalized.review : { ...normalized.review, inventory },
        parameters: read.parameters,
      }
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

/** All that tests can see of a verdict. */
export function outcomeText({ verdict, violations }: Verdict): string {
  return [
    verdict,
    ...violations.map(({ code, at, message }) => `${code} ${pathText(at)}: ${message}`).toSorted(),
  ].join('\n')
}
