import type { Policy } from '@gatewright/core'
import { ObjectChanges } from './object-changes.js'
import { type Parts, partsOf, plainParts, questionOf } from './parts.js'
import type { Question } from './questions.js'

/** A question that a search tries, with the parts that it is made of. */
export interface Candidate {
  readonly parts: Parts
  readonly question: Question
  /** The objects that are looked up where the parts have none. */
  readonly given: Question['inventory']
}

interface Seed {
  readonly parts: Parts
  readonly inventory: Question['inventory']
}

const seedOf = (question: Question): readonly Seed[] => {
  const parts = partsOf(question)
  return parts === undefined ? [] : [{ parts, inventory: question.inventory }]
}

export interface CandidateOptions {
  readonly seed?: number
  /** Other versions of the policy, with whose constants questions are changed too. */
  readonly others?: readonly Policy[]
}

/**
 * Questions that a policy may be asked, known ones and what they come to when changed at random; the same each time. They are made
 * once, so that many searches can go over them.
 */
export class Candidates {
  readonly #made: Candidate[] = []
  readonly #seeds: Seed[]
  /** What is tried as it is. */
  readonly #open: readonly Seed[]
  readonly #changes: ObjectChanges
  /** How many there are: the open ones, and as many more as the budget allows. */
  readonly length: number

  /** Questions are changed from all of those given, or from plain ones where there are none; the open ones are tried as they are. */
  constructor(
    policy: Policy,
    questions: readonly Question[],
    open: readonly Question[],
    budget: number,
    { seed = 1, others }: CandidateOptions = {},
  ) {
    const own = questions.flatMap(seedOf)
    this.#seeds =
      own.length > 0 ? [...own] : plainParts(policy).map((parts) => ({ parts, inventory: undefined }))
    this.#open = own.length > 0 ? open.flatMap(seedOf) : [...this.#seeds]
    this.length = budget === 0 ? 0 : this.#open.length + budget
    this.#changes = new ObjectChanges(
      policy,
      this.#seeds.map(({ parts }) => parts),
      seed,
      others,
    )
  }

  *[Symbol.iterator](): Generator<Candidate> {
    for (let i = 0; i < this.length; i++) yield this.#candidate(i)
  }

  /** Has a candidate changed further from now on, as one that was given. */
  keep({ parts, given }: Candidate): void {
    this.#seeds.push({ parts, inventory: given })
  }

  #candidate(index: number): Candidate {
    const known = this.#made[index]
    if (known !== undefined) return known
    const seed = this.#open[index] ?? this.#changes.one(this.#seeds)
    let { parts } = seed
    if (index >= this.#open.length)
      for (let left = this.#changes.one([1, 1, 2, 3, 4]); left > 0; left--)
        parts = this.#changes.changed(parts)
    const made = { parts, question: questionOf(parts, seed.inventory), given: seed.inventory }
    this.#made.push(made)
    return made
  }
}
