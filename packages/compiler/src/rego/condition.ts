import {
  type CallNode,
  type DecideNode,
  definedName,
  equalJson,
  type Json,
  type Node,
  operatorOf,
  typeOf,
} from '@gatewright/core'
import { conjunction, isNever, never } from './body.js'
import type { Compilation } from './compilation.js'
import { faults, listFaults } from './fault.js'
import { isGuardOf, isPlainGuard, withoutGuard } from './guard.js'
import { iterations, sources } from './list.js'
import { singular } from './names.js'
import { conditionName, nameOf } from './node-names.js'
import { isListOfTexts } from './parameters.js'
import { predicate } from './predicate.js'
import { forked, resolved, type Scope } from './scope.js'
import { call, compare, holds, type Line, literal, not, syntaxKey, type Term } from './syntax.js'
import { areAlike, isOfDeclaredType, isScalarType, mayBeEqual } from './types.js'
import { isPath, isReference, local, type Read, read, use } from './value.js'

/** Lines that hold together exactly where a condition is true. They bind nothing that others could mean. */
export function holdsPlainly(given: Node, scope: Scope, to: Compilation): readonly Line[] {
  const { node, scope: within } = resolved(given, scope)
  switch (node.kind) {
    case 'literal':
      return node.value === true ? [] : [never]
    case 'and':
      return definedName(node) === undefined
        ? conjunction(node.all.flatMap((each) => holdsPlainly(each, within, to)))
        : [to.condition(conditionName(node), node, [allHold(node.all, forked(within), to)])]
    case 'or':
      return oneHolds(node, node.any, within, to)
    case 'not':
      return holdsNot(node.of, within, to)
    case 'some':
      return [
        to.condition(
          conditionName(node),
          node,
          iterations(node.list, node.lambda, forked(within), to).map(({ lines, scope: inner }) =>
            conjunction([...lines, ...holdsPlainly(node.lambda.body, inner, to)]),
          ),
        ),
      ]
    case 'every':
      return negated(conditionName(node), node, to, [
        ...iterations(node.list, node.lambda, forked(within), to).map(({ lines, scope: inner }) =>
          conjunction([...lines, ...unlessHolds(node.lambda.body, inner, to)]),
        ),
        ...faultsOfList(node.list, within, to),
      ])
    case 'decide':
      return decided(node, node.missing, within, to)
    case 'call':
      if (isTest(node)) {
        // a list or a record that cannot be had whole has a value in Rego all the same
        const operands = node.operator === 'in' ? node.arguments.slice(0, 1) : node.arguments
        return conjunction([
          ...testHolds(node, within, to),
          ...operands.flatMap((each) => unfailing(each, within, to)),
        ])
      }
      if (isPredicate(node)) return decided(undecided(node, false), false, within, to)
  }
  const { lines, term } = use(given, scope, to, 'boolean')
  return conjunction([
    ...withoutGuard(lines, term),
    compare(term, '==', literal(true)),
    ...unfailing(given, scope, to),
  ])
}

/** That a value, of which Rego may have a part, can be had. */
export function unfailing(node: Node, scope: Scope, to: Compilation): readonly Line[] {
  return negated(`${nameOf(node)}_fails`, undefined, to, faults(node, forked(scope), to, 'any'))
}

/** Lines that hold together exactly where a condition is false: neither true nor failed. */
export function holdsNot(given: Node, scope: Scope, to: Compilation): readonly Line[] {
  const { node, scope: within } = resolved(given, scope)
  switch (node.kind) {
    case 'literal':
      return node.value === true ? [never] : []
    case 'and':
      return oneFails(node, node.all, within, to)
    case 'or':
      return definedName(node) !== undefined && faults(node, forked(within), to, 'any').length === 0
        ? negated(conditionName(node), node, to, bodiesOf(node.any, within, to))
        : conjunction(node.any.flatMap((each) => holdsNot(each, within, to)))
    case 'not':
      return holdsPlainly(node.of, within, to)
    case 'some': {
      // no element for which it is true or fails
      const notFalse = iterations(node.list, node.lambda, forked(within), to).map(({ lines, scope: inner }) =>
        conjunction([...lines, ...unlessFails(node.lambda.body, inner, to)]),
      )
      return negated(conditionName(node), node, to, [...notFalse, ...faultsOfList(node.list, within, to)])
    }
    case 'every':
      return [
        to.condition(
          `${conditionName(node)}_fails`,
          node,
          iterations(node.list, node.lambda, forked(within), to).map(({ lines, scope: inner }) =>
            conjunction([...lines, ...holdsNot(node.lambda.body, inner, to)]),
          ),
        ),
      ]
    case 'decide':
      return decided(node, !node.missing, within, to)
    case 'call':
      if (isTest(node)) return testFails(node, within, to)
      if (isPredicate(node)) return decided(undecided(node, false), true, within, to)
  }
  return [
    ...negatedLines(conditionName(node), node, to, () => holdsPlainly(given, forked(scope), to)),
    ...negated(`${conditionName(node)}_fault`, undefined, to, faults(given, forked(scope), to, 'any')),
  ]
}

