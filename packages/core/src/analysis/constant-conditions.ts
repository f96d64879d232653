import { childrenOf } from '../ir/children.js'
import { canonicalText, equalJson, type Json } from '../json.js'
import { describe } from '../ir/describe.js'
import type { Node, RuleNode } from '../ir/node.js'
import type { PolicyIr } from '../ir/policy.js'
import { sourceOf, type SourceLocation } from '../language/source-location.js'
import { compareNumbers, isNumber, type JsonNumber } from '../values/decimal.js'

/** A condition that no input changes, and why. */
export interface ConstantCondition {
  readonly holds: 'never' | 'always'
  readonly condition: string
  /** What contradicts what. */
  readonly because: string
  readonly source: SourceLocation | undefined
}

/**
 * Finds conditions that can never or always hold: contradictions in an `and`, tautologies in an `or`, and what follows from
 * constants. What it says is so; what it does not see it does not say.
 */
export function constantConditions(policy: PolicyIr): readonly ConstantCondition[] {
  const finder = new Finder()
  if (policy.when !== undefined) finder.visit(policy.when)
  for (const rule of policy.rules) finder.rule(rule)
  return finder.found
}

/** What is known of a condition whatever the input is, and why. */
export type Known = { readonly holds: boolean; readonly because: string } | undefined

class Finder {
  readonly found: ConstantCondition[] = []
  readonly #seen = new Set<Node>()

  rule(rule: RuleNode): void {
    switch (rule.kind) {
      case 'deny':
        return this.visit(rule.if)
      case 'onlyIf':
        this.visit(rule.if)
        return rule.rules.forEach((each) => this.rule(each))
      case 'each':
        this.visit(rule.list)
        this.#filters(rule.list)
        return rule.rules.forEach((each) => this.rule(each))
    }
  }

  /** Filters that stand one behind the other hold together. */
  #filters(list: Node): void {
    const bodies: Node[] = []
    let at = list
    while (at.kind === 'filter') {
      const { element, body } = at.lambda
      bodies.unshift(renamed(body, element.id))
      at = at.list
    }
    if (bodies.length < 2) return
    const known = knownOf({ kind: 'and', all: bodies })
    if (known?.holds === false) this.#report(list, known, 'the filters together')
  }

  visit(node: Node): void {
    if (this.#seen.has(node)) return
    this.#seen.add(node)
    const isCondition =
      ['and', 'or', 'not', 'decide', 'some', 'every'].includes(node.kind) ||
      (node.kind === 'call' && node.operator === 'in')
    const known = isCondition ? knownOf(node) : undefined
    if (known !== undefined) {
      this.#report(node, known, describe(node))
      return
    }
    for (const [child] of childrenOf(node)) this.visit(child)
  }

  #report(node: Node, known: NonNullable<Known>, condition: string): void {
    this.found.push({
      holds: known.holds ? 'always' : 'never',
      condition,
      because: known.because,
      source: sourceOf(node),
    })
  }
}

/** What a condition comes to whatever the input is, where that can be seen. */
export function knownOf(node: Node): Known {
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'boolean' ? { holds: node.value, because: 'it is a constant' } : undefined
    case 'not': {
      const of = knownOf(node.of)
      return of === undefined ? undefined : { ...of, holds: !of.holds }
    }
    case 'and':
      return together(node.all, false)
    case 'or':
      return together(node.any, true)
    case 'some':
    case 'every': {
      const body = knownOf(node.lambda.body)
      return body !== undefined && body.holds === (node.kind === 'every') ? body : undefined
    }
    case 'call': {
      const [, list] = node.arguments
      const isEmpty = list?.kind === 'literal' && Array.isArray(list.value) && list.value.length === 0
      return node.operator === 'in' && isEmpty ? { holds: false, because: 'the list is empty' } : undefined
    }
    default:
      return undefined
  }
}

/** An `and` (`deciding` false) or, by De Morgan, an `or` (`deciding` true). */
function together(parts: readonly Node[], deciding: boolean): Known {
  const known = parts.map(knownOf)
  const decided = known.find((each) => each?.holds === deciding)
  if (decided !== undefined) return decided
  if (parts.length > 0 && known.every((each) => each !== undefined))
    return { holds: !deciding, because: 'each part is constant' }
  const facts = parts.flatMap((part) => factsOf(part, !deciding))
  const conflict = conflictOf(facts)
  return conflict === undefined ? undefined : { holds: deciding, because: conflict }
}

/** What has to be so of one expression for a condition to hold. */
type Fact = { readonly of: string } & (
  | { readonly is: Json }
  | { readonly isNot: Json }
  | { readonly oneOf: readonly Json[] }
  | { readonly exists: boolean }
  | { readonly above: JsonNumber; readonly orEqual: boolean }
  | { readonly below: JsonNumber; readonly orEqual: boolean }
  | { readonly prefix: string }
  | { readonly condition: boolean }
)

function factsOf(node: Node, holds: boolean): readonly Fact[] {
  switch (node.kind) {
    case 'not':
      return factsOf(node.of, !holds)
    case 'and':
      return holds ? node.all.flatMap((each) => factsOf(each, true)) : [conditionFact(node, holds)]
    case 'or':
      return holds ? [conditionFact(node, holds)] : node.any.flatMap((each) => factsOf(each, false))
    case 'call':
      return [...callFacts(node, holds), conditionFact(node, holds)]
    case 'decide':
      // where a missing operand gives the same answer, the values say nothing for certain
      return [...(node.missing === holds ? [] : callFacts(node.of, holds)), conditionFact(node, holds)]
    default:
      return [conditionFact(node, holds)]
  }
}

