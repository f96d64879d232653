import type { Json, Policy, Verdict } from '@gatewright/core'
import { type Candidate, Candidates } from '../search/candidates.js'
import { type Parts, questionOf } from '../search/parts.js'
import { Asking, type Question, Questions } from '../search/questions.js'
import { smallestParts } from '../search/smallest.js'
import { outcomeText } from '../verdict-text.js'

/** An object that tells a mutant from the policy: they say different things of it. */
export interface Witness {
  /** The object, or an AdmissionReview where there is more to it. */
  readonly object: Json
  readonly parameters: Readonly<Record<string, Json>>
  /** What the policy says, and what the mutant says. */
  readonly original: Verdict
  readonly mutant: Verdict
}

/** Looks for witnesses among a suite's own objects and what they come to when changed at random; the same each time. */
export class WitnessSearch {
  readonly #questions: Questions
  readonly #original: Asking
  readonly #candidates: Candidates
  /** What the policy says of each candidate. */
  readonly #outcomes = new WeakMap<Candidate, string>()

  /** Objects are changed from all questions; only the open ones are tried as they are, since a survivor passed the others. */
  constructor(policy: Policy, questions: readonly Question[], open: readonly Question[], budget: number) {
    this.#questions = new Questions(policy)
    this.#original = new Asking(policy, this.#questions)
    this.#candidates = new Candidates(policy, questions, open, budget)
  }

  /** The smallest witness that was found in the budget, or undefined: the mutant may mean the same as the policy. */
  find(mutant: Policy): Witness | undefined {
    const asking = new Asking(mutant, this.#questions)
    const weaker: (Candidate | undefined)[] = []
    for (const candidate of this.#candidates) {
      const verdict = asking.verdict(candidate.question)
      const outcome = this.#outcome(candidate)
      if (outcomeText(verdict) === outcome) continue
      const weakness = weaknessOf(outcome, verdict)
      if (weakness === 0) return this.#smallest(candidate, asking)
      weaker[weakness] ??= candidate
    }
    const found = weaker.find((each) => each !== undefined)
    return found === undefined ? undefined : this.#smallest(found, asking)
  }

  #outcome(candidate: Candidate): string {
    let outcome = this.#outcomes.get(candidate)
    if (outcome === undefined)
      this.#outcomes.set(candidate, (outcome = outcomeText(this.#original.verdict(candidate.question))))
    return outcome
  }

  /** Leaves out what can be left out, so long as both verdicts stay what they are. */
  #smallest({ parts, given: inventory }: Candidate, mutant: Asking): Witness {
    const verdicts = (of: Parts): readonly [Verdict, Verdict] => {
      const question = questionOf(of, inventory)
      return [this.#original.verdict(question), mutant.verdict(question)]
    }
    const [first, second] = verdicts(parts)
    const smallest = smallestParts(parts, (of) => {
      const [original, other] = verdicts(of)
      return (
        original.verdict === first.verdict &&
        other.verdict === second.verdict &&
        outcomeText(original) !== outcomeText(other)
      )
    })
    const { object, parameters } = questionOf(smallest, inventory)
    const [original, other] = verdicts(smallest)
    return { object, parameters: parameters as Readonly<Record<string, Json>>, original, mutant: other }
  }
}

/** How little two answers say for their being different: 1 where only what is found differs, 2 where an object fits no schema. */
function weaknessOf(original: string, { verdict }: Verdict): 0 | 1 | 2 {
  const [own] = original.split('\n')
  if ([own, verdict].some((each) => each === 'invalid' || each === 'error')) return 2
  return own === verdict ? 1 : 0
}
