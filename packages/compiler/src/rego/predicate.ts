import { type CallNode, type Node, operatorOf, typeOf } from '@gatewright/core'
import { never } from './body.js'
import type { Compilation } from './compilation.js'
import { areEqual } from './condition.js'
import { nameOf } from './node-names.js'
import { resolved, type Scope } from './scope.js'
import { call, compare, type Comparison, holds, type Line, literal, not, type Term } from './syntax.js'
import { mayBeEqual } from './types.js'
import { local, type Read, total, use } from './value.js'

/** A predicate on operands that are there: what it takes for them to be, and the lines for true and for false. */
export interface Predicate {
  readonly guards: readonly Line[]
  readonly isTrue: Line
  readonly isFalse: Line
  /** Where it is true the operands are there and of their types, whether or not that is asked. */
  readonly vouches: boolean
}

const comparisons: Readonly<Record<string, readonly [Comparison, Comparison]>> = {
  gt: ['>', '<='],
  gte: ['>=', '<'],
  lt: ['<', '>='],
  lte: ['<=', '>'],
  equals: ['==', '!='],
}

/** What a predicate is once its operands are there: the case of each operator that is one. */
export function predicate(node: CallNode, scope: Scope, to: Compilation): Predicate {
  const { operator, arguments: operands } = node
  const { operands: types } = operatorOf(operator)
  const [first, second] = operands as readonly [Node, Node]
  const reads = (): readonly Read[] =>
    operands.map((each, index) =>
      local(use(each, scope, to, types[Math.min(index, types.length - 1)]), scope, to, nameOf(each)),
    )
  const of = (make: (...terms: readonly Term[]) => readonly [Line, Line], vouches: boolean): Predicate => {
    const all = reads()
    const [isTrue, isFalse] = make(...all.map(({ term }) => term))
    return { guards: all.flatMap(({ lines }) => lines), isTrue, isFalse, vouches }
  }
  const negatable = (line: Line): readonly [Line, Line] => [line, not(line)]
  const says = (term: Term): readonly [Line, Line] => [
    compare(term, '==', literal(true)),
    compare(term, '==', literal(false)),
  ]
  const builtin = (name: string, turned = false): Predicate =>
    of(
      (a, b) =>
        negatable(holds(turned ? call(name, b as Term, a as Term) : call(name, a as Term, b as Term))),
      true,
    )
  switch (operator) {
    case 'startsWith':
      return builtin('startswith')
    case 'endsWith':
      return builtin('endswith')
    case 'includes':
      return builtin('contains')
    case 'like':
      return of(
        (text, pattern) => negatable(holds(call('glob.match', pattern as Term, literal(null), text as Term))),
        true,
      )
    case 'matches': {
      const pattern = resolved(second, scope).node
      if (pattern.kind === 'literal' && typeof pattern.value === 'string') {
        const raw: Term = { kind: 'raw', text: pattern.value }
        const text = local(use(first, scope, to, 'string'), scope, to, nameOf(first))
        const [isTrue, isFalse] = negatable(holds(call('regex.match', raw, text.term)))
        return { guards: text.lines, isTrue, isFalse, vouches: true }
      }
      return builtin('regex.match', true)
    }
    case 'equals': {
      const all = reads()
      const [a, b] = all as readonly [Read, Read]
      const guards = all.flatMap(({ lines }) => lines)
      if (!mayBeEqual(first, second))
        return { guards, isTrue: never, isFalse: holds(literal(true)), vouches: false }
      const line = areEqual(first, second, a.term, b.term, to)
      return { guards, ...toLines(negatable(line)), vouches: false }
    }
    case 'contains':
      return of((a, b) => says(to.library('has', a as Term, b as Term)), false)
    case 'number.between':
      return of((a, b, c) => says(to.library('is_between', a as Term, b as Term, c as Term)), false)
    case 'imageRef.within':
      return of((a, b) => says(to.library('within', a as Term, b as Term)), true)
    case 'cidr.contains':
      return of((a, b) => says(to.library('network_contains', a as Term, b as Term)), true)
    case 'cidr.overlaps':
      return of((a, b) => says(to.library('networks_overlap', a as Term, b as Term)), true)
    case 'matchesSelector': {
      const selector = local(use(first, scope, to, 'object'), scope, to, nameOf(first))
      const answer = to.library('matches_selector', selector.term, total(second, scope, to))
      return { guards: selector.lines, ...toLines(says(answer)), vouches: false }
    }
    case 'ratio.gt':
    case 'ratio.gte':
    case 'ratio.lt':
    case 'ratio.lte': {
      const [holdsBy, failsBy] = comparisons[operator.slice('ratio.'.length)] as readonly [
        Comparison,
        Comparison,
      ]
      const [dividend, divisor, bound] = operands as readonly [Node, Node, Node]
      const all = [
        asQuantity(dividend, scope, to),
        asQuantity(divisor, scope, to),
        local(use(bound, scope, to, 'number'), scope, to, nameOf(bound)),
      ]
      const order = to.library('ratio_order', ...all.map(({ term }) => term))
      const [isTrue, isFalse] = [compare(order, holdsBy, literal(0)), compare(order, failsBy, literal(0))]
      return { guards: all.flatMap(({ lines }) => lines), isTrue, isFalse, vouches: false }
    }
    default: {
      const pair = comparisons[operator.slice(operator.indexOf('.') + 1)]
      if (pair === undefined) throw new TypeError(`no translation for the operator \`${operator}\``)
      const [holdsBy, failsBy] = pair
      return of(
        (a, b) => [compare(a as Term, holdsBy, b as Term), compare(a as Term, failsBy, b as Term)],
        false,
      )
    }
  }
}

/** An operand of a ratio: a quantity, or a number that is read as one. */
function asQuantity(node: Node, scope: Scope, to: Compilation): Read {
  if (typeOf(node) === 'quantity') return local(use(node, scope, to, 'quantity'), scope, to, nameOf(node))
  const { lines, term } = use(node, scope, to, 'number')
  return local({ lines, term: to.library('quantity', term) }, scope, to, nameOf(node))
}

const toLines = ([isTrue, isFalse]: readonly [Line, Line]): Pick<Predicate, 'isTrue' | 'isFalse'> => ({
  isTrue,
  isFalse,
})
