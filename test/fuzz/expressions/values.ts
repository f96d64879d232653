import type { Node } from '@gatewright/core'
import { type Author, call, literal, type Reach } from './author.js'
import { conditionNode } from './conditions.js'
import { durationNode, quantityNode, timestampNode, versionNode } from './domains.js'
import { listOfAny, mapNode } from './lists.js'
import { numberNode } from './numbers.js'
import { objectNode } from './records.js'
import { textNode } from './texts.js'

/** What a message or a detail is given: a value of any type, or one of a domain, which cannot be shown. */
export function shownNode(author: Author, reach: Reach, depth: number): Node {
  return author.dice.chance(0.08)
    ? author.dice.one([quantityNode, versionNode, durationNode, timestampNode])(author, reach, depth)
    : anyNode(author, reach, depth)
}

/** A value of any type of JSON. */
export function anyNode(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  switch (dice.below(13)) {
    case 0:
    case 1:
      return numberNode(author, reach, depth)
    case 2:
      return (
        author.fieldOf(reach, 'boolean', 'labels', 'texts', 'scalar', 'anything', 'amount') ?? literal('none')
      )
    case 3:
      return listOfAny(author, reach, depth)
    case 4:
    case 5:
      return objectNode(author, reach, depth).node
    case 6:
      return mapNode(author, reach)
    case 7:
      return depth > 0 ? conditionNode(author, reach, depth - 1) : literal(null)
    case 9:
      return call('exists', author.fieldOf(reach, 'anything', 'count') ?? literal(null))
    default:
      return textNode(author, reach, depth)
  }
}
