import {
  type CallNode,
  type DefaultNode,
  type FindNode,
  isObject,
  type Json,
  type Node,
  type OperandType,
  operatorOf,
  type ReadType,
  typeOf,
  type WhenNode,
} from '@gatewright/core'
import { conjunction, never } from './body.js'
import type { Compilation } from './compilation.js'
import { holdsNot, holdsPlainly, negated, undecided } from './condition.js'
import { faults } from './fault.js'
import { isOfTypes } from './guard.js'
import { inputTerm, requestTerm } from './input.js'
import { collected, iterations, listTerm } from './list.js'
import { messageTerm } from './message.js'
import { nameOf } from './node-names.js'
import { parameterTerm } from './parameters.js'
import { boundTerm, forked, resolved, type Scope } from './scope.js'
import {
  call,
  type Clause,
  compare,
  holds,
  type Line,
  list,
  literal,
  not,
  part,
  type Term,
  variable,
} from './syntax.js'
import { fits, isDomain, jsonTypesOf, typeNamed } from './types.js'

/**
 * An expression's value: where the lines hold, the term is the value; where they do not, or it is undefined or null, the value is
 * missing or cannot be had.
 */
export interface Read {
  readonly lines: readonly Line[]
  readonly term: Term
  /** A type that the term has for certain when it is defined. */
  readonly type?: OperandType
  /** The term is never undefined. */
  readonly total?: boolean
}

const simple = (term: Term, type: OperandType | undefined, total: boolean): Read =>
  type === undefined ? { lines: [], term, total } : { lines: [], term, type, total }

/** The value of an expression, passed on as it is. */
export function read(given: Node, scope: Scope, to: Compilation): Read {
  const { node, scope: within } = resolved(given, scope)
  return readResolved(node, within, to)
}

function readResolved(node: Node, scope: Scope, to: Compilation): Read {
  switch (node.kind) {
    case 'literal':
      return simple(literal(node.value), node.value === null ? undefined : typeOf(node), true)
    case 'input':
      return simple(inputTerm(node, to), undefined, false)
    case 'variable': {
      const { term, type } = boundTerm(node, scope)
      return simple(term, type === 'unknown' ? undefined : type, true)
    }
    case 'field': {
      const parameter = parameterTerm(node, to)
      if (parameter !== undefined) return parameter
      const asked = requestTerm(node, to)
      if (asked !== undefined) return { lines: [], term: asked }
      return keyed(reference(read(node.of, scope, to), scope, to), node.key)
    }
    case 'get': {
      const of = reference(read(node.of, scope, to), scope, to)
      if (node.key.kind === 'literal') return keyed(of, node.key.value)
      if (of.term.kind === 'literal' && !isObject(of.term.value)) return keyed(of, '')
      const key = local(use(node.key, scope, to, 'string'), scope, to, 'key')
      return { lines: [...of.lines, ...key.lines], term: part(of.term, key.term) }
    }
    case 'at': {
      const { node: from, scope: inner } = resolved(node.list, scope)
      if (isPath(from) && node.index >= 0) {
        const of = reference(read(from, inner, to), scope, to)
        return { lines: [...of.lines, holds(call('is_array', of.term))], term: part(of.term, node.index) }
      }
      return simple(
        to.library('element', listTerm(node.list, scope, to), literal(node.index)),
        undefined,
        false,
      )
    }
    case 'narrow':
      return ofType(read(node.of, scope, to), [node.type], scope, to)
    case 'call':
      return readCall(node, scope, to)
    case 'default':
      return defaulted(node, scope, to)
    case 'when':
      return simple(chosen(node, scope, to), undefined, false)
    case 'list':
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'concat':
    case 'distinct':
    case 'duplicates':
    case 'keys':
    case 'inventory':
      return simple(listTerm(node, scope, to), 'list', true)
    case 'record':
      return simple(recordTerm(node.fields, scope, to), 'object', true)
    case 'find':
      return simple(found(node, scope, to), undefined, false)
    case 'some':
    case 'every':
    case 'and':
    case 'or':
    case 'not':
    case 'decide':
      return simple(answer(node, scope, to), 'boolean', false)
  }
}

/** An expression's value where it is used: not null, of the type that the node declares and of the operand's (law 1). */
export function use(given: Node, scope: Scope, to: Compilation, as: OperandType = 'unknown'): Read {
  const { node, scope: within } = resolved(given, scope)
  if (node.kind === 'literal' && !fits(node.value, as)) return { lines: [never], term: literal(node.value) }
  return ofType(readResolved(node, within, to), [typeOf(given), as], scope, to)
}

