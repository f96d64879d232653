import { childrenOf, type Lambda, type Node, type RuleNode } from '@gatewright/core'
import { pruned, tidied } from './body.js'
import type { Compilation } from './compilation.js'
import { holdsPlainly, unfailing } from './condition.js'
import { elementFlags, type FaultCode } from './fault.js'
import { singular } from './names.js'
import { nameOf } from './node-names.js'
import { below, extended, haveParts, type Place, placeOf, placesOf } from './place.js'
import { bind, type Bound, forked, resolved, type Scope } from './scope.js'
import {
  boundBy,
  call,
  compare,
  holds,
  type Line,
  list,
  literal,
  not,
  part,
  syntaxKey,
  type Term,
  usedBy,
  variable,
  variablesOf,
  withParts,
} from './syntax.js'
import { isPath, local, read, total, use } from './value.js'

/** One way to come by elements of a list: the lines that go through them, and what an element is. */
interface Source {
  readonly lines: readonly Line[]
  readonly element: Bound
  /** The place of the element in the list, where that is known. */
  readonly position?: Term
}

/** The functions that iterations are given, or rules for each element. */
type Body = Pick<Lambda, 'element' | 'index'> &
  ({ readonly body: Node } | { readonly rules: readonly RuleNode[] })

/** An iteration over a list: lists that are joined give several. What one binds is in its scope. */
export interface Iteration {
  readonly lines: readonly Line[]
  readonly scope: Scope
}

/** The ways through a list, with the variables of a function bound to the element and its place. */
export function iterations(of: Node, body: Body, scope: Scope, to: Compilation): readonly Iteration[] {
  const all = usesIndex(body)
    ? positioned(of, body.element.name, scope, to)
    : sources(of, body.element.name, scope, to)
  return all.map(({ lines, element, position }) => {
    const inner = bind(scope, body.element.id, element)
    if (position === undefined) return { lines, scope: inner }
    const index: Bound = { is: 'term', term: position, type: 'number', place: () => undefined }
    return { lines, scope: bind(inner, body.index.id, index) }
  })
}

function usesIndex(body: Body): boolean {
  const uses = (node: Node): boolean =>
    node.kind === 'variable' ? node.id === body.index.id : childrenOf(node).some(([child]) => uses(child))
  const inRule = (rule: RuleNode): boolean => {
    switch (rule.kind) {
      case 'deny': {
        const { message, at, details = {}, fix = [] } = rule.violation
        const others = fix.flatMap((each) => (each.kind === 'set' ? [each.at, each.value] : [each.at]))
        return [
          rule.if,
          message,
          ...(at === undefined ? [] : [at]),
          ...Object.values(details),
          ...others,
        ].some(uses)
      }
      case 'onlyIf':
        return uses(rule.if) || rule.rules.some(inRule)
      case 'each':
        return uses(rule.list) || rule.rules.some(inRule)
    }
  }
  return 'body' in body ? uses(body.body) : body.rules.some(inRule)
}

/** The elements with their places in the list: one of a document as it stands, another is made first. */
function positioned(given: Node, name: string, scope: Scope, to: Compilation): readonly Source[] {
  const { node } = resolved(given, scope)
  if (isPath(node) || node.kind === 'literal') return sources(given, name, scope, to)
  return made(given, name, scope, to, node)
}

/** The elements of a list that is put together first; `node` names it in what is printed. */
function made(of: Node, name: string, scope: Scope, to: Compilation, node: Node = of): readonly Source[] {
  const values = to.variable(scope, `${nameOf(node)}_values`)
  const index = to.variable(scope, 'i')
  const element = to.variable(scope, name)
  const place = (keys: readonly string[]): Place | undefined => {
    const { places, ended, areSure, isNowhere, behind } = placesOf(of, scope, to, keys)
    if (isNowhere) return undefined
    const all = to.value(`${nameOf(node)}_places`, node, [{ value: places, body: [] }])
    const base = part(all, variable(index))
    const lines = areSure ? [] : [compare(base, '!=', literal(null))]
    return below({ lines, base, steps: [], ended }, behind)
  }
  const fails = (code: FaultCode | 'any'): readonly (readonly Line[])[] => {
    const flags = elementFlags(of, scope, to, code)
    if (flags === undefined) return []
    const all = to.value(`${nameOf(node)}_failures`, node, [{ value: flags, body: [] }])
    return [[compare(part(all, variable(index)), '==', literal(true))]]
  }
  return [
    {
      lines: [
        { kind: 'bind', name: values, value: listTerm(of, scope, to) },
        { kind: 'some', key: index, value: element, of: variable(values) },
        ...had(of, scope, to),
      ],
      element: {
        is: 'term',
        term: variable(element),
        type: 'unknown',
        place,
        hasParts: haveParts(of, scope, to),
        fails,
        ...keysIn(of, scope, to),
      },
      position: variable(index),
    },
  ]
}

