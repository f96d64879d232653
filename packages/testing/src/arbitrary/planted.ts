import type { Json } from '@gatewright/core'

/** What stands wrongly in a value. It is taken as a whole, so that a value shrinks around it. */
export class Planted {
  /** Undefined where a field is missing that is required. */
  readonly value: Json | undefined

  constructor(value: Json | undefined) {
    this.value = value
  }
}

/** A value with what is planted in it. */
export type Tree = Json | Planted | readonly Tree[] | { readonly [key: string]: Tree }

/** The value as others get it: nothing of it is shared. */
export function plainValue(tree: Tree): Json {
  if (tree instanceof Planted) return tree.value === undefined ? null : plainValue(tree.value)
  if (typeof tree !== 'object' || tree === null) return tree
  if (Array.isArray(tree)) return (tree as readonly Tree[]).map(plainValue)
  const fields = tree as Readonly<Record<string, Tree>>
  const plain: Record<string, Json> = {}
  for (const key of Object.keys(fields)) {
    const each = fields[key] as Tree
    if (each instanceof Planted && each.value === undefined) continue
    const value = plainValue(each)
    // an assignment would set the prototype
    if (key === '__proto__')
      Object.defineProperty(plain, key, { value, enumerable: true, writable: true, configurable: true })
    else plain[key] = value
  }
  return plain
}

export function plantedIn(tree: Tree): number {
  if (tree instanceof Planted) return 1
  if (typeof tree !== 'object' || tree === null) return 0
  return Object.values(tree).reduce<number>((sum, each) => sum + plantedIn(each as Tree), 0)
}

type Step = string | number

/** A tree with something else at a path that is there, or may be; undefined takes it out. */
export function withAt(tree: Tree, path: readonly Step[], value: Tree | undefined): Tree {
  const [step, ...rest] = path
  if (step === undefined) return value as Tree
  if (Array.isArray(tree)) {
    const list = tree as readonly Tree[]
    if (rest.length === 0 && value === undefined) return list.filter((_, i) => i !== step)
    const inner = rest.length === 0 ? (value as Tree) : withAt(list[Number(step)] as Tree, rest, value)
    return step === list.length ? [...list, inner] : list.map((each, i) => (i === step ? inner : each))
  }
  const fields = tree as Readonly<Record<string, Tree>>
  if (!Object.hasOwn(fields, step))
    return Object.fromEntries([...Object.entries(fields), [step, value as Tree]])
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, each]): [string, Tree][] => {
      if (key !== step) return [[key, each]]
      if (rest.length === 0) return value === undefined ? [] : [[key, value]]
      return [[key, withAt(each, rest, value)]]
    }),
  )
}
