import { type CallNode, equalJson, Fault, isNumber, type Json, type Node, operatorOf } from '@gatewright/core'
import { bail, type Compilation, type Run } from './frame.js'
import { binding, counted, walk } from './list.js'
import { operand, use, value } from './value.js'

/** Compiles a condition. What is neither true nor false bails out. */
export function condition(node: Node, to: Compilation): Run<boolean> {
  switch (node.kind) {
    case 'and': {
      const all = node.all.map((each) => condition(each, to))
      return (frame) => {
        for (const each of all) if (!each(frame)) return false
        return true
      }
    }
    case 'or': {
      const any = node.any.map((each) => condition(each, to))
      return (frame) => {
        for (const each of any) if (each(frame)) return true
        return false
      }
    }
    case 'not': {
      const of = condition(node.of, to)
      return (frame) => !of(frame)
    }
    case 'some': {
      const holds = condition(node.lambda.body, to)
      const bound = binding(node.lambda)
      const search = walk(node.list, to, (frame, element, position, origin) => {
        bound(frame, element, position, origin)
        return holds(frame)
      })
      return counted(node.lambda, search)
    }
    case 'every': {
      const holds = condition(node.lambda.body, to)
      const bound = binding(node.lambda)
      const search = counted(
        node.lambda,
        walk(node.list, to, (frame, element, position, origin) => {
          bound(frame, element, position, origin)
          return !holds(frame)
        }),
      )
      return (frame) => !search(frame)
    }
    case 'decide': {
      const of = predicate(node.of, to)
      const { missing } = node
      return (frame) => {
        const answer = of(frame)
        return answer === undefined ? missing : answer
      }
    }
    case 'literal': {
      const constant = node.value === true
      return () => constant
    }
    case 'call':
      return testOf(node, to)
    default: {
      const of = use(node, to)
      return (frame) => of(frame) === true
    }
  }
}

/** The operators that decide by themselves. */
function testOf(node: CallNode, to: Compilation): Run<boolean> {
  const [first, second] = node.arguments as readonly [Node, Node]
  switch (node.operator) {
    case 'exists': {
      const of = use(first, to)
      return (frame) => of(frame) !== undefined
    }
    case 'is':
      return equalsLiteral(first, second, to)
    case 'sameAs': {
      const a = use(first, to)
      const b = use(second, to)
      return (frame) => {
        const x = a(frame)
        const y = b(frame)
        return x === undefined || y === undefined ? x === y : equalJson(x as Json, y as Json)
      }
    }
    case 'in':
      return memberOf(first, second, to)
    default: {
      const of = predicate(node, to)
      return (frame) => of(frame) === true
    }
  }
}

function equalsLiteral(first: Node, second: Node, to: Compilation): Run<boolean> {
  const of = use(first, to)
  const other = value(second, to)
  const literal = second.kind === 'literal' ? second.value : undefined
  if (typeof literal === 'string' || typeof literal === 'boolean') return (frame) => of(frame) === literal
  return (frame) => {
    const x = of(frame)
    return x !== undefined && equalJson(x as Json, (other(frame) ?? null) as Json)
  }
}

function memberOf(first: Node, list: Node, to: Compilation): Run<boolean> {
  const of = use(first, to)
  if (
    list.kind === 'literal' &&
    Array.isArray(list.value) &&
    list.value.every((each) => typeof each === 'string')
  ) {
    const members = new Set<unknown>(list.value)
    return (frame) => members.has(of(frame))
  }
  const wanted: unknown[] = []
  const search = walk(list, to, (_, element) => {
    const x = wanted.at(-1)
    if (element === x) return element !== null
    if (typeof x === 'string' || element === undefined || element === null) return false
    return equalJson(x as Json, element as Json)
  })
  return (frame) => {
    const x = of(frame)
    if (x === undefined) return false
    wanted.push(x)
    try {
      return search(frame)
    } finally {
      wanted.pop()
    }
  }
}

/** A predicate: undefined where an operand is missing. The common ones are spelt out; the table's meaning serves the others. */
function predicate(node: CallNode, to: Compilation): Run<boolean | undefined> {
  const { operator } = node
  const row = operatorOf(operator)
  const operands = node.arguments.map((argument, index) =>
    operand(argument, row.operands[index] ?? 'any', to),
  )
  const [a = never, b = never] = operands
  switch (operator) {
    case 'startsWith':
      return onTexts(a, b, (x, y) => x.startsWith(y))
    case 'endsWith':
      return onTexts(a, b, (x, y) => x.endsWith(y))
    case 'includes':
      return onTexts(a, b, (x, y) => x.includes(y))
    case 'equals':
      return (frame) => {
        const x = a(frame)
        const y = b(frame)
        return x === undefined || y === undefined ? undefined : x === y || equalJson(x as Json, y as Json)
      }
    case 'number.gt':
    case 'number.gte':
    case 'number.lt':
    case 'number.lte': {
      const general = value(node, to) as Run<boolean | undefined>
      const compare = doubles[operator]
      return (frame) => {
        const x = a(frame)
        const y = b(frame)
        if (typeof x === 'number' && typeof y === 'number') return compare(x, y)
        if (x instanceof Fault || y instanceof Fault) throw bail
        return isNumber(x) && isNumber(y) ? general(frame) : undefined
      }
    }
    default:
      return value(node, to) as Run<boolean | undefined>
  }
}

const never: Run<unknown> = () => undefined

const doubles = {
  'number.gt': (x: number, y: number): boolean => x > y,
  'number.gte': (x: number, y: number): boolean => x >= y,
  'number.lt': (x: number, y: number): boolean => x < y,
  'number.lte': (x: number, y: number): boolean => x <= y,
} as const

function onTexts(
  a: Run<unknown>,
  b: Run<unknown>,
  holds: (x: string, y: string) => boolean,
): Run<boolean | undefined> {
  return (frame) => {
    const x = a(frame)
    const y = b(frame)
    return x === undefined || y === undefined ? undefined : holds(x as string, y as string)
  }
}