/** Where a condition is not false: it is true, or it failed. */
function unlessFails(node: Node, scope: Scope, to: Compilation): readonly Line[] {
  if (faults(node, forked(scope), to, 'any').length === 0) return holdsPlainly(node, scope, to)
  return negated(`${conditionName(node)}_fails`, node, to, [holdsNot(node, forked(scope), to)])
}

/** Where a condition is not true: it is false, or it failed. */
function unlessHolds(node: Node, scope: Scope, to: Compilation): readonly Line[] {
  if (faults(node, forked(scope), to, 'any').length === 0) return holdsNot(node, scope, to)
  return negated(conditionName(node), node, to, [holdsPlainly(node, forked(scope), to)])
}

function faultsOfList(list: Node, scope: Scope, to: Compilation): readonly (readonly Line[])[] {
  return listFaults(list, forked(scope), to, 'any')
}

/** That none of the bodies holds. */
export function negated(
  name: string,
  node: Node | undefined,
  to: Compilation,
  bodies: readonly (readonly Line[])[],
): readonly Line[] {
  if (bodies.length === 0) return []
  const line = to.condition(name, node, bodies)
  if (isNever(line)) return []
  return line.kind === 'holds' && line.term.kind === 'literal' ? [never] : [not(line)]
}

/** That lines do not hold together: one that may be negated as it is, or a condition of its own. */
function negatedLines(
  name: string,
  node: Node,
  to: Compilation,
  make: () => readonly Line[],
): readonly Line[] {
  const lines = make()
  const [only] = lines
  if (lines.length === 1 && only !== undefined && mayBeNegated(only)) return conjunction([not(only)])
  return negated(name, node, to, [lines])
}

/** `not` is the complement of these only: a path that equals a constant, and a condition whose operands are there. */
function mayBeNegated(line: Line): boolean {
  if (isNever(line)) return false
  if (line.kind === 'compare')
    return line.operator === '==' && isReference(line.left) && line.right.kind === 'literal'
  if (line.kind !== 'holds') return false
  const { term } = line
  return term.kind === 'rule' || (term.kind === 'call' && term.arguments.every(isBound))
}

const isBound = (term: Term): boolean => term.kind === 'variable' || term.kind === 'literal'

function oneHolds(node: Node, any: readonly Node[], scope: Scope, to: Compilation): readonly Line[] {
  const values = valuesOfOne(any, scope)
  if (values !== undefined) {
    const { lines, term } = use(values.of, scope, to)
    return conjunction([...withoutGuard(lines, term), isIn(term, values.values)])
  }
  return [to.condition(conditionName(node), node, bodiesOf(any, scope, to))]
}

const allHold = (all: readonly Node[], scope: Scope, to: Compilation): readonly Line[] =>
  conjunction(all.flatMap((each) => holdsPlainly(each, scope, to)))

/** A body for each of several conditions. */
const bodiesOf = (any: readonly Node[], scope: Scope, to: Compilation): readonly (readonly Line[])[] =>
  any.map((each) => holdsPlainly(each, forked(scope), to))

function oneFails(node: Node, all: readonly Node[], scope: Scope, to: Compilation): readonly Line[] {
  const [only] = all
  if (all.length === 1 && only !== undefined) return holdsNot(only, scope, to)
  const failing = faults(node, forked(scope), to, 'any').length > 0
  if (!failing)
    return negatedLines(conditionName(node), node, to, () => holdsPlainly(node, forked(scope), to))
  return [
    to.condition(
      `${conditionName(node)}_fails`,
      node,
      all.map((each) => holdsNot(each, forked(scope), to)),
    ),
  ]
}

/** One value that is compared with several constants of its type. */
function valuesOfOne(
  any: readonly Node[],
  scope: Scope,
): { readonly of: Node; readonly values: readonly Json[] } | undefined {
  const values: Json[] = []
  let of: Node | undefined
  for (const each of any) {
    const { node } = resolved(each, scope)
    if (node.kind !== 'call' || node.operator !== 'is') return undefined
    const [subject, value] = node.arguments as readonly [Node, Node]
    if (value.kind !== 'literal' || typeof value.value !== 'string' || typeOf(subject) !== 'string')
      return undefined
    if (of !== undefined && of !== subject) return undefined
    of = subject
    values.push(value.value)
  }
  return of === undefined || values.length < 2 ? undefined : { of, values: [...new Set(values)] }
}

