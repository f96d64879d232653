import { equalJson, isObject, type Json } from '@gatewright/core'
import { Planted, plainValue, plantedIn, type Tree, withAt } from './planted.js'
import { apart } from './made.js'
import { type Draft, type MapShape, type Shape, shapeOf } from './shape.js'

type Step = string | number

interface Place {
  readonly path: readonly Step[]
  readonly value: Tree
  readonly size: number
  /** Whether it can be left out. */
  readonly spare: boolean
  /** What is plainer at its place. */
  readonly plain: Json | undefined
  /** A plainer key, where keys are data. */
  readonly key?: string | undefined
}

/**
 * Smaller trees of the same shape, the smallest first: with parts left out and texts and numbers made plain. What is planted in a
 * tree stays in it, at least once.
 */
export function* smaller(tree: Tree, shape: Shape): Generator<Tree> {
  const planted = plantedIn(tree)
  const own = measure(tree, shape)
  for (const changed of changes(tree, shape)) {
    if (planted > 0) {
      if (plantedIn(changed) > 0) yield changed
      continue
    }
    const candidate = repaired(changed as Json, shape)
    // what the repair puts back is no step towards an end
    if (isLess(measure(candidate, shape), own)) yield candidate
  }
}

function* changes(tree: Tree, shape: Shape): Generator<Tree> {
  const bySize = [...places(tree, shape, [])].toSorted((a, b) => b.size - a.size)
  for (const { path, spare } of bySize) if (spare) yield withAt(tree, path, undefined)
  for (const { path, plain } of bySize) if (plain !== undefined) yield withAt(tree, path, plain)
  for (const { path, value, key } of bySize)
    if (key !== undefined) yield withAt(withAt(tree, path, undefined), [...path.slice(0, -1), key], value)
}

function* places(tree: Tree, of: Shape | undefined, path: readonly Step[]): Generator<Place> {
  const within = (
    step: Step,
    each: Tree,
    spare: boolean,
    shape: Shape | undefined,
    key?: string,
  ): Iterable<Place> => {
    const at = [...path, step]
    const plain = shape?.is === 'leaf' ? shape.plain : undefined
    const isAtom = each instanceof Planted
    const isPlainer = plain !== undefined && !isAtom && !isPlain(each as Json, plain)
    const size = sizeOf(each)
    const own = { path: at, value: each, size, spare, plain: isPlainer ? plain : undefined, key }
    return isAtom ? [own] : [own, ...places(each, shape, at)]
  }
  if (tree instanceof Planted) return
  const shape = shapeOf(tree as Json, of)
  if (Array.isArray(tree)) {
    const least = shape?.is === 'list' ? (shape.least ?? 0) : 0
    for (const [i, each] of (tree as readonly Tree[]).entries())
      yield* within(i, each, tree.length > least, shape?.is === 'list' ? shape.items : undefined)
  } else if (isObject(tree as Json) && shape?.is !== 'leaf') {
    const entries = Object.entries(tree as Readonly<Record<string, Tree>>)
    const groups = shape?.is === 'object' ? (shape.groups ?? []) : []
    const least = shape?.is === 'map' ? (shape.least ?? 0) : 0
    for (const [key, each] of entries) {
      const field = shape?.is === 'object' ? shape.fields.get(key) : undefined
      const isNeeded =
        field?.required === true ||
        entries.length <= least ||
        groups.some(({ of: keys, required }) => required && keys.includes(key))
      if (shape?.is !== 'map') yield* within(key, each, !isNeeded, field?.shape)
      else yield* within(key, each, !isNeeded, shape.values, plainerKey(key, tree, shape))
    }
  }
}

/** The plain key of a map, for the first of its entries. */
function plainerKey(key: string, tree: Tree, { keys }: MapShape): string | undefined {
  const { plain } = keys
  const others = Object.keys(tree as object)
  return typeof plain === 'string' && !others.includes(plain) && others[0] === key ? plain : undefined
}

/** A name that is told apart from a plain one by a number is as plain as it can be. */
function isPlain(value: Json, plain: Json): boolean {
  if (value === plain) return true
  if (typeof value === 'string' && typeof plain === 'string')
    return new RegExp(`^${plain.replaceAll(/\W/g, '\\$&')}-\\d$`).test(value)
  return typeof value === 'object' && equalJson(value, plain)
}

const sizeOf = (tree: Tree): number => {
  if (tree instanceof Planted || typeof tree !== 'object' || tree === null) return 1
  return Object.values(tree).reduce<number>((sum, each) => sum + sizeOf(each as Tree), 1)
}

type Measure = readonly [parts: number, unplain: number]

function measure(tree: Tree, shape: Shape): Measure {
  let unplain = 0
  for (const { plain, key } of places(tree, shape, []))
    unplain += Number(plain !== undefined) + Number(key !== undefined)
  return [sizeOf(tree), unplain]
}

const isLess = ([parts, unplain]: Measure, [others, otherUnplain]: Measure): boolean =>
  parts < others || (parts === others && unplain < otherUnplain)

/** A value whose parts agree with each other again, after some were changed or left out. */
function repaired(value: Json, shape: Shape): Json {
  const draft = plainValue(value)
  mend(draft, shape)
  return draft
}

function mend(draft: Json, of: Shape): void {
  const shape = shapeOf(draft, of)
  if (shape === undefined || shape.is === 'leaf') return
  if (Array.isArray(draft)) {
    const list = draft as Json[]
    if (shape.is !== 'list') return
    for (const each of list) mend(each, shape.items)
    if (shape.apartBy !== undefined) list.splice(0, list.length, ...(apart(list, shape) as Json[]))
  } else if (isObject(draft)) {
    for (const [key, each] of Object.entries(draft)) {
      const below =
        shape.is === 'map' ? shape.values : shape.is === 'object' ? shape.fields.get(key)?.shape : undefined
      if (below !== undefined) mend(each, below)
    }
    if (shape.is === 'object') shape.repair?.(draft as Draft)
  }
}
