import {
  type CallNode,
  type Node,
  type OperandType,
  operatorOf,
  patternFault,
  typeOf,
} from '@gatewright/core'
import { type Compilation, maskOf, sureType } from './compilation.js'
import { condition } from './condition.js'
import type { Label } from './code.js'
import { bind, count, isPlain, type Item, materialise, walk, zero } from './list.js'
import { values } from './operators.js'

/** Leaves the value of an expression on the stack: 0 where it is missing, a fault where it cannot be had. */
export function value(node: Node, to: Compilation): void {
  const { code, layout } = to
  switch (node.kind) {
    case 'literal':
      return code.constant(layout.value(node.value))
    case 'input':
      return code.get(inputLocal(node.name, to))
    case 'variable': {
      const { value, index } = to.binding(node)
      code.get(node.index ? index : value)
      if (node.index) to.call('integer')
      return
    }
    case 'field':
      value(node.of, to)
      code.constant(layout.text(node.key))
      return to.call('fieldOf')
    case 'get':
      value(node.of, to)
      operand(node.key, 'string', to)
      return to.call('getOf')
    case 'at':
      if (isPlain(node.list)) {
        value(node.list, to)
        code.constant(node.index)
        return to.call('elementAt')
      }
      code.get(materialise(node.list, to))
      code.constant(node.index)
      return to.call('itemAt')
    case 'narrow':
      value(node.of, to)
      return typed(node.type, to)
    case 'call':
      return callValue(node, to)
    case 'default': {
      const of = code.local()
      use(node.of, to)
      code.tee(of)
      code.if(
        true,
        () => code.get(of),
        () => use(node.otherwise, to),
      )
      return to.mayFail(node) ? to.call('settled') : undefined
    }
    case 'when':
      code.block(true, (end) => {
        for (const each of node.cases) {
          whether(each.if, to, end, (fault) => code.get(fault))
          code.if(false, () => {
            use(each.then, to)
            code.leave(end)
          })
        }
        use(node.otherwise, to)
      })
      return to.mayFail(node) ? to.call('settled') : undefined
    case 'record': {
      entries(node.fields, (field) => value(field, to), to)
      return to.call('builtRecord')
    }
    case 'find':
      return found(node, to)
    case 'list':
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'concat':
    case 'distinct':
    case 'duplicates':
    case 'keys':
    case 'inventory':
      code.get(materialise(node, to))
      return to.call('listOf')
    case 'some':
    case 'every':
    case 'and':
    case 'or':
    case 'not':
    case 'decide':
      condition(node, to)
      return to.call('boxed')
  }
}

function inputLocal(name: string, to: Compilation): number {
  const input = to.inputs.get(name)
  if (input === undefined) throw new TypeError(`the target has no input \`${name}\``)
  return input.local
}

/** Leaves out a value on the stack that is not of a type. Faults stay. */
export function typed(type: OperandType, to: Compilation): void {
  const mask = maskOf(type)
  if (mask === undefined) return
  to.code.constant(mask)
  to.call('typed')
}

/** Leaves an expression's value where it is used: missing when it is not of the type that the node declares (law 1). */
export function use(node: Node, to: Compilation): void {
  value(node, to)
  const type = typeOf(node)
  if (sureType(node) !== type) typed(type, to)
}

/** As `use`, of the type that the operator's row names as well. */
export function operand(node: Node, type: OperandType, to: Compilation): void {
  value(node, to)
  const declared = typeOf(node)
  const [one, other] = [maskOf(declared), maskOf(type)]
  const mask = one === undefined ? other : other === undefined ? one : one & other
  const sure = sureType(node)
  const has = sure === undefined ? undefined : maskOf(sure)
  if (mask === undefined || (has !== undefined && (has & ~mask) === 0)) return
  to.code.constant(mask)
  to.call('typed')
}

function found(node: Extract<Node, { kind: 'find' }>, to: Compilation): void {
  search(
    node,
    to,
    (item) => item.value(),
    (fault) => to.code.get(fault),
    (rest) => (rest === undefined ? to.code.constant(0) : to.code.get(rest)),
  )
}

/** Leaves a condition on the stack; where it fails, goes to the end with what is left of the fault. */
function whether(node: Node, to: Compilation, end: Label, failed: (fault: number) => void): void {
  const { code } = to
  condition(node, to)
  const holds = code.local()
  if (!to.mayFail(node)) return
  code.tee(holds)
  code.constant(1)
  code.op('greaterUnsigned')
  code.if(false, () => {
    failed(holds)
    code.leave(end)
  })
  code.get(holds)
}

/** Looks for the first element for which a condition holds: leaves what is said of it, of a fault on the way, or of the end. */
export function search(
  { list, lambda }: Extract<Node, { kind: 'find' }>,
  to: Compilation,
  hit: (item: Item) => void,
  failed: (fault: number) => void,
  missed: (rest: number | undefined) => void,
): void {
  const { code } = to
  code.block(true, (end) => {
    const bound = bind(lambda, to)
    const rest = walk(list, to, (item) => {
      bound(item, () => {
        whether(lambda.body, to, end, failed)
        code.if(false, () => {
          hit(item)
          code.leave(end)
        })
      })
    })
    missed(rest)
  })
}

/** Leaves the address and the number of an array of keys, each with what is evaluated of its field. */
export function entries(
  of: Readonly<Record<string, Node>>,
  evaluate: (field: Node) => void,
  to: Compilation,
): void {
  const { code, layout } = to
  const fields = Object.entries(of)
  const at = code.local()
  code.constant(8 * fields.length)
  to.call('allocate')
  code.set(at)
  for (const [i, [key, field]] of fields.entries()) {
    code.get(at)
    code.constant(layout.text(key))
    code.store(8 * i)
    code.get(at)
    evaluate(field)
    code.store(8 * i + 4)
  }
  code.get(at)
  code.constant(fields.length)
}

