import { isNever } from './body.js'
import { call, compare, type Line, literal, syntaxKey, type Term } from './syntax.js'

/** That a value is of one of several types, by the names that `type_name` has for them. */
export const isOfTypes = (term: Term, names: readonly string[]): Line =>
  compare(call('type_name', term), 'in', { kind: 'set', items: names.map(literal) })

/** Guards that a comparison with constants makes superfluous: what equals one is there and of its type. */
export const withoutGuard = (lines: readonly Line[], term: Term): readonly Line[] =>
  lines.filter((line) => isNever(line) || !isGuardOf(line, term))

/** Whether a line asks of a value no more than that it is there, or of its type. */
export function isGuardOf(line: Line, term: Term): boolean {
  const asked =
    line.kind === 'holds' && line.term.kind === 'call' && line.term.name.startsWith('is_')
      ? line.term.arguments[0]
      : line.kind === 'compare' &&
          line.operator === '!=' &&
          line.right.kind === 'literal' &&
          line.right.value === null
        ? line.left
        : line.kind === 'compare' &&
            line.operator === 'in' &&
            line.left.kind === 'call' &&
            line.left.name === 'type_name'
          ? line.left.arguments[0]
          : undefined
  return asked !== undefined && syntaxKey(asked) === syntaxKey(term)
}

/** A guard that a value is a text: the functions on texts are undefined for anything else. */
export const isPlainGuard = (line: Line): boolean =>
  line.kind === 'holds' && line.term.kind === 'call' && line.term.name === 'is_string'
