import type { Node } from '@gatewright/core'
import { word } from '../random-words.js'
import { type Author, call, literal, type Reach, within } from './author.js'
import { domainCondition } from './domains.js'
import { listOfAny, numbersNode, objectsNode, textsNode, withTextBound } from './lists.js'
import { numberNode } from './numbers.js'
import { objectNode, withObject } from './records.js'
import { scalarNode, textNode } from './texts.js'
import { anyNode, shownNode } from './values.js'

/** A condition. */
export function conditionNode(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const kind = dice.below(depth > 0 ? 26 : 13)
  const inner = (): Node => conditionNode(author, reach, depth - 1)
  switch (kind) {
    case 13:
    case 14:
    case 15:
      return { kind: 'and', all: [inner(), inner(), ...(dice.chance(0.2) ? [inner()] : [])] }
    case 16:
    case 17:
    case 18:
      return { kind: 'or', any: [inner(), inner(), ...(dice.chance(0.2) ? [inner()] : [])] }
    case 19:
    case 20:
      return { kind: 'not', of: inner() }
    case 21:
    case 22: {
      const objects = objectsNode(author, reach, 1)
      if (objects === undefined) return inner()
      const lambda = author.lambda('object', objects.isForeign)
      const body = conditionNode(author, within(reach, lambda, objects), depth - 1)
      return { kind: dice.one(['some', 'every'] as const), list: objects.node, lambda: { ...lambda, body } }
    }
    case 23: {
      const { list, lambda, inner: bound } = withTextBound(author, reach, depth - 1)
      const body = conditionNode(author, bound, depth - 1)
      return { kind: dice.one(['some', 'every'] as const), list, lambda: { ...lambda, body } }
    }
    case 24:
      return conditionNode(author, withObject(reach, objectNode(author, reach, depth)), depth - 1)
    case 25:
      return oddCondition(author, reach, depth - 1)
    default:
      return plainCondition(author, reach, depth, kind)
  }
}

function plainCondition(author: Author, reach: Reach, depth: number, kind: number): Node {
  const { dice } = author
  switch (kind) {
    case 0:
      return isNode(author, reach, depth)
    case 1:
      return call('is', textNode(author, reach, depth), literal(word(dice, 'text')))
    case 2:
      return call('exists', shownNode(author, reach, depth))
    case 3:
      return author.decided(
        dice.one(['startsWith', 'endsWith', 'includes'] as const),
        textNode(author, reach, depth),
        textNode(author, reach, 0),
      )
    case 4: {
      const order = dice.one(['gt', 'gte', 'lt', 'lte', 'equals'] as const)
      return author.decided(`number.${order}`, numberNode(author, reach, depth), numberNode(author, reach, 0))
    }
    case 5:
      return author.decided('equals', ...pair(author, reach, depth))
    case 6:
      return memberNode(author, reach, depth)
    case 7:
      return patternNode(author, reach, depth)
    case 8:
      return call('sameAs', ...pair(author, reach, depth))
    case 9:
      return dice.chance(0.5)
        ? author.decided(
            'number.between',
            numberNode(author, reach, depth),
            numberNode(author, reach, 0),
            numberNode(author, reach, 0),
          )
        : author.decided('contains', containerNode(author, reach, depth), scalarNode(author, reach, 0))
    default:
      return domainCondition(author, reach, depth)
  }
}

function isNode(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const flag = author.fieldOf(reach, 'boolean')
  if (flag !== undefined && dice.chance(0.6)) return call('is', flag, literal(dice.chance(0.7)))
  if (dice.chance(0.3))
    return call('is', numberNode(author, reach, depth), literal(dice.one([0, 1, -0, 1e30, 0.1])))
  const of = author.fieldOf(reach, 'scalar', 'anything') ?? numberNode(author, reach, 0)
  return call('is', of, literal(dice.one([80, 'http', '80', true, 1.5])))
}

/** Two values that may be equal. */
function pair(author: Author, reach: Reach, depth: number): readonly [Node, Node] {
  switch (author.dice.below(8)) {
    case 0:
      return [numberNode(author, reach, depth), scalarNode(author, reach, 0)]
    case 1:
      return [listOfAny(author, reach, depth), listOfAny(author, reach, 0)]
    case 2:
      return [objectNode(author, reach, depth).node, objectNode(author, reach, 0).node]
    case 3:
      return [anyNode(author, reach, depth), anyNode(author, reach, 0)]
    default:
      return [textNode(author, reach, depth), textNode(author, reach, 0)]
  }
}

function memberNode(author: Author, reach: Reach, depth: number): Node {
  switch (author.dice.below(5)) {
    case 0:
      return call('in', numberNode(author, reach, 0), numbersNode(author, reach, depth))
    case 1:
      return call('in', anyNode(author, reach, 0), listOfAny(author, reach, depth))
    case 2:
      return call('in', scalarNode(author, reach, 0), literal([80, 'http', true, null, 1.5]))
    default:
      return call('in', textNode(author, reach, 0), textsNode(author, reach, depth))
  }
}

const containerNode = (author: Author, reach: Reach, depth: number): Node =>
  author.dice.chance(0.5)
    ? (author.fieldOf(reach, 'anything', 'scalar') ?? textNode(author, reach, depth))
    : author.dice.chance(0.5)
      ? textNode(author, reach, depth)
      : listOfAny(author, reach, depth)

function patternNode(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const [operator, topic] = dice.one([
    ['like', 'wildcard'],
    ['matches', 'pattern'],
  ] as const)
  const pattern = dice.chance(0.75) ? literal(word(dice, topic, 0.02)) : textNode(author, reach, 0, topic)
  return author.decided(operator, textNode(author, reach, depth), pattern)
}

/** Conditions as values, and values as conditions. */
function oddCondition(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const inner = (): Node => conditionNode(author, reach, depth)
  switch (dice.below(6)) {
    case 0:
      return call('is', inner(), literal(dice.chance(0.5)))
    case 1:
      return { kind: 'default', of: author.fieldOf(reach, 'boolean') ?? inner(), otherwise: inner() }
    case 2:
      return { kind: 'when', cases: [{ if: inner(), then: inner() }], otherwise: inner() }
    case 3:
      return author.decided('equals', inner(), author.fieldOf(reach, 'boolean') ?? inner())
    case 4:
      return author.fieldOf(reach, 'boolean') ?? inner()
    default:
      return { kind: 'narrow', of: author.fieldOf(reach, 'anything', 'boolean') ?? inner(), type: 'boolean' }
  }
}
