import type { DecideNode, Json, Lambda, Node, OperatorName, ReadType, VariableNode } from '@gatewright/core'
import type { Dice } from '../dice.js'
import { type FieldType, readTypeOf, type Shape } from '../document-shapes.js'

/** An object that expressions can read from, with what its fields are. */
export interface Known {
  readonly node: Node
  readonly shape: Shape
  /** It is only ever asked for a field: the parameters. */
  readonly isOpaque?: true
  /** No schema vouches for what is in it: the request, and the objects of the inventory. */
  readonly isForeign?: boolean
}

/** What an expression can be made of where it stands. */
export interface Reach {
  readonly objects: readonly Known[]
  /** Texts and numbers that iterations have bound: elements, keys and places. */
  readonly texts: readonly Node[]
  readonly numbers: readonly Node[]
  /** Keys that are bound by going through those of a map. */
  readonly keys: readonly { readonly key: Node; readonly of: Node }[]
  /** The objects of the inventory, where a policy may look. */
  readonly inventory: Shape | undefined
}

/** Writes nodes: chooses, and numbers the variables. */
export class Author {
  readonly dice: Dice
  #variables = 0
  readonly #foreign = new WeakSet<Node>()

  constructor(dice: Dice) {
    this.dice = dice
  }

  /** The variables of an iteration over texts, lists, or objects that are known. */
  lambda(type: ReadType, isForeign = false): Omit<Lambda, 'body'> {
    const id = this.#variables
    this.#variables += 2
    const vouched = !isForeign && this.dice.chance(0.8)
    const element: VariableNode = { kind: 'variable', id, name: `v${id}`, index: false, type, vouched }
    const index: VariableNode = {
      ...element,
      id: id + 1,
      name: `i${id}`,
      index: true,
      type: 'number',
      vouched: false,
    }
    return { element, index }
  }

  field({ node, isForeign = false }: Known, key: string, type: FieldType): Node {
    const vouched = !isForeign && this.dice.chance(0.8)
    const field: Node = {
      kind: 'field',
      of: node,
      key,
      type: readTypeOf(type),
      vouched,
      required: this.dice.chance(0.2),
    }
    if (isForeign) this.#foreign.add(field)
    return field
  }

  /** Whether no schema vouches for what is in a field. */
  isForeign(node: Node): boolean {
    return this.#foreign.has(node)
  }

  /** A field of a type of something in reach; undefined where none was found. */
  fieldOf(reach: Reach, ...types: readonly FieldType[]): Node | undefined {
    for (let attempt = 0; attempt < 8; attempt++) {
      const from = this.objectIn(this.dice.one(reach.objects))
      const fields = Object.entries(from.shape).filter(([, each]) => types.includes(each))
      if (fields.length > 0) {
        const [key, type] = this.dice.one(fields)
        return this.field(from, key, type)
      }
    }
    return undefined
  }

  /** An object, or one in it. */
  objectIn(from: Known): Known {
    const objects = Object.entries(from.shape).filter(
      (entry): entry is [string, { readonly object: Shape }] =>
        typeof entry[1] === 'object' && 'object' in entry[1],
    )
    if (objects.length === 0 || (from.isOpaque !== true && this.dice.chance(0.6))) return from
    const [key, type] = this.dice.one(objects)
    return { ...foreign(from), node: this.field(from, key, type), shape: type.object }
  }

  /** An object in reach that may be passed on. */
  object(reach: Reach): Known {
    return this.objectIn(this.dice.one(reach.objects.filter(({ isOpaque }) => isOpaque !== true)))
  }

  /** A predicate with what a missing operand makes of it. */
  decided(operator: OperatorName, ...operands: readonly Node[]): DecideNode {
    const assumed = this.dice.chance(0.3)
    const of = call(operator, ...operands)
    return { kind: 'decide', of, missing: !assumed && this.dice.chance(0.5), assumed }
  }
}

/** That no schema vouches for something, where that is so. */
export const foreign = (...from: readonly Known[]): { readonly isForeign?: true } =>
  from.some(({ isForeign }) => isForeign === true) ? { isForeign: true } : {}

/** What is in reach inside an iteration over objects. */
export const within = (reach: Reach, { element, index }: Omit<Lambda, 'body'>, of: Known): Reach => ({
  ...reach,
  objects: [...reach.objects, { ...of, node: element }],
  numbers: [...reach.numbers, index],
})

/** What is in reach inside an iteration over texts. */
export const withText = (reach: Reach, { element, index }: Omit<Lambda, 'body'>): Reach => ({
  ...reach,
  texts: [...reach.texts, element],
  numbers: [...reach.numbers, index],
})

export const literal = (value: Json): Node => ({ kind: 'literal', value })

export const call = (operator: OperatorName, ...operands: readonly Node[]): Node & { kind: 'call' } => ({
  kind: 'call',
  operator,
  arguments: operands,
})
