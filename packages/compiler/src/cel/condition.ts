import {
  type CallNode,
  type DecideNode,
  definedName,
  Fault,
  imagePrefix,
  isNumber,
  type Json,
  type Node,
  numberText,
} from '@gatewright/core'
import type { Compilation } from './compilation.js'
import { imagePlace, liesIn, liesInPlace } from './image.js'
import { isUnrolled, listOf, unrolled } from './list.js'
import { numberLiteral, textLiteral } from './literal.js'
import { patternOf, patternsIn, preparedList, wildcardPattern } from './pattern.js'
import { ofVariables, type Scope } from './scope.js'
import { bound, isOfType, type ReadType, valueOf } from './value.js'

/** An expression that is true or false, and never an error. */
export function conditionOf(node: Node, scope: Scope, to: Compilation): string {
  if (to.isConstant(node, scope)) {
    const holds = to.constants.holds(node, scope.known)
    if (holds instanceof Fault)
      throw to.refuse(node, `with these parameters it is an error: ${holds.message}`)
    return String(holds)
  }
  const name = definedName(node)
  if (name === undefined || to.isOpen(node)) return written(node, scope, to)
  return to.shared(node, name, () => written(node, ofVariables(scope), to))
}

function written(node: Node, scope: Scope, to: Compilation): string {
  switch (node.kind) {
    case 'and':
      return joined(node.all, '&&', 'true', scope, to)
    case 'or':
      return joined(node.any, '||', 'false', scope, to)
    case 'not':
      return negated(conditionOf(node.of, scope, to))
    case 'some':
    case 'every':
      return overList(node, scope, to)
    case 'decide':
      return predicate(node, scope, to)
    case 'call':
      return test(node, scope, to)
    case 'literal':
    case 'input':
    case 'variable':
    case 'field':
    case 'get':
    case 'at':
    case 'narrow':
    case 'default':
    case 'when':
    case 'find':
      return `${valueOf(node, scope, to)} == true`
    default:
      throw to.refuse(node, 'it is no condition')
  }
}

/** Whether some or all elements of a list do. What each of them looks at is worked out once. */
function overList(node: Node & { readonly kind: 'some' | 'every' }, scope: Scope, to: Compilation): string {
  const list = listOf(node.list, scope, to)
  const { element, index, body } = node.lambda
  const call = body.kind === 'decide' ? body.of : undefined
  const seen = call?.arguments[0]
  const isAlike =
    seen !== undefined &&
    !to.constants.reads(seen, [element.id, index.id]) &&
    !to.isConstant(seen, scope) &&
    (!isUnrolled(list) || list.items.length > 1)
  const all = (outside: Scope): string => {
    if (!isUnrolled(list)) return overElements(node, list.cel, outside, to)
    const parts = unrolled(list.items, element.id, index.id, outside, (inside, item) => {
      const holds = conditionOf(body, inside, to)
      if (item.if === undefined) return holds
      return node.kind === 'some' ? `(${item.if} && ${holds})` : `(!(${item.if}) || ${holds})`
    })
    return combined(parts, node.kind === 'some' ? '||' : '&&', node.kind === 'some' ? 'false' : 'true')
  }
  if (!isAlike) return all(scope)
  const place = (value: string): string =>
    bound(
      `type(${value}) == string ? ${imagePlace(value, to)} : ""`,
      to,
      (name) => all({ ...scope, places: new Map([...scope.places, [seen, name]]) }),
      'place',
    )
  return bound(valueOf(seen, scope, to), to, (name) =>
    call?.operator === 'imageRef.within'
      ? place(name)
      : all({ ...scope, named: new Map([...scope.named, [seen, name]]) }),
  )
}

/** The same over a list that is known only when an object is judged. */
function overElements(
  { kind, list: node, lambda }: Node & { readonly kind: 'some' | 'every' },
  list: string,
  scope: Scope,
  to: Compilation,
): string {
  const macro = kind === 'some' ? 'exists' : 'all'
  const { element, body } = lambda
  const wanted = to.isOfParameters(node) ? patternsIn(lambda, to) : []
  const { name, inside } = to.bind(element, node, scope)
  if (wanted.length === 0) return `${list}.${macro}(${name}, ${conditionOf(body, inside, to)})`
  const { cel, patterns } = preparedList(list, node, lambda, wanted, scope, to)
  const holds = conditionOf(
    body,
    {
      ...inside,
      names: new Map([...inside.names, [element.id, `${name}.element`]]),
      patterns: new Map([...inside.patterns, ...patterns(name)]),
    },
    to,
  )
  return `${cel}.${macro}(${name}, ${holds})`
}

