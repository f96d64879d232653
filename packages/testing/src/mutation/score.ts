import { cloneJson, nearest, type Policy, type SourceLocation } from '@gatewright/core'
import type { GivenQuestion, Suite } from '../cases.js'
import { type Mutant, mutantPolicy, mutantsOf } from './mutants.js'
import { type MutationOperator, mutationOperators } from './operators.js'
import type { Question } from '../search/questions.js'
import { readySuite } from '../ready-suite.js'
import { type Witness, WitnessSearch } from './witness.js'

export interface MutationOptions {
  /** The classes of changes to make; all by default. */
  readonly operators?: readonly MutationOperator[]
  /** How many objects to try for a witness of each survivor; 5,000 by default, none with 0. */
  readonly budget?: number
  /** Why a mutant means the same as the policy, or is not worth a test, by its id. One that explains nothing is an error. */
  readonly explained?: Readonly<Record<string, string>>
  /** Whether what is written somewhere is the author's own; mutants of what is not are left out. All is by default. */
  readonly isOwn?: (source: SourceLocation) => boolean
  /** Objects to look for witnesses from, beside those of the suite. */
  readonly objects?: readonly GivenQuestion[]
}

/** What a suite made of a mutant. */
export interface JudgedMutant {
  readonly mutant: Mutant
  readonly killed: boolean
  /** The case that killed it, or what an assertion said. */
  readonly killedBy?: string
  /** Of a survivor: an object that would have killed it. Without one, no witness was found, and it may mean the same. */
  readonly witness?: Witness
  /** Of a survivor that is explained: the reason; no witness is looked for then. */
  readonly explanation?: string
}

export interface MutationResult {
  readonly policy: string
  /** The part of the mutants that was killed, from 0 to 1, without those that are explained; 1 where there are none. */
  readonly score: number
  readonly killed: number
  /** Survivors that are not explained. */
  readonly survived: number
  readonly explained: number
  readonly mutants: readonly JudgedMutant[]
}

/**
 * Runs every mutant of a policy against its tests. A mutant is killed when a case, or an assertion, fails for it; that the policy
 * itself passes is checked first: a `TypeError` where it does not, for operators that there are not, and for an explanation that explains nothing.
 */
export function mutationScore(policy: Policy, suite: Suite, options: MutationOptions = {}): MutationResult {
  const { firstFailure, questions, open } = readySuite(policy, suite)
  const { budget = 5000, operators, objects = [], explained = {}, isOwn = () => true } = options
  if (operators !== undefined) refuseUnknown(operators)
  const more = objects.map(questionFrom)
  const search = new WitnessSearch(policy, [...questions, ...more], [...open, ...more], budget)
  const judged = mutantsOf(policy)
    .filter(({ operator }) => operators === undefined || operators.includes(operator))
    .filter(({ source }) => source === undefined || isOwn(source))
    .map((mutant): JudgedMutant => {
      const changed = mutantPolicy(policy, mutant)
      const killedBy = firstFailure(changed)
      if (killedBy !== undefined) return { mutant, killed: true, killedBy }
      const explanation = Object.hasOwn(explained, mutant.id) ? explained[mutant.id] : undefined
      if (explanation !== undefined) return { mutant, killed: false, explanation }
      const witness = search.find(changed)
      return { mutant, killed: false, ...(witness === undefined ? {} : { witness }) }
    })
  const failed = firstFailure(policy)
  if (failed !== undefined)
    throw new TypeError(
      `the suite of policy \`${policy.id}\` passes once and then no more, so that it kills every mutant: ${failed}`,
    )
  if (operators === undefined) refuseUnused(policy, explained, judged)
  const killed = judged.filter((each) => each.killed).length
  const explainedOnes = judged.filter(({ explanation }) => explanation !== undefined).length
  const counted = judged.length - explainedOnes
  return {
    policy: policy.id,
    score: counted === 0 ? 1 : killed / counted,
    killed,
    survived: counted - killed,
    explained: explainedOnes,
    mutants: judged,
  }
}

/** Refuses classes of changes that there are not: without a mutant the score is 1. */
function refuseUnknown(operators: readonly string[]): void {
  if (operators.length === 0) throw new TypeError('`operators` is empty, so that there is nothing to score')
  const unknown = operators.find((each) => !Object.hasOwn(mutationOperators, each))
  if (unknown === undefined) return
  const near = nearest(unknown, Object.keys(mutationOperators))
  throw new TypeError(
    `there is no operator \`${unknown}\`${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
  )
}

function refuseUnused(
  policy: Policy,
  explained: Readonly<Record<string, string>>,
  judged: readonly JudgedMutant[],
): void {
  for (const [id, reason] of Object.entries(explained)) {
    const of = judged.find(({ mutant }) => mutant.id === id)
    if (of === undefined) {
      const near = nearest(
        id,
        judged.map(({ mutant }) => mutant.id),
      )
      throw new TypeError(
        `the policy \`${policy.id}\` has no mutant \`${id}\` to explain${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
      )
    }
    if (of.killed)
      throw new TypeError(
        `the mutant \`${id}\` of policy \`${policy.id}\` is killed: take its explanation out`,
      )
    if (reason.trim() === '') throw new TypeError(`the explanation of the mutant \`${id}\` is empty`)
  }
}

/** The mutants that no test tells from the policy, explained ones too. */
export function survivors(
  policy: Policy,
  suite: Suite,
  options: MutationOptions = {},
): readonly JudgedMutant[] {
  return mutationScore(policy, suite, options).mutants.filter(({ killed }) => !killed)
}

function questionFrom({ object, parameters = {}, inventory }: GivenQuestion): Question {
  const cloned = cloneJson(object)
  if ('problem' in cloned) throw new TypeError(`an object is no JSON: ${cloned.problem.message}`)
  return { object: cloned.value, parameters, inventory }
}
