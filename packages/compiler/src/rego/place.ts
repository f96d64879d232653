import type { Node } from '@gatewright/core'
import { conjunction } from './body.js'
import type { Compilation } from './compilation.js'
import { negated } from './condition.js'
import { listFaults } from './fault.js'
import { nameOf } from './node-names.js'
import { inputPlace } from './input.js'
import { collectedSources, sources } from './list.js'
import { boundTerm, forked, resolved, type Scope } from './scope.js'
import {
  alphaKey,
  call,
  compare,
  type Line,
  list,
  literal,
  syntaxKey,
  type Term,
  variable,
} from './syntax.js'
import { RegoUnsupported } from './unsupported.js'
import { collectedUntil, use } from './value.js'

/** Where something is in the judged object: where the lines hold, the steps behind a base, which is a list of steps itself. */
export interface Place {
  readonly lines: readonly Line[]
  readonly base?: Term
  readonly steps: readonly Term[]
  /** A computed key stands next, so that nothing below is part of it (law 8); of a list's elements that may be so of some. */
  readonly ended: boolean | 'for some'
}

/** A place with one step more behind it. */
export function extended(place: Place | undefined, step: Term): Place | undefined {
  if (place?.ended === 'for some')
    throw new RegoUnsupported(
      undefined,
      'a place is asked for below elements of which some lie under a computed key and others do not',
      'give `at` from each of the lists that are put together',
    )
  return place === undefined || place.ended ? place : { ...place, steps: [...place.steps, step] }
}

/** Where an expression lies in the judged object, or what is under keys of it; undefined for what is computed. */
export function placeOf(
  given: Node,
  scope: Scope,
  to: Compilation,
  keys: readonly string[] = [],
): Place | undefined {
  const { node, scope: within, isNowhere } = resolved(given, scope)
  if (isNowhere === true) return undefined
  switch (node.kind) {
    case 'input':
      return below(inputPlace(node, to), keys)
    case 'variable':
      return boundTerm(node, within).place(keys)
    case 'field':
      return placeOf(node.of, within, to, [node.key, ...keys])
    case 'narrow':
      return placeOf(node.of, within, to, keys)
    case 'record': {
      const [key, ...others] = keys
      const field = key !== undefined && Object.hasOwn(node.fields, key) ? node.fields[key] : undefined
      return field && placeOf(field, within, to, others)
    }
    case 'get': {
      if (node.key.kind === 'literal' && typeof node.key.value === 'string')
        return placeOf(node.of, within, to, [node.key.value, ...keys])
      if (hasParts(node.of, within, to))
        throw new RegoUnsupported(
          given,
          'the place of a part is asked for under a computed key of an object that the policy puts together',
          'ask for the part by its name',
        )
      const of = placeOf(node.of, within, to)
      return of && underKey(of, node.key, keys, within, to)
    }
    case 'at': {
      const { places, ended, behind } = placesOf(node.list, within, to, keys)
      const found = foundPlace(to.library('element', places, literal(node.index)), ended, within, to)
      // the element of a list that cannot be had whole cannot be had either
      const failing = listFaults(node.list, forked(within), to, 'any')
      const isWhole = negated(`${nameOf(node.list)}_fails`, undefined, to, failing)
      return below({ ...found, lines: [...isWhole, ...found.lines] }, behind)
    }
    case 'find': {
      const { ended, behind } = placesOf(node.list, forked(within), to, keys)
      const inside = keys.slice(0, keys.length - behind.length)
      const { states, values } = collectedUntil(node, within, to, (inner) =>
        placeTerm(placeOf(node.lambda.element, inner, to, inside), to, literal(null)),
      )
      const isHeld: readonly Line[] =
        states === undefined
          ? []
          : [compare(to.library('element', states, literal(0)), '==', literal('holds'))]
      const found = foundPlace(to.library('element', values, literal(0)), ended, within, to)
      return below({ ...found, lines: [...isHeld, ...found.lines] }, behind)
    }
    default:
      return undefined
  }
}

/** Whether an expression may be an object that the policy puts together, whose fields have places of their own. */
function hasParts(given: Node, scope: Scope, to: Compilation): boolean {
  const { node, scope: within, isNowhere } = resolved(given, scope)
  if (isNowhere === true) return false
  switch (node.kind) {
    case 'record':
      return true
    case 'variable':
      return boundTerm(node, within).hasParts === true
    case 'field':
    case 'get':
    case 'narrow':
      return hasParts(node.of, within, to)
    case 'at':
    case 'find':
      return haveParts(node.list, within, to)
    default:
      return false
  }
}

/** Whether elements of a list may be such objects. */
export const haveParts = (list: Node, scope: Scope, to: Compilation): boolean =>
  sources(list, 'item', forked(scope), to).some(({ element }) =>
    element.is === 'term'
      ? element.hasParts === true
      : element.isNowhere !== true && hasParts(element.node, element.scope, to),
  )

/** A place with the steps of keys behind it. */
export const below = <P extends Place | undefined>(place: P, keys: readonly string[]): P =>
  keys.reduce((of, key) => extended(of, literal(key)) as P, place)