const negated = (condition: string): string =>
  condition === 'true' ? 'false' : condition === 'false' ? 'true' : `!(${condition})`

function joined(
  nodes: readonly Node[],
  operator: '&&' | '||',
  empty: 'true' | 'false',
  scope: Scope,
  to: Compilation,
): string {
  return combined(
    nodes.map((each) => conditionOf(each, scope, to)),
    operator,
    empty,
  )
}

/** Conditions joined, without those that change nothing. */
function combined(parts: readonly string[], operator: '&&' | '||', empty: 'true' | 'false'): string {
  const decisive = empty === 'true' ? 'false' : 'true'
  if (parts.includes(decisive)) return decisive
  const left = parts.filter((part) => part !== empty)
  if (left.length === 0) return empty
  return left.length === 1 ? (left[0] ?? empty) : `(${left.map((part) => `(${part})`).join(` ${operator} `)})`
}

/** Tests, which decide by themselves where something is missing. */
function test(node: CallNode, scope: Scope, to: Compilation): string {
  const [first, second] = node.arguments
  if (first === undefined) throw to.refuse(node, 'it has no operands')
  switch (node.operator) {
    case 'exists': {
      const type = typeOfNode(first)
      return bound(valueOf(first, scope, to), to, (v) => isOfType(type, v))
    }
    case 'is': {
      const literal = scalar(second, scope, to)
      if (literal === undefined)
        throw to.refuse(node, 'it is held against a list, an object or a number that CEL rounds')
      return `${valueOf(first, scope, to)} == ${literal}`
    }
    case 'in':
      return isIn(node, first, second, scope, to)
    case 'sameAs': {
      if (second === undefined) throw to.refuse(node, 'it has no second operand')
      refuseComposite(node, [first, second], scope, to)
      return `${valueOf(first, scope, to)} == ${valueOf(second, scope, to)}`
    }
    default:
      throw to.refuse(node, `the operator \`${node.operator}\` would not mean the same`)
  }
}

/** The type that a node declares; `unknown` where it declares none. */
function typeOfNode(node: Node): ReadType {
  switch (node.kind) {
    case 'field':
    case 'get':
    case 'at':
    case 'variable':
    case 'narrow':
    case 'find':
      return node.type
    default:
      return 'unknown'
  }
}

/** CEL rounds where numbers of two types meet, and takes nulls in objects for values. */
function refuseComposite(node: Node, operands: readonly Node[], scope: Scope, to: Compilation): void {
  const isText = operands.some(isTextual)
  if (!isText && !(operands.length > 1 && operands.every((each) => to.isWhole(each, scope))))
    throw to.refuse(node, 'two values of any type are compared, of which CEL rounds numbers and keeps nulls')
}

/** Whether a value is a text or a truth value, where it is not missing. */
export function isTextual(node: Node): boolean {
  if (['string', 'boolean'].includes(typeOfNode(node))) return true
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'string'
    case 'call':
      return (
        ['text', 'lower', 'trimPrefix', 'join', 'message'].includes(node.operator) ||
        node.operator.startsWith('imageRef.')
      )
    case 'default':
      return isTextual(node.of) && isTextual(node.otherwise)
    case 'when':
      return [...node.cases.map((each) => each.then), node.otherwise].every(isTextual)
    default:
      return false
  }
}

/** A constant that is no list and no object. */
function scalar(node: Node | undefined, scope: Scope, to: Compilation): string | undefined {
  if (node === undefined || !to.isConstant(node, scope)) return undefined
  const value = to.constant(node, scope)
  if (typeof value === 'string') return textLiteral(value)
  if (typeof value === 'boolean') return String(value)
  if (value !== undefined && isNumber(value as Json))
    return numberLiteral(numberText(value as Parameters<typeof numberText>[0]))
  return undefined
}