const conditionFact = (node: Node, condition: boolean): Fact => ({
  of: `condition ${keyOf(node)}`,
  condition,
})

function callFacts(
  { operator, arguments: operands }: Extract<Node, { kind: 'call' }>,
  holds: boolean,
): readonly Fact[] {
  const [first, second] = operands
  if (first === undefined) return []
  const of = keyOf(first)
  const literal = second?.kind === 'literal' ? second.value : undefined
  switch (operator) {
    case 'exists':
      return [{ of, exists: holds }]
    case 'is':
      if (literal === undefined) return []
      return holds
        ? [
            { of, is: literal },
            { of, exists: true },
          ]
        : [{ of, isNot: literal }]
    case 'in':
      return holds && Array.isArray(literal)
        ? [
            { of, oneOf: literal as readonly Json[] },
            { of, exists: true },
          ]
        : []
    case 'startsWith':
      return holds && typeof literal === 'string'
        ? [
            { of, prefix: literal },
            { of, exists: true },
          ]
        : []
    case 'number.gt':
    case 'number.gte':
    case 'number.lt':
    case 'number.lte': {
      if (!isNumber(literal)) return []
      const greater = (operator === 'number.gt' || operator === 'number.gte') === holds
      const orEqual = (operator === 'number.gte' || operator === 'number.lte') === holds
      return [
        greater ? { of, above: literal, orEqual } : { of, below: literal, orEqual },
        { of, exists: true },
      ]
    }
    default:
      return []
  }
}

/** Why facts cannot all be so; undefined where nothing is seen against it. */
function conflictOf(facts: readonly Fact[]): string | undefined {
  for (const [i, a] of facts.entries()) {
    for (const b of facts.slice(i + 1)) {
      if (a.of !== b.of) continue
      const why = conflict(a, b) ?? conflict(b, a)
      if (why !== undefined) return why
    }
  }
  return undefined
}

function conflict(a: Fact, b: Fact): string | undefined {
  if ('condition' in a && 'condition' in b && a.condition !== b.condition)
    return 'a condition and its complement'
  if ('exists' in a && 'exists' in b && a.exists !== b.exists) return 'it would have to be there and missing'
  if ('is' in a && 'is' in b && !equalJson(a.is, b.is))
    return `it would have to be both ${canonicalText(a.is)} and ${canonicalText(b.is)}`
  if ('is' in a && 'isNot' in b && equalJson(a.is, b.isNot))
    return `it would have to be ${canonicalText(a.is)} and not be it`
  if ('is' in a && 'oneOf' in b && !b.oneOf.some((each) => equalJson(each, a.is)))
    return `${canonicalText(a.is)} is not on the list`
  if ('oneOf' in a && 'oneOf' in b && !a.oneOf.some((x) => b.oneOf.some((y) => equalJson(x, y))))
    return 'the lists share nothing'
  if ('is' in a && 'prefix' in b && !(typeof a.is === 'string' && a.is.startsWith(b.prefix)))
    return `${canonicalText(a.is)} does not begin with ${canonicalText(b.prefix)}`
  if ('prefix' in a && 'prefix' in b && !a.prefix.startsWith(b.prefix) && !b.prefix.startsWith(a.prefix))
    return 'no text begins with both'
  if ('above' in a && 'below' in b) {
    const order = compareNumbers(a.above, b.below)
    if (order > 0 || (order === 0 && !(a.orEqual && b.orEqual))) return 'no number lies in the range'
  }
  if ('is' in a && 'above' in b && (!isNumber(a.is) || compareNumbers(a.is, b.above) < (b.orEqual ? 0 : 1)))
    return `${canonicalText(a.is)} is not above ${canonicalText(b.above)}`
  if ('is' in a && 'below' in b && (!isNumber(a.is) || compareNumbers(a.is, b.below) > (b.orEqual ? 0 : -1)))
    return `${canonicalText(a.is)} is not below ${canonicalText(b.below)}`
  return undefined
}

/** The same expression has the same key; elements are told by their variable. */
function keyOf(node: Node): string {
  if (node.kind === 'variable') return `v${node.id}`
  if (node.kind === 'literal') return canonicalText(node.value)
  const { key, operator, name, index } = node as {
    readonly key?: unknown
    readonly operator?: string
    readonly name?: string
    readonly index?: unknown
  }
  const own = [node.kind, typeof key === 'string' ? key : '', operator ?? '', name ?? '', String(index ?? '')]
  const missing = node.kind === 'decide' ? String(node.missing) : ''
  return `${own.join(' ')}${missing}(${childrenOf(node)
    .map(([child]) => keyOf(child))
    .join(',')})`
}

/** A filter's condition with its element called alike in all filters of a chain. */
function renamed(node: Node, id: number): Node {
  if (node.kind === 'variable') return node.id === id ? { ...node, id: -1 } : node
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename)
    if (typeof value !== 'object' || value === null) return value
    if ('kind' in value) return renamed(value as Node, id)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rename(each)]))
  }
  if (node.kind === 'literal') return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, rename(value)]),
  ) as unknown as Node
}
