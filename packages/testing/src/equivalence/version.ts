import {
  type Inventory,
  isObject,
  type Json,
  type Policy,
  readParameters,
  type Review,
  type Verdict,
} from '@gatewright/core'
import { normalizeJson } from '@gatewright/evaluator'
import { Asking, type Question, Questions } from '../search/questions.js'

/** A version of a policy that questions are put to, each with those of its parameters that this version knows. */
export class Version {
  readonly policy: Policy
  readonly #asking: Asking
  readonly #known: ReadonlySet<string>

  constructor(policy: Policy) {
    this.policy = policy
    this.#asking = new Asking(policy, new Questions(policy))
    const { properties } = (isObject(policy.ir.parameters) ? policy.ir.parameters : {}) as {
      readonly properties?: Readonly<Record<string, Json>>
    }
    this.#known = new Set(Object.keys(properties ?? {}))
  }

  /** The verdict; undefined where this version does not take the parameters. */
  verdict(question: Question): Verdict | undefined {
    const verdict = this.#asking.verdict(this.#own(question))
    return verdict.reasons.some(({ code }) => code === 'invalid-parameters') ? undefined : verdict
  }

  /** What rules see of a question; undefined where they are not asked. */
  asked(question: Question): { readonly parameters: Json; readonly review: Review } | undefined {
    const normalized = normalizeJson(question.object)
    const read = readParameters(this.policy, this.#own(question).parameters)
    if ('problem' in normalized || 'problems' in read) return undefined
    return { parameters: read.parameters, review: withInventory(normalized.review, question.inventory) }
  }

  #own(question: Question): Question {
    const given = Object.entries(question.parameters)
    const own = given.filter(([key]) => this.#known.has(key))
    return own.length === given.length ? question : { ...question, parameters: Object.fromEntries(own) }
  }
}

const withInventory = (review: Review, inventory: Inventory | undefined): Review =>
  inventory === undefined ? review : { ...review, inventory }
