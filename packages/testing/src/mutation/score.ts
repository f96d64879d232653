import { cloneJson, type Policy } from '@gatewright/core'
import { type Mutant, mutantPolicy, mutantsOf } from './mutants.js'
import type { MutationOperator } from './operators.js'
import type { Question } from '../search/questions.js'
import { type MutationCase, readySuite, type Suite } from './suite.js'
import { type Witness, WitnessSearch } from './witness.js'

export interface MutationOptions {
  /** The classes of changes to make; all by default. */
  readonly operators?: readonly MutationOperator[]
  /** How many objects to try for a witness of each survivor; 5,000 by default, none with 0. */
  readonly budget?: number
  /** Objects to look for witnesses from, beside those of the suite. */
  readonly objects?: readonly Pick<MutationCase, 'object' | 'parameters' | 'inventory'>[]
}

/** What a suite made of a mutant. */
export interface JudgedMutant {
  readonly mutant: Mutant
  readonly killed: boolean
  /** The case that killed it, or what an assertion said. */
  readonly killedBy?: string
  /** Of a survivor: an object that would have killed it. Without one, no witness was found, and it may mean the same. */
  readonly witness?: Witness
}

export interface MutationResult {
  readonly policy: string
  /** The part of the mutants that was killed, from 0 to 1; 1 where there are none. */
  readonly score: number
  readonly killed: number
  readonly survived: number
  readonly mutants: readonly JudgedMutant[]
}

/**
 * Runs every mutant of a policy against its tests. A mutant is killed when a case, or an assertion, fails for it; that the policy
 * itself passes is checked first, and a `TypeError` where it does not.
 */
export function mutationScore(policy: Policy, suite: Suite, options: MutationOptions = {}): MutationResult {
  const { firstFailure, questions, open } = readySuite(policy, suite)
  const { budget = 5000, operators, objects = [] } = options
  const more = objects.map(questionFrom)
  const search = new WitnessSearch(policy, [...questions, ...more], [...open, ...more], budget)
  const judged = mutantsOf(policy)
    .filter(({ operator }) => operators === undefined || operators.includes(operator))
    .map((mutant): JudgedMutant => {
      const changed = mutantPolicy(policy, mutant)
      const killedBy = firstFailure(changed)
      if (killedBy !== undefined) return { mutant, killed: true, killedBy }
      const witness = search.find(changed)
      return { mutant, killed: false, ...(witness === undefined ? {} : { witness }) }
    })
  const killed = judged.filter((each) => each.killed).length
  return {
    policy: policy.id,
    score: judged.length === 0 ? 1 : killed / judged.length,
    killed,
    survived: judged.length - killed,
    mutants: judged,
  }
}

/** The mutants that no test tells from the policy. */
export function survivors(
  policy: Policy,
  suite: Suite,
  options: MutationOptions = {},
): readonly JudgedMutant[] {
  return mutationScore(policy, suite, options).mutants.filter(({ killed }) => !killed)
}

function questionFrom({
  object,
  parameters = {},
  inventory,
}: Pick<MutationCase, 'object' | 'parameters' | 'inventory'>): Question {
  const cloned = cloneJson(object)
  if ('problem' in cloned) throw new TypeError(`an object is no JSON: ${cloned.problem.message}`)
  return { object: cloned.value, parameters, inventory }
}