/** Where the object is whose keys a list has. */
function keysIn(node: Node, scope: Scope, to: Compilation): { readonly keyOf?: () => Place | undefined } {
  const objects = sources(node, 'key', forked(scope), to).map(({ element }) =>
    element.is === 'term' ? element.keyOf : undefined,
  )
  const [first] = objects
  return first !== undefined && objects.every((each) => syntaxKey(each?.()) === syntaxKey(first()))
    ? { keyOf: first }
    : {}
}

/** A list for each way through a list, one behind the other. */
export function collected(
  of: Node,
  body: Body | undefined,
  scope: Scope,
  to: Compilation,
  make: (scope: Scope, element: Term) => { readonly lines: readonly Line[]; readonly element: Term },
): Term {
  if (body !== undefined)
    return joined(
      iterations(of, body, scope, to).map(({ lines, scope: inner }) => {
        const { lines: more, element } = make(inner, literal(null))
        return { lines: [...lines, ...more], element }
      }),
      to,
    )
  return collectedSources(sources(of, singular(nameOf(of)), scope, to), to, (element) =>
    make(scope, element.is === 'term' ? element.term : total(element.node, element.scope, to)),
  )
}

export function collectedSources(
  all: readonly Source[],
  to: Compilation,
  make: (element: Bound) => { readonly lines: readonly Line[]; readonly element: Term },
): Term {
  return joined(
    all.map(({ lines, element: bound }) => {
      const { lines: more, element } = make(bound)
      return { lines: [...lines, ...more], element }
    }),
    to,
  )
}

/** The elements that each way through a list gives, one list behind the other. */
export function joined(
  all: readonly { readonly lines: readonly Line[]; readonly element: Term }[],
  to: Compilation,
): Term {
  const lists = all.flatMap(({ lines, element }): readonly Term[] => {
    const body = tidied({ body: lines, value: element }, [], true)?.body
    if (body === undefined) return []
    return [
      body.length === 0
        ? list([element])
        : { kind: 'collect', element, body: unindexed(pruned(body, [element]), element, to) },
    ]
  })
  const [first, ...others] = lists
  return first === undefined
    ? literal([])
    : others.reduce((before, each) => call('array.concat', before, each), first)
}

/**
 * OPA looks up a comprehension by a variable from outside that it compares for equality or has as a key, and computes it for all
 * values at once; another line that asks the variable before then halts the evaluation ("requires evaluation"). There functions
 * compare and look up.
 */
function unindexed(body: readonly Line[], element: Term, to: Compilation): readonly Line[] {
  const own = boundBy(body)
  const compared = body.map((line): Line => {
    if (line.kind !== 'compare' || line.operator !== '==') return line
    const outer = [line.left, line.right].flatMap((each) =>
      each.kind === 'variable' && !own.has(each.name) ? [each.name] : [],
    )
    const others = [...usedBy(body.filter((each) => each !== line)), ...variablesOf(element)]
    return outer.some((name) => others.includes(name))
      ? holds(to.library('are_equal', line.left, line.right))
      : line
  })
  return compared.map((line, i): Line => {
    const before = new Set(usedBy(compared.slice(0, i)).filter((name) => !own.has(name)))
    return withParts(line, ({ of, key }) =>
      key.kind === 'variable' && before.has(key.name) ? to.library('under', of, key) : undefined,
    )
  })
}

/** A list as a term that is always there; missing elements are null, and what is no list is empty. */
export function listTerm(given: Node, scope: Scope, to: Compilation): Term {
  const { node, scope: within } = resolved(given, scope)
  if (node.kind === 'literal') return Array.isArray(node.value) ? literal(node.value) : literal([])
  if (isPath(node)) return to.library('elements', total(node, within, to))
  if (node.kind === 'list') return list(node.items.map((item) => total(item, within, to)))
  return collected(node, undefined, within, to, (_, element) => ({ lines: [], element }))
}

