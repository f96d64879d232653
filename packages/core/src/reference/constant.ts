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

/** Evaluates what of a policy hangs on its parameters alone, by the meaning that it has everywhere. */
export class Constants {
  readonly #environment: Environment
  readonly #parameterInputs: ReadonlySet<string>

  constructor(policy: PolicyIr, parameters: Json) {
    this.#environment = environmentOf(policy, parameters, { request: {} })
    this.#parameterInputs = new Set(
      Object.entries(policy.target.inputs).flatMap(([name, { root }]) =>
        root === 'parameters' ? [name] : [],
      ),
    )
  }

  /** Whether an expression reads nothing but parameters and variables that are known. */
  isConstant(node: Node, known: Known): boolean {
    return this.#reads(node, known, new Set())
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

  #reads(node: Node, known: Known, bound: ReadonlySet<number>): boolean {
    if (node.kind === 'input') return this.#parameterInputs.has(node.name)
    if (node.kind === 'inventory') return false
    if (node.kind === 'variable') return known.has(node.id) || bound.has(node.id)
    return childrenOf(node).every(([child, variables]) =>
      this.#reads(child, known, variables.length === 0 ? bound : new Set([...bound, ...variables])),
    )
  }
}
