import type { Node } from '@gatewright/core'
import type { FieldType } from '../document-shapes.js'
import { type Author, foreign, type Known, type Reach, within } from './author.js'
import { conditionNode } from './conditions.js'
import { objectsNode, textsNode } from './lists.js'
import { numberNode } from './numbers.js'
import { textNode } from './texts.js'

/** An object that the policy builds. */
export function recordNode(author: Author, reach: Reach, depth: number): Known {
  const fields: Record<string, Node> = { name: textNode(author, reach, depth - 1) }
  const shape: Record<string, FieldType> = { name: 'text' }
  if (author.dice.chance(0.5)) {
    fields['count'] = numberNode(author, reach, depth - 1)
    shape['count'] = 'count'
  }
  if (author.dice.chance(0.5)) {
    const inner = author.object(reach)
    fields['of it'] = inner.node
    shape['of it'] = { object: inner.shape }
  }
  if (depth > 0 && author.dice.chance(0.3)) {
    const inner = recordNode(author, reach, depth - 1)
    fields['inner'] = inner.node
    shape['inner'] = { object: inner.shape }
  }
  const list = author.dice.chance(0.4) ? objectsNode(author, reach, author.dice.below(2)) : undefined
  if (list !== undefined) {
    fields['list'] = list.node
    shape['list'] = { list: list.shape }
  }
  if (author.dice.chance(0.3)) {
    fields['texts'] = textsNode(author, reach, author.dice.below(2))
    shape['texts'] = 'texts'
  }
  return { ...foreign(...reach.objects), node: { kind: 'record', fields }, shape }
}

/** An object: one in reach, a record, an element, or one of two. */
export function objectNode(author: Author, reach: Reach, depth: number): Known {
  const { dice } = author
  const kind = dice.below(depth > 0 ? 10 : 4)
  if (kind === 4 || kind === 5) return recordNode(author, reach, depth - 1)
  if (kind === 6 || kind === 7) {
    const objects = objectsNode(author, reach, depth)
    if (objects !== undefined) {
      const { node: list, shape } = objects
      const from = foreign(objects)
      if (kind === 6) {
        const index = dice.one([0, 1, -1, -2])
        return {
          ...from,
          node: { kind: 'at', list, index, type: 'object', vouched: from.isForeign !== true },
          shape,
        }
      }
      const lambda = author.lambda('object', objects.isForeign)
      const body = conditionNode(author, within(reach, lambda, objects), depth - 1)
      return { ...from, node: { kind: 'find', list, lambda: { ...lambda, body }, type: 'object' }, shape }
    }
  }
  const one = author.object(reach)
  if (kind === 8) {
    const other = alike(author, reach, depth - 1, one)
    return {
      ...foreign(one, other),
      node: { kind: 'default', of: one.node, otherwise: other.node },
      shape: one.shape,
    }
  }
  if (kind === 9) {
    const condition = conditionNode(author, reach, depth - 1)
    const other = alike(author, reach, depth - 1, one)
    const cases = [{ if: condition, then: one.node }]
    return { ...foreign(one, other), node: { kind: 'when', cases, otherwise: other.node }, shape: one.shape }
  }
  return one
}

/** An object of the same shape. */
function alike(author: Author, reach: Reach, depth: number, one: Known): Known {
  for (let attempt = 0; attempt < 5; attempt++) {
    const other = objectNode(author, reach, depth)
    if (other.shape === one.shape) return other
  }
  return one
}

/** What is in reach where an object that was made is read from too. */
export const withObject = (reach: Reach, known: Known): Reach => ({
  ...reach,
  objects: [...reach.objects, known, known],
})