function isIn(node: Node, first: Node, second: Node | undefined, scope: Scope, to: Compilation): string {
  if (second === undefined) throw to.refuse(node, 'it has no list')
  const list = listOf(second, scope, to)
  const value = valueOf(first, scope, to)
  if (!isUnrolled(list)) {
    refuseComposite(node, [first], scope, to)
    return bound(value, to, (v) => `${v} != null && ${v} in ${list.cel}`)
  }
  const always = list.items.filter((each) => each.if === undefined)
  const literals = always.flatMap(({ value: each }) => {
    if (each === undefined || each === null) return []
    const printed =
      typeof each === 'string'
        ? textLiteral(each)
        : typeof each === 'boolean'
          ? String(each)
          : isNumber(each as Json)
            ? numberLiteral(numberText(each as Parameters<typeof numberText>[0]))
            : undefined
    if (printed === undefined)
      throw to.refuse(node, 'an element of its list is a list, an object or a number that CEL rounds')
    return [`dyn(${printed})`]
  })
  if (always.length < list.items.length) throw to.refuse(node, 'conditions choose the elements of its list')
  return literals.length === 0 ? 'false' : `${value} in [${literals.join(', ')}]`
}

const comparisons: Readonly<Record<string, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=', equals: '==' }

/** A predicate, with what it is where an operand is missing. */
function predicate({ of, missing }: DecideNode, scope: Scope, to: Compilation): string {
  const [first, second, third] = of.arguments
  if (first === undefined || second === undefined) throw to.refuse(of, 'it lacks an operand')
  const otherwise = String(missing)
  const { operator } = of
  const [family = '', comparison = ''] = operator.split('.')
  const named = (node: Node, use: (name: string) => string): string =>
    bound(valueOf(node, scope, to), to, use)
  const texts = (use: (a: string, b: string) => string): string =>
    named(first, (a) => {
      if (to.isConstant(second, scope)) {
        const value = to.constant(second, scope)
        return typeof value === 'string'
          ? `type(${a}) == string ? ${use(a, textLiteral(value))} : ${otherwise}`
          : otherwise
      }
      return named(
        second,
        (b) => `type(${a}) == string && type(${b}) == string ? ${use(a, b)} : ${otherwise}`,
      )
    })
  switch (operator) {
    case 'startsWith':
      return texts((a, b) => `${a}.startsWith(${b})`)
    case 'endsWith':
      return texts((a, b) => `${a}.endsWith(${b})`)
    case 'includes':
      return texts((a, b) => `${a}.contains(${b})`)
    case 'like':
    case 'matches': {
      if (!to.isConstant(second, scope)) {
        const regexp = patternOf(operator, second, scope, to)
        if (regexp === undefined) throw to.refuse(of, 'its pattern is not known before')
        return named(
          first,
          (a) => `type(${a}) == string && type(${regexp}) == string ? ${a}.matches(${regexp}) : ${otherwise}`,
        )
      }
      const pattern = to.constant(second, scope)
      if (typeof pattern !== 'string') return otherwise
      const invalid = to.constants.value(
        { ...of, arguments: [{ kind: 'literal', value: '' }, second] },
        scope.known,
      )
      if (invalid instanceof Fault) throw to.refuse(of, invalid.message)
      const printed = textLiteral(operator === 'matches' ? pattern : wildcardPattern(pattern))
      return named(first, (a) => `type(${a}) == string ? ${a}.matches(${printed}) : ${otherwise}`)
    }
    case 'equals': {
      for (const [one, other] of [
        [first, second],
        [second, first],
      ] as const) {
        if (!to.isConstant(one, scope)) continue
        const printed = scalar(one, scope, to)
        if (printed === undefined && to.constant(one, scope) === undefined) return otherwise
        if (printed === undefined)
          throw to.refuse(of, 'it is held against a list, an object or a number that CEL rounds')
        return named(other, (v) => (missing ? `${v} == null || ${v} == ${printed}` : `${v} == ${printed}`))
      }
      refuseComposite(of, [first, second], scope, to)
      return named(first, (a) =>
        named(second, (b) =>
          missing ? `${a} != null && ${b} != null ? ${a} == ${b} : true` : `${a} != null && ${a} == ${b}`,
        ),
      )
    }
    case 'contains': {
      const element = scalar(second, scope, to)
      if (element === undefined) throw to.refuse(of, 'what is looked for is not known before')
      const inText = element.startsWith('"') ? `${'%'}.contains(${element})` : 'false'
      return named(
        first,
        (a) =>
          `${a} == null ? ${otherwise} : type(${a}) == string ? ${inText.replace('%', a)} : type(${a}) == list && ${element} in ${a}`,
      )
    }
    case 'number.between': {
      const low = scalar(second, scope, to)
      const high = scalar(third, scope, to)
      if (low === undefined || high === undefined) {
        if (third === undefined || ![first, second, third].every((each) => to.isWhole(each, scope)))
          throw to.refuse(
            of,
            'its bounds are not known before, and may be no integers, which CEL would round',
          )
        return named(first, (a) =>
          named(second, (b) =>
            named(third, (c) => {
              const areNumbers = [a, b, c].map((each) => `(${isOfType('number', each)})`).join(' && ')
              return `${areNumbers} ? ${a} >= ${b} && ${a} <= ${c} : ${otherwise}`
            }),
          ),
        )
      }
      return named(
        first,
        (a) => `(${isOfType('number', a)}) ? ${a} >= ${low} && ${a} <= ${high} : ${otherwise}`,
      )
    }
    case 'imageRef.within': {
      const lies = withinOf(of, second, otherwise, scope, to)
      if (lies === undefined) return otherwise
      const place = scope.places.get(first)
      const isThere = (at: string): string => `${at} == "" ? ${otherwise} : ${lies(at)}`
      if (place !== undefined) return isThere(place)
      return named(first, (a) =>
        bound(`type(${a}) == string ? ${imagePlace(a, to)} : ""`, to, isThere, 'place'),
      )
    }
    default:
      break
  }
  const sign = comparisons[comparison]
  if (family === 'number' && sign !== undefined) {
    const limit = scalar(second, scope, to)
    if (limit !== undefined)
      return named(first, (a) => `(${isOfType('number', a)}) ? ${a} ${sign} ${limit} : ${otherwise}`)
    const own = scalar(first, scope, to)
    if (own !== undefined)
      return named(second, (b) => `(${isOfType('number', b)}) ? ${own} ${sign} ${b} : ${otherwise}`)
    for (const each of [first, second])
      if (to.isAtRunTime && !to.isWhole(each, scope))
        throw to.refuse(of, 'CEL would round a number of the parameters that is no integer; make it one')
    return named(first, (a) =>
      named(
        second,
        (b) => `(${isOfType('number', a)}) && (${isOfType('number', b)}) ? ${a} ${sign} ${b} : ${otherwise}`,
      ),
    )
  }
  if (family === 'quantity' && sign !== undefined) return quantities(of, sign, otherwise, scope, to)
  throw to.refuse(of, `the operator \`${operator}\` would not mean the same`)
}

