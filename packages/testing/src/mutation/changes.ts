import {
  type CallNode,
  type DecideNode,
  describe,
  type Json,
  type LiteralNode,
  type Node,
  type OperatorName,
  operatorNames,
  type VariableNode,
} from '@gatewright/core'
import type { MutationOperator } from './operators.js'
import { complement } from './rewrite.js'

/** A node to put in the place of another, and what is different then, in words. */
export interface Change {
  readonly operator: MutationOperator
  readonly change: string
  readonly instead: Node
}

const literal = (value: Json): LiteralNode => ({ kind: 'literal', value })

/** An expression in a sentence, cut where it is long. */
export function quoted(node: Node): string {
  const text = describe(node)
  return `\`${text.length > 100 ? `${text.slice(0, 99)}…` : text}\``
}

/** What can be changed at a node, other than in the parts of it. `isCondition` where its place is that of a condition. */
export function changesOf(node: Node, isCondition: boolean): readonly Change[] {
  return [...(isCondition ? [flipped(node)] : []), ...ofKind(node)]
}

function flipped(node: Node): Change {
  return {
    operator: 'flip-condition',
    change: node.kind === 'not' ? `${quoted(node)} has lost its \`not\`` : `${quoted(node)} is turned round`,
    instead: complement(node),
  }
}

function ofKind(node: Node): readonly Change[] {
  switch (node.kind) {
    case 'and':
      return without(node.all).map(([dropped, all]) => ({
        operator: 'drop-condition',
        change: `${quoted(dropped)} is left out of ${quoted(node)}`,
        instead: all.length === 1 ? (all[0] as Node) : { kind: 'and', all },
      }))
    case 'or':
      return without(node.any).map(([dropped, any]) => ({
        operator: 'drop-condition',
        change: `${quoted(dropped)} is left out of ${quoted(node)}`,
        instead: any.length === 1 ? (any[0] as Node) : { kind: 'or', any },
      }))
    case 'concat':
      return without(node.lists).map(([dropped, lists]) => ({
        operator: 'forget-list',
        change: `the list ${quoted(dropped)} is forgotten`,
        instead: lists.length === 1 ? (lists[0] as Node) : { kind: 'concat', lists },
      }))
    case 'default':
      return [
        {
          operator: 'drop-default',
          change: `${quoted(node.of)} is taken without its default ${quoted(node.otherwise)}`,
          instead: node.of,
        },
        ...(node.otherwise.kind === 'literal'
          ? otherConstants(node.otherwise.value).map((value): Change => ({
              operator: 'change-constant',
              change: `the default of ${quoted(node.of)} is ${shown(value)}, not ${quoted(node.otherwise)}`,
              instead: { ...node, otherwise: literal(value) },
            }))
          : []),
      ]
    case 'filter':
      return [
        {
          operator: 'drop-filter',
          change: `the filter ${quoted(node.lambda.body)} is gone`,
          instead: node.list,
        },
      ]
    case 'some':
    case 'every': {
      const other = node.kind === 'some' ? 'every' : 'some'
      return [
        {
          operator: 'swap-quantifier',
          change: `${quoted(node)} asks for \`${other}\``,
          instead: { ...node, kind: other },
        },
      ]
    }
    case 'decide':
      return ofDecision(node)
    case 'call':
      return ofCall(node)
    default:
      return []
  }
}

function ofDecision(node: DecideNode): readonly Change[] {
  const changes: Change[] = []
  if (!node.assumed)
    changes.push({
      operator: 'flip-missing',
      change: `${quoted(node.of)} is ${!node.missing} where a value is missing, not ${node.missing}`,
      instead: { ...node, missing: !node.missing },
    })
  const { of } = node
  if (of.operator === 'number.between') {
    const [value, low, high] = of.arguments as readonly [Node, Node, Node]
    const bound = (operator: OperatorName, by: Node): Node => ({
      ...node,
      of: { kind: 'call', operator, arguments: [value, by] },
    })
    const cases: readonly (readonly [string, Node])[] = [
      [`the lower bound ${quoted(low)} of ${quoted(of)} is gone`, bound('number.lte', high)],
      [`the upper bound ${quoted(high)} of ${quoted(of)} is gone`, bound('number.gte', low)],
      [
        `the lower bound ${quoted(low)} of ${quoted(of)} is left out`,
        { kind: 'and', all: [bound('number.gt', low), bound('number.lte', high)] },
      ],
      [
        `the upper bound ${quoted(high)} of ${quoted(of)} is left out`,
        { kind: 'and', all: [bound('number.gte', low), bound('number.lt', high)] },
      ],
    ]
    for (const [change, instead] of cases) changes.push({ operator: 'move-bound', change, instead })
  }
  return changes
}

const names: ReadonlySet<string> = new Set(operatorNames)
const comparison = /^(number|quantity|semver|duration|timestamp|ratio)\.(gt|gte|lt|lte|equals|between)$/

