import type { Lambda, Node } from '@gatewright/core'
import type { Shape } from '../document-shapes.js'
import { number, word } from '../random-words.js'
import { type Author, call, foreign, type Known, literal, type Reach, within, withText } from './author.js'
import { conditionNode } from './conditions.js'
import { numberNode } from './numbers.js'
import { recordNode } from './records.js'
import { textNode } from './texts.js'
import { anyNode } from './values.js'

const isList = (entry: [string, unknown]): entry is [string, { readonly list: Shape }] =>
  typeof entry[1] === 'object' && entry[1] !== null && 'list' in entry[1]

/** A list of objects: a field, several joined, or the inventory; perhaps filtered, mapped or without repetitions. */
export function objectsNode(author: Author, reach: Reach, depth: number): Known | undefined {
  const base = baseOf(author, reach, depth)
  if (base === undefined) return undefined
  let { node, shape } = base
  let from = foreign(base)
  for (let i = depth; i > 0 && author.dice.chance(0.5); i--) {
    const kind = author.dice.below(8)
    const lambda = author.lambda('object', from.isForeign)
    const inner = within(reach, lambda, { ...from, node, shape })
    if (kind < 3) {
      node = {
        kind: 'filter',
        list: node,
        lambda: { ...lambda, body: conditionNode(author, inner, i > 1 ? 1 : 0) },
      }
    } else if (kind === 3) {
      node = { kind: 'map', list: node, lambda: { ...lambda, body: lambda.element } }
    } else if (kind === 4) {
      const record = recordNode(author, inner, 1)
      node = { kind: 'map', list: node, lambda: { ...lambda, body: record.node } }
      shape = record.shape
      from = foreign(record)
    } else if (kind === 5) {
      const lists = objectsNode(author, { ...inner, objects: inner.objects.slice(-1) }, 1)
      if (lists === undefined) continue
      node = { kind: 'flatMap', list: node, lambda: { ...lambda, body: lists.node } }
      shape = lists.shape
      from = foreign(lists)
    } else {
      node = { kind: kind === 6 ? 'distinct' : 'duplicates', list: node }
    }
  }
  return { ...from, node, shape }
}

function baseOf(author: Author, reach: Reach, depth: number): Known | undefined {
  const { dice } = author
  if (reach.inventory !== undefined && dice.chance(0.25)) {
    const kind = dice.one(['ConfigMap', 'Team', 'Deployment'])
    const group = kind === 'ConfigMap' ? '' : kind === 'Team' ? 'example.io' : 'apps'
    const namespace = dice.chance(0.5) ? { namespace: textNode(author, reach, 0) } : {}
    return {
      node: { kind: 'inventory', resource: { group, version: 'v1', kind }, ...namespace },
      shape: reach.inventory,
      isForeign: true,
    }
  }
  const from = dice.one(reach.objects)
  if (dice.chance(0.1)) {
    const one = author.object(reach)
    const items = [one.node, dice.chance(0.5) ? author.objectIn(one).node : one.node]
    return { ...one, node: { kind: 'list', items } }
  }
  const lists = Object.entries(from.shape).filter(isList)
  if (lists.length === 0) return undefined
  const [key, type] = dice.one(lists)
  const node = author.field(from, key, type)
  if (!dice.chance(0.3)) return { ...foreign(from), node, shape: type.list }
  const twins = lists.filter(([, each]) => each.list === type.list)
  const all = twins.map(([name, each]): Node => {
    const field = author.field(from, name, each)
    if (depth <= 0 || dice.chance(0.7)) return field
    const lambda = author.lambda('object', foreign(from).isForeign)
    const body = conditionNode(
      author,
      within(reach, lambda, { ...foreign(from), node: field, shape: each.list }),
      0,
    )
    return { kind: 'filter', list: field, lambda: { ...lambda, body } }
  })
  return { ...foreign(from), node: { kind: 'concat', lists: all }, shape: type.list }
}

/** A list of texts. */
export function textsNode(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const kind = dice.below(depth > 0 ? 13 : 3)
  const field = kind < 2 ? author.fieldOf(reach, 'texts') : undefined
  if (field !== undefined) return field
  switch (kind) {
    case 3:
      return { kind: 'keys', of: mapNode(author, reach) }
    case 4:
    case 5: {
      const objects = objectsNode(author, reach, 1)
      if (objects === undefined) break
      const lambda = author.lambda('object', objects.isForeign)
      const inner = within(reach, lambda, objects)
      const body = kind === 4 ? textNode(author, inner, depth - 1) : textsNode(author, inner, depth - 1)
      return { kind: kind === 4 ? 'map' : 'flatMap', list: objects.node, lambda: { ...lambda, body } }
    }
    case 6:
      return {
        kind: dice.one(['distinct', 'duplicates'] as const),
        list: textsNode(author, reach, depth - 1),
      }
    case 7:
      return call(
        'split',
        textNode(author, reach, depth - 1),
        dice.chance(0.8) ? literal(dice.one(['', '/', 'a', '.', ', '])) : textNode(author, reach, 0),
      )
    case 8:
      return {
        kind: 'concat',
        lists: [textsNode(author, reach, depth - 1), textsNode(author, reach, depth - 1)],
      }
    case 9:
    case 10: {
      const { list, lambda, inner } = withTextBound(author, reach, depth - 1)
      const body = kind === 9 ? conditionNode(author, inner, depth - 1) : textNode(author, inner, depth - 1)
      return { kind: kind === 9 ? 'filter' : 'map', list, lambda: { ...lambda, body } }
    }
    case 11: {
      const { list, lambda, inner } = overTable(author, reach, depth - 1)
      const body = dice.chance(0.5) ? lambda.element : textsNode(author, inner, depth - 1)
      return { kind: 'flatMap', list, lambda: { ...lambda, body } }
    }
    case 12: {
      const either = (): Node => textsNode(author, reach, depth - 1)
      return { kind: 'default', of: either(), otherwise: either() }
    }
  }
  return dice.chance(0.5)
    ? literal(dice.chance(0.1) ? [word(dice, 'text'), null] : [word(dice, 'text'), word(dice, 'text')])
    : { kind: 'list', items: [textNode(author, reach, 0), literal(word(dice, 'text'))] }
}