/** Quantities as the API server compares them; what the API stores is in its canonical form. */
function quantities(of: CallNode, sign: string, otherwise: string, scope: Scope, to: Compilation): string {
  const text = (node: Node): ((inner: (quantity: string) => string) => string) => {
    if (node.kind !== 'call' || node.operator !== 'quantity')
      throw to.refuse(of, 'it computes with quantities')
    const [read] = node.arguments
    if (read === undefined) throw to.refuse(of, 'it has no operand')
    if (to.isConstant(read, scope)) {
      const value = to.constant(read, scope)
      if (to.constant(node, scope) === undefined) return () => otherwise
      const printed =
        typeof value === 'string' ? value : numberText(value as Parameters<typeof numberText>[0])
      return (inner) => inner(`quantity(${textLiteral(printed)})`)
    }
    const isQuantity = (q: string): string =>
      `(${isOfType('string-or-number', q)}) && isQuantity(string(${q}))`
    return (inner) =>
      bound(
        valueOf(read, scope, to),
        to,
        (q) => `${isQuantity(q)} ? ${inner(`quantity(string(${q}))`)} : ${otherwise}`,
        'q',
      )
  }
  const [first, second] = of.arguments
  if (first === undefined || second === undefined) throw to.refuse(of, 'it lacks an operand')
  const [one, other] = [text(first), text(second)]
  return one((a) => other((b) => `${a}.compareTo(${b}) ${sign} 0`))
}

/** Whether a place of an image lies in what the second operand of `within` names; undefined where it names nothing. */
function withinOf(
  of: CallNode,
  prefix: Node,
  otherwise: string,
  scope: Scope,
  to: Compilation,
): ((place: string) => string) | undefined {
  if (to.isConstant(prefix, scope)) {
    const value = to.constant(prefix, scope)
    const read = typeof value === 'string' ? imagePrefix(value) : undefined
    return read === undefined ? undefined : (place) => liesIn(place, read)
  }
  const known = patternOf('imageRef.within', prefix, scope, to)
  if (known === undefined) throw to.refuse(of, 'its registry is not known before')
  return (place) => `type(${known}) != string || ${known} == "" ? ${otherwise} : ${liesInPlace(place, known)}`
}
