import type { Node } from '../ir/node.js'
import { DefinitionError } from './definition-error.js'
import { subjectOf } from './proxy.js'
import type { Condition, Undecided } from './rule.js'
import type { Value } from './expression.js'

const names = new WeakMap<Node, string>()

/**
 * Gives an expression a name: the same expression, which printed forms call by it where it becomes a rule of its own.
 *
 * The name is one or several words: `define('exempt', patterns.some(…))`. It has no part in what the policy means. Throws a
 * `DefinitionError` for a name that is none, and for what is no expression.
 */
export function define<T extends Value<unknown> | Condition | Undecided>(name: string, expression: T): T {
  if (
    typeof name !== 'string' ||
    !/^[A-Za-z][A-Za-z0-9]*([ -][A-Za-z0-9]+)*$/.test(name) ||
    name.length > 60
  ) {
    throw new DefinitionError(
      'invalid-name',
      `\`${String(name)}\` is no name for an expression`,
      'use one or several words of letters and digits: `exempt`, `container is new`',
    )
  }
  const subject = subjectOf(expression)
  const node =
    subject?.is === 'value' || subject?.is === 'condition'
      ? subject.node
      : subject?.is === 'undecided'
        ? subject.call
        : undefined
  if (node === undefined) {
    throw new DefinitionError('not-an-expression', `what is called \`${name}\` by define() is no expression`)
  }
  if (!names.has(node)) names.set(node, name)
  return expression
}

/** The name that an author gave an expression with `define`. */
export function definedName(node: Node): string | undefined {
  return names.get(node)
}

/** Gives a node that was read from JSON the name that it had. */
export function keepName(node: Node, name: string): void {
  names.set(node, name)
}