function ofCall(node: CallNode): readonly Change[] {
  const { operator, arguments: operands } = node
  const changes: Change[] = []
  const add = (
    of: MutationOperator,
    change: string,
    parts: { readonly operator?: OperatorName; readonly arguments?: readonly Node[] },
  ): void => {
    changes.push({ operator: of, change: `${quoted(node)} ${change}`, instead: { ...node, ...parts } })
  }
  const having = (index: number, value: Json): { readonly arguments: readonly Node[] } => ({
    arguments: operands.map((each, i) => (i === index ? withConstant(each, value) : each)),
  })
  const compared = comparison.exec(operator)
  if (compared !== null) {
    const [, family = '', relation = ''] = compared
    const other = { gt: 'gte', gte: 'gt', lt: 'lte', lte: 'lt' }[relation]
    if (other !== undefined && names.has(`${family}.${other}`)) {
      add('move-bound', `is \`${other}\``, { operator: `${family}.${other}` as OperatorName })
      const [first, second, ...rest] = operands as readonly [Node, Node]
      add('swap-operands', 'compares the other way round', { arguments: [second, first, ...rest] })
    }
    for (const [index, operand] of operands.entries()) {
      for (const value of movedBounds(constantOf(operand)))
        add('move-bound', `has the bound ${shown(value)}`, having(index, value))
    }
    return changes
  }
  const constant = constantOf(operands[1])
  switch (operator) {
    case 'startsWith':
    case 'endsWith':
    case 'imageRef.within':
      if (operator === 'imageRef.within')
        add('widen-prefix', 'takes any text that begins so', { operator: 'startsWith' })
      if (typeof constant === 'string') {
        const shorter = operator === 'endsWith' ? lastPart(constant) : firstPart(constant)
        const part = operator === 'imageRef.within' ? shorter?.replace(/\/$/, '') : shorter
        if (part !== undefined && part !== constant)
          add('widen-prefix', `asks for ${shown(part)} only`, having(1, part))
      }
      break
    case 'like':
      add('widen-prefix', "takes any text, as `'*'` does", {
        arguments: [operands[0] as Node, literal('*')],
      })
      break
    case 'matches':
      if (typeof constant === 'string') {
        if (constant.startsWith('^'))
          add('widen-pattern', 'does not ask for the beginning', having(1, constant.slice(1)))
        if (/(^|[^\\])(\\\\)*\$$/.test(constant))
          add('widen-pattern', 'does not ask for the end', having(1, constant.slice(0, -1)))
      }
      break
    case 'minus':
      add('swap-operands', 'subtracts the other way round', { arguments: operands.toReversed() })
      break
    default:
      for (const [index, operand] of operands.entries()) {
        if (operand.kind !== 'literal') continue
        for (const value of otherConstants(operand.value))
          add(
            'change-constant',
            `has the constant ${shown(value)}, not ${quoted(operand)}`,
            having(index, value),
          )
      }
  }
  return changes
}

/** Only the first element of a list, with its place. */
export function firstOnly(list: Node, freeVariable: number): Node {
  const element: VariableNode = {
    kind: 'variable',
    id: freeVariable,
    name: 'each',
    index: false,
    type: 'unknown',
    vouched: false,
  }
  const index: VariableNode = {
    ...element,
    id: freeVariable + 1,
    name: 'eachIndex',
    index: true,
    type: 'number',
  }
  const body: Node = { kind: 'call', operator: 'is', arguments: [index, literal(0)] }
  return { kind: 'filter', list, lambda: { element, index, body } }
}

/** Each part of several, with the others; nothing of one alone. */
function without<T>(parts: readonly T[]): readonly (readonly [T, readonly T[]])[] {
  return parts.length < 2 ? [] : parts.map((part, i) => [part, parts.filter((_, j) => j !== i)] as const)
}

/** The constant that an operand is, or that a quantity, version, duration or time is read from. */
function constantOf(operand: Node | undefined): Json | undefined {
  if (operand?.kind === 'literal') return operand.value
  if (operand?.kind !== 'call' || operand.arguments.length !== 1) return undefined
  const [inner] = operand.arguments
  return inner?.kind === 'literal' ? inner.value : undefined
}

function withConstant(operand: Node, value: Json): Node {
  return operand.kind === 'call' ? { ...operand, arguments: [literal(value)] } : literal(value)
}

function movedBounds(constant: Json | undefined): readonly Json[] {
  if (typeof constant === 'number') return [constant + 1, constant - 1]
  if (typeof constant !== 'string') return []
  const [, digits = '', rest = ''] = /^(\d{1,15})(.*)$/s.exec(constant) ?? []
  if (digits === '') return []
  const number = Number(digits)
  return [`${number + 1}${rest}`, ...(number === 0 ? [] : [`${number - 1}${rest}`])]
}

function otherConstants(value: Json): readonly Json[] {
  if (typeof value === 'boolean') return [!value]
  if (typeof value === 'number') return [value + 1]
  if (typeof value === 'string') return [value === '' ? 'x' : `${value}x`]
  if (Array.isArray(value)) return value.map((_, i) => value.filter((_each, j) => i !== j) as Json)
  return []
}

/** A prefix up to its first slash, else its first separator, or without its last character. */
function firstPart(prefix: string): string | undefined {
  const slash = prefix.indexOf('/')
  const end = slash > 0 && slash < prefix.length - 1 ? slash : prefix.search(/[/.:_-]/)
  const part = end < 0 || end === prefix.length - 1 ? prefix.slice(0, -1) : prefix.slice(0, end + 1)
  return part === '' ? undefined : part
}

function lastPart(suffix: string): string | undefined {
  const [part] = /[/.:_-][^/.:_-]*$/.exec(suffix.slice(1)) ?? [suffix.slice(1)]
  return part === '' ? undefined : part
}

const shown = (value: Json): string => quoted(literal(value))
