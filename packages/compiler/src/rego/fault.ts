import {
  type CallNode,
  childrenOf,
  type Node,
  type OperatorName,
  operatorOf,
  patternFault,
  type RuleNode,
} from '@gatewright/core'
import { conjunction, isNever } from './body.js'
import type { Compilation } from './compilation.js'
import { absent, holdsNot, holdsPlainly, negated, present } from './condition.js'
import { isHeldList, iterations, joined, listTerm, sources } from './list.js'
import { conditionName, nameOf } from './node-names.js'
import { isSafeWildcard } from './parameters.js'
import { boundTerm, forked, resolved, type Scope } from './scope.js'
import { compare, holds, type Line, literal, not, type Term } from './syntax.js'
import { collectedUntil, local, type Read, use } from './value.js'

/** Why a value cannot be had in Rego. */
export type FaultCode = 'overflow' | 'invalid-pattern' | 'inventory-incomplete'

/** What each fault makes of a verdict, and its words. */
export const faultKinds: Readonly<
  Record<FaultCode, { readonly verdict: 'error' | 'undetermined'; readonly message: string }>
> = {
  overflow: { verdict: 'error', message: 'a result is out of the range of exact numbers' },
  'invalid-pattern': { verdict: 'error', message: 'a pattern cannot be read' },
  'inventory-incomplete': {
    verdict: 'undetermined',
    message: 'the inventory does not hold every object that is asked for',
  },
}

/** The functions of the library that say where an operator's result is out of range. */
const exceedings: Readonly<Partial<Record<OperatorName, string>> & { readonly sum: string }> = {
  plus: 'add_exceeds',
  minus: 'subtract_exceeds',
  times: 'multiply_exceeds',
  'quantity.plus': 'quantity_sum_exceeds',
  sum: 'total_exceeds',
}

type Bodies = readonly (readonly Line[])[]

/**
 * Bodies of which one holds where an expression cannot be had for this reason: a value failed, or a condition is neither true
 * nor false. None where that cannot be. Each binds what it needs, so the scope is only read.
 */
export function faults(given: Node, scope: Scope, to: Compilation, code: FaultCode | 'any'): Bodies {
  if (!to.mayFail) return []
  return possible(faultsOf(given, scope, to, code))
}

/** As `faults`, of a list that is gone through: an element that cannot be had is for what looks at it. */
export function listFaults(list: Node, scope: Scope, to: Compilation, code: FaultCode | 'any'): Bodies {
  if (!to.mayFail) return []
  return possible(ofList(list, scope, to, code))
}

const possible = (bodies: Bodies): Bodies => bodies.map(conjunction).filter((body) => !body.some(isNever))

function faultsOf(given: Node, scope: Scope, to: Compilation, code: FaultCode | 'any'): Bodies {
  const { node, scope: within } = resolved(given, scope)
  const of = (child: Node, at: Scope = within): Bodies => faults(child, at, to, code)
  switch (node.kind) {
    case 'literal':
    case 'input':
      return []
    case 'variable':
      return boundTerm(node, within).fails?.(code) ?? []
    case 'field':
    case 'narrow':
      return of(node.of)
    case 'get':
      return [...of(node.of), ...of(node.key)]
    case 'at':
      return [...ofList(node.list, within, to, code), ...ofElement(node.list, node.index, within, to, code)]
    case 'call':
      return ofCall(node, within, to, code)
    case 'default': {
      const rest = of(node.otherwise)
      return [...of(node.of), ...(rest.length === 0 ? [] : after(absent(node.of, forked(within), to), rest))]
    }
    case 'when': {
      const bodies: (readonly Line[])[] = []
      const before: Line[] = []
      for (const each of node.cases) {
        bodies.push(...after(before, of(each.if)))
        bodies.push(...after([...before, ...holdsPlainly(each.if, forked(within), to)], of(each.then)))
        before.push(...holdsNot(each.if, forked(within), to))
      }
      return [...bodies, ...after(before, of(node.otherwise))]
    }
    case 'record':
      return Object.values(node.fields).flatMap((field) => of(field))
    case 'find':
      return ofFind(node, within, to, code)
    case 'list':
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'concat':
    case 'distinct':
    case 'duplicates':
    case 'keys':
    case 'inventory':
      return [...ofList(node, within, to, code), ...ofElements(node, within, to, code)]
    case 'not':
      return of(node.of)
    case 'and':
    case 'or': {
      const parts = (node.kind === 'and' ? node.all : node.any).flatMap((each) => of(each))
      if (parts.length === 0) return []
      return after(undecided(node, within, to), parts)
    }
    case 'some':
    case 'every': {
      const parts = [
        ...ofList(node.list, within, to, code),
        ...iterations(node.list, node.lambda, forked(within), to).flatMap(({ lines, scope: inner }) =>
          after(lines, of(node.lambda.body, inner)),
        ),
      ]
      return parts.length === 0 ? [] : after(undecided(node, within, to), parts)
    }
    case 'decide':
      return of(node.of)
  }
}

