import type { Node, ReadType } from '@gatewright/core'
import { type Topic, word } from '../random-words.js'
import { type Author, call, literal, type Reach } from './author.js'
import { conditionNode } from './conditions.js'
import { listOfAny, mapNode, textsNode, withTextBound } from './lists.js'
import { numberNode } from './numbers.js'
import { anyNode } from './values.js'

/** A text: mostly a field, else a constant or something that is made of others. */
export function textNode(author: Author, reach: Reach, depth: number, topic: Topic = 'text'): Node {
  const { dice } = author
  const kind = dice.below(depth > 0 ? 19 : 5)
  const of = (): Node => textNode(author, reach, depth - 1, topic)
  const field = kind < 3 ? author.fieldOf(reach, topic) : undefined
  if (field !== undefined) return field
  switch (kind) {
    case 3:
      return reach.texts.length > 0 ? dice.one(reach.texts) : literal(word(dice, topic))
    case 5:
      return call('lower', of())
    case 6:
      return call('trimPrefix', of(), dice.chance(0.7) ? literal(dice.one(['a', 'reg.io/', '', '%'])) : of())
    case 7:
      return { kind: 'default', of: of(), otherwise: of() }
    case 8:
      return {
        kind: 'when',
        cases: [{ if: conditionNode(author, reach, depth - 1), then: of() }],
        otherwise: of(),
      }
    case 9:
      return call('text', of(), literal(dice.one(['-', '%', ''])), scalarNode(author, reach, depth - 1))
    case 10:
    case 11:
      return fromMap(author, reach, depth - 1)
    case 12: {
      const part = dice.one(['registry', 'repository', 'tag', 'name', 'digest'] as const)
      return call(`imageRef.${part}`, textNode(author, reach, depth - 1, 'image'))
    }
    case 13: {
      const vouched = dice.chance(0.8)
      const index = dice.one([0, 1, 2, -1, -2, -4])
      return { kind: 'at', list: textsNode(author, reach, depth - 1), index, type: 'string', vouched }
    }
    case 14:
      return call('join', listOfAny(author, reach, depth - 1), literal(dice.one([',', '', ', ', '%'])))
    case 15: {
      const type = dice.one<ReadType>(['string', 'string', 'number', 'scalar'])
      return { kind: 'narrow', of: author.fieldOf(reach, 'scalar', 'anything', topic) ?? of(), type }
    }
    case 16: {
      const { list, lambda, inner } = withTextBound(author, reach, depth - 1)
      const body = conditionNode(author, inner, depth - 1)
      return { kind: 'find', list, lambda: { ...lambda, body }, type: 'string' }
    }
    case 17:
      return dice.chance(0.5)
        ? call('text', scalarNode(author, reach, depth - 1))
        : call('message', literal('50% '), anyNode(author, reach, depth - 1))
    case 18:
      return call('join', textsNode(author, reach, depth - 1), of())
    default:
      return literal(word(dice, topic))
  }
}

/** A value of a map, by a key that may be bound by going through the map's own. */
function fromMap(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const bound = reach.keys.length > 0 && dice.chance(0.6) ? dice.one(reach.keys) : undefined
  const key = bound?.key ?? textNode(author, reach, depth)
  const of = bound !== undefined && dice.chance(0.8) ? bound.of : mapNode(author, reach)
  if (dice.chance(0.1)) return { kind: 'get', of, key, type: 'unknown', vouched: false }
  return { kind: 'get', of, key, type: 'string', vouched: !author.isForeign(of) && dice.chance(0.8) }
}

/** A text, a number or a boolean. */
export function scalarNode(author: Author, reach: Reach, depth: number): Node {
  const kind = author.dice.below(5)
  if (kind === 0) return author.fieldOf(reach, 'scalar') ?? numberNode(author, reach, depth)
  if (kind === 1) return author.fieldOf(reach, 'boolean') ?? literal(true)
  return kind === 2 ? textNode(author, reach, depth) : numberNode(author, reach, depth)
}
