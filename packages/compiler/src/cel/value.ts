import { type CallNode, isObject, type Json, type Node } from '@gatewright/core'
import { type Compilation, step } from './compilation.js'
import { conditionOf, isTextual } from './condition.js'
import { imagePart } from './image.js'
import { isUnrolled, listOf, printedList } from './list.js'
import { literal, textLiteral } from './literal.js'
import type { Scope } from './scope.js'

/** A name, or a chain of fields that ends in null where one is missing: reading it again costs less than giving it a name. */
const isShort = (value: string): boolean => /^[A-Za-z_][\w.?]*(?:\.orValue\(dyn\(null\)\))?$/.test(value)

/** Most times that a chain of fields is read, where it could have a name. */
const mostReads = 5

/**
 * Gives a value a name in an expression: it is evaluated once, and written once, which `optMap` would do twice. A short one stands where
 * its name would.
 */
export function bound(
  value: string,
  to: Compilation,
  use: (name: string) => string,
  wanted?: string,
): string {
  const place = to.place()
  const parts = use(place).split(place)
  const isName = /^(?:\w+|\u{E000}\d+\u{E000})$/u.test(value)
  if (isName || (isShort(value) && parts.length - 1 <= mostReads)) return `(${parts.join(value)})`
  const name = to.fresh(wanted)
  return `[${value}].map(${name}, ${parts.join(name)})[0]`
}

/** What a field is read of: a chain of `.?`, or a value that is no list, which `.?` does not take. */
function readFrom(of: Node, scope: Scope, to: Compilation): string {
  const isVouched =
    of.kind === 'input' ||
    ((of.kind === 'variable' || of.kind === 'field' || of.kind === 'get') && of.vouched)
  if (isVouched) return chainOf(of, scope, to) ?? valueOf(of, scope, to)
  return bound(valueOf(of, scope, to), to, (m) => `type(${m}) == map ? ${m} : dyn(null)`, 'm')
}

/** A read as a chain that ends in something optional; undefined for what is none. */
function chainOf(node: Node, scope: Scope, to: Compilation): string | undefined {
  if (to.isConstant(node, scope) || scope.named.has(node)) return undefined
  if (to.parameter(node) !== undefined) return undefined
  if (node.kind === 'field') return `${readFrom(node.of, scope, to)}${step(node.key)}`
  if (node.kind !== 'get' || !to.isConstant(node.key, scope)) return undefined
  const key = to.constant(node.key, scope)
  return typeof key === 'string' ? `${readFrom(node.of, scope, to)}${step(key)}` : undefined
}

/** An expression of any type, null where the value is missing. */
export function valueOf(node: Node, scope: Scope, to: Compilation): string {
  const known = scope.named.get(node)
  if (known !== undefined) return known
  if (to.isConstant(node, scope)) {
    const value = to.constant(node, scope)
    if (value === undefined) return 'dyn(null)'
    const printed = isJson(value) ? literal(value) : undefined
    if (printed === undefined) throw to.refuse(node, 'CEL does not hold this value exactly')
    return printed
  }
  const parameter = to.parameter(node)
  if (parameter !== undefined) return parameter
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
      const key = valueOf(node.key, scope, to)
      const read = (m: string, k: string): string =>
        `type(${m}) == map && type(${k}) == string ? ${m}[?${k}].orValue(dyn(null)) : dyn(null)`
      return bound(valueOf(node.of, scope, to), to, (m) => bound(key, to, (k) => read(m, k), 'k'), 'm')
    }
    case 'find': {
      const list = listOf(node.list, scope, to)
      if (isUnrolled(list)) throw to.refuse(node, 'it looks for the first of several that conditions choose')
      const { name, inside } = to.bind(node.lambda.element, node.list, scope)
      return `${list.cel}.filter(${name}, ${conditionOf(node.lambda.body, inside, to)})[?0].orValue(dyn(null))`
    }
    case 'at':
      if (node.index < 0) throw to.refuse(node, 'it counts from the end of a list that is not known')
      return `${printedList(listOf(node.list, scope, to), node, to)}[?${node.index}].orValue(dyn(null))`
    case 'narrow':
      return narrowed(node.of, node.type, scope, to)
    case 'default': {
      const otherwise = valueOf(node.otherwise, scope, to)
      return bound(valueOf(node.of, scope, to), to, (v) => `${v} == null ? ${otherwise} : dyn(${v})`)
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
    case 'record': {
      // a field that is missing is null in it, which reads as missing
      const fields = Object.entries(node.fields).map(
        ([key, each]) => `${textLiteral(key)}: dyn(${valueOf(each, scope, to)})`,
      )
      return `dyn({${fields.join(', ')}})`
    }
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
  return bound(valueOf(of, scope, to), to, (v) => `(${isOfType(type, v)}) ? dyn(${v}) : dyn(null)`)
}