function isIn(term: Term, values: readonly Json[]): Line {
  const [only] = values
  return values.length === 1
    ? compare(term, '==', literal(only as Json))
    : compare(term, 'in', { kind: 'set', items: values.map(literal) })
}

const tests: readonly string[] = ['is', 'exists', 'sameAs', 'in']

const isTest = (node: CallNode): boolean => tests.includes(node.operator)

const isPredicate = (node: CallNode): boolean => operatorOf(node.operator).answers === 'predicate'

/** A predicate that nobody decided for missing operands. */
export const undecided = (of: CallNode, missing: boolean): DecideNode => ({
  kind: 'decide',
  of,
  missing,
  assumed: false,
})

function testHolds(node: CallNode, scope: Scope, to: Compilation): readonly Line[] {
  const [first, second] = node.arguments as readonly [Node, Node]
  switch (node.operator) {
    case 'exists': {
      const { lines, term, type } = use(first, scope, to)
      const isThere = lines.some((line) => isGuardOf(line, term))
      if (isThere || lines.some(isNever)) return conjunction(lines)
      if (term.kind === 'literal') return conjunction(lines)
      if (type === 'boolean') return conjunction([...lines, holds(call('is_boolean', term))])
      // a value of a domain has no guard; a name for it fails where it is not there, and what has a name is asked
      if (isReference(term)) return conjunction([...lines, compare(term, '!=', literal(null))])
      return conjunction(local({ lines, term }, scope, to, nameOf(first)).lines)
    }
    case 'is': {
      const of = use(first, scope, to)
      const value = resolved(second, scope).node
      if (value.kind === 'literal') {
        if (!isOfDeclaredType(first, value.value)) return [never]
        const line = isScalarType(typeOf(first))
          ? compare(of.term, '==', literal(value.value))
          : areEqual(first, value, of.term, literal(value.value), to)
        return conjunction([...withoutGuard(of.lines, of.term), line])
      }
      const other = use(second, scope, to, 'any')
      return conjunction([...of.lines, ...other.lines, compare(of.term, '==', other.term)])
    }
    case 'sameAs':
      return [
        to.condition('same', node, [
          bothEqual(first, second, forked(scope), to),
          [...absent(first, forked(scope), to), ...absent(second, forked(scope), to)],
        ]),
      ]
    default:
      return memberHolds(node, first, second, scope, to)
  }
}

/** Whether an expression is a part of what is judged, of which OPA knows no type. */
function isInDocument(node: Node, to: Compilation): boolean {
  switch (node.kind) {
    case 'field':
    case 'get':
      return isInDocument(node.of, to) || (node.of.kind === 'input' && isObjectInput(node.of.name, to))
    default:
      return false
  }
}

function isObjectInput(name: string, to: Compilation): boolean {
  const root = to.policy.target.inputs[name]?.root
  return root === 'object' || root === 'oldObject'
}

/** That two values are equal; OPA would refuse lists and objects that are put together and that it knows to differ. */
export function areEqual(a: Node, b: Node, left: Term, right: Term, to: Compilation): Line {
  return areAlike(a, b) || isInDocument(a, to) || isInDocument(b, to)
    ? compare(left, '==', right)
    : holds(to.library('are_equal', left, right))
}

function bothEqual(a: Node, b: Node, scope: Scope, to: Compilation): readonly Line[] {
  if (!mayBeEqual(a, b)) return [never]
  const left = use(a, scope, to)
  const right = use(b, scope, to)
  // what equals a value of the type is of the type
  const guards =
    typeOf(a) === typeOf(b) && typeOf(a) !== 'unknown' ? withoutGuard(right.lines, right.term) : right.lines
  return conjunction([...left.lines, ...guards, areEqual(a, b, left.term, right.term, to)])
}

/** That a value is missing, and did not fail. */
export function absent(node: Node, scope: Scope, to: Compilation): readonly Line[] {
  return [
    ...negated(`has_${nameOf(node)}`, node, to, [present(node, forked(scope), to)]),
    ...negated(`${nameOf(node)}_fails`, undefined, to, faults(node, forked(scope), to, 'any')),
  ]
}

