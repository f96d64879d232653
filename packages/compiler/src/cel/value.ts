import { type CallNode, isObject, type Json, type Node } from '@gatewright/core'
import { type Compilation, step } from './compilation.js'
import { conditionOf } from './condition.js'
import { imagePart } from './image.js'
import { isUnrolled, listOf, printedList } from './list.js'
import { literal, textLiteral } from './literal.js'
import type { Scope } from './scope.js'

/** Gives a value a name in an expression: it is evaluated once, and written once, which `optMap` would do twice. */
export const bound = (value: string, name: string, expression: string): string =>
  `[${value}].map(${name}, ${expression})[0]`

/** What a field is read of: a chain of `.?`, or a value that is no list, which `.?` does not take. */
function readFrom(of: Node, scope: Scope, to: Compilation): string {
  const isVouched =
    of.kind === 'input' ||
    ((of.kind === 'variable' || of.kind === 'field' || of.kind === 'get') && of.vouched)
  if (isVouched) return chainOf(of, scope, to) ?? valueOf(of, scope, to)
  const name = to.fresh('m')
  return bound(valueOf(of, scope, to), name, `type(${name}) == map ? ${name} : dyn(null)`)
}

/** A read as a chain that ends in something optional; undefined for what is none. */
function chainOf(node: Node, scope: Scope, to: Compilation): string | undefined {
  if (to.isConstant(node, scope)) return undefined
  if (node.kind === 'field') return `${readFrom(node.of, scope, to)}${step(node.key)}`
  if (node.kind !== 'get' || !to.isConstant(node.key, scope)) return undefined
  const key = to.constant(node.key, scope)
  return typeof key === 'string' ? `${readFrom(node.of, scope, to)}${step(key)}` : undefined
}

/** An expression of any type, null where the value is missing. */
export function valueOf(node: Node, scope: Scope, to: Compilation): string {
  if (to.isConstant(node, scope)) {
    const value = to.constant(node, scope)
    if (value === undefined) return 'dyn(null)'
    const printed = isJson(value) ? literal(value) : undefined
    if (printed === undefined) throw to.refuse(node, 'CEL does not hold this value exactly')
    return printed
  }
  const chain = chainOf(node, scope, to)
  if (chain !== undefined) return `${chain}.orValue(dyn(null))`
  switch (node.kind) {
    case 'input':
      return to.input(node)
    case 'variable': {
      const name = scope.names.get(node.id)
      if (node.index || name === undefined)
        throw to.refuse(node, 'the position of an element is not known to it')
      return name
    }
    case 'get': {
      if (to.isConstant(node.key, scope)) return 'dyn(null)'
      const [of, key] = [to.fresh('m'), to.fresh('k')]
      const read = `type(${of}) == map && type(${key}) == string ? ${of}[?${key}].orValue(dyn(null)) : dyn(null)`
      return bound(valueOf(node.of, scope, to), of, bound(valueOf(node.key, scope, to), key, read))
    }
    case 'find': {
      const list = listOf(node.list, scope, to)
      if (isUnrolled(list)) throw to.refuse(node, 'it looks for the first of several that conditions choose')
      const { name, inside } = to.bind(node.lambda.element, scope)
      return `${list.cel}.filter(${name}, ${conditionOf(node.lambda.body, inside, to)})[?0].orValue(dyn(null))`
    }
    case 'at':
      if (node.index < 0) throw to.refuse(node, 'it counts from the end of a list that is not known')
      return `${printedList(listOf(node.list, scope, to), node, to)}[?${node.index}].orValue(dyn(null))`
    case 'narrow':
      return narrowed(node.of, node.type, scope, to)
    case 'default': {
      const name = to.fresh()
      return bound(
        valueOf(node.of, scope, to),
        name,
        `${name} == null ? ${valueOf(node.otherwise, scope, to)} : dyn(${name})`,
      )
    }
    case 'when': {
      const cases = node.cases.map(
        (each) => `${conditionOf(each.if, scope, to)} ? ${valueOf(each.then, scope, to)}`,
      )
      return `(${cases.join(' : ')} : ${valueOf(node.otherwise, scope, to)})`
    }
    case 'list':
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'concat':
    case 'distinct':
    case 'duplicates':
    case 'keys':
      return `dyn(${printedList(listOf(node, scope, to), node, to)})`
    case 'call':
      return callOf(node, scope, to)
    case 'some':
    case 'every':
    case 'and':
    case 'or':
    case 'not':
    case 'decide':
      return `dyn(${conditionOf(node, scope, to)})`
    case 'record':
      throw to.refuse(node, 'it builds an object')
    case 'inventory':
      throw to.refuse(node, 'an admission policy sees no other objects')
    case 'literal':
    case 'field':
      throw to.refuse(node, 'it is read by another way')
  }
}

const isJson = (value: unknown): value is Json =>
  value === null || typeof value !== 'object' || Array.isArray(value) || isObject(value as Json)

const isOneOf =
  (...of: readonly string[]) =>
  (name: string): string =>
    of.map((type) => `type(${name}) == ${type}`).join(' || ')

