import { type InputBinding, type PolicyIr, readsOf, type ReadTree, typeWords } from '@gatewright/core'
import { maskOf } from './compilation.js'
import type { Layout } from './layout.js'

/** Lays out what is read of a value as the runtime checks it; the address. */
export function shapeTable(tree: ReadTree, layout: Layout): number {
  const types = [...tree.types]
  const mask = maskOfAll(tree)
  const fields = [...tree.fields].flatMap(([key, child]) => [layout.text(key), shapeTable(child, layout)])
  return layout.table([
    mask,
    tree.assumed ? 1 : 0,
    fields.length / 2,
    fields.length === 0 ? 0 : layout.table(fields),
    tree.elements === undefined ? 0 : shapeTable(tree.elements, layout),
    tree.values === undefined ? 0 : shapeTable(tree.values, layout),
    types.length === 0 ? 0 : layout.text(typeWords(types)),
  ])
}

/** What all policies of a module together read of the inputs that they share: what fits that fits each of them. */
export class SharedReads {
  readonly #layout: Layout
  readonly #trees = new Map<string, Read>()
  readonly #shapes = new Map<string, number>()

  constructor(policies: readonly PolicyIr[], layout: Layout) {
    this.#layout = layout
    for (const ir of policies) {
      const reads = readsOf(ir)
      for (const [name, binding] of Object.entries(ir.target.inputs)) {
        const tree = reads.all.get(name)
        if (tree === undefined) continue
        const key = JSON.stringify(binding)
        this.#trees.set(key, merged(this.#trees.get(key), readOf(tree)))
      }
    }
  }

  /** The address of what is read of an input. */
  shapeOf(binding: InputBinding): number {
    const key = JSON.stringify(binding)
    let shape = this.#shapes.get(key)
    if (shape === undefined) {
      shape = this.#lay(this.#trees.get(key) ?? anything, this.#layout.slot(`shape ${key}`))
      this.#shapes.set(key, shape)
    }
    return shape
  }

  #lay(tree: Read, slot = 0): number {
    const { mask, assumed, fields, elements, values } = tree
    const words = [...fields].flatMap(([key, child]) => [this.#layout.text(key), this.#lay(child)])
    return this.#layout.table([
      // nothing is of no type at all: a value then does not fit, and each policy looks for itself
      mask === undefined ? 0 : mask === 0 ? 1 : mask,
      assumed ? 1 : 0,
      words.length / 2,
      words.length === 0 ? 0 : this.#layout.table(words),
      elements === undefined ? 0 : this.#lay(elements),
      values === undefined ? 0 : this.#lay(values),
      slot,
    ])
  }
}

/** What is read of a value: the types that it has to be of, a bit for each tag; undefined where any will do. */
interface Read {
  readonly mask: number | undefined
  readonly assumed: boolean
  readonly fields: ReadonlyMap<string, Read>
  readonly elements: Read | undefined
  readonly values: Read | undefined
}

const anything: Read = {
  mask: undefined,
  assumed: false,
  fields: new Map(),
  elements: undefined,
  values: undefined,
}

function readOf(tree: ReadTree): Read {
  const mask = maskOfAll(tree)
  return {
    mask: mask === 0 ? undefined : mask,
    assumed: tree.assumed,
    fields: new Map([...tree.fields].map(([key, child]) => [key, readOf(child)])),
    elements: tree.elements === undefined ? undefined : readOf(tree.elements),
    values: tree.values === undefined ? undefined : readOf(tree.values),
  }
}

function merged(one: Read | undefined, other: Read | undefined): Read {
  if (one === undefined || other === undefined) return one ?? other ?? anything
  const fields = new Map(one.fields)
  for (const [key, child] of other.fields) fields.set(key, merged(fields.get(key), child))
  const both = (a: Read | undefined, b: Read | undefined): Read | undefined =>
    a === undefined && b === undefined ? undefined : merged(a, b)
  return {
    mask:
      one.mask === undefined || other.mask === undefined ? (one.mask ?? other.mask) : one.mask & other.mask,
    assumed: one.assumed || other.assumed,
    fields,
    elements: both(one.elements, other.elements),
    values: both(one.values, other.values),
  }
}

/** The tags that a part may have, a bit for each; 0 where any will do. */
function maskOfAll({ types }: ReadTree): number {
  const masks = [...types].map((type) => maskOf(type))
  return masks.includes(undefined) ? 0 : masks.reduce<number>((all, each) => all | (each ?? 0), 0)
}
