import type { Node, RuleNode } from '@gatewright/core'
import { type Author, call, literal, type Reach, within } from './expressions/author.js'
import { conditionNode } from './expressions/conditions.js'
import { mapNode, objectsNode, withTextBound } from './expressions/lists.js'
import { objectNode, withObject } from './expressions/records.js'
import { textNode } from './expressions/texts.js'
import { anyNode, shownNode } from './expressions/values.js'
import { word } from './random-words.js'

/** A statement of a policy, with others in it. */
export function ruleNode(author: Author, reach: Reach, depth: number, code: string): RuleNode {
  const { dice } = author
  const kind = dice.below(depth > 2 ? 1 : 9)
  const inside = (inner: Reach): readonly RuleNode[] =>
    Array.from({ length: 1 + dice.below(2) }, (_, i) => ruleNode(author, inner, depth + 1, `${code}.${i}`))
  switch (kind) {
    case 1:
    case 2:
    case 3: {
      const objects = objectsNode(author, reach, 2)
      if (objects === undefined) break
      const lambda = author.lambda('object', objects.isForeign)
      return { kind: 'each', list: objects.node, ...lambda, rules: inside(within(reach, lambda, objects)) }
    }
    case 4: {
      const { list, lambda, inner } = withTextBound(author, reach, 2)
      return { kind: 'each', list, ...lambda, rules: inside(inner) }
    }
    case 5:
    case 6:
      return { kind: 'onlyIf', if: conditionNode(author, reach, 2), rules: inside(reach) }
  }
  return denial(author, reach, code)
}

function denial(author: Author, reach: Reach, code: string): RuleNode {
  const { dice } = author
  const at = dice.chance(0.75) ? placeNode(author, reach) : undefined
  const parts = [
    literal(word(dice, 'text')),
    shownNode(author, reach, 1),
    literal(' in '),
    shownNode(author, reach, 1),
  ]
  const details = dice.chance(0.4)
    ? { details: { value: shownNode(author, reach, 1), 'odd "key" %': anyNode(author, reach, 2) } }
    : {}
  return {
    kind: 'deny',
    if: conditionNode(author, reach, 3),
    violation: {
      code,
      message: dice.chance(0.9) ? call('message', ...parts) : textNode(author, reach, 1),
      ...(at === undefined ? {} : { at }),
      ...details,
    },
  }
}

/** A place in the object: of something that has one mostly. */
function placeNode(author: Author, reach: Reach): Node {
  const { dice } = author
  const kind = dice.below(12)
  if (kind < 5) {
    const from = author.object(reach)
    const key = dice.one(Object.keys(from.shape))
    return { kind: 'field', of: from.node, key, type: 'unknown', vouched: false, required: false }
  }
  if (kind < 7) {
    const found = objectNode(author, reach, 2)
    const { objects } = withObject(reach, found)
    const from = author.objectIn(objects[objects.length - 1] ?? found)
    const [key = 'name'] = Object.keys(from.shape)
    return {
      kind: 'field',
      of: from.node,
      key,
      type: 'string',
      vouched: from.isForeign !== true,
      required: false,
    }
  }
  if (kind < 9) {
    const bound = reach.keys.length > 0 ? dice.one(reach.keys) : undefined
    const isOdd = dice.chance(0.3)
    const key =
      isOdd && reach.texts.length > 0 ? dice.one(reach.texts) : (bound?.key ?? textNode(author, reach, 1))
    const get: Node = {
      kind: 'get',
      of: isOdd ? author.object(reach).node : (bound?.of ?? mapNode(author, reach)),
      key,
      type: 'unknown',
      vouched: false,
    }
    return dice.chance(0.7)
      ? get
      : { kind: 'field', of: get, key: 'name', type: 'string', vouched: false, required: false }
  }
  if (kind === 9 && reach.texts.length > 0) return dice.one(reach.texts)
  if (kind === 10) {
    const objects = objectsNode(author, reach, 2)
    if (objects !== undefined) {
      const lambda = author.lambda('object', objects.isForeign)
      const inner = within(reach, lambda, objects)
      const body = conditionNode(author, inner, 1)
      return { kind: 'find', list: objects.node, lambda: { ...lambda, body }, type: 'object' }
    }
  }
  if (kind === 11) {
    const { list, lambda, inner } = withTextBound(author, reach, 1)
    const body = conditionNode(author, inner, 1)
    return dice.chance(0.5)
      ? { kind: 'find', list, lambda: { ...lambda, body }, type: 'string' }
      : { kind: 'at', list, index: dice.one([0, 1, -1]), type: 'string', vouched: false }
  }
  return anyNode(author, reach, 1)
}
