import {
  type Json,
  needsOf,
  type Operation,
  type Policy,
  readParameters,
  type ReadTree,
} from '@gatewright/core'
import { inventoryOf } from '@gatewright/evaluator'
import type { KubernetesVersion } from '@gatewright/kubernetes'
import type { Arbitrary } from 'fast-check'
import type { Question } from '../search/questions.js'
import {
  type ArbitraryKind,
  type ArbitraryMode,
  type ArbitraryOptions,
  type ObjectMaker,
  ofTarget,
  shapedObject,
  sizes,
} from './arbitrary.js'
import { type Bias, biasOf, readsBelow } from './bias.js'
import type { Dice } from './dice.js'
import { shapeFromJsonSchema } from './json-schema-shapes.js'
import { kindsOf } from './kind-shapes.js'
import { dnsLabel, values } from './leaves.js'
import { made, type Making } from './made.js'
import { mendParts, type Parts, requestShape, reviewOf } from './question-parts.js'
import { Planted, plainValue, type Tree } from './planted.js'
import { shapeFromReads } from './read-shapes.js'
import { choiceOf, type FieldShape, lazyField, listOf, type ObjectShape, type Shape } from './shape.js'
import { type Shaped, ShapedArbitrary } from './shaped-arbitrary.js'

export interface QuestionOptions extends Omit<ArbitraryOptions, 'policy'> {
  /** What the policy is about, where its target has custom kinds: the policy keeps no schema of them. */
  readonly kind?: Extract<ArbitraryKind, { readonly ir: unknown }>
}

/**
 * What a policy is asked: an object of a kind that it takes, alone or in an AdmissionReview with an operation that it takes,
 * parameters that its schema takes, and the other objects that it looks up. All of it is drawn towards what the policy reads.
 * Throws a `RangeError` where the version of Kubernetes serves none of its kinds.
 */
export function questions(policy: Policy, options: QuestionOptions = {}): Arbitrary<Question> {
  const asked = new Asked(policy, options)
  return new ShapedArbitrary({
    size: sizes[options.size ?? 'medium'],
    make: (dice) => asked.make(dice),
    of: (value) => asked.question(value as unknown as Parts),
    isValid: (value) => asked.areParameters((value as unknown as Parts).parameters),
  })
}

/** How often parameters are tried before those that are set have to do. */
const tries = 20

class Asked {
  readonly #policy: Policy
  readonly #policies: readonly Policy[]
  readonly #mode: ArbitraryMode
  readonly #makers: readonly ObjectMaker[]
  readonly #known: readonly ObjectMaker[]
  readonly #bias: Bias
  readonly #parameters: Shape
  readonly #reads: ReadTree | undefined