/** A list of lists of texts, bound. */
function overTable(
  author: Author,
  reach: Reach,
  depth: number,
): { readonly list: Node; readonly lambda: Omit<Lambda, 'body'>; readonly inner: Reach } {
  const list = author.fieldOf(reach, 'table') ?? {
    kind: 'list',
    items: [textsNode(author, reach, depth), textsNode(author, reach, 0)],
  }
  const lambda = author.lambda('list')
  const inner = { ...reach, numbers: [...reach.numbers, lambda.index] }
  return { list, lambda, inner }
}

/** A list of numbers. */
export function numbersNode(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const kind = dice.below(depth > 0 ? 6 : 2)
  switch (kind) {
    case 2: {
      const objects = objectsNode(author, reach, 1)
      if (objects === undefined) break
      const lambda = author.lambda('object', objects.isForeign)
      const body = numberNode(author, within(reach, lambda, objects), depth - 1)
      return { kind: 'map', list: objects.node, lambda: { ...lambda, body } }
    }
    case 3: {
      const { list, lambda, inner } = withTextBound(author, reach, depth - 1)
      return { kind: 'map', list, lambda: { ...lambda, body: numberNode(author, inner, depth - 1) } }
    }
    case 4:
      return { kind: 'list', items: [numberNode(author, reach, depth - 1), numberNode(author, reach, 0)] }
    case 5:
      return {
        kind: dice.one(['distinct', 'duplicates'] as const),
        list: numbersNode(author, reach, depth - 1),
      }
  }
  const field = author.fieldOf(reach, 'numbers')
  return field === undefined || dice.chance(0.1) ? literal([number(dice), number(dice)]) : field
}

/** Any list. */
export function listOfAny(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const kind = dice.below(depth > 0 ? 7 : 4)
  if (kind === 0) return objectsNode(author, reach, depth)?.node ?? textsNode(author, reach, depth)
  if (kind === 1) return numbersNode(author, reach, depth)
  if (kind === 2) return author.fieldOf(reach, 'table', 'texts', 'numbers') ?? textsNode(author, reach, depth)
  if (kind === 4) return { kind: 'list', items: dice.several(3, () => anyNode(author, reach, depth - 1)) }
  if (kind === 5) {
    const table = author.fieldOf(reach, 'table')
    if (table !== undefined) return { kind: dice.one(['distinct', 'duplicates'] as const), list: table }
  }
  if (kind === 6) {
    const objects = objectsNode(author, reach, 1)
    if (objects !== undefined) {
      const lambda = author.lambda('object', objects.isForeign)
      const body = anyNode(author, within(reach, lambda, objects), depth - 1)
      return { kind: 'map', list: objects.node, lambda: { ...lambda, body } }
    }
  }
  return textsNode(author, reach, depth)
}

/** A list of texts with its element bound; where it goes through the keys of a map, that is known. */
export function withTextBound(
  author: Author,
  reach: Reach,
  depth: number,
): { readonly list: Node; readonly lambda: Omit<Lambda, 'body'>; readonly inner: Reach } {
  const lambda = author.lambda('string')
  const inner = withText(reach, lambda)
  if (author.dice.chance(0.6)) return { list: textsNode(author, reach, depth), lambda, inner }
  if (author.dice.chance(0.1)) return { list: { kind: 'keys', of: author.object(reach).node }, lambda, inner }
  const of = mapNode(author, reach)
  let list: Node = { kind: 'keys', of }
  if (author.dice.chance(0.2)) {
    const filter = author.lambda('string')
    list = {
      kind: 'filter',
      list,
      lambda: { ...filter, body: conditionNode(author, withText(reach, filter), 0) },
    }
  }
  return { list, lambda, inner: { ...inner, keys: [...reach.keys, { key: lambda.element, of }] } }
}

/** An object whose keys are data. */
export function mapNode(author: Author, reach: Reach): Node {
  return author.fieldOf(reach, 'labels') ?? literal({ a: 'b', nginx: 'team', é: null })
}