/** That what would decide a condition does not: no operand of an `and` is false, none of an `or` is true. */
function undecided(
  node: Extract<Node, { kind: 'and' | 'or' | 'some' | 'every' }>,
  scope: Scope,
  to: Compilation,
): readonly Line[] {
  const bodies = (): Bodies => {
    switch (node.kind) {
      case 'and':
        return node.all.map((each) => holdsNot(each, forked(scope), to))
      case 'or':
        return node.any.map((each) => holdsPlainly(each, forked(scope), to))
      case 'some':
      case 'every':
        return iterations(node.list, node.lambda, forked(scope), to).map(({ lines, scope: inner }) => [
          ...lines,
          ...(node.kind === 'some'
            ? holdsPlainly(node.lambda.body, inner, to)
            : holdsNot(node.lambda.body, inner, to)),
        ])
    }
  }
  return negated(`${conditionName(node)}_decided`, node, to, bodies())
}

const after = (lines: readonly Line[], bodies: Bodies): Bodies => bodies.map((body) => [...lines, ...body])

/** That a list cannot be had whole. */
function ofList(given: Node, scope: Scope, to: Compilation, code: FaultCode | 'any'): Bodies {
  const { node, scope: within } = resolved(given, scope)
  if (isHeldList(given, scope)) return faults(node, within, to, code)
  const inner = (lambda: Parameters<typeof iterations>[1], on: (scope: Scope) => Bodies): Bodies =>
    iterations((node as Extract<Node, { list: Node }>).list, lambda, forked(within), to).flatMap(
      ({ lines, scope: at }) => after(lines, on(at)),
    )
  switch (node.kind) {
    case 'list':
      return []
    case 'filter':
      return possible([
        ...ofList(node.list, within, to, code),
        ...inner(node.lambda, (at) => faults(node.lambda.body, at, to, code)),
      ])
    case 'map':
      return ofList(node.list, within, to, code)
    case 'flatMap':
      return possible([
        ...ofList(node.list, within, to, code),
        ...inner(node.lambda, (at) => ofList(node.lambda.body, at, to, code)),
      ])
    case 'concat':
      return node.lists.flatMap((each) => ofList(each, within, to, code))
    case 'distinct':
    case 'duplicates':
      return [...ofList(node.list, within, to, code), ...ofElements(node.list, within, to, code)]
    case 'keys':
      return faults(node.of, within, to, code)
    case 'inventory':
      return [
        ...(node.namespace === undefined ? [] : faults(node.namespace, within, to, code)),
        ...(to.entry === 'opa' && (code === 'any' || code === 'inventory-incomplete')
          ? [[not(holds(to.library('inventory_is_complete')))]]
          : []),
      ]
    default:
      return faults(node, within, to, code)
  }
}

/** That an element of a list cannot be had. */
function ofElements(list: Node, scope: Scope, to: Compilation, code: FaultCode | 'any'): Bodies {
  const inner = forked(scope)
  return possible(
    sources(list, 'item', inner, to).flatMap(({ lines, element }) =>
      element.is === 'node'
        ? after(lines, faults(element.node, { ...element.scope, names: inner.names }, to, code))
        : [],
    ),
  )
}

/** That the element at a place cannot be had. */
function ofElement(
  list: Node,
  index: number,
  scope: Scope,
  to: Compilation,
  code: FaultCode | 'any',
): Bodies {
  const all = elementFlags(list, scope, to, code)
  return all === undefined ? [] : [[compare(to.library('element', all, literal(index)), '==', literal(true))]]
}

/** Of each element of a list whether it cannot be had, as a list; undefined where each can. */
export function elementFlags(
  list: Node,
  scope: Scope,
  to: Compilation,
  code: FaultCode | 'any',
): Term | undefined {
  if (!to.mayFail || ofElements(list, scope, to, code).length === 0) return undefined
  const inner = forked(scope)
  const flags = sources(list, 'item', inner, to).map(({ lines, element }) => {
    if (element.is === 'term') return { lines, element: literal(false) }
    const at = { ...element.scope, names: inner.names }
    return { lines, element: flag(faults(element.node, at, to, code), to) }
  })
  return joined(flags, to)
}

/** Whether one of several bodies holds, as a value. */
const flag = (bodies: Bodies, to: Compilation): Term =>
  to.value('fails', undefined, [
    ...bodies.map((body) => ({ value: literal(true), body })),
    { value: literal(false), body: [] },
  ])