/** A value with a guard that it is of all these types, as far as it is not of them for certain. */
function ofType(of: Read, types: readonly OperandType[], scope: Scope, to: Compilation): Read {
  const domains = types.filter(isDomain)
  if (domains.length > 0) {
    const fit = [...types, ...(of.type === undefined ? [] : [of.type])].every(
      (type) => type === domains[0] || type === 'unknown' || type === 'any',
    )
    return fit ? of : { lines: [never], term: of.term }
  }
  if (of.type !== undefined && isDomain(of.type)) return { lines: [never], term: of.term }
  const wanted = types
    .filter((type): type is ReadType => type !== 'any' && !isDomain(type))
    .map(jsonTypesOf)
    .reduce((left, right) => left.filter((each) => right.includes(each)), jsonTypesOf('unknown'))
  const certain = of.type === undefined || of.type === 'any' ? undefined : jsonTypesOf(of.type)
  if (certain?.every((each) => wanted.includes(each)) === true) return of
  const left = certain === undefined ? wanted : wanted.filter((each) => certain.includes(each))
  if (left.length === 0) return { lines: [never], term: of.term }
  const { lines, term } = local(of, scope, to, 'value')
  const [only] = left
  const guard =
    left.length === 5
      ? compare(term, '!=', literal(null))
      : left.length === 1
        ? holds(call(`is_${only ?? ''}`, term))
        : isOfTypes(term, left)
  return { lines: [...lines, guard], term, ...(left.length === 1 ? { type: typeNamed(only) } : {}) }
}

/** A value that may be asked several times, or stand under a negation: a name for it where it is computed. */
export function local(of: Read, scope: Scope, to: Compilation, suggested: string): Read {
  if (isReference(of.term)) return of
  const name = to.variable(scope, suggested)
  return { ...of, lines: [...of.lines, { kind: 'bind', name, value: of.term }], term: variable(name) }
}

/** A value that keys can stand behind. */
function reference(of: Read, scope: Scope, to: Compilation): Read {
  return of.term.kind === 'literal' ? local(of, scope, to, 'value') : local(of, scope, to, 'part')
}

/** What is under a key. Of a constant it is one too, since OPA refuses keys that are not there. */
function keyed({ lines, term: of }: Read, key: Json): Read {
  if (of.kind !== 'literal') return { lines, term: part(of, literal(key)) }
  const isThere = isObject(of.value) && typeof key === 'string' && Object.hasOwn(of.value, key)
  return { lines, term: literal(isThere ? (of.value[key] ?? null) : null), total: true }
}

/** Paths, names and constants: looking at them twice costs nothing, and they may be undefined under a negation of `==`. */
export function isReference(term: Term): boolean {
  switch (term.kind) {
    case 'literal':
    case 'raw':
    case 'rule':
    case 'variable':
      return true
    case 'part':
      return isReference(term.of) && isReference(term.key)
    default:
      return false
  }
}

/** Whether an expression is a place in a document, rather than computed. */
export function isPath(node: Node): boolean {
  switch (node.kind) {
    case 'input':
    case 'variable':
      return true
    case 'field':
    case 'get':
      return isPath(node.of)
    case 'at':
      return node.index >= 0 && isPath(node.list)
    default:
      return false
  }
}

/** A value for messages, details and lists: null where it is missing or cannot be had, never undefined. */
export function total(given: Node, scope: Scope, to: Compilation): Term {
  const { node, scope: within } = resolved(given, scope)
  const path = pathBelow(node, within, to)
  if (path !== undefined)
    return path.keys.length === 0 ? path.base : to.library('field', path.base, list(path.keys))
  const inner = forked(within)
  const of = readResolved(node, inner, to)
  // a list that cannot be had whole is shown as missing, not as the part that can
  const failing = negated(`${nameOf(node)}_fails`, undefined, to, faults(node, forked(within), to, 'any'))
  if (of.total === true && of.lines.length === 0 && failing.length === 0) return of.term
  const name = nameOf(node)
  return to.value(name, node, [
    { value: of.term, body: conjunction([...failing, ...of.lines]) },
    { value: literal(null), body: [] },
  ])
}

/** A path as a term that is always there, and the keys below it. */
export function pathBelow(
  node: Node,
  scope: Scope,
  to: Compilation,
): { readonly base: Term; readonly keys: readonly Term[] } | undefined {
  switch (node.kind) {
    case 'input':
      return node.name === 'parameters' ? undefined : { base: inputTerm(node, to), keys: [] }
    case 'variable':
      return { base: boundTerm(node, scope).term, keys: [] }
    case 'field': {
      if (parameterTerm(node, to) !== undefined) return undefined
      const asked = requestTerm(node, to)
      if (asked !== undefined) return { base: to.library('asked'), keys: [literal(node.key)] }
      const { node: parent, scope: within } = resolved(node.of, scope)
      const of = pathBelow(parent, within, to)
      return of && { base: of.base, keys: [...of.keys, literal(node.key)] }
    }
    case 'get': {
      const { node: parent, scope: within } = resolved(node.of, scope)
      const of = pathBelow(parent, within, to)
      const { node: key, scope: keyScope } = resolved(node.key, scope)
      if (key.kind === 'literal') return of && { base: of.base, keys: [...of.keys, literal(key.value)] }
      const bound = key.kind === 'variable' ? boundTerm(key, keyScope) : undefined
      if (of === undefined || bound?.type !== 'string') return undefined
      return { base: of.base, keys: [...of.keys, bound.term] }
    }
    default:
      return undefined
  }
}

