import type { Node } from '../ir/node.js'
import { childrenOf } from '../ir/children.js'
import type { PolicyIr } from '../ir/policy.js'
import type { Json } from '../json.js'
import { elements, evaluate, type Environment, test } from './evaluate.js'
import { Fault } from './fault.js'
import { environmentOf } from './judge.js'
import type { Value } from './value.js'

/** The values of variables that are known before there is anything to judge. */
export type Known = ReadonlyMap<number, Value>

/** What an expression needs to have a value: variables bound around it, and whether it needs the review. */
interface Needs {
  readonly variables: ReadonlySet<number>
  readonly review: boolean
}

/** Evaluates what of a policy hangs on its parameters alone, by the meaning that it has everywhere. */
export class Constants {
  readonly #environment: Environment
  readonly #parameterInputs: ReadonlySet<string>
  readonly #needs = new Map<Node, Needs>()

  /** Without parameters they are as little known as the review is. */
  constructor(policy: PolicyIr, parameters: Json | undefined) {
    this.#environment = environmentOf(policy, parameters ?? {}, { request: {} })
    this.#parameterInputs = new Set(
      Object.entries(policy.target.inputs).flatMap(([name, { root }]) =>
        root === 'parameters' && parameters !== undefined ? [name] : [],
      ),
    )
  }

  /** Whether an expression reads nothing but parameters and variables that are known. */
  isConstant(node: Node, known: Known): boolean {
    const { variables, review } = this.#needsOf(node)
    return !review && [...variables].every((id) => known.has(id))
  }

  /** Whether an expression reads a variable that is bound around it. */
  isOpen(node: Node): boolean {
    return this.#needsOf(node).variables.size > 0
  }

  /** Whether an expression reads one of some variables. */
  reads(node: Node, variables: readonly number[]): boolean {
    const { variables: needed } = this.#needsOf(node)
    return variables.some((id) => needed.has(id))
  }

  /** The value of a constant expression. */
  value(node: Node, known: Known): Value {
    return evaluate(node, this.#with(known))
  }

  /** Whether a constant condition holds. */
  holds(node: Node, known: Known): boolean | Fault {
    return test(node, this.#with(known))
  }

  /** The elements of a constant list, or why it cannot be had. */
  elements(node: Node, known: Known): readonly Value[] | Fault {
    const { items, rest } = elements(node, this.#with(known))
    return rest ?? items.map(({ value }) => value)
  }

  #with(known: Known): Environment {
    const variables = new Map([...known].map(([id, value]) => [id, { value, path: undefined }] as const))
    return { ...this.#environment, variables, budget: { ...this.#environment.budget } }
  }

  /** Asked of each node many times, by those above it: found once for each. */
  #needsOf(node: Node): Needs {
    const found = this.#needs.get(node)
    if (found !== undefined) return found
    const variables = new Set<number>(node.kind === 'variable' ? [node.id] : [])
    let review = node.kind === 'inventory' || (node.kind === 'input' && !this.#parameterInputs.has(node.name))
    for (const [child, bound] of childrenOf(node)) {
      const inner = this.#needsOf(child)
      review ||= inner.review
      for (const id of inner.variables) if (!bound.includes(id)) variables.add(id)
    }
    const needs = { variables, review }
    this.#needs.set(node, needs)
    return needs
  }
}