/** The type of an operand of an operator. */
export function operandType(node: CallNode, index: number): OperandType {
  const { operands } = operatorOf(node.operator)
  return operands[Math.min(index, operands.length - 1)] ?? 'any'
}

/** Evaluates the operands of a call into locals; where one is a fault, leaves it on the stack and goes to the end. */
export function operands(node: CallNode, to: Compilation, leave: () => void): readonly number[] {
  const { code } = to
  const locals = node.arguments.map((argument, index) => {
    operand(argument, operandType(node, index), to)
    const local = code.local()
    code.set(local)
    return local
  })
  const [, pattern] = node.arguments
  const patterned = node.operator === 'like' || node.operator === 'matches'
  const checksPattern = patterned && pattern?.kind !== 'literal'
  const faulty =
    patterned && pattern?.kind === 'literal' ? patternFault(node.operator, pattern.value) : undefined
  const failing = node.arguments.map((argument) => to.mayFail(argument))
  if (!failing.includes(true) && !checksPattern && faulty === undefined) return locals
  const fault = zero(to)
  for (const [i, local] of locals.entries()) {
    if (failing[i] !== true) continue
    code.get(fault)
    code.get(local)
    to.call('graverOf')
    code.set(fault)
  }
  if (checksPattern) {
    code.get(fault)
    code.get(locals[1] as number)
    to.call(node.operator === 'like' ? 'wildcardFault' : 'patternFault')
    to.call('graver')
    code.set(fault)
  } else if (faulty !== undefined) {
    code.get(fault)
    code.constant(to.layout.fault(faulty.code, faulty.message))
    to.call('graver')
    code.set(fault)
  }
  code.get(fault)
  code.if(false, () => {
    code.get(fault)
    leave()
  })
  return locals
}

/** A call that gives a value. */
function callValue(node: CallNode, to: Compilation): void {
  const { code } = to
  const { operator } = node
  const row = operatorOf(operator)
  if (row.gives === 'boolean') {
    condition(node, to, true)
    return to.call('boxedAnswer')
  }
  if (operator === 'message') {
    parts(node.arguments, to)
    return to.call('message')
  }
  if (operator === 'count') return count(node.arguments[0] as Node, to)
  if (operandType(node, 0) === 'list') return overList(node, to)
  if (operator === 'text') return text(node, to)
  const name = values[operator]
  if (name === undefined) throw new TypeError(`no meaning for the operator \`${operator}\``)
  code.block(true, (end) => {
    const locals = operands(node, to, () => code.leave(end))
    leaveMissing(node, locals, 0, to, () => code.leave(end))
    for (const local of locals) code.get(local)
    to.call(name)
  })
}

/** Goes to the end with an answer where one of the operands is missing. */
export function leaveMissing(
  node: CallNode,
  locals: readonly number[],
  answer: number,
  to: Compilation,
  leave: () => void,
): void {
  const { code } = to
  for (const [i, local] of locals.entries()) {
    const argument = node.arguments[i] as Node
    if (argument.kind === 'literal' && argument.value !== null) continue
    code.get(local)
    code.op('isZero')
    code.if(false, () => {
      code.constant(answer)
      leave()
    })
  }
}

/** Leaves the address and the number of an array of values. */
function parts(nodes: readonly Node[], to: Compilation): void {
  const { code } = to
  const at = array(nodes, (node) => value(node, to), to)
  code.get(at)
  code.constant(nodes.length)
}

/** Evaluates expressions into an array; the local of its address. */
export function array(nodes: readonly Node[], evaluate: (node: Node) => void, to: Compilation): number {
  const { code } = to
  const at = code.local()
  code.constant(4 * nodes.length)
  to.call('allocate')
  code.set(at)
  for (const [i, node] of nodes.entries()) {
    code.get(at)
    evaluate(node)
    code.store(4 * i)
  }
  return at
}

function text(node: CallNode, to: Compilation): void {
  const { code } = to
  code.block(true, (end) => {
    const locals = operands(node, to, () => code.leave(end))
    leaveMissing(node, locals, 0, to, () => code.leave(end))
    const at = code.local()
    code.constant(4 * locals.length)
    to.call('allocate')
    code.set(at)
    for (const [i, local] of locals.entries()) {
      code.get(at)
      code.get(local)
      code.store(4 * i)
    }
    code.get(at)
    code.constant(locals.length)
    to.call('text')
  })
}

/** The operators that read a whole list. */
function overList(node: CallNode, to: Compilation): void {
  const { code } = to
  const [list, separator] = node.arguments as readonly [Node, Node?]
  code.block(true, (end) => {
    const all = code.local()
    const between = code.local()
    if (isPlain(list)) {
      value(list, to)
      to.call('listOrEmpty')
    } else {
      code.get(materialise(list, to))
      to.call('listOf')
    }
    code.set(all)
    if (separator !== undefined) {
      use(separator, to)
      code.set(between)
    }
    if (separator !== undefined && to.mayFail(separator)) {
      const fault = code.local()
      code.constant(0)
      for (const each of [all, between]) {
        code.get(each)
        to.call('graverOf')
      }
      code.set(fault)
      code.get(fault)
      code.if(false, () => {
        code.get(fault)
        code.leave(end)
      })
    } else if (to.mayFail(list)) {
      code.get(all)
      to.call('isFault')
      code.if(false, () => {
        code.get(all)
        code.leave(end)
      })
    }
    code.get(all)
    if (separator === undefined) return to.call('sum')
    code.get(between)
    to.call('joined')
  })
}
