import type { Json, Policy, SourceLocation, TargetIr, Verdict } from '@gatewright/core'
import type { Suite } from '../cases.js'
import { type Candidate, Candidates } from '../search/candidates.js'
import { type Parts, questionOf } from '../search/parts.js'
import type { Question } from '../search/questions.js'
import { outcomeText } from '../verdict-text.js'
import { smallestParts } from '../search/smallest.js'
import type { AtomicCondition } from './conditions.js'
import { type CoverageOptions, coverageOf, observedBy } from './coverage.js'
import { type Observation, type Probe, valueIn } from './probe.js'
import { plainerParts } from './plain-parts.js'
import { questionsOf } from './questions-of-suite.js'

export interface SuggestOptions extends CoverageOptions {
  /** How many objects to try for what is missing; 5,000 by default. */
  readonly budget?: number
}

/** Something that no test shows of a condition. */
export interface MissingObservation {
  readonly id: string
  readonly text: string
  readonly source: SourceLocation | undefined
  readonly observation: Observation
}

/** An object that shows what no test does, with what the policy says of it today. */
export interface SuggestedCase {
  readonly name: string
  readonly shows: readonly MissingObservation[]
  /** The object, or an AdmissionReview where there is more to it. */
  readonly object: Json
  readonly parameters: Readonly<Record<string, Json>>
  readonly inventory?: Question['inventory']
  readonly verdict: Verdict
}

export interface Suggestions {
  readonly policy: string
  readonly cases: readonly SuggestedCase[]
  /** What no object was found for in the budget. */
  readonly notFound: readonly MissingObservation[]
  /** How many objects were tried for each. */
  readonly budget: number
}

interface Missing {
  readonly condition: AtomicCondition
  readonly observation: Observation
}

/** What the policy makes of a candidate. */
interface Known {
  readonly verdict: Verdict['verdict']
  readonly outcome: string
  readonly seen: ReturnType<Probe['seen']>
}

interface Found {
  readonly question: Question
  readonly shows: Missing[]
}

/**
 * Looks for the smallest objects that show what a suite does not show of a policy's conditions, among its own objects and changes of
 * them; the same each time. What a policy says of them is what it says today: review it before it becomes a test.
 */
export function suggestCases(policy: Policy, suite: Suite, options: SuggestOptions = {}): Suggestions {
  const { budget = 5000 } = options
  const observed = observedBy(policy, suite)
  const { conditions } = coverageOf(policy, observed, options)
  const missing = observed.conditions.flatMap((condition, i): readonly Missing[] => {
    const judged = conditions[i]
    return judged?.status !== 'missed'
      ? []
      : judged.missing.map((observation): Missing => ({ condition, observation }))
  })
  const questions = missing.length === 0 ? [] : questionsOf(policy, suite).map(({ question }) => question)
  const search = new CaseSearch(policy.ir.target, observed.probe)
  const left = search.findAll(missing, new Candidates(policy, questions, [], budget))
  // what was found is near to what was not
  const near = search.found.map(({ question }) => question)
  const notFound =
    left.length === 0 || near.length === 0
      ? left
      : search.findAll(left, new Candidates(policy, near, [], budget))
  return {
    policy: policy.id,
    cases: named(search.found).map(({ name, of }): SuggestedCase => {
      const { object, parameters, inventory } = of.question
      return {
        name,
        shows: of.shows.map(described),
        object,
        parameters: parameters as Readonly<Record<string, Json>>,
        ...(inventory === undefined ? {} : { inventory }),
        verdict: observed.probe.verdict(of.question),
      }
    }),
    notFound: notFound.map(described),
    budget,
  }
}

const described = ({ condition: { id, text, source }, observation }: Missing): MissingObservation => ({
  id,
  text,
  source,
  observation,
})

class CaseSearch {
  readonly found: Found[] = []
  readonly #target: TargetIr
  readonly #probe: Probe
  readonly #known = new WeakMap<Candidate, Known>()

  constructor(target: TargetIr, probe: Probe) {
    this.#target = target
    this.#probe = probe
  }