/** The ways through a list. */
export function sources(given: Node, name: string, scope: Scope, to: Compilation): readonly Source[] {
  const { node, scope: within, isNowhere } = resolved(given, scope)
  const all = sourcesOf(node, name, { ...within, names: scope.names }, to)
  if (!isHeldList(given, scope) && isNowhere !== true) return all
  const whole = had(given, scope, to)
  return all.map(({ lines, element, position }) => ({
    lines: [...whole, ...lines],
    element: nowhere(element),
    ...(position === undefined ? {} : { position }),
  }))
}

/** Whether a list that a policy puts together was an element or a field of a record before it is gone through. */
export function isHeldList(given: Node, scope: Scope): boolean {
  const { node, isHeld } = resolved(given, scope)
  return isHeld === true && putTogether.includes(node.kind)
}

const putTogether: readonly Node['kind'][] = [
  'list',
  'filter',
  'map',
  'flatMap',
  'concat',
  'distinct',
  'duplicates',
  'keys',
  'inventory',
]

/** That a list which was a value before can be had whole: of any other those elements count that can. */
const had = (given: Node, scope: Scope, to: Compilation): readonly Line[] =>
  isHeldList(given, scope) ? unfailing(given, scope, to) : []

/** An element of a list that was a value before: it has a value, and no place. */
function nowhere(element: Bound): Bound {
  if (element.is === 'node') return { ...element, isNowhere: true }
  const { keyOf: _, hasParts: __, fails: ___, ...others } = element
  return { ...others, place: () => undefined }
}

function sourcesOf(node: Node, name: string, within: Scope, to: Compilation): readonly Source[] {
  switch (node.kind) {
    case 'list':
      return node.items.map((item) => ({ lines: [], element: { is: 'node', node: item, scope: within } }))
    case 'filter':
      return chained(node.list, node.lambda, within, to, (inner, element) => [
        { lines: holdsPlainly(node.lambda.body, inner, to), element },
      ])
    case 'map':
      return chained(node.list, node.lambda, within, to, (inner) => [
        { lines: [], element: { is: 'node', node: node.lambda.body, scope: inner } },
      ])
    case 'flatMap':
      return chained(node.list, node.lambda, within, to, (inner) => {
        const all = sources(node.lambda.body, name, inner, to)
        // one loop for each would give the elements of all first lists before those of all second ones
        return all.length > 1 ? made(node.lambda.body, name, inner, to) : all
      })
    case 'concat':
      return (
        siblings(node.lists, name, within, to) ??
        node.lists.flatMap((each) => sources(each, name, within, to))
      )
    case 'distinct':
    case 'duplicates':
      return occurrences(node, name, within, to)
    case 'keys':
      return keysOf(node.of, name, within, to)
    case 'inventory': {
      const { group, kind } = node.resource
      const element = to.variable(within, name)
      const names = [literal(group), literal(kind)]
      const all =
        node.namespace === undefined
          ? to.library('listed', ...names)
          : to.library('listed_in', ...names, namespaceTerm(node.namespace, within, to))
      return [
        {
          lines: [{ kind: 'some', value: element, of: all }],
          element: { is: 'term', term: variable(element), type: 'unknown', place: () => undefined },
        },
      ]
    }
    default:
      return elementsOf(node, name, within, to)
  }
}

/** A source for each way through a list and each way on from there. */
function chained(
  of: Node,
  lambda: Lambda,
  scope: Scope,
  to: Compilation,
  on: (inner: Scope, element: Bound) => readonly Source[],
): readonly Source[] {
  return iterations(of, lambda, scope, to).flatMap(({ lines, scope: inner }) =>
    on(inner, inner.bound.get(lambda.element.id) as Bound).map((source) => ({
      lines: [...lines, ...source.lines],
      element: source.element,
    })),
  )
}

