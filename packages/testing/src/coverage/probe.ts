import { check, judge, type Node, type Policy, type Verdict } from '@gatewright/core'
import { mutantPolicy } from '../mutation/mutants.js'
import { rewritten } from '../mutation/rewrite.js'
import { Asking, type Question, Questions } from '../search/questions.js'
import { outcomeText } from '../verdict-text.js'
import { type AtomicCondition, conditionsOf } from './conditions.js'

/** What tests can show of a condition: that it was true, that it was false, and that it alone decided where it was. */
export type Observation = 'true' | 'false' | 'decides-when-true' | 'decides-when-false'

export const observations: readonly Observation[] = [
  'true',
  'false',
  'decides-when-true',
  'decides-when-false',
]

/** The value that a condition has where something is shown of it. */
export const valueIn: Readonly<Record<Observation, boolean>> = {
  true: true,
  false: false,
  'decides-when-true': true,
  'decides-when-false': false,
}

/** Finds out what questions show of the conditions of a policy. */
export class Probe {
  readonly questions: Questions
  readonly conditions: readonly AtomicCondition[]
  readonly #policy: Policy
  readonly #original: Asking
  readonly #forced = new Map<string, Asking>()
  readonly #nodes: ReadonlySet<Node>

  constructor(policy: Policy) {
    this.#policy = policy
    this.questions = new Questions(policy)
    this.conditions = conditionsOf(policy)
    this.#nodes = new Set(this.conditions.map(({ node }) => node))
    this.#original = new Asking(policy, this.questions)
  }

  verdict(question: Question): Verdict {
    return this.#original.verdict(question)
  }

  /** What the policy would say if a condition were other than it is wherever it has this value. */
  forcedVerdict(question: Question, condition: AtomicCondition, value: boolean): Verdict {
    const key = `${condition.id} ${value}`
    let asking = this.#forced.get(key)
    if (asking === undefined)
      this.#forced.set(key, (asking = new Asking(this.#with(condition, value), this.questions)))
    return asking.verdict(question)
  }

  /** Whether a question shows something of a condition. */
  shows(question: Question, condition: AtomicCondition, observation: Observation): boolean {
    const value = valueIn[observation]
    if (observation === 'true' || observation === 'false')
      return this.seen(question).get(condition.node)?.has(value) === true
    const own = this.verdict(question)
    // what does not fit its schema is no case of the policy
    if (own.verdict === 'invalid' || own.verdict === 'error') return false
    return outcomeText(this.forcedVerdict(question, condition, value)) !== outcomeText(own)
  }

  /** The values that conditions have as the reference interpreter judges: what it need not ask is not seen. */
  seen(question: Question): ReadonlyMap<Node, ReadonlySet<boolean>> {
    const seen = new Map<Node, Set<boolean>>()
    const asked = this.questions.asked(question)
    if ('same' in asked) return seen
    judge(this.#policy.ir, asked.parameters, asked.review, {
      observe: (node, holds) => {
        if (typeof holds !== 'boolean' || !this.#nodes.has(node)) return
        const values = seen.get(node)
        if (values === undefined) seen.set(node, new Set([holds]))
        else values.add(holds)
      },
    })
    return seen
  }

  /** The policy with a condition that comes out the other way where it has a value; what it reads and its faults stay. */
  #with({ node, text }: AtomicCondition, value: boolean): Policy {
    const other: Node = { kind: 'literal', value: !value }
    const instead: Node = { kind: 'when', cases: [{ if: node, then: other }], otherwise: other }
    const ir = check(rewritten(this.#policy.ir, { node: (each) => (each === node ? instead : undefined) }))
    if ('problems' in ir)
      throw new TypeError(
        `the condition \`${text}\` of policy \`${this.#policy.id}\` cannot be turned round: ${ir.problems[0]?.message}`,
      )
    return mutantPolicy(this.#policy, { ir })
  }
}
