import type { Json, PolicyIr, Review } from '@gatewright/core'
import { Dice } from './dice.js'
import { document, stored } from './document-shapes.js'
import { Author, type Reach } from './expressions/author.js'
import { conditionNode } from './expressions/conditions.js'
import { randomInventory } from './random-inventory.js'
import { RandomObjects } from './random-objects.js'
import { parameterSchema, randomParameters, withDefaults } from './random-parameters.js'
import { ruleNode } from './random-rules.js'
import { plainTarget, randomReview, randomTarget, type RandomTarget } from './random-targets.js'

export { seeded } from './dice.js'

export interface RandomOptions {
  /** Objects have parts that are not known yet, as JSON cannot write them. */
  readonly unknowns?: boolean
  /** Policies are about Kubernetes objects too, and ask for the request, parameters and the inventory; else about documents alone. */
  readonly reviews?: boolean
}

/** A policy with the parameters that it is given. */
export interface RandomPolicy {
  readonly policy: PolicyIr
  readonly given: Readonly<Record<string, Json>>
  /** As rules see them. */
  readonly parameters: Json
  /** A review for the policy. */
  readonly review: () => Review
}

/** Random well-typed policies, and random objects for them that do not always fit. */
export class RandomPolicies {
  readonly #dice: Dice
  readonly #objects: RandomObjects
  readonly #reviews: boolean

  constructor(seed: number, { unknowns = true, reviews = false }: RandomOptions = {}) {
    this.#dice = new Dice(seed)
    this.#objects = new RandomObjects(this.#dice, unknowns)
    this.#reviews = reviews
  }

  /** A policy with parameters, and reviews for it. */
  next(): RandomPolicy {
    const target = this.#reviews ? randomTarget(this.#dice) : plainTarget
    const given = this.#reviews ? randomParameters(this.#dice) : {}
    return {
      policy: this.#policy(target),
      given,
      parameters: withDefaults(given),
      review: () => randomReview(target, this.#dice, this.#objects),
    }
  }

  /** A policy about documents. */
  policy(): PolicyIr {
    return this.#policy(plainTarget)
  }

  /** A document to judge. */
  review(): Review {
    const object = this.#objects.value({ object: document }) ?? {}
    return { object: this.#dice.chance(0.02) ? 'no object' : object }
  }

  /** Whether something is so, with a probability. */
  chance(p: number): boolean {
    return this.#dice.chance(p)
  }

  /** The objects of a cluster. */
  inventory(): readonly Json[] {
    return randomInventory(this.#dice, this.#objects)
  }

  #policy({ ir, shapes }: RandomTarget): PolicyIr {
    const dice = this.#dice
    const author = new Author(dice)
    const hasParameters = this.#reviews && dice.chance(0.6)
    const names = Object.keys(shapes).filter(
      (name) => name !== 'parameters' && (name === 'input' || dice.chance(0.5)),
    )
    const inputs = ['input', 'input', ...names, ...(hasParameters ? ['parameters'] : [])]
    const reach: Reach = {
      objects: inputs.map((name) => ({
        node: { kind: 'input', name },
        shape: shapes[name] ?? {},
        ...(name === 'parameters' ? { isOpaque: true } : {}),
        ...(name === 'request' ? { isForeign: true } : {}),
      })),
      texts: [],
      numbers: [],
      keys: [],
      inventory: this.#reviews && dice.chance(0.25) ? stored : undefined,
    }
    const rules = Array.from({ length: 1 + dice.below(3) }, (_, i) => ruleNode(author, reach, 0, `r${i}`))
    return {
      format: 'gatewright.ir/1',
      id: 'fuzz/random',
      title: 'A random policy',
      severity: 'low',
      controls: {},
      target: ir,
      ...(this.#reviews ? { parameters: parameterSchema } : {}),
      undeterminedDenies: false,
      ...(dice.chance(0.15) ? { when: conditionNode(author, reach, 2) } : {}),
      rules,
    }
  }
}