function elementsOf(node: Node, name: string, scope: Scope, to: Compilation): readonly Source[] {
  if (node.kind === 'literal' && !Array.isArray(node.value)) return []
  const of = local(read(node, scope, to), scope, to, `${nameOf(node)}_list`)
  const index = to.variable(scope, 'i')
  const element = to.variable(scope, name)
  const isList = node.kind === 'literal' || of.type === 'list' ? [] : [holds(call('is_array', of.term))]
  return [
    {
      lines: [...of.lines, ...isList, { kind: 'some', key: index, value: element, of: of.term }],
      element: {
        is: 'term',
        term: variable(element),
        type: 'unknown',
        place: (keys) => below(extended(placeOf(node, scope, to), variable(index)), keys),
        origin: node,
      },
      position: variable(index),
    },
  ]
}

/** Lists that are fields of one object: one loop over their names. */
function siblings(
  lists: readonly Node[],
  name: string,
  scope: Scope,
  to: Compilation,
): readonly Source[] | undefined {
  const fields = lists.map((each) => resolved(each, scope))
  const [first] = fields
  if (lists.length < 2 || first?.node.kind !== 'field') return undefined
  const { of: whole } = first.node
  const of = read(whole, { ...first.scope, names: scope.names }, to)
  if (of.lines.length > 0) return undefined
  const keys: string[] = []
  for (const { node, scope: within, isNowhere } of fields) {
    if (node.kind !== 'field' || isNowhere === true) return undefined
    const other = read(node.of, { ...within, names: scope.names }, to)
    if (other.lines.length > 0 || syntaxKey(other.term) !== syntaxKey(of.term)) return undefined
    keys.push(node.key)
  }
  // a name for what all of them are part of: OPA looks a path up anew for each list
  const shared = of.term.kind === 'part' ? to.variable(scope, nameOf(whole)) : undefined
  const key = to.variable(scope, 'list')
  const index = to.variable(scope, 'i')
  const element = to.variable(scope, name)
  const all = part(shared === undefined ? of.term : variable(shared), variable(key))
  return [
    {
      lines: [
        ...(shared === undefined ? [] : [{ kind: 'bind' as const, name: shared, value: of.term }]),
        { kind: 'some', value: key, of: literal(keys) },
        holds(call('is_array', all)),
        { kind: 'some', key: index, value: element, of: all },
      ],
      element: {
        is: 'term',
        term: variable(element),
        type: 'unknown',
        place: (keys) =>
          below(extended(extended(placeOf(whole, first.scope, to), variable(key)), variable(index)), keys),
      },
    },
  ]
}

/** An element that is there, and so did not fail. */
function sure(element: Bound): Bound {
  if (element.is === 'node') return element
  const { fails: _, ...others } = element
  return others
}

function occurrences(
  node: Extract<Node, { kind: 'distinct' | 'duplicates' }>,
  name: string,
  scope: Scope,
  to: Compilation,
): readonly Source[] {
  return made(node.list, name, scope, to).map(({ lines, element, position }) => {
    const term = (element as Extract<Bound, { is: 'term' }>).term
    const values = (lines[0] as Extract<Line, { kind: 'bind' }>).name
    const before = call('array.slice', variable(values), literal(0), position as Term)
    const isKnown = compare(term, 'in', before)
    return {
      lines: [
        ...lines,
        compare(term, '!=', literal(null)),
        node.kind === 'distinct' ? not(isKnown) : isKnown,
      ],
      element: sure(element),
    }
  })
}

function keysOf(of: Node, name: string, scope: Scope, to: Compilation): readonly Source[] {
  const map = local(read(of, scope, to), scope, to, nameOf(of))
  const key = to.variable(scope, name)
  const value = to.variable(scope, `${name}_value`)
  const place = (): Place | undefined => placeOf(of, scope, to)
  return [
    {
      lines: [
        ...map.lines,
        holds(call('is_object', map.term)),
        { kind: 'some', key, value, of: map.term },
        compare(variable(value), '!=', literal(null)),
      ],
      element: {
        is: 'term',
        term: variable(key),
        type: 'string',
        place: () => extended(place(), variable(key)),
        keyOf: place,
      },
    },
  ]
}

/** The namespace to look in; null, which means objects without one, where it is missing. */
function namespaceTerm(namespace: Node, scope: Scope, to: Compilation): Term {
  const { lines, term } = use(namespace, scope, to, 'string')
  return to.value('namespace', namespace, [
    { value: term, body: lines },
    { value: literal(null), body: [] },
  ])
}