function defaulted(node: DefaultNode, scope: Scope, to: Compilation): Read {
  const clauses: Clause[] = []
  let rest: Node = node
  let within = scope
  const unlessFault: Line[] = []
  for (;;) {
    const at = resolved(rest, within)
    rest = at.node
    within = at.scope
    if (rest.kind !== 'default') break
    const inner = forked(within)
    const of = use(rest.of, inner, to)
    clauses.push({ value: of.term, body: conjunction([...unlessFault, ...of.lines]) })
    const fault = faults(rest.of, forked(within), to, 'any')
    if (fault.length > 0) unlessFault.push(not(to.condition(`${nameOf(rest.of)}_fails`, undefined, fault)))
    rest = rest.otherwise
  }
  const inner = forked(within)
  const last = use(rest, inner, to)
  clauses.push({ value: last.term, body: conjunction([...unlessFault, ...last.lines]) })
  const isConstant = last.term.kind === 'literal' && unlessFault.length + last.lines.length === 0
  return simple(to.value(nameOf(node), node, clauses), undefined, isConstant)
}

/** The cases exclude each other, so that a missing value of one never lets another speak. */
function chosen(node: WhenNode, scope: Scope, to: Compilation): Term {
  const clauses: Clause[] = []
  const others: ((scope: Scope) => readonly Line[])[] = []
  const clause = (value: Node, condition: Node | undefined): void => {
    const inner = forked(scope)
    const before = others.flatMap((each) => each(inner))
    const holdsHere = condition === undefined ? [] : holdsPlainly(condition, inner, to)
    const { lines, term } = use(value, inner, to)
    clauses.push({ value: term, body: conjunction([...before, ...holdsHere, ...lines]) })
  }
  for (const each of node.cases) {
    clause(each.then, each.if)
    others.push((inner) => holdsNot(each.if, inner, to))
  }
  clause(node.otherwise, undefined)
  return to.value(nameOf(node), node, clauses)
}

function found(node: FindNode, scope: Scope, to: Compilation): Term {
  const { states, values } = collectedUntil(node, forked(scope), to)
  const first = to.library('element', values, literal(0))
  if (states === undefined) return first
  const isHeld = compare(to.library('element', states, literal(0)), '==', literal('holds'))
  return to.value(nameOf(node.list), node, [{ value: first, body: [isHeld] }])
}

/** The elements that a search may stop at, in order; where a test may fail, with what it came to for each. */
export function collectedUntil(
  { list: of, lambda }: FindNode,
  scope: Scope,
  to: Compilation,
  element: (bound: Scope) => Term = (bound) => total(lambda.element, bound, to),
): { readonly states: Term | undefined; readonly values: Term } {
  const mayFail = iterations(of, lambda, forked(scope), to).some(
    ({ scope: inner }) => faults(lambda.body, inner, to, 'any').length > 0,
  )
  if (!mayFail) {
    const values = collected(of, lambda, scope, to, (inner) => ({
      lines: holdsPlainly(lambda.body, inner, to),
      element: element(inner),
    }))
    return { states: undefined, values }
  }
  const notFalse = (inner: Scope): readonly Line[] => [
    not(
      to.condition(`${nameOf(lambda.body)}_fails`, lambda.body, [holdsNot(lambda.body, forked(inner), to)]),
    ),
  ]
  const state = (inner: Scope): Term =>
    to.value(`${nameOf(lambda.body)}_state`, lambda.body, [
      { value: literal('holds'), body: holdsPlainly(lambda.body, forked(inner), to) },
      { value: literal('fault'), body: [] },
    ])
  return {
    states: collected(of, lambda, scope, to, (inner) => ({ lines: notFalse(inner), element: state(inner) })),
    values: collected(of, lambda, scope, to, (inner) => ({
      lines: notFalse(inner),
      element: element(inner),
    })),
  }
}

/** A condition as a value. */
function answer(node: Node, scope: Scope, to: Compilation): Term {
  const yes = holdsPlainly(node, forked(scope), to)
  const no = holdsNot(node, forked(scope), to)
  return truth(node, yes, no, to)
}

