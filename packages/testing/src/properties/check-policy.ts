import type { Json, Policy, Verdict } from '@gatewright/core'
import fc from 'fast-check'
import type { ArbitraryMode } from '../arbitrary/arbitrary.js'
import { questions } from '../arbitrary/questions.js'
import type { Question } from '../search/questions.js'
import { properties } from './all.js'
import { type CheckPolicyOptions, refuseUnknown } from './options.js'
import { type Answered, type Break, isBreak, type Property, type PropertyName } from './property.js'
import { Subject } from './subject.js'

/** An object, or an AdmissionReview, with what the policy says of it. */
export interface ShownAnswer {
  readonly object: Json
  readonly parameters: Readonly<Record<string, unknown>>
  /** The other objects that were known, where the policy looks some up. */
  readonly inventory?: Question['inventory']
  readonly verdict: Verdict
}

/** How a property is broken: the smallest that was found. */
export interface Counterexample {
  readonly because: string
  readonly first: ShownAnswer
  /** What it was changed to, with what the policy says then; absent where one object shows it. */
  readonly then?: ShownAnswer
}

/** What came of one property. */
export type PropertyResult = {
  readonly name: PropertyName
  /** What has to hold, as a statement. */
  readonly says: string
} & (
  | {
      readonly outcome: 'held'
      /** How many questions showed something; none means that it was never put to the test. */
      readonly shown: number
      /** What these are: `denied objects`. */
      readonly shownBy: string
    }
  | { readonly outcome: 'broken'; readonly counterexample: Counterexample; readonly advice: string }
  | {
      readonly outcome: 'does not apply'
      readonly reason: string
      /** It is broken, and the author has said why it may be. */
      readonly counterexample?: Counterexample
    }
  | {
      readonly outcome: 'needless exception'
      /** The reason that the author gave. */
      readonly reason: string
      readonly advice: string
    }
)

/** What came of all properties. */
export interface PolicyCheck {
  readonly policy: string
  /** Whether none is broken, and no exception is needless. */
  readonly ok: boolean
  readonly seed: number
  /** How many questions there were. */
  readonly questions: number
  readonly properties: readonly PropertyResult[]
}

/** The names of all properties with what each says. */
export const propertyNames: readonly { readonly name: PropertyName; readonly says: string }[] =
  properties.map(({ name, says }) => ({ name, says }))

/** How many valid questions there are by default. */
const defaultRuns = 200
/** Of so many valid questions there is one of each other mode. */
const perOther = 4

/**
 * Puts to a policy what must hold for any policy, on questions at random: valid, nearly valid and hostile ones; the same for the
 * same seed. Gives each property as held (with how many questions showed something), broken (with the smallest question that
 * shows it) or not applying (with the reason).
 *
 * Throws a `TypeError` for exceptions that are no properties or have no reason, and for exemptions that are no lists of parameters,
 * and where there would be no question.
 */
export function checkPolicy(policy: Policy, options: CheckPolicyOptions = {}): PolicyCheck {
  refuseUnknown(policy, options)
  const check = new PolicyChecking(policy, options)
  const results = properties.map((property) => check.result(property))
  return {
    policy: policy.id,
    ok: results.every(({ outcome }) => outcome === 'held' || outcome === 'does not apply'),
    seed: check.seed,
    questions: check.asked,
    properties: results,
  }
}

/** A policy with the questions that its properties are put to. */
export class PolicyChecking {
  readonly seed: number
  readonly #options: CheckPolicyOptions
  readonly #subject: Subject
  readonly #asked = new Map<ArbitraryMode, readonly Question[]>()

  constructor(policy: Policy, options: CheckPolicyOptions) {
    this.#options = options
    this.seed = options.seed ?? 1
    this.#subject = new Subject(policy, { exemptions: options.exemptions })
    this.#subject.seen = this.#questions('valid')
  }

  get asked(): number {
    return [...this.#asked.values()].reduce((sum, each) => sum + each.length, 0)
  }

  result(property: Property): PropertyResult {
    const { name, says, advice, shownBy } = property
    const unfit = property.unfit?.(this.#subject)
    const reason = this.#options.except?.[name]
    const needless = { name, says, outcome: 'needless exception', advice: 'take the exception away' } as const
    if (unfit !== undefined)
      return reason === undefined
        ? { name, says, outcome: 'does not apply', reason: unfit }
        : { ...needless, reason }
    // what the author knows of is not made smaller
    const { shown, found } = this.#try(property, reason === undefined)
    if (found === undefined)
      return reason === undefined ? { name, says, outcome: 'held', shown, shownBy } : { ...needless, reason }
    const counterexample = shownBreak(found)
    return reason === undefined
      ? { name, says, outcome: 'broken', counterexample, advice }
      : { name, says, outcome: 'does not apply', reason, counterexample }
  }

  #try(property: Property, shrinks: boolean): { readonly shown: number; readonly found: Break | undefined } {
    let shown = 0
    for (const mode of property.modes ?? ['valid']) {
      // each mode is to be tried
      let left = property.enough ?? Number.POSITIVE_INFINITY
      for (const [i, question] of this.#questions(mode).entries()) {
        if (left <= 0) break
        const trial = property.tried(question, this.#subject)
        if (trial === undefined) continue
        if (isBreak(trial))
          return { shown, found: shrinks ? (this.#smallest(property, mode, i) ?? trial) : trial }
        shown++
        left--
      }
    }
    return { shown, found: undefined }
  }

  #questions(mode: ArbitraryMode): readonly Question[] {
    let known = this.#asked.get(mode)
    if (known === undefined) {
      const { numRuns = defaultRuns } = this.#options
      const count = mode === 'valid' ? numRuns : Math.ceil(numRuns / perOther)
      known = count === 0 ? [] : fc.sample(this.#arbitrary(mode), { seed: this.seed, numRuns: count })
      this.#asked.set(mode, known)
    }
    return known
  }

  #arbitrary(mode: ArbitraryMode): fc.Arbitrary<Question> {
    const { kind, kubernetesVersion } = this.#options
    return questions(this.#subject.policy, {
      mode,
      ...(kind === undefined ? {} : { kind }),
      ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    })
  }

  /** The same question once more, made smaller by fast-check so long as the property is broken. */
  #smallest(property: Property, mode: ArbitraryMode, index: number): Break | undefined {
    let smallest: Break | undefined
    let left = mostShrinks
    fc.check(
      fc.property(this.#arbitrary(mode), (question) => {
        if (left-- <= 0) return true
        const trial = property.tried(question, this.#subject)
        if (!isBreak(trial)) return true
        smallest = trial
        return false
      }),
      { seed: this.seed, path: String(index), numRuns: 1 },
    )
    return smallest
  }
}

/** How many smaller questions are tried. */
const mostShrinks = 1000

const shownBreak = ({ because, first, then }: Break): Counterexample => ({
  because,
  first: shownAnswer(first),
  ...(then === undefined ? {} : { then: shownAnswer(then) }),
})

const shownAnswer = ({ question, verdict }: Answered): ShownAnswer => ({
  object: question.object,
  parameters: question.parameters,
  ...(question.inventory === undefined ? {} : { inventory: question.inventory }),
  verdict,
})
