import { inputPath, type Json, type Policy, type ReadTree, readsOf } from '@gatewright/core'
import { alike, Constants } from '../policy-constants.js'
import type { Dice } from './dice.js'
import type { Leaf } from './shape.js'

/** What values are drawn towards: the constants of policies. */
export class Bias {
  readonly #values: readonly Json[]
  readonly #fitting = new WeakMap<Leaf, readonly Json[]>()

  constructor(constants: Constants) {
    const texts = [...constants.texts]
    this.#values = [...new Set([...texts, ...texts.flatMap((each) => alike(each)), ...constants.numbers])]
  }

  /** A constant that a leaf takes, or undefined where there is none. */
  for(leaf: Leaf, dice: Dice): Json | undefined {
    let fitting = this.#fitting.get(leaf)
    if (fitting === undefined) {
      fitting = this.#values.filter((each) => leaf.accepts(each))
      this.#fitting.set(leaf, fitting)
    }
    return fitting.length === 0 ? undefined : dice.one(fitting)
  }

  /** Any constant. */
  any(dice: Dice): Json {
    return dice.one(this.#values)
  }
}

/** The constants of policies, and of more values. */
export function biasOf(policies: readonly Policy[], more: readonly Json[] = []): Bias {
  const constants = new Constants()
  for (const policy of policies) {
    constants.addPolicy(policy)
    constants.add(defaultsOf(policy))
  }
  for (const each of more) constants.add(each)
  return new Bias(constants)
}

/** The defaults of a policy's parameters, which stand in no condition. */
function defaultsOf({ ir }: Policy): Json {
  const { properties = {} } = (ir.parameters ?? {}) as {
    readonly properties?: Readonly<Record<string, { readonly default?: Json; readonly enum?: Json }>>
  }
  return Object.values(properties).flatMap(({ default: value, enum: among }) =>
    [value, among].filter((each) => each !== undefined),
  ) as Json
}

type Root = 'object' | 'oldObject' | 'request' | 'parameters'

/** What policies read below a root of what they are asked, for objects of a kind. */
export function readsBelow(
  policies: readonly Policy[],
  root: Root,
  kind: { readonly group: string; readonly kind: string },
): ReadTree | undefined {
  const known = knownReads.get(policies) ?? new Map<string, ReadTree | undefined>()
  knownReads.set(policies, known)
  const key = `${root} ${kind.group}/${kind.kind}`
  if (!known.has(key)) known.set(key, joinedReads(policies, root, kind))
  return known.get(key)
}

const knownReads = new WeakMap<readonly Policy[], Map<string, ReadTree | undefined>>()

function joinedReads(
  policies: readonly Policy[],
  root: Root,
  kind: { readonly group: string; readonly kind: string },
): ReadTree | undefined {
  const trees = policies.flatMap(({ ir }) =>
    [...readsOf(ir).all].flatMap(([name, tree]) => {
      const binding = ir.target.inputs[name]
      const path = binding?.root === root ? inputPath(binding, kind) : undefined
      return path === undefined ? [] : [path.reduceRight((below, key) => treeWith(key, below), tree)]
    }),
  )
  return trees.length === 0 ? undefined : trees.reduce(joined)
}

const treeWith = (key: string, below: ReadTree): ReadTree => ({
  types: new Set(),
  assumed: false,
  fields: new Map([[key, below]]),
  elements: undefined,
  values: undefined,
})

function joined(one: ReadTree, other: ReadTree): ReadTree {
  const fields = new Map(one.fields)
  for (const [key, tree] of other.fields) {
    const known = fields.get(key)
    fields.set(key, known === undefined ? tree : joined(known, tree))
  }
  return {
    types: new Set([...one.types, ...other.types]),
    assumed: one.assumed || other.assumed,
    fields,
    elements: either(one.elements, other.elements),
    values: either(one.values, other.values),
  }
}

const either = (one: ReadTree | undefined, other: ReadTree | undefined): ReadTree | undefined =>
  one === undefined || other === undefined ? (one ?? other) : joined(one, other)
