import {
  callOperator,
  type CallNode,
  Fault,
  holeText,
  isObject,
  type Json,
  type Node,
  type OperandType,
  operatorOf,
  patternFault,
  type Reference,
  typeOf,
  used,
} from '@gatewright/core'
import { condition } from './condition.js'
import { bail, bindElement, type Compilation, type Run, slotOf } from './frame.js'
import { walk } from './list.js'

/** Compiles an expression to its value; undefined where it is missing, and for null. */
export function value(node: Node, to: Compilation): Run<unknown> {
  switch (node.kind) {
    case 'literal': {
      const constant = node.value ?? undefined
      return () => constant
    }
    case 'input': {
      const slot = to.inputNames.indexOf(node.name)
      return (frame) => frame.inputs[slot]
    }
    case 'variable': {
      const slot = slotOf(node)
      return node.index ? (frame) => frame.elements[slot + 1] : (frame) => frame.elements[slot] ?? undefined
    }
    case 'field':
      return fieldOf(value(node.of, to), node.key)
    case 'get': {
      const of = value(node.of, to)
      const key = operand(node.key, 'string', to)
      return (frame) => {
        const name = key(frame)
        return name === undefined ? undefined : ownValue(of(frame), name as string)
      }
    }
    case 'at':
      return elementAt(node.list, node.index, to)
    case 'narrow': {
      const of = value(node.of, to)
      const { type } = node
      return (frame) => typed(of(frame), type)
    }
    case 'call':
      return callValue(node, to)
    case 'default': {
      const of = use(node.of, to)
      const otherwise = use(node.otherwise, to)
      return (frame) => of(frame) ?? otherwise(frame)
    }
    case 'when': {
      const cases = node.cases.map((each) => ({ holds: condition(each.if, to), value: use(each.then, to) }))
      const otherwise = use(node.otherwise, to)
      return (frame) => {
        for (const each of cases) if (each.holds(frame)) return each.value(frame)
        return otherwise(frame)
      }
    }
    case 'record': {
      const fields = Object.entries(node.fields).map(([key, field]) => [key, value(field, to)] as const)
      return (frame) => {
        const record: Record<string, unknown> = {}
        for (const [key, field] of fields) {
          const of = field(frame)
          if (of instanceof Fault) throw bail
          if (of !== undefined) record[key] = of
        }
        return record
      }
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
    case 'inventory': {
      let items: unknown[] = []
      const collect = walk(node, to, (_, element) => {
        items.push(element ?? null)
        return false
      })
      return (frame) => {
        const outer = items
        items = []
        collect(frame)
        const result = items
        items = outer
        return result
      }
    }
    case 'some':
    case 'every':
    case 'and':
    case 'or':
    case 'not':
    case 'decide':
      return condition(node, to)
  }
}

/** Compiles an expression where it is used: a value that is not of the declared type is missing (law 1). */
export function use(node: Node, to: Compilation): Run<unknown> {
  const read = value(node, to)
  const type = typeOf(node)
  const isRead = node.kind === 'field' || node.kind === 'get'
  // a value that is not known yet is of the type `unknown` too, and no check of shapes sees it
  const sure = to.trusts && isRead && node.vouched && type !== 'unknown'
  const settled =
    node.kind === 'literal' || node.kind === 'default' || node.kind === 'when' || node.kind === 'narrow'
  if (sure || settled || type === 'any') return read
  return (frame) => typed(read(frame), type)
}

/** Compiles an operand: used, and of the type that the operator's row names. */
export function operand(node: Node, type: OperandType, to: Compilation): Run<unknown> {
  const read = use(node, to)
  const declared = typeOf(node)
  if (type === 'any' || type === 'unknown' || type === declared) return read
  return (frame) => typed(read(frame), type)
}

/** A value of a type, else missing. What is unknown or failed is for the reference to judge. */
export function typed(of: unknown, type: OperandType): unknown {
  if (of === undefined || of === null) return undefined
  if (type === 'string') {
    if (typeof of === 'string') return of
  } else if (type === 'boolean') {
    if (typeof of === 'boolean') return of
  }
  if (of instanceof Fault) throw bail
  return used(of as Json, type)
}

/** Names that something else than a plain object can have, inherited or of its own. */
export const ambiguous = (key: string): boolean =>
  key in Object.prototype || key in Array.prototype || key in Fault.prototype || faultFields.has(key)
const faultFields: ReadonlySet<string> = new Set([
  ...Object.keys(new Fault('error', '', '')),
  'coefficient',
  'exponent',
])

/** Reads one key of objects. A name that only an object's own field can have needs no look at where it comes from. */
export function fieldReader(key: string): (of: unknown) => unknown {
  if (ambiguous(key)) return (of) => ownValue(of, key)
  return (of) => {
    if (typeof of !== 'object' || of === null) return undefined
    const field = (of as Readonly<Record<string, unknown>>)[key]
    if (field !== undefined) return field ?? undefined
    if (of instanceof Fault) throw bail
    return undefined
  }
}

function fieldOf(of: Run<unknown>, key: string): Run<unknown> {
  const read = fieldReader(key)
  return (frame) => read(of(frame))
}

/** An object's own value under a key; undefined for null and for anything but an object. */
export function ownValue(of: unknown, key: string): unknown {
  if (typeof of !== 'object' || of === null) return undefined
  if (of instanceof Fault) throw bail
  if (Array.isArray(of) || !Object.hasOwn(of, key) || !isObject(of as Json)) return undefined
  return (of as Readonly<Record<string, unknown>>)[key] ?? undefined
}

function elementAt(list: Node, index: number, to: Compilation): Run<unknown> {
  const all = value(list, to)
  return (frame) => {
    const items = typed(all(frame), 'list') as readonly unknown[] | undefined
    return items?.at(index) ?? undefined
  }
}

function found(node: Extract<Node, { kind: 'find' }>, to: Compilation): Run<unknown> {
  const { element, index } = node.lambda
  const holds = condition(node.lambda.body, to)
  let result: unknown
  const search = walk(node.list, to, (frame, item, position, origin) => {
    bindElement(frame, element.id, item, position, origin)
    frame.elements[index.id] = frame.positions[index.id] = (frame.positions[index.id] ?? -1) + 1
    if (!holds(frame)) return false
    result = item
    return true
  })
  return (frame) => {
    const outer = result
    result = undefined
    frame.positions[index.id] = -1
    search(frame)
    const answer = result
    result = outer
    return answer ?? undefined
  }
}

/** A call that gives a value. */
function callValue(node: CallNode, to: Compilation): Run<unknown> {
  const row = operatorOf(node.operator)
  const { operator } = node
  if (operator === 'message') return messageOf(node.arguments, to)
  if (operator === 'exists' || operator === 'is' || operator === 'sameAs' || operator === 'in') {
    return condition(node, to)
  }
  if (row.operands[0] === 'list') return overList(node, to)
  const operands = node.arguments.map((argument, index) =>
    operand(argument, row.operands[Math.min(index, row.operands.length - 1)] ?? 'any', to),
  )
  const patterned = operator === 'like' || operator === 'matches'
  const lenient = operator === 'matchesSelector'
  return (frame) => {
    const values: Reference[] = []
    let isMissing = false
    for (const [index, each] of operands.entries()) {
      const of = each(frame) as Reference
      if (of instanceof Fault) throw bail
      if (of === undefined && !(lenient && index > 0)) isMissing = true
      values.push(of)
    }
    if (patterned && patternFault(operator, values[1]) !== undefined) throw bail
    if (isMissing) return undefined
    const result = callOperator(operator, values)
    if (result instanceof Fault) throw bail
    return result ?? undefined
  }
}

function messageOf(parts: readonly Node[], to: Compilation): Run<string> {
  const holes = parts.map((part) => value(part, to))
  return (frame) => {
    let text = ''
    for (const hole of holes) text += holeText(hole(frame) as Reference)
    return text
  }
}

function overList(node: CallNode, to: Compilation): Run<unknown> {
  const [list, second] = node.arguments as readonly [Node, Node?]
  if (node.operator === 'count') {
    let count = 0
    const counting = walk(list, to, () => {
      count++
      return false
    })
    return (frame) => {
      const outer = count
      count = 0
      counting(frame)
      const result = count
      count = outer
      return result
    }
  }
  const items = value(list, to)
  const separator = second === undefined ? undefined : operand(second, 'string', to)
  return (frame) => {
    const elements = (typed(items(frame), 'list') ?? []) as readonly Json[]
    if (elements.some((element) => (element as unknown) instanceof Fault)) throw bail
    if (node.operator === 'join') {
      const between = separator?.(frame)
      return between === undefined
        ? undefined
        : elements.map((element) => holeText(element)).join(between as string)
    }
    const result = callOperator(node.operator, [elements])
    if (result instanceof Fault) throw bail
    return result ?? undefined
  }
}