function truth(node: Node, yes: readonly Line[], no: readonly Line[], to: Compilation): Term {
  return to.value(nameOf(node), node, [
    { value: literal(true), body: yes },
    { value: literal(false), body: no },
  ])
}

function recordTerm(fields: Readonly<Record<string, Node>>, scope: Scope, to: Compilation): Term {
  const entries = Object.entries(fields).map(([key, field]) => [key, total(field, scope, to)] as const)
  return to.library('without_nulls', { kind: 'record', fields: entries })
}

/** What an operator gives, for those that give a value. */
function readCall(node: CallNode, scope: Scope, to: Compilation): Read {
  const { operator, arguments: operands } = node
  const { gives, operands: types } = operatorOf(operator)
  const [first, second] = operands as readonly [Node, Node]
  const uses = (): readonly Read[] =>
    operands.map((each, index) => use(each, scope, to, types[Math.min(index, types.length - 1)]))
  const computed = (make: (...terms: readonly Term[]) => Term): Read => {
    const of = uses()
    return {
      lines: of.flatMap(({ lines }) => lines),
      term: make(...of.map(({ term }) => term)),
      type: gives,
    }
  }
  switch (operator) {
    case 'lower':
      return computed((text) => to.library('lower_ascii', text as Term))
    case 'length':
      return computed((text) => call('count', text as Term))
    case 'split':
      return computed((text, separator) => call('split', text as Term, separator as Term))
    case 'trimPrefix':
      return computed((text, prefix) => call('trim_prefix', text as Term, prefix as Term))
    case 'toNumber':
      return computed((text) => to.library('number', text as Term))
    case 'text': {
      const parts = operands.map((each) => plainText(each, scope, to))
      const [only] = parts
      if (parts.length === 1 && only !== undefined) return { ...only, type: 'string' }
      const term = call('concat', literal(''), list(parts.map((each) => each.term)))
      return { lines: parts.flatMap(({ lines }) => lines), term, type: 'string' }
    }
    case 'message':
      return { lines: [], term: messageTerm(node, scope, to), type: 'string', total: true }
    case 'join': {
      const separator = use(second, scope, to, 'string')
      const texts = collected(first, undefined, scope, to, (inner, element) => ({
        lines: [],
        element: to.library('text', element),
      }))
      return { lines: separator.lines, term: call('concat', separator.term, texts), type: 'string' }
    }
    case 'count':
      return { lines: [], term: countTerm(first, scope, to), type: 'number', total: true }
    case 'sum':
      return { lines: [], term: to.library('total', listTerm(first, scope, to)), type: 'number' }
    case 'plus':
      return computed((a, b) => to.library('add', a as Term, b as Term))
    case 'minus':
      return computed((a, b) => to.library('subtract', a as Term, b as Term))
    case 'times':
      return computed((a, b) => to.library('multiply', a as Term, b as Term))
    case 'quantity':
    case 'semver':
    case 'duration':
    case 'timestamp':
      return computed((text) => to.library(operator, text as Term))
    case 'quantity.plus':
      return computed((a, b) => to.library('add_quantities', a as Term, b as Term))
    case 'timestamp.plus':
      return computed((time, duration) => to.library('later', time as Term, duration as Term))
    case 'timestamp.minus':
      return computed((a, b) => to.library('time_between', a as Term, b as Term))
    case 'imageRef.registry':
    case 'imageRef.repository':
    case 'imageRef.name':
    case 'imageRef.tag':
    case 'imageRef.digest':
      return computed((image) => part(to.library('image', image as Term), operator.slice('imageRef.'.length)))
    default: {
      if (operatorOf(operator).answers !== 'predicate')
        return simple(answer(node, scope, to), 'boolean', false)
      const yes = holdsPlainly(undecided(node, false), forked(scope), to)
      const no = holdsNot(undecided(node, true), forked(scope), to)
      return simple(truth(node, yes, no, to), 'boolean', false)
    }
  }
}

/** A part of a `text`: a string as it is, another scalar in plain digits or letters. */
function plainText(node: Node, scope: Scope, to: Compilation): Read {
  const of = use(node, scope, to, 'scalar')
  if (of.type === 'string') return of
  return { lines: of.lines, term: to.library('plain', of.term) }
}

function countTerm(of: Node, scope: Scope, to: Compilation): Term {
  const { node, scope: within } = resolved(of, scope)
  if (isPath(node)) return to.library('size', total(node, within, to))
  if (node.kind === 'literal') return literal(Array.isArray(node.value) ? node.value.length : 0)
  return call(
    'count',
    collected(node, undefined, within, to, () => ({ lines: [], element: literal(1) })),
  )
}
