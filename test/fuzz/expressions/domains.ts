import type { Node } from '@gatewright/core'
import { number, word } from '../random-words.js'
import { type Author, call, literal, type Reach } from './author.js'
import { conditionNode } from './conditions.js'
import { numberNode } from './numbers.js'
import { textNode } from './texts.js'

/** A quantity, read or added up. */
export function quantityNode(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const kind = dice.below(depth > 0 ? 9 : 7)
  switch (kind) {
    case 5:
      return call('quantity', textNode(author, reach, Math.min(depth, 1), 'quantity'))
    case 6:
      return call('quantity', numberNode(author, reach, Math.min(depth, 1)))
    case 7:
      return call(
        'quantity.plus',
        quantityNode(author, reach, depth - 1),
        quantityNode(author, reach, depth - 1),
      )
    case 8:
      return eitherOf(author, reach, depth, quantityNode)
    default: {
      const field = author.fieldOf(reach, 'amount')
      if (field !== undefined && kind < 4) return call('quantity', field)
      return call('quantity', literal(dice.chance(0.8) ? word(dice, 'quantity') : number(dice)))
    }
  }
}

/** One of two values of a domain. */
function eitherOf(
  author: Author,
  reach: Reach,
  depth: number,
  make: (author: Author, reach: Reach, depth: number) => Node,
): Node {
  const of = make(author, reach, depth - 1)
  const otherwise = make(author, reach, depth - 1)
  return author.dice.chance(0.5)
    ? { kind: 'default', of, otherwise }
    : { kind: 'when', cases: [{ if: conditionNode(author, reach, depth - 1), then: of }], otherwise }
}

export function versionNode(author: Author, reach: Reach, depth: number): Node {
  if (depth > 0 && author.dice.chance(0.1)) return eitherOf(author, reach, depth, versionNode)
  return call('semver', textNode(author, reach, author.dice.chance(0.2) ? depth : 0, 'version'))
}

export function durationNode(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  if (depth > 0 && dice.chance(0.3)) {
    const times = [timestampNode(author, reach, depth - 1), timestampNode(author, reach, depth - 1)]
    return call('timestamp.minus', ...times)
  }
  if (depth > 0 && dice.chance(0.1)) return eitherOf(author, reach, depth, durationNode)
  return call('duration', textNode(author, reach, 0, 'duration'))
}

export function timestampNode(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  if (depth > 0 && dice.chance(0.3))
    return call(
      'timestamp.plus',
      timestampNode(author, reach, depth - 1),
      durationNode(author, reach, depth - 1),
    )
  if (depth > 0 && dice.chance(0.1)) return eitherOf(author, reach, depth, timestampNode)
  return call('timestamp', textNode(author, reach, 0, 'time'))
}

/** An operand of a ratio: a quantity or a number. */
const ratioOperand = (author: Author, reach: Reach, depth: number): Node =>
  author.dice.chance(0.7) ? quantityNode(author, reach, depth) : numberNode(author, reach, depth)

/** A comparison of values of a domain, of networks, of images, or of labels with a selector. */
export function domainCondition(author: Author, reach: Reach, depth: number): Node {
  const { dice } = author
  const order = dice.one(['gt', 'gte', 'lt', 'lte', 'equals'] as const)
  switch (dice.below(12)) {
    case 0:
    case 1:
      return author.decided(
        `quantity.${order}`,
        quantityNode(author, reach, depth),
        quantityNode(author, reach, 0),
      )
    case 2:
    case 3: {
      const kind = dice.one(['gt', 'gte', 'lt', 'lte'] as const)
      const bound = dice.chance(0.8) ? literal(number(dice)) : numberNode(author, reach, depth)
      return author.decided(
        `ratio.${kind}`,
        ratioOperand(author, reach, depth),
        ratioOperand(author, reach, depth),
        bound,
      )
    }
    case 4:
      return author.decided(
        `semver.${order}`,
        versionNode(author, reach, depth),
        versionNode(author, reach, 0),
      )
    case 5:
      return author.decided(
        `duration.${order}`,
        durationNode(author, reach, depth),
        durationNode(author, reach, 0),
      )
    case 6:
    case 7:
      return author.decided(
        `timestamp.${order}`,
        timestampNode(author, reach, depth),
        timestampNode(author, reach, 0),
      )
    case 8:
      return author.decided(
        'imageRef.within',
        textNode(author, reach, depth, 'image'),
        dice.chance(0.8) ? literal(word(dice, 'place')) : textNode(author, reach, 0),
      )
    case 9:
      return author.decided(
        'cidr.contains',
        textNode(author, reach, 0, 'network'),
        textNode(author, reach, 0, dice.chance(0.7) ? 'address' : 'network'),
      )
    case 10:
      return author.decided(
        'cidr.overlaps',
        textNode(author, reach, 0, 'network'),
        textNode(author, reach, 0, 'network'),
      )
    default:
      return selectorCondition(author, reach)
  }
}

function selectorCondition(author: Author, reach: Reach): Node {
  const { dice } = author
  const labels = author.fieldOf(reach, 'labels') ?? literal({ a: 'b' })
  const selector = author.fieldOf(reach, 'selector')
  const fixed = literal({
    matchLabels: { a: word(dice, 'text') },
    ...(dice.chance(0.5) ? { matchExpressions: [{ key: 'team', operator: 'Exists' }] } : {}),
  })
  return author.decided('matchesSelector', dice.chance(0.7) && selector ? selector : fixed, labels)
}
