import { type CallNode, type Node, operatorOf, patternFault } from '@gatewright/core'
import type { Compilation } from './compilation.js'
import { maskOf } from './compilation.js'
import { bind, isPlain, materialise, walk, zero } from './list.js'
import { orders, predicates } from './operators.js'
import { leaveMissing, operand, operands, use, value } from './value.js'

/** What a predicate answers whose operand is missing. */
const missing = 2

/**
 * Leaves whether a condition holds on the stack: 0 or 1, or a fault where it may fail. With `open` a predicate that is missing is 2;
 * else it is false.
 */
export function condition(node: Node, to: Compilation, open = false): void {
  const { code } = to
  switch (node.kind) {
    case 'and':
      return several(node.all, 0, to)
    case 'or':
      return several(node.any, 1, to)
    case 'not':
      condition(node.of, to)
      if (!to.mayFail(node.of)) return code.op('isZero')
      return to.call('negated')
    case 'some':
    case 'every': {
      const { lambda } = node
      const deciding = node.kind === 'some' ? 1 : 0
      const fails = to.mayFail(lambda.body)
      return code.block(true, (end) => {
        const fault = fails ? zero(to) : undefined
        const bound = bind(lambda, to)
        const rest = walk(node.list, to, (item) => {
          bound(item, () => {
            condition(lambda.body, to)
            decideOr(deciding, fault, () => code.leave(end), to)
          })
        })
        outcome(deciding, fault, rest, to)
      })
    }
    case 'decide':
      call(node.of, to)
      return settled(node.missing, to.mayFail(node.of), to)
    case 'call': {
      const { answers } = operatorOf(node.operator)
      if (answers === 'test') return call(node, to)
      if (answers === 'predicate') {
        call(node, to)
        return open ? undefined : settled(false, to.mayFail(node), to)
      }
      value(node, to)
      return to.call('truth')
    }
    case 'literal':
      return code.constant(node.value === true ? 1 : 0)
    default:
      value(node, to)
      return to.call('truth')
  }
}

/** Replaces a missing answer. */
function settled(answer: boolean, canFail: boolean, to: Compilation): void {
  const { code } = to
  if (canFail) {
    code.constant(answer ? 1 : 0)
    return to.call('settledAnswer')
  }
  code.constant(answer ? 0 : 1)
  code.op(answer ? 'notEqual' : 'equal')
}

/** The first answer that decides; else the gravest fault; else the opposite. */
function several(nodes: readonly Node[], deciding: 0 | 1, to: Compilation): void {
  const { code } = to
  const fails = nodes.some((node) => to.mayFail(node))
  code.block(true, (end) => {
    const fault = fails ? zero(to) : undefined
    for (const node of nodes) {
      condition(node, to)
      decideOr(deciding, to.mayFail(node) ? fault : undefined, () => code.leave(end), to)
    }
    outcome(deciding, fault, undefined, to)
  })
}

/** Takes an answer: goes to the end with it where it decides, and keeps it where it is a fault. */
function decideOr(deciding: 0 | 1, fault: number | undefined, leave: () => void, to: Compilation): void {
  const { code } = to
  if (fault === undefined) {
    if (deciding === 0) code.op('isZero')
    return code.if(false, () => {
      code.constant(deciding)
      leave()
    })
  }
  const answer = code.local()
  code.tee(answer)
  code.constant(deciding)
  code.op('equal')
  code.if(false, () => {
    code.constant(deciding)
    leave()
  })
  code.get(fault)
  code.get(answer)
  to.call('graverAnswer')
  code.set(fault)
}

/** What is left where nothing decided. */
function outcome(
  deciding: 0 | 1,
  fault: number | undefined,
  rest: number | undefined,
  to: Compilation,
): void {
  const { code } = to
  if (fault === undefined && rest === undefined) return code.constant(1 - deciding)
  if (fault === undefined) code.constant(0)
  else code.get(fault)
  if (rest === undefined) code.constant(0)
  else code.get(rest)
  to.call('graver')
  const left = code.local()
  code.tee(left)
  code.constant(1 - deciding)
  code.get(left)
  code.op('select')
}

/** A call that answers: 0 or 1, 2 where it is missing, or a fault. */
function call(node: CallNode, to: Compilation): void {
  const { code } = to
  const { operator } = node
  const [first, second] = node.arguments as readonly [Node, Node?]
  switch (operator) {
    case 'exists':
      operand(first, 'unknown', to)
      if (to.mayFail(first)) return to.call('isThere')
      code.constant(0)
      return code.op('notEqual')
    case 'is':
      if (!to.mayFail(first) && second?.kind === 'literal' && typeof second.value === 'boolean') {
        // address 0 holds a 0, which is the tag of no value
        operand(first, 'unknown', to)
        code.loadByte()
        code.constant(second.value ? 2 : 1)
        return code.op('equal')
      }
      operand(first, 'unknown', to)
      use(second as Node, to)
      return to.call('is')
    case 'sameAs':
      operand(first, 'unknown', to)
      operand(second as Node, 'unknown', to)
      return to.call('sameAs')
    case 'in':
      operand(first, 'unknown', to)
      if (isPlain(second as Node)) {
        value(second as Node, to)
        return to.call('isInList')
      }
      code.get(materialise(second as Node, to))
      return to.call('isIn')
    case 'matchesSelector':
      return code.block(true, (end) => {
        const locals = operands(node, to, () => code.leave(end))
        leaveMissing({ ...node, arguments: [first] }, locals.slice(0, 1), missing, to, () => code.leave(end))
        code.get(locals[0] as number)
        code.get(locals[1] as number)
        code.constant(maskOf('object') as number)
        to.call('typed')
        to.call('matchesSelector')
      })
    default:
      return predicate(node, to)
  }
}

/** Takes a text: whether a pattern that is known now is found in it. */
function matchesConstant(pattern: string, to: Compilation): void {
  // one that is not valid has made a fault before
  if (patternFault('matches', pattern) !== undefined) {
    to.code.op('drop')
    return to.code.constant(0)
  }
  const { at, isProgram } = to.layout.pattern(pattern)
  to.code.constant(at)
  to.call(isProgram ? 'matchesProgram' : 'matchesAutomaton')
}

const comparisons = {
  gt: 'greater',
  gte: 'atLeast',
  lt: 'less',
  lte: 'atMost',
  equals: 'equal',
} as const

function predicate(node: CallNode, to: Compilation): void {
  const { code } = to
  const [family = '', comparison] = node.operator.split('.')
  code.block(true, (end) => {
    const leave = (): void => code.leave(end)
    const locals = operands(node, to, leave)
    leaveMissing(node, locals, missing, to, leave)
    const [, pattern] = node.arguments
    if (node.operator === 'matches' && pattern?.kind === 'literal' && typeof pattern.value === 'string') {
      code.get(locals[0] as number)
      return matchesConstant(pattern.value, to)
    }
    for (const local of locals) code.get(local)
    const name = predicates[node.operator]
    if (name !== undefined) return to.call(name)
    const operation = comparisons[comparison as keyof typeof comparisons]
    const order = family === 'ratio' ? 'compareRatio' : orders[family]
    if (operation === undefined || order === undefined) {
      throw new TypeError(`no meaning for the operator \`${node.operator}\``)
    }
    to.call(order)
    if (family === 'ratio') {
      const stands = code.local()
      code.tee(stands)
      code.constant(missing)
      code.op('equal')
      code.if(false, () => {
        code.constant(missing)
        leave()
      })
      code.get(stands)
    }
    code.constant(0)
    code.op(operation)
  })
}