/** What is under a computed key: only one that an iteration over the keys of the same object has bound may stand in a place (law 8). */
function underKey(
  of: Place,
  given: Node,
  keys: readonly string[],
  scope: Scope,
  to: Compilation,
): Place | undefined {
  const ended: Place = { ...of, ended: true }
  if (given.kind !== 'variable' || of.ended === true) return ended
  const { node, scope: within, isNowhere } = resolved(given, scope)
  if (node.kind === 'variable' && isNowhere !== true) {
    const { keyOf, term } = boundTerm(node, within)
    const parent = keyOf?.()
    if (parent !== undefined && alphaKey(parent) === alphaKey(of)) return below(extended(of, term), keys)
  }
  // any other value that lies right below the object counts as a key too, which is known only once both places are
  const key = placeOf(given, scope, to)
  const isBelow = key && standsBelow(key, of, to)
  if (isBelow === undefined) return ended
  const { lines, term } = use(given, forked(scope), to, 'string')
  const parent = placeTerm(of, to, literal(null))
  const found = to.value('place', undefined, [
    {
      value: call('array.concat', parent, list([term, ...keys.map(literal)])),
      body: conjunction([...lines, ...isBelow]),
    },
    { value: parent, body: [] },
  ])
  return foundPlace(found, 'for some', scope, to)
}

/** Lines that hold where a place is right below another; undefined where a length or a constant step speaks against it. */
function standsBelow(place: Place, parent: Place, to: Compilation): readonly Line[] | undefined {
  if (alphaKey([place.base, place.lines]) === alphaKey([parent.base, parent.lines])) {
    if (place.steps.length !== parent.steps.length + 1) return undefined
    const pairs = parent.steps.map((step, i) => [step, place.steps[i] as Term] as const)
    const differing = pairs.filter(([step, own]) => syntaxKey(step) !== syntaxKey(own))
    return differing.some(([step, own]) => step.kind === 'literal' && own.kind === 'literal')
      ? undefined
      : [...parent.lines, ...differing.map(([step, own]) => compare(own, '==', step))]
  }
  const [path, above] = [placeTerm(place, to, literal(null)), placeTerm(parent, to, literal(null))]
  const length = call('count', above)
  return [
    compare(call('array.slice', path, literal(0), length), '==', above),
    compare(call('count', call('array.slice', path, length, call('count', path))), '==', literal(1)),
  ]
}

/** The places of a list's elements, or of what is under keys of them. */
interface Places {
  /** A list of them, in their order; null where an element has none. */
  readonly places: Term
  /** They end at a computed key. */
  readonly ended: Place['ended']
  /** Each element has one. */
  readonly areSure: boolean
  readonly isNowhere: boolean
  /** The keys that stand behind each of the places. */
  readonly behind: readonly string[]
}

/** The places of a list's elements, or of what is under keys of them: under one key elements can lie in different ways. */
export function placesOf(node: Node, scope: Scope, to: Compilation, keys: readonly string[]): Places {
  if (keys.length > 0 && haveParts(node, scope, to)) return placesUnder(node, scope, to, keys)
  const places = placesUnder(node, scope, to, [])
  return places.ended === 'for some' && keys.length > 0
    ? placesUnder(node, scope, to, keys)
    : { ...places, behind: keys }
}

function placesUnder(node: Node, scope: Scope, to: Compilation, keys: readonly string[]): Places {
  const found: (Place | undefined)[] = []
  const places = collectedSources(sources(node, 'item', scope, to), to, (element) => {
    const place =
      element.is === 'term'
        ? element.place(keys)
        : element.isNowhere === true
          ? undefined
          : placeOf(element.node, element.scope, to, keys)
    found.push(place)
    return { lines: [], element: placeTerm(place, to, literal(null)) }
  })
  const there = found.filter((place) => place !== undefined)
  return {
    places,
    ended: there.every(({ ended }) => ended === there[0]?.ended) ? (there[0]?.ended ?? false) : 'for some',
    areSure: found.every((place) => place !== undefined && place.lines.length === 0),
    isNowhere: there.length === 0,
    behind: [],
  }
}

function foundPlace(term: Term, ended: Place['ended'], scope: Scope, to: Compilation): Place {
  const name = to.variable(scope, 'place')
  const isSomewhere = compare(variable(name), '!=', literal(null))
  return {
    lines: [{ kind: 'bind', name, value: term }, isSomewhere],
    base: variable(name),
    steps: [],
    ended,
  }
}

/** A place as a list of steps that is always there; what has no place is about the whole object, unless another is said. */
export function placeTerm(place: Place | undefined, to: Compilation, otherwise: Term = list([])): Term {
  if (place === undefined) return otherwise
  const { lines, base, steps } = place
  const term =
    base === undefined ? list(steps) : steps.length === 0 ? base : call('array.concat', base, list(steps))
  if (lines.length === 0) return term
  return to.value('place', undefined, [
    { value: term, body: conjunction(lines) },
    { value: otherwise, body: [] },
  ])
}
