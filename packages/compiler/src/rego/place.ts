import type { Node } from '@gatewright/core'
import {
  boundTerm,
  type Compilation,
  conjunction,
  forked,
  RegoUnsupported,
  resolved,
  type Scope,
} from './compilation.js'
import { inputPlace } from './input.js'
import { placesOf } from './list.js'
import { call, compare, type Line, list, literal, type Term, variable, syntaxKey } from './syntax.js'
import { collectedUntil } from './value.js'

/** Where something is in the judged object: where the lines hold, the steps behind a base, which is a list of steps itself. */
export interface Place {
  readonly lines: readonly Line[]
  readonly base?: Term
  readonly steps: readonly Term[]
  /** A computed key stands next, so that nothing below is part of it (law 8). */
  readonly ended: boolean
}

export function extended(place: Place | undefined, step: Term): Place | undefined {
  return place === undefined || place.ended ? place : { ...place, steps: [...place.steps, step] }
}

/** Where an expression lies in the judged object; undefined for what is computed. */
export function placeOf(given: Node, scope: Scope, to: Compilation): Place | undefined {
  const { node, scope: within } = resolved(given, scope)
  switch (node.kind) {
    case 'input':
      return inputPlace(node, to)
    case 'variable':
      return boundTerm(node, within).place()
    case 'field': {
      const { node: of, scope: at } = resolved(node.of, within)
      if (of.kind === 'variable' && boundTerm(of, at).isBuilt === true)
        throw new RegoUnsupported(
          given,
          'the place of a part is asked for behind a list of objects that the policy puts together',
          'give `at` from the list itself, before it is mapped',
        )
      return extended(placeOf(node.of, within, to), literal(node.key))
    }
    case 'narrow':
      return placeOf(node.of, within, to)
    case 'get': {
      const of = placeOf(node.of, within, to)
      if (of === undefined || of.ended) return of
      const { node: key, scope: keyScope } = resolved(node.key, within)
      if (key.kind === 'literal')
        return typeof key.value === 'string' ? extended(of, literal(key.value)) : { ...of, ended: true }
      const bound = key.kind === 'variable' ? boundTerm(key, keyScope) : undefined
      const keyOf = bound?.keyOf?.()
      return bound !== undefined && keyOf !== undefined && syntaxKey(keyOf) === syntaxKey(of)
        ? extended(of, bound.term)
        : { ...of, ended: true }
    }
    case 'at': {
      const { places, ended } = placesOf(node.list, within, to)
      return foundPlace(to.library('element', places, literal(node.index)), ended, within, to)
    }
    case 'find': {
      const { states, values } = collectedUntil(node, within, to, (inner) =>
        placeTerm(placeOf(node.lambda.element, inner, to), to, literal(null)),
      )
      const { ended } = placesOf(node.list, forked(within), to)
      const isHeld: readonly Line[] =
        states === undefined
          ? []
          : [compare(to.library('element', states, literal(0)), '==', literal('holds'))]
      const found = foundPlace(to.library('element', values, literal(0)), ended, within, to)
      return { ...found, lines: [...isHeld, ...found.lines] }
    }
    default:
      return undefined
  }
}

function foundPlace(term: Term, ended: boolean, scope: Scope, to: Compilation): Place {
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