/** That the first element which is not plainly refused failed, or that there is none and the list is not whole. */
function ofFind(
  node: Extract<Node, { kind: 'find' }>,
  scope: Scope,
  to: Compilation,
  code: FaultCode | 'any',
): Bodies {
  const { states, values } = collectedUntil(node, forked(scope), to)
  const rest = ofList(node.list, scope, to, code)
  const bodies: (readonly Line[])[] = []
  if (states !== undefined && code === 'any') {
    bodies.push([compare(to.library('element', states, literal(0)), '==', literal('fault'))])
  } else if (states !== undefined) {
    let mayBe = false
    const { values: flags } = collectedUntil(node, forked(scope), to, (at) => {
      const failing = faults(node.lambda.body, forked(at), to, code)
      mayBe ||= failing.length > 0
      return flag(failing, to)
    })
    if (mayBe) bodies.push([compare(to.library('element', flags, literal(0)), '==', literal(true))])
  }
  if (rest.length > 0) bodies.push(...after([compare(to.library('size', values), '==', literal(0))], rest))
  return bodies
}

function ofCall(node: CallNode, scope: Scope, to: Compilation, code: FaultCode | 'any'): Bodies {
  const { operator, arguments: operands } = node
  if (operator === 'message') return []
  const [first, second] = operands as readonly [Node, Node]
  const { operands: types } = operatorOf(operator)
  const own = (wanted: FaultCode, lines: (scope: Scope) => readonly Line[]): Bodies =>
    code === 'any' || code === wanted ? possible([lines(forked(scope))]) : []
  const used = (inner: Scope): readonly Read[] =>
    operands.map((each, index) => use(each, inner, to, types[Math.min(index, types.length - 1)]))
  const exceeds = (name: string): Bodies =>
    own('overflow', (inner) => {
      const all = used(inner)
      return [...all.flatMap(({ lines }) => lines), holds(to.library(name, ...all.map(({ term }) => term)))]
    })
  const given = (): Bodies => operands.flatMap((each) => faults(each, scope, to, code))
  switch (operator) {
    case 'count':
      return ofList(first, scope, to, code)
    case 'join':
      return [
        ...ofList(first, scope, to, code),
        ...ofElements(first, scope, to, code),
        ...faults(second, scope, to, code),
      ]
    case 'sum':
      return [
        ...ofList(first, scope, to, code),
        ...ofElements(first, scope, to, code),
        ...own('overflow', (inner) => [holds(to.library(exceedings.sum, listTerm(first, inner, to)))]),
      ]
    case 'in': {
      const rest = [...ofList(second, scope, to, code), ...ofElements(second, scope, to, code)]
      if (rest.length === 0) return faults(first, scope, to, code)
      const found = negated('is_found', node, to, [holdsPlainly(node, forked(scope), to)])
      return [
        ...faults(first, scope, to, code),
        ...after([...found, ...present(first, forked(scope), to)], rest),
      ]
    }
    case 'like':
    case 'matches': {
      const pattern = resolved(second, scope).node
      if (pattern.kind === 'literal' && patternFault(operator, pattern.value) !== undefined)
        return [...given(), ...own('invalid-pattern', () => [])]
      const isSafe = pattern.kind === 'literal' || (operator === 'like' && isSafeWildcard(second, scope, to))
      if (isSafe) return given()
      return [
        ...given(),
        ...own('invalid-pattern', (inner) => {
          const { lines, term } = local(use(second, inner, to, 'string'), inner, to, nameOf(second))
          return [...lines, not(holds(to.library(operator === 'like' ? 'is_wildcard' : 'is_pattern', term)))]
        }),
      ]
    }
    default: {
      const exceeding = exceedings[operator]
      return exceeding === undefined ? given() : [...given(), ...exceeds(exceeding)]
    }
  }
}

function isGoodPattern({ operator, arguments: [, pattern] }: CallNode): boolean {
  return pattern?.kind === 'literal' && patternFault(operator, pattern.value) === undefined
}

/** Whether a policy has anything in it that can fail in Rego. */
export function mayFail(rules: readonly RuleNode[], when: Node | undefined): boolean {
  const inNode = (node: Node): boolean =>
    node.kind === 'inventory' ||
    (node.kind === 'call' &&
      (Object.hasOwn(exceedings, node.operator) ||
        ((node.operator === 'like' || node.operator === 'matches') && !isGoodPattern(node)))) ||
    childrenOf(node).some(([child]) => inNode(child))
  const inRule = (rule: RuleNode): boolean => {
    switch (rule.kind) {
      case 'deny': {
        const { message, at, details = {} } = rule.violation
        return [rule.if, message, ...(at === undefined ? [] : [at]), ...Object.values(details)].some(inNode)
      }
      case 'onlyIf':
        return inNode(rule.if) || rule.rules.some(inRule)
      case 'each':
        return inNode(rule.list) || rule.rules.some(inRule)
    }
  }
  return rules.some(inRule) || (when !== undefined && inNode(when))
}