/** That a value is there, of its declared type. */
export function present(node: Node, scope: Scope, to: Compilation): readonly Line[] {
  return testHolds({ kind: 'call', operator: 'exists', arguments: [node] }, scope, to)
}

function memberHolds(
  node: CallNode,
  value: Node,
  list: Node,
  scope: Scope,
  to: Compilation,
): readonly Line[] {
  const { node: of, scope: within } = resolved(list, scope)
  if (of.kind === 'literal') {
    const values = Array.isArray(of.value)
      ? (of.value as readonly Json[]).filter((each) => each !== null)
      : []
    const fitting = values.filter((each) => isOfDeclaredType(value, each))
    if (fitting.length === 0) return [never]
    const asked = resolved(value, scope).node
    // OPA refuses to compare constants that it knows to differ
    if (asked.kind === 'literal' && typeof asked.value === 'object')
      return fitting.some((each) => equalJson(each, asked.value)) ? [] : [never]
    const { lines, term } = use(value, scope, to)
    return conjunction([...withoutGuard(lines, term), isIn(term, unique(fitting))])
  }
  if (isPath(of)) {
    const { lines, term } = use(value, scope, to)
    const all = read(of, within, to)
    const isList = all.type === 'list' ? [] : [holds(call('is_array', all.term))]
    const isOfAnyType = isInDocument(of, to) || (typeOf(value) === 'string' && isListOfTexts(of, to))
    const isMember = isOfAnyType
      ? compare(term, 'in', all.term)
      : holds(to.library('is_member', all.term, term))
    return conjunction([...lines, ...all.lines, ...isList, isMember])
  }
  const inner = forked(scope)
  return [
    to.condition(
      `${nameOf(value)}_in_${nameOf(list)}`,
      node,
      sources(list, singular(nameOf(list)), inner, to).map(({ lines, element }) => {
        const left = use(value, inner, to)
        const right: Read =
          element.is === 'term'
            ? { lines: [], term: element.term }
            : read(element.node, { ...element.scope, names: inner.names }, to)
        const origin = element.is === 'term' ? element.origin : element.node
        if (element.is === 'node' && !mayBeEqual(value, element.node)) return [never]
        const isKnown = origin !== undefined && (isInDocument(origin, to) || areAlike(value, origin))
        const isSame =
          isKnown || isInDocument(value, to)
            ? compare(left.term, '==', right.term)
            : holds(to.library('are_equal', left.term, right.term))
        // an element that cannot be had whole has a value in Rego all the same
        const canBeHad =
          element.is === 'node'
            ? unfailing(element.node, { ...element.scope, names: inner.names }, to)
            : negated(`${singular(nameOf(list))}_fails`, undefined, to, element.fails?.('any') ?? [])
        return conjunction([...lines, ...right.lines, ...left.lines, isSame, ...canBeHad])
      }),
    ),
  ]
}

const unique = (values: readonly Json[]): readonly Json[] => [
  ...new Map(values.map((each) => [typeof each === 'object' ? syntaxKey(each) : each, each])).values(),
]

function testFails(node: CallNode, scope: Scope, to: Compilation): readonly Line[] {
  const failing = faults(node, forked(scope), to, 'any')
  return conjunction([
    ...negatedLines(conditionName(node), node, to, () => testHolds(node, forked(scope), to)),
    ...negated(`${conditionName(node)}_fault`, undefined, to, failing),
  ])
}

/** The lines for a predicate whose answer, with what a missing operand makes of it, is `wanted`. */
function decided(node: DecideNode, wantsMissing: boolean, scope: Scope, to: Compilation): readonly Line[] {
  // `wantsMissing`: a missing operand gives the answer that is asked for
  const wantsTrue = wantsMissing === node.missing
  const failing = negated(
    `${conditionName(node)}_fault`,
    undefined,
    to,
    faults(node, forked(scope), to, 'any'),
  )
  if (!wantsMissing) return conjunction([...answered(node.of, wantsTrue, scope, to), ...failing])
  return conjunction([
    ...negatedLines(wantsTrue ? `${conditionName(node)}_fails` : conditionName(node), node.of, to, () =>
      answered(node.of, !wantsTrue, forked(scope), to),
    ),
    ...failing,
  ])
}

function answered(node: CallNode, wanted: boolean, scope: Scope, to: Compilation): readonly Line[] {
  const { guards, isTrue, isFalse, vouches } = predicate(node, scope, to)
  if (!wanted) return conjunction([...guards, isFalse])
  const needed = vouches
    ? guards.filter((line) => line.kind === 'bind' || isNever(line) || !isPlainGuard(line))
    : guards
  return conjunction([...needed, isTrue])
}
