import { holeText, type Node, typeOf } from '@gatewright/core'
import type { Compilation } from './compilation.js'
import { resolved, type Scope } from './scope.js'
import { call, list, literal, type Term } from './syntax.js'
import { isDomain } from './types.js'
import { pathBelow, total } from './value.js'

/** A message: its constant parts are the format, the others its holes (law 8). */
export function messageTerm(node: Node, scope: Scope, to: Compilation): Term {
  if (node.kind === 'literal') return literal(holeText(node.value))
  if (node.kind !== 'call' || node.operator !== 'message') return to.library('text', total(node, scope, to))
  const holes: Term[] = []
  const format = node.arguments.map((each) => {
    const { node: inner, scope: within } = resolved(each, scope)
    if (inner.kind === 'literal') return holeText(inner.value)
    if (isDomain(typeOf(inner))) return '<missing>'
    holes.push(shownTerm(inner, within, to))
    return undefined
  })
  const text = (each: string | undefined): string => each ?? '%s'
  return holes.length === 0
    ? literal(format.map(text).join(''))
    : call(
        'sprintf',
        literal(format.map((each) => each?.replaceAll('%', '%%') ?? '%s').join('')),
        list(holes),
      )
}

/** A value as a message shows it. */
function shownTerm(node: Node, scope: Scope, to: Compilation): Term {
  const path = pathBelow(node, scope, to)
  return path === undefined || path.keys.length === 0
    ? to.library('text', total(node, scope, to))
    : to.library('text_at', path.base, list(path.keys))
}

/** What a detail is: the value, or null; a computed quantity, time or version has no JSON. */
export function detailTerm(node: Node, scope: Scope, to: Compilation): Term {
  return isDomain(typeOf(node)) ? literal(null) : total(node, scope, to)
}
