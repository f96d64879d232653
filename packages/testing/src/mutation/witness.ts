import { canonicalText, isObject, type Json, type Policy, type Verdict } from '@gatewright/core'
import { ObjectChanges, type Parts, partsOf, plainParts, put, questionOf, valueAt } from './object-changes.js'
import { Asking, outcomeText, type Question, Questions } from './suite.js'

/** An object that tells a mutant from the policy: they say different things of it. */
export interface Witness {
  /** The object, or an AdmissionReview where there is more to it. */
  readonly object: Json
  readonly parameters: Readonly<Record<string, Json>>
  /** What the policy says, and what the mutant says. */
  readonly original: Verdict
  readonly mutant: Verdict
}

interface Seed {
  readonly parts: Parts
  readonly inventory: Question['inventory']
}

const seedOf = (question: Question): readonly Seed[] => {
  const parts = partsOf(question)
  return parts === undefined ? [] : [{ parts, inventory: question.inventory }]
}

interface Candidate {
  readonly parts: Parts
  readonly question: Question
  readonly outcome: string
}

/** Looks for witnesses among a suite's own objects and what they come to when changed at random; the same each time. */
export class WitnessSearch {
  readonly #questions: Questions
  readonly #original: Asking
  readonly #candidates: Candidate[] = []
  readonly #seeds: readonly Seed[]
  /** What may be a witness as it is. */
  readonly #open: readonly Seed[]
  readonly #changes: ObjectChanges
  readonly #most: number

  /** Objects are changed from all questions; only the open ones are tried as they are, since a survivor passed the others. */
  constructor(policy: Policy, questions: readonly Question[], open: readonly Question[], budget: number) {
    this.#questions = new Questions(policy)
    this.#original = new Asking(policy, this.#questions)
    const own = questions.flatMap(seedOf)
    this.#seeds = own.length > 0 ? own : plainParts(policy).map((parts) => ({ parts, inventory: undefined }))
    this.#open = own.length > 0 ? open.flatMap(seedOf) : this.#seeds
    this.#most = budget === 0 ? 0 : this.#open.length + budget
    this.#changes = new ObjectChanges(
      policy,
      this.#seeds.map(({ parts }) => parts),
      1,
    )
  }

  /** The smallest witness that was found in the budget, or undefined: the mutant may mean the same as the policy. */
  find(mutant: Policy): Witness | undefined {
    const asking = new Asking(mutant, this.#questions)
    const weaker: (Candidate | undefined)[] = []
    for (let i = 0; i < this.#most; i++) {
      const candidate = this.#candidate(i)
      const verdict = asking.verdict(candidate.question)
      if (outcomeText(verdict) === candidate.outcome) continue
      const weakness = weaknessOf(candidate.outcome, verdict)
      if (weakness === 0) return this.#smallest(candidate, asking)
      weaker[weakness] ??= candidate
    }
    const found = weaker.find((each) => each !== undefined)
    return found === undefined ? undefined : this.#smallest(found, asking)
  }

  /** Candidates are made once, for all mutants. */
  #candidate(index: number): Candidate {
    const known = this.#candidates[index]
    if (known !== undefined) return known
    const seed = this.#open[index] ?? this.#changes.one(this.#seeds)
    let { parts } = seed
    if (index >= this.#open.length)
      for (let left = this.#changes.one([1, 1, 2, 3, 4]); left > 0; left--)
        parts = this.#changes.changed(parts)
    const question = questionOf(parts, seed.inventory)
    const made = { parts, question, outcome: outcomeText(this.#original.verdict(question)) }
    this.#candidates.push(made)
    return made
  }

  /** Leaves out what can be left out, so long as both verdicts stay what they are. */
  #smallest({ parts, question: { inventory } }: Candidate, mutant: Asking): Witness {
    const verdicts = (of: Parts): readonly [Verdict, Verdict] => {
      const question = questionOf(of, inventory)
      return [this.#original.verdict(question), mutant.verdict(question)]
    }
    const [first, second] = verdicts(parts)
    const isWitness = (of: Parts): boolean => {
      const [original, other] = verdicts(of)
      return (
        original.verdict === first.verdict &&
        other.verdict === second.verdict &&
        outcomeText(original) !== outcomeText(other)
      )
    }
    let smallest = parts
    let left = 2000
    for (let isSmaller = true; isSmaller && left > 0;) {
      isSmaller = false
      for (const smaller of smallerParts(smallest)) {
        if (--left <= 0) break
        if (!isWitness(smaller)) continue
        smallest = smaller
        isSmaller = true
        break
      }
    }
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

/** Parts with something left out, most first. */
function* smallerParts(parts: Parts): Generator<Parts> {
  const { object, oldObject, parameters = {}, operation } = parts
  if (object !== undefined && (oldObject !== undefined || operation !== 'CREATE'))
    yield { object, operation: 'CREATE', parameters }
  if (parts['request'] !== undefined) yield put(parts, ['request'], undefined) as Parts
  const paths: (readonly (string | number)[])[] = []
  const look = (value: Json | undefined, at: readonly (string | number)[]): void => {
    const keys = Array.isArray(value) ? [...value.keys()] : isObject(value) ? Object.keys(value) : []
    for (const key of keys) {
      const isKind = at.length === 1 && (key === 'kind' || key === 'apiVersion') && at[0] !== 'parameters'
      if (!isKind) paths.push([...at, key])
    }
    for (const key of keys) look(valueAt(value, [key]), [...at, key])
  }
  for (const root of ['object', 'oldObject', 'parameters']) look(parts[root], [root])
  const sized = paths.map((path) => ({ path, size: canonicalText(valueAt(parts, path) ?? null).length }))
  for (const { path } of sized.toSorted((a, b) => b.size - a.size)) yield put(parts, path, undefined) as Parts
}