  /** Finds cases for what is missing, one for several things where it shows them; what is left was not found. */
  findAll(missing: readonly Missing[], candidates: Candidates): readonly Missing[] {
    // where a condition decides, it is seen too
    const decides = ({ observation }: Missing): boolean => observation.startsWith('decides')
    const ordered = [...missing.filter(decides), ...missing.filter((each) => !decides(each))]
    return ordered.filter((each) => !this.#isShown(each) && !this.#find(each, candidates))
  }

  /** Whether a case that was found already shows something; then it is noted there. */
  #isShown(missing: Missing): boolean {
    const { condition, observation } = missing
    const by = this.found.find(({ question }) => this.#probe.shows(question, condition, observation))
    by?.shows.push(missing)
    return by !== undefined
  }

  #find(missing: Missing, candidates: Candidates): boolean {
    const { condition, observation } = missing
    const value = valueIn[observation]
    const decides = observation.startsWith('decides')
    const forced = ({ question }: Pick<Candidate, 'question'>): Verdict =>
      this.#probe.forcedVerdict(question, condition, value)
    const weaker: (Candidate | undefined)[] = []
    for (const candidate of candidates) {
      const { verdict, outcome, seen } = this.#knownOf(candidate)
      if (seen.get(condition.node)?.has(value) !== true) continue
      const other = decides ? forced(candidate) : undefined
      if (other !== undefined && outcomeText(other) === outcome) continue
      const weakness = other === undefined ? 0 : weaknessOf(verdict, other.verdict)
      weaker[weakness] ??= candidate
      if (weakness === 0) break
    }
    const found = weaker.find((each) => each !== undefined)
    if (found === undefined) return false
    this.#keep(found, missing, (question) => (decides ? forced({ question }).verdict : ''))
    return true
  }

  #knownOf(candidate: Candidate): Known {
    let known = this.#known.get(candidate)
    if (known === undefined) {
      const own = this.#probe.verdict(candidate.question)
      // there is no section for errors, and what is invalid shows nothing of what decides
      const isJudged = own.verdict !== 'error' && own.verdict !== 'invalid'
      const seen = isJudged ? this.#probe.seen(candidate.question) : new Map()
      this.#known.set(candidate, (known = { verdict: own.verdict, outcome: outcomeText(own), seen }))
    }
    return known
  }

  /** Keeps a case without what can be left out: the verdict stays, and what else is said of a question that shows it. */
  #keep({ parts, question }: Candidate, missing: Missing, also: (question: Question) => string): void {
    const { condition, observation } = missing
    const { verdict } = this.#probe.verdict(question)
    const other = also(question)
    const isAsGood = (smaller: Question): boolean =>
      this.#probe.verdict(smaller).verdict === verdict &&
      this.#probe.shows(smaller, condition, observation) &&
      also(smaller) === other
    const alone = questionOf(parts, undefined)
    const inventory = isAsGood(alone) ? undefined : question.inventory
    const holds = (of: Parts): boolean => isAsGood(questionOf(of, inventory))
    const plain = plainerParts(this.#target, smallestParts(parts, holds), holds)
    this.found.push({ question: questionOf(plain, inventory), shows: [missing] })
  }
}

/** How little two verdicts say for their being different: 1 where only what is found differs, 2 where one is no answer. */
function weaknessOf(own: Verdict['verdict'], other: Verdict['verdict']): 0 | 1 | 2 {
  if (other === 'error' || other === 'invalid') return 2
  return own === other ? 1 : 0
}

const words: Readonly<Record<Observation, string>> = {
  true: 'is true',
  false: 'is false',
  'decides-when-true': 'decides by being true',
  'decides-when-false': 'decides by being false',
}

/** A name for each case that says what it shows; no two are the same. */
function named(found: readonly Found[]): readonly { readonly name: string; readonly of: Found }[] {
  const taken = new Map<string, number>()
  return found.map((of) => {
    const [first] = of.shows
    const more = of.shows.length - 1
    const text = `${first === undefined ? '' : saysOf(first.condition.text, first.observation)}${more === 0 ? '' : `, and ${more} more`}`
    const count = (taken.get(text) ?? 0) + 1
    taken.set(text, count)
    return { name: count === 1 ? text : `${text} (${count})`, of }
  })
}

/** What is shown of a condition, in words: `pod.hostPID.is(true) decides by being true`. */
export function saysOf(text: string, observation: Observation): string {
  return `${text.length > 90 ? `${text.slice(0, 89)}…` : text} ${words[observation]}`
}