/** A value made of texts, null where an operand is missing. */
function callOf(node: CallNode, scope: Scope, to: Compilation): string {
  const [first, second] = node.arguments
  if (first === undefined) throw to.refuse(node, 'it has no operands')
  const ofText = (make: (text: string) => string): string =>
    bound(valueOf(first, scope, to), to, (v) => `type(${v}) == string ? dyn(${make(v)}) : dyn(null)`)
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
      const replaced = replacement(first, separator, scope, to)
      if (replaced !== undefined) return replaced
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
      return ofText((name) => imagePart(node.operator.slice('imageRef.'.length), name, to))
    default:
      throw to.refuse(node, `the operator \`${node.operator}\` would not mean the same`)
  }
}

/** A text whose parts are joined as they were split, which is one in which something is replaced. */
function replacement(of: Node, by: string, scope: Scope, to: Compilation): string | undefined {
  if (of.kind !== 'call' || of.operator !== 'split' || to.isConstant(of, scope)) return undefined
  const [text, separator] = of.arguments
  if (text === undefined || separator === undefined || !to.isConstant(separator, scope)) return undefined
  const split = to.constant(separator, scope)
  if (typeof split !== 'string' || split === '') return undefined
  const replaced = (v: string): string => `${v}.replace(${textLiteral(split)}, ${by})`
  // what is no text has no parts
  return bound(valueOf(text, scope, to), to, (v) => `type(${v}) == string ? dyn(${replaced(v)}) : dyn("")`)
}

/** The parts of a `text`, each a text, an integer or a truth value; missing where one is missing, or another number. */
function joinedText(parts: readonly Node[], scope: Scope, to: Compilation): string {
  const known: ((names: readonly string[]) => string)[] = []
  const open: string[] = []
  for (const part of parts) {
    if (to.isConstant(part, scope)) {
      const value = to.constant(part, scope)
      if (typeof value !== 'string' && typeof value !== 'boolean' && !Number.isSafeInteger(value))
        return 'dyn(null)'
      const literalText = textLiteral(String(value))
      known.push(() => literalText)
      continue
    }
    if (to.isAtRunTime && !isTextual(part) && !('vouched' in part && part.vouched))
      throw to.refuse(part, 'a text is made of it, which may be a number of the parameters')
    const place = open.length
    open.push(valueOf(part, scope, to))
    known.push((names) => `string(${names[place]})`)
  }
  const made = (names: readonly string[]): string => {
    const next = open[names.length]
    if (next !== undefined) return bound(next, to, (name) => made([...names, name]))
    const test = names.map((name) => `(${isOfType('printed', name)})`).join(' && ')
    return `${test} ? dyn(${known.map((each) => each(names)).join(' + ')}) : dyn(null)`
  }
  return made([])
}

/** What a message shows of a value, by what its schema vouches for. */
function shown(node: Node, scope: Scope, to: Compilation): string {
  const isText = (node.kind === 'field' || node.kind === 'variable') && node.vouched && node.type === 'string'
  refuseFraction(node, scope, to)
  // some who judge read every number as a double
  if (to.isWhole(node, scope))
    return bound(
      valueOf(node, scope, to),
      to,
      (v) => `${v} == null ? "<missing>" : type(${v}) == double ? string(int(${v})) : string(${v})`,
    )
  return bound(
    valueOf(node, scope, to),
    to,
    isText ? (name) => `${name} == null ? "<missing>" : string(${name})` : hole,
  )
}

/** Refuses to show a number that may be no integer, which CEL would write otherwise. */
function refuseFraction(node: Node, scope: Scope, to: Compilation): void {
  if (!to.isAtRunTime || to.isWhole(node, scope)) return
  const isOfObject = 'vouched' in node && node.vouched
  const isText = 'type' in node && (node.type === 'string' || node.type === 'boolean' || node.type === 'list')
  const isMade = node.kind === 'call' || node.kind === 'literal'
  if (isOfObject || isText || isMade) return
  const others =
    node.kind === 'default'
      ? [node.of, node.otherwise]
      : node.kind === 'when'
        ? [...node.cases.map((each) => each.then), node.otherwise]
        : []
  if (others.length > 0) return others.forEach((each) => refuseFraction(each, scope, to))
  throw to.refuse(node, 'a message has it, which may be a number of the parameters that is no integer')
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
    return shown(node, scope, to)
  }
  const parts = node.arguments.map((part) => {
    if (to.isConstant(part, scope)) {
      const value = to.constants.value({ ...node, arguments: [part] }, scope.known)
      return textLiteral(typeof value === 'string' ? value : '<missing>')
    }
    return shown(part, scope, to)
  })
  return parts.join(' + ')
}
