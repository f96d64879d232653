import { isObject, type Json, type ReadTree } from '@gatewright/core'
import type { Dice } from './dice.js'
import { hostileValue } from './hostile-values.js'
import type { Making } from './made.js'
import { type Place, placesIn } from './places.js'
import { Planted, type Tree, withAt } from './planted.js'
import type { Shape } from './shape.js'

/** Puts a fault at a place of a tree; undefined where it cannot be one of this place. */
type Fault = (tree: Tree, place: Place, making: Making) => Tree | undefined

const plant = (tree: Tree, place: Place, value: Json | undefined): Tree =>
  withAt(tree, place.path, new Planted(value))

const fieldsOf = (value: Tree): Readonly<Record<string, Tree>> | undefined =>
  isObject(value as Json) ? (value as Readonly<Record<string, Tree>>) : undefined

/** Values of another type, as people and templates write them by mistake. */
function retyped(value: Tree, dice: Dice): Json {
  if (typeof value === 'string') return dice.one<Json>([7, true, [value], { value }])
  if (typeof value === 'number') return dice.one<Json>([`${value} `, String(value), true, [value], {}])
  if (typeof value === 'boolean')
    return dice.one<Json>([String(value), value ? 'yes' : 'no', Number(value), [value]])
  return Array.isArray(value) ? dice.one<Json>([{}, 'text', true, 1]) : dice.one<Json>([[], 'text', true, 1])
}

const misspellings: readonly ((key: string) => string)[] = [
  (key) => key.toLowerCase(),
  (key) => key.charAt(0).toUpperCase() + key.slice(1),
  (key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  (key) => key.slice(0, -1),
  (key) => `${key}s`,
  (key) => key.charAt(1) + key.charAt(0) + key.slice(2),
]

const isFieldOfObject = (place: Place): boolean => typeof place.path.at(-1) === 'string'

const wrongType: Fault = (tree, place, { dice }) => plant(tree, place, retyped(place.value, dice))
const isNull: Fault = (tree, place) => plant(tree, place, null)
const isMissing: Fault = (tree, place) =>
  place.isRequired && isFieldOfObject(place) ? plant(tree, place, undefined) : undefined

const isBeyond: Fault = (tree, { shape, ...place }, { dice }) => {
  const beyond = shape?.is === 'leaf' ? (shape.beyond ?? []) : []
  return beyond.length === 0 ? undefined : plant(tree, { ...place, shape }, dice.one(beyond))
}

const isUnknown: Fault = (tree, { path, value, shape }, { dice }) => {
  const fields = fieldsOf(value)
  if (fields === undefined || shape?.is !== 'object') return undefined
  const key = dice.one(['unknown', 'privileged', 'enabled', 'x-note'])
  if (shape.fields.has(key) || Object.hasOwn(fields, key)) return undefined
  return withAt(tree, [...path, key], new Planted(dice.one<Json>(['text', true, {}])))
}

const isMisspelt: Fault = (tree, place, { dice }) => {
  const parent = valueAt(tree, place.path.slice(0, -1))
  const key = place.path.at(-1)
  // the keys of a map are data
  if (typeof key !== 'string' || !place.isKnownField || parent === undefined) return undefined
  const name = dice.one(misspellings)(key)
  if (name === key || name === '' || Object.hasOwn(parent as object, name)) return undefined
  const without = withAt(tree, place.path, undefined)
  return withAt(without, [...place.path.slice(0, -1), name], new Planted(place.value as Json))
}

function valueAt(tree: Tree, path: readonly (string | number)[]): Tree | undefined {
  return path.reduce<Tree | undefined>(
    (at, step) => (at as Readonly<Record<string, Tree>> | undefined)?.[step],
    tree,
  )
}

const isHostile: Fault = (tree, place, making) =>
  plant(tree, place, hostileValue(place.value as Json, making))

/** A field with a name that objects of JavaScript have by themselves, or one that only looks like another. */
const hostileKey: Fault = (tree, { path, value }, { dice }) => {
  const fields = fieldsOf(value)
  if (fields === undefined) return undefined
  const names = Object.keys(fields)
  const own = names.length === 0 ? 'name' : dice.one(names)
  const key = dice.one([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    `${own} `,
    own.toUpperCase(),
    `${own}\u200b`,
    '\ud800',
  ])
  if (Object.hasOwn(fields, key)) return undefined
  return withAt(
    tree,
    [...path, key],
    new Planted(dice.one<Json>([null, true, { privileged: true }, [], 'x'])),
  )
}

/** An element once more, as a list that is told apart by names must not have it. */
const isRepeated: Fault = (tree, { path, value }, { dice }) => {
  const list = Array.isArray(value) ? (value as readonly Tree[]) : []
  return list.length === 0
    ? undefined
    : withAt(tree, [...path, list.length], new Planted(plainOf(dice.one(list))))
}

const plainOf = (tree: Tree): Json => (tree instanceof Planted ? (tree.value ?? null) : (tree as Json))

const gone: Fault = (tree, place) => (isFieldOfObject(place) ? plant(tree, place, undefined) : undefined)

const mistakes: readonly Fault[] = [
  wrongType,
  isNull,
  isMissing,
  isMissing,
  isBeyond,
  isBeyond,
  isUnknown,
  isMisspelt,
  isMisspelt,
]
const attacks: readonly Fault[] = [
  isHostile,
  isHostile,
  isHostile,
  isHostile,
  wrongType,
  isNull,
  gone,
  hostileKey,
  isRepeated,
  isBeyond,
  isMisspelt,
]

/** A tree with one or a few mistakes in it. */
export function withMistakes(tree: Tree, shape: Shape, reads: ReadTree | undefined, making: Making): Tree {
  const { dice } = making
  return withFaults(tree, shape, reads, making, mistakes, dice.chance(0.7) ? 1 : dice.integer(2, 3))
}

/** A tree as those send it who want to get by, or whose tools are broken. */
export function withAttacks(tree: Tree, shape: Shape, reads: ReadTree | undefined, making: Making): Tree {
  return withFaults(tree, shape, reads, making, attacks, making.dice.integer(1, 8))
}

function withFaults(
  tree: Tree,
  shape: Shape,
  reads: ReadTree | undefined,
  making: Making,
  faults: readonly Fault[],
  count: number,
): Tree {
  const { dice } = making
  let at = tree
  let left = count
  let places = placesIn(at, shape, reads)
  for (let tries = 0; left > 0 && places.length > 0 && tries < 50 * count; tries++) {
    const read = places.filter(({ isRead }) => isRead)
    const place = dice.one(read.length > 0 && dice.chance(0.6) ? read : places)
    const changed = dice.one(faults)(at, place, making)
    if (changed === undefined) continue
    at = changed
    places = placesIn(at, shape, reads)
    left--
  }
  // there is always something to put in the place of a whole
  return left === count ? new Planted(dice.one<Json>([null, [], 'text'])) : at
}