  constructor(policy: Policy, { mode = 'valid', kind, kubernetesVersion }: QuestionOptions) {
    this.#policy = policy
    this.#policies = [policy]
    this.#mode = mode
    this.#makers =
      kind === undefined ? makersOf(policy, kubernetesVersion) : ofTarget(kind, kubernetesVersion)
    this.#known = needsOf(policy.ir).inventory.flatMap((of) => {
      const kinds = [{ group: of.group, kind: of.kind }]
      return kindsOf({ name: of.kind, kinds, inputs: {} }, { type: 'unknown' }, kubernetesVersion)
    })
    this.#bias = biasOf([policy])
    this.#parameters = shapeFromJsonSchema(policy.ir.parameters ?? { type: 'object' })
    this.#reads = readsBelow(this.#policies, 'parameters', { group: '', kind: '' })
  }

  make(dice: Dice): Shaped {
    const parameters = this.#madeParameters(dice)
    const isSet = Object.keys(parameters as object).length > 0
    const more = isSet ? biasOf([], [parameters]) : undefined
    const making: Making = { dice, bias: this.#bias, more }
    const maker = dice.one(this.#makers)
    const operation = this.#operation(dice)
    const extent =
      operation === 'UPDATE' && maker.group === '' && maker.kind === 'Pod' ? 'updated' : 'created'
    const own = shapedObject(maker, this.#mode, this.#policies, making, extent)
    const other = (): Tree => this.#oldTree(own.tree, maker, making)
    const hasObject = operation !== 'DELETE'
    const hasOld = operation === 'UPDATE' || operation === 'DELETE'
    const isAlone = maker.kind === '' || (operation === 'CREATE' && dice.chance(0.5))
    const request = isAlone
      ? undefined
      : made(requestShape, making, readsBelow(this.#policies, 'request', maker))
    const tree = {
      ...(hasObject ? { object: own.tree } : {}),
      ...(hasOld ? { oldObject: hasObject ? other() : own.tree } : {}),
      operation,
      ...(request === undefined ? {} : { request }),
      parameters,
      ...(this.#known.length === 0 ? {} : { inventory: this.#inventory(making) }),
    } as Tree
    return { tree, shape: this.#shape(own.shape, maker, hasObject) }
  }

  areParameters(parameters: Parts['parameters']): boolean {
    return 'parameters' in readParameters(this.#policy, parameters)
  }

  #operation(dice: Dice): Operation {
    const { operations = ['CREATE', 'UPDATE'] } = this.#policy.ir.target
    const taken = operations.filter((each) => each !== 'CONNECT')
    if (this.#mode === 'hostile' && dice.chance(0.1)) return dice.one(['CREATE', 'UPDATE', 'DELETE'])
    return taken.length === 0 ? 'CREATE' : dice.one(taken)
  }

  /** Parameters that the schema takes, over those that are set. */
  #madeParameters(dice: Dice): Json {
    for (let i = 0; i < tries; i++) {
      const parameters = made(this.#parameters, { dice, bias: this.#bias }, this.#reads)
      if (this.areParameters(parameters as Parts['parameters'])) return parameters
    }
    if (this.areParameters({})) return {}
    throw new TypeError(
      `no parameters that \`${this.#policy.id}\` takes were found in ${tries}: say what they are with types, lengths, ranges and patterns`,
    )
  }

  /** The object as it was: the same in most of its parts. */
  #oldTree(tree: Tree, maker: ObjectMaker, making: Making): Tree {
    const { dice } = making
    const own = plainValue(tree)
    if (dice.chance(0.2) || tree instanceof Planted || typeof own !== 'object' || own === null) return own
    const before = shapedObject(maker, 'valid', this.#policies, making).tree as Readonly<Record<string, Json>>
    const now = own as Readonly<Record<string, Json>>
    return Object.fromEntries(
      Object.entries(before).map(([key, each]) => {
        const isKept = key === 'metadata' || dice.chance(0.3)
        return [key, isKept && Object.hasOwn(now, key) ? (now[key] as Json) : each]
      }),
    )
  }

  #inventory(making: Making): Json {
    const { dice } = making
    const count = dice.integer(0, 3)
    const objects = Array.from({ length: count }, () => {
      const maker = dice.one(this.#known)
      return made(maker.shape('created'), making, undefined)
    })
    return { objects, complete: dice.chance(0.8) }
  }

  #shape(object: Shape, maker: ObjectMaker, hasObject: boolean): ObjectShape {
    const field = (shape: Shape, required: boolean): FieldShape => lazyField(required, 1, () => shape)
    const complete = values(true, false)
    const known = this.#known.map((each) => each.shape('created'))
    const inventory: ObjectShape = {
      is: 'object',
      fields: new Map([
        ['objects', field(listOf(choiceOf(...known)), true)],
        ['complete', field(complete, true)],
      ]),
    }
    return {
      is: 'object',
      fields: new Map([
        ['object', field(object, hasObject)],
        ['oldObject', field(object, true)],
        ['operation', field({ ...dnsLabel, plain: undefined }, true)],
        ['request', field(requestShape, true)],
        ['parameters', field(this.#parameters, true)],
        ['inventory', field(inventory, true)],
      ]),
      repair: (draft) => mendParts(draft, maker),
    }
  }

  question({ object, oldObject, operation, request, parameters, inventory }: Parts): Question {
    const known =
      inventory === undefined ? undefined : inventoryOf(inventory.objects, { complete: inventory.complete })
    const whole =
      request === undefined ? (object as Json) : reviewOf({ object, oldObject, operation, request })
    return { object: whole, parameters, inventory: known }
  }
}

function makersOf({ ir }: Policy, version: KubernetesVersion | undefined): readonly ObjectMaker[] {
  const { target } = ir
  if (target.kinds !== undefined && target.builtIn === true)
    return kindsOf(target, { type: 'unknown' }, version)
  const reads = readsBelow([{ ir } as Policy], 'object', target.kinds?.[0] ?? { group: '', kind: '' })
  const schema = shapeFromReads(reads)
  if (target.kinds === undefined) return [{ group: '', kind: '', shape: () => schema }]
  return kindsOf(target, { type: 'unknown' }, version).map((each) => ({
    ...each,
    shape: (extent) => withFields(each.shape(extent), schema),
  }))
}

/** What is known of an object with what is read of it. */
function withFields(shape: Shape, more: Shape): Shape {
  if (shape.is !== 'object' || more.is !== 'object') return shape
  const others = [...more.fields].filter(([key]) => !shape.fields.has(key))
  return { ...shape, fields: new Map([...shape.fields, ...others]) }
}