/** What a read declares its value to be. */
export type ReadType = Extract<Node, { readonly kind: 'narrow' }>['type']

/** The tests of types; `printed` is what CEL makes a text of as a message does. */
const types: Readonly<Record<ReadType | 'printed', (name: string) => string>> = {
  string: isOneOf('string'),
  number: isOneOf('int', 'double'),
  boolean: isOneOf('bool'),
  'string-or-number': isOneOf('string', 'int', 'double'),
  scalar: isOneOf('string', 'int', 'double', 'bool'),
  printed: isOneOf('string', 'int', 'bool'),
  list: isOneOf('list'),
  object: isOneOf('map'),
  unknown: (name) => `${name} != null`,
}

/** Whether a bound value is of a type, as a condition on its name. */
export const isOfType = (type: keyof typeof types, name: string): string => types[type](name)

function narrowed(of: Node, type: ReadType, scope: Scope, to: Compilation): string {
  const name = to.fresh()
  return bound(valueOf(of, scope, to), name, `(${isOfType(type, name)}) ? dyn(${name}) : dyn(null)`)
}

/** A value made of texts, null where an operand is missing. */
function callOf(node: CallNode, scope: Scope, to: Compilation): string {
  const [first, second] = node.arguments
  if (first === undefined) throw to.refuse(node, 'it has no operands')
  const ofText = (make: (text: string) => string): string => {
    const name = to.fresh()
    return bound(valueOf(first, scope, to), name, `type(${name}) == string ? dyn(${make(name)}) : dyn(null)`)
  }
  const constantText = (): string => {
    const value =
      second !== undefined && to.isConstant(second, scope) ? to.constant(second, scope) : undefined
    if (typeof value !== 'string') throw to.refuse(node, 'its second operand is not known before')
    return textLiteral(value)
  }
  switch (node.operator) {
    case 'lower':
      return ofText((name) => `${name}.lowerAscii()`)
    case 'length':
      return ofText((name) => `size(${name})`)
    case 'split':
      return ofText((name) => `${name}.split(${constantText()})`)
    case 'trimPrefix': {
      const prefix = constantText()
      return ofText((name) => `${name}.startsWith(${prefix}) ? ${name}.substring(size(${prefix})) : ${name}`)
    }
    case 'text':
      return joinedText(node.arguments, scope, to)
    case 'message':
      return `dyn(${messageOf(node, scope, to)})`
    case 'join': {
      const separator = constantText()
      const name = to.fresh()
      return `dyn(${printedList(listOf(first, scope, to), first, to)}.map(${name}, ${hole(name)}).join(${separator}))`
    }
    case 'count': {
      return `dyn(size(${printedList(listOf(first, scope, to), first, to)}))`
    }
    case 'imageRef.registry':
    case 'imageRef.repository':
    case 'imageRef.name':
    case 'imageRef.tag':
    case 'imageRef.digest':
      return ofText((name) => imagePart(node.operator.slice('imageRef.'.length), name))
    default:
      throw to.refuse(node, `the operator \`${node.operator}\` would not mean the same`)
  }
}

/** The parts of a `text`, each a text, an integer or a truth value; missing where one is missing, or another number. */
function joinedText(parts: readonly Node[], scope: Scope, to: Compilation): string {
  const known: string[] = []
  const open: { readonly name: string; readonly value: string }[] = []
  for (const part of parts) {
    if (to.isConstant(part, scope)) {
      const value = to.constant(part, scope)
      if (typeof value !== 'string' && typeof value !== 'boolean' && !Number.isSafeInteger(value))
        return 'dyn(null)'
      known.push(textLiteral(String(value)))
      continue
    }
    const name = to.fresh()
    open.push({ name, value: valueOf(part, scope, to) })
    known.push(`string(${name})`)
  }
  const test = open.map(({ name }) => `(${isOfType('printed', name)})`).join(' && ')
  let made = `${test} ? dyn(${known.join(' + ')}) : dyn(null)`
  for (const { name, value } of open.toReversed()) made = bound(value, name, made)
  return made
}

/** A bound value as a message shows it (law 8). Numbers that are no integers do not come from the API's own kinds. */
const hole = (name: string): string =>
  `${name} == null ? "<missing>" : ${isOfType('printed', name)} ? string(${name}) : type(${name}) == list ? "<list>" : type(${name}) == map ? "<object>" : "<number>"`

/** A message as a text; building it never fails. */
export function messageOf(node: Node, scope: Scope, to: Compilation): string {
  if (to.isConstant(node, scope)) {
    const value = to.constant(node, scope)
    return textLiteral(typeof value === 'string' ? value : String(value))
  }
  if (node.kind !== 'call' || node.operator !== 'message') {
    const name = to.fresh()
    return bound(valueOf(node, scope, to), name, hole(name))
  }
  const parts = node.arguments.map((part) => {
    if (to.isConstant(part, scope)) {
      const value = to.constants.value({ ...node, arguments: [part] }, scope.known)
      return textLiteral(typeof value === 'string' ? value : '<missing>')
    }
    const name = to.fresh()
    return bound(valueOf(part, scope, to), name, hole(name))
  })
  return parts.join(' + ')
}
