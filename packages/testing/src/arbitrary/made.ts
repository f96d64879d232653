import { canonicalText, isObject, type Json, type ReadTree } from '@gatewright/core'
import type { Bias } from './bias.js'
import type { Dice } from './dice.js'
import type { Draft, FieldShape, ListShape, MapShape, ObjectShape, Shape } from './shape.js'

/** What there is to know where a value is made. */
export interface Making {
  readonly dice: Dice
  readonly bias?: Bias | undefined
  /** Drawn to as well, where the bias is for all values that are made. */
  readonly more?: Bias | undefined
}

/** Below this depth only what is required is made, since schemas can hold themselves. */
const deepest = 14

/** How often something that a policy reads is there. */
const readShare = 0.75

/** A value of a shape: drawn towards what is read of it, where something is. */
export function made(shape: Shape, making: Making, reads?: ReadTree, depth = 0): Json {
  switch (shape.is) {
    case 'leaf': {
      const { dice, bias, more } = making
      if (reads === undefined || typeof shape.plain === 'boolean' || !dice.chance(0.65))
        return shape.make(dice)
      const from = more !== undefined && dice.chance(0.5) ? more : bias
      return from?.for(shape, dice) ?? shape.make(dice)
    }
    case 'choice':
      return made(making.dice.one(depth > deepest ? shape.of.slice(0, 1) : shape.of), making, reads, depth)
    case 'list':
      return madeList(shape, making, reads, depth)
    case 'map':
      return madeMap(shape, making, reads, depth)
    case 'object':
      return madeObject(shape, making, reads, depth)
  }
}

/** How many elements of so many there are. */
function countIn(
  { least = 0, most = 3 }: { readonly least?: number; readonly most?: number },
  { dice }: Making,
  depth: number,
): number {
  if (depth > deepest) return least
  // one is the commonest number of anything
  const usual = dice.chance(0.6) ? 1 : dice.integer(0, 3)
  return Math.min(Math.max(dice.size < 1 ? Math.min(usual, 1) : usual, least), Math.max(most, least))
}

function madeList(shape: ListShape, making: Making, reads: ReadTree | undefined, depth: number): Json {
  const count = countIn(shape, making, depth)
  const list: Json[] = []
  for (let i = 0; i < count; i++) list.push(made(shape.items, making, reads?.elements, depth + 1))
  return shape.apartBy === undefined ? list : apart(list, shape)
}

/** The elements that differ from all before them; what is left out may be no more than the list can lack. */
export function apart(list: readonly Json[], { apartBy = [] }: ListShape): Json {
  const seen = new Set<string>()
  return list.filter((each) => {
    const key = canonicalText(
      apartBy.map((by) => (by === '' ? each : isObject(each) ? (each[by] ?? null) : each)),
    )
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

function madeMap(shape: MapShape, making: Making, reads: ReadTree | undefined, depth: number): Json {
  const entries: [string, Json][] = []
  for (const [key, tree] of reads?.fields ?? [])
    if (shape.keys.accepts(key) && making.dice.chance(readShare))
      entries.push([key, made(shape.values, making, tree, depth + 1)])
  const values = reads?.values
  const count = countIn({ ...shape, least: Math.max(0, (shape.least ?? 0) - entries.length) }, making, depth)
  for (let i = 0; i < count; i++) {
    const key = made(shape.keys, making, values, depth + 1) as string
    entries.push([key, made(shape.values, making, values, depth + 1)])
  }
  return Object.fromEntries(entries)
}

function madeObject(shape: ObjectShape, making: Making, reads: ReadTree | undefined, depth: number): Json {
  const { dice } = making
  const draft: Draft = {}
  const chosen = shape.groups?.map((group) => chosenOf(group, shape, dice, reads))
  const grouped = shape.groups?.flatMap(({ of }) => of)
  for (const [key, field] of shape.fields) {
    const read = reads?.fields.get(key) ?? reads?.values
    const isThere =
      grouped?.includes(key) === true
        ? chosen?.includes(key)
        : field.required || isTaken(field, dice, read, depth)
    if (isThere === true) put(draft, key, made(field.shape, making, read, depth + 1))
  }
  shape.repair?.(draft)
  return draft as Json
}

function isTaken(field: FieldShape, dice: Dice, read: ReadTree | undefined, depth: number): boolean {
  if (depth > deepest) return false
  return dice.chance((read === undefined ? field.share : Math.max(readShare, field.share)) * dice.size)
}

/** The field of a group that is there, if any is: one that is read rather than another. */
function chosenOf(
  { of, required }: { readonly of: readonly string[]; readonly required: boolean },
  { fields }: ObjectShape,
  dice: Dice,
  reads: ReadTree | undefined,
): string | undefined {
  const known = of.filter((key) => fields.has(key))
  const read = reads === undefined ? [] : known.filter((key) => reads.fields.has(key))
  if (read.length > 0 && dice.chance(readShare)) return dice.one(read)
  const share = Math.max(0, ...known.map((key) => fields.get(key)?.share ?? 0))
  return known.length > 0 && (required || dice.chance(share * dice.size)) ? dice.one(known) : undefined
}

/** Sets a field, whatever it is called. */
function put(draft: Draft, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(draft, key, { value, enumerable: true, writable: true, configurable: true })
  else draft[key] = value
}
