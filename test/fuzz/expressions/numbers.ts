import type { Node } from '@gatewright/core'
import { number } from '../random-words.js'
import { type Author, call, literal, type Reach } from './author.js'
import { conditionNode } from './conditions.js'
import { listOfAny, numbersNode } from './lists.js'
import { textNode } from './texts.js'

/** A number: a field, a constant, a place in a list, or computed. */
export function numberNode(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const kind = dice.below(depth > 0 ? 14 : 4)
  const of = (): Node => numberNode(author, reach, depth - 1)
  const field = kind < 2 ? author.fieldOf(reach, 'count') : undefined
  if (field !== undefined) return field
  switch (kind) {
    case 2:
      return reach.numbers.length > 0 ? dice.one(reach.numbers) : literal(number(dice))
    case 4:
      return call(dice.one(['plus', 'minus', 'times'] as const), of(), of())
    case 5:
      return call('length', textNode(author, reach, depth - 1))
    case 6:
    case 7:
      return call('count', listOfAny(author, reach, depth - 1))
    case 8:
      return { kind: 'default', of: of(), otherwise: of() }
    case 9:
      return call('toNumber', textNode(author, reach, depth - 1, 'number'))
    case 10:
      return call('sum', numbersNode(author, reach, depth - 1))
    case 11:
      return { kind: 'narrow', of: author.fieldOf(reach, 'scalar', 'anything') ?? of(), type: 'number' }
    case 12: {
      const index = dice.one([0, 1, -1, -3])
      return { kind: 'at', list: numbersNode(author, reach, depth - 1), index, type: 'number', vouched: true }
    }
    case 13:
      return {
        kind: 'when',
        cases: [
          { if: conditionNode(author, reach, depth - 1), then: of() },
          { if: conditionNode(author, reach, depth - 1), then: of() },
        ],
        otherwise: of(),
      }
    default:
      return literal(dice.chance(0.1) ? dice.one([-0, 0]) : number(dice))
  }
}
