import { childrenOf, type Lambda, type Node } from '@gatewright/core'
import type { Compilation, PreparedList } from './compilation.js'
import { prefixPlace } from './image.js'
import { textLiteral } from './literal.js'
import { ofVariables, type Scope } from './scope.js'
import { valueOf } from './value.js'

/** A wildcard pattern as a regular expression: `*` is any run of characters, `?` one of them. */
export const wildcardPattern = (pattern: string): string =>
  `(?s)^${[...pattern]
    .map((each) =>
      each === '*' ? '.*' : each === '?' ? '.' : each.replace(/[.+^${}()|[\]\\]/, String.raw`\$&`),
    )
    .join('')}$`

/** An operator whose second operand is a text that is read as more than a text. */
export type PatternOperator = 'like' | 'matches' | 'imageRef.within'

const operators: ReadonlySet<string> = new Set<PatternOperator>(['like', 'matches', 'imageRef.within'])

const isPatternOperator = (operator: string): operator is PatternOperator => operators.has(operator)

/** What is made of a text that is known only when an object is judged. */
const made: Readonly<Record<PatternOperator, (text: string, to: Compilation) => string>> = {
  // what would mean something in a quotation is no wildcard pattern, which is checked
  like: (text) => String.raw`"(?s)^\\Q" + ${text}.replace("?", "\\E.\\Q").replace("*", "\\E.*\\Q") + "\\E$"`,
  matches: (text) => text,
  'imageRef.within': prefixPlace,
}

const noWildcard = textLiteral(String.raw`[\[{\\]`)

/** What has to hold of a text for it to be a pattern; undefined where any text is one. */
const sound: Readonly<Record<PatternOperator, ((text: string) => string) | undefined>> = {
  like: (text) => `!${text}.matches(${noWildcard})`,
  // what is no regular expression is an error
  matches: (text) => `("".matches(${text}) ? true : true)`,
  'imageRef.within': undefined,
}

const names: Readonly<Record<PatternOperator, string>> = {
  like: 'wildcards',
  matches: 'regexp',
  'imageRef.within': 'place',
}

/** A pattern that is looked for in the body of a loop, and hangs on the element alone. */
interface Wanted {
  readonly operator: PatternOperator
  readonly operand: Node
  readonly name: string
}

/** The patterns that the body of a loop over parameters makes of its element. */
export function patternsIn({ element, body }: Lambda, to: Compilation): readonly Wanted[] {
  const found = new Map<Node, Wanted>()
  const look = (node: Node): void => {
    if (node.kind === 'call' && isPatternOperator(node.operator)) {
      const [, operand] = node.arguments
      if (
        operand !== undefined &&
        to.constants.reads(operand, [element.id]) &&
        to.isOfParameters(operand, [element.id])
      )
        found.set(operand, {
          operator: node.operator,
          operand,
          name: `${names[node.operator]}${found.size + 1}`,
        })
    }
    for (const [child] of childrenOf(node)) look(child)
  }
  look(body)
  return [...found.values()]
}

/**
 * A list of parameters with the patterns that are made of its elements, once for all that is looked at. Elements are `element` in what
 * the list has; gives also what stands for the patterns of one that has a name.
 */
export function preparedList(
  list: string,
  node: Node,
  { element, body }: Lambda,
  wanted: readonly Wanted[],
  scope: Scope,
  to: Compilation,
): PreparedList {
  const known = to.prepared.get(body)
  if (known !== undefined) return known
  const { name, inside } = to.bind(element, node, ofVariables(scope))
  const texts = wanted.map(({ operand, name: own }) => `"${own}": dyn(${valueOf(operand, inside, to)})`)
  const all = to.variable('texts', `${list}.map(${name}, {"element": dyn(${name}), ${texts.join(', ')}})`)
  const checks = wanted.flatMap(({ operator, name: own }) => {
    const holds = sound[operator]
    return holds === undefined ? [] : [`(type(p.${own}) == string ? ${holds(`p.${own}`)} : true)`]
  })
  if (checks.length > 0) to.check({ holds: `${all}.all(p, ${checks.join(' && ')})`, message: noPattern })
  const entries = wanted.map(
    ({ operator, name: own }) =>
      `"${own}": type(p.${own}) == string ? dyn(${made[operator](`p.${own}`, to)}) : dyn(null)`,
  )
  const prepared: PreparedList = {
    cel: to.variable('patterns', `${all}.map(p, {"element": p.element, ${entries.join(', ')}})`),
    patterns: (of) => new Map(wanted.map((each) => [each.operand, `${of}.${each.name}`])),
  }
  to.prepared.set(body, prepared)
  return prepared
}

const noPattern =
  'a parameter is no pattern: `*` and `?` have a meaning, and `[`, `{` and backslashes must not be in it'

/** The pattern that a parameter is, or that was made of one; undefined for what is not known to be one. */
export function patternOf(
  operator: PatternOperator,
  node: Node,
  scope: Scope,
  to: Compilation,
): string | undefined {
  const known = scope.patterns.get(node)
  if (known !== undefined || !to.isOfParameters(node)) return known
  const text = to.variable(names[operator], valueOf(node, ofVariables(scope), to))
  const holds = sound[operator]
  if (holds !== undefined)
    to.check({ holds: `(type(${text}) == string ? ${holds(text)} : true)`, message: noPattern })
  return to.variable(
    names[operator],
    `type(${text}) == string ? dyn(${made[operator](text, to)}) : dyn(null)`,
  )
}
