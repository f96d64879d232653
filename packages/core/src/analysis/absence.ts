import type { DecideNode, Node, RuleNode } from '../ir/node.js'
import type { PolicyIr } from '../ir/policy.js'
import { describe } from '../ir/describe.js'
import { childrenOf } from '../ir/children.js'
import { operatorOf } from '../ir/operators.js'

/** What a field's absence does to a deny, as far as the conditions that read it go. */
export type Effect = 'passes' | 'denies' | 'depends'

/** For one field that a policy's conditions read: what each deny that reads it makes of its absence. */
export interface Absence {
  /** The field as the rule writes it: `container.image`. */
  readonly field: string
  readonly effects: readonly { readonly code: string; readonly effect: Effect }[]
}

/** Three-valued: what a condition is, or undefined where it hangs on more than the absence. */
type Known = boolean | undefined

/**
 * For each field that conditions read, whether its absence passes or denies. A field is one node of the IR: the same path in
 * another element of a loop counts as another.
 */
export function absences(policy: PolicyIr): readonly Absence[] {
  const found = new Map<string, { readonly code: string; readonly effect: Effect }[]>()
  for (const { code, conditions } of deniesOf(policy.rules, policy.when === undefined ? [] : [policy.when])) {
    const fields = new Map<string, Set<Node>>()
    for (const condition of conditions) collectFields(condition, fields)
    for (const [field, nodes] of fields) {
      const effect = effectOf(conditions, nodes)
      found.set(field, [...(found.get(field) ?? []), { code, effect }])
    }
  }
  return [...found].map(([field, effects]) => ({ field, effects }))
}

/** Parameters have their defaults before a rule sees them. */
function isParameter(node: Node): boolean {
  if (node.kind === 'input') return node.name === 'parameters'
  return (node.kind === 'field' || node.kind === 'get') && isParameter(node.of)
}

interface Deny {
  readonly code: string
  /** All that has to hold for it: its own condition, its guards, and the filters of the lists that it stands in. */
  readonly conditions: readonly Node[]
}

function deniesOf(rules: readonly RuleNode[], outer: readonly Node[]): readonly Deny[] {
  return rules.flatMap((rule): readonly Deny[] => {
    switch (rule.kind) {
      case 'deny':
        return [{ code: rule.violation.code, conditions: [...outer, rule.if] }]
      case 'onlyIf':
        return deniesOf(rule.rules, [...outer, rule.if])
      case 'each':
        return deniesOf(rule.rules, [...outer, ...filtersOf(rule.list)])
    }
  })
}

function filtersOf(list: Node): readonly Node[] {
  return list.kind === 'filter' ? [...filtersOf(list.list), list.lambda.body] : []
}

function collectFields(node: Node, into: Map<string, Set<Node>>): void {
  if ((node.kind === 'field' || node.kind === 'get') && !isParameter(node)) {
    const text = describe(node)
    into.set(text, (into.get(text) ?? new Set()).add(node))
  }
  for (const [child] of childrenOf(node)) collectFields(child, into)
}

/** Of the conditions that read the field: one that cannot hold passes, and where all hold it is the field's absence that denies. */
function effectOf(conditions: readonly Node[], absent: ReadonlySet<Node>): Effect {
  const known = conditions
    .filter((condition) => reads(condition, absent))
    .map((condition) => truth(condition, absent))
  if (known.includes(false)) return 'passes'
  return known.every((each) => each === true) ? 'denies' : 'depends'
}

function reads(node: Node, fields: ReadonlySet<Node>): boolean {
  return fields.has(node) || childrenOf(node).some(([child]) => reads(child, fields))
}

function truth(node: Node, absent: ReadonlySet<Node>): Known {
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'boolean' ? node.value : undefined
    case 'and':
      return combined(
        node.all.map((each) => truth(each, absent)),
        false,
      )
    case 'or':
      return combined(
        node.any.map((each) => truth(each, absent)),
        true,
      )
    case 'not': {
      const of = truth(node.of, absent)
      return of === undefined ? undefined : !of
    }
    case 'some':
    case 'every': {
      if (isMissing(node.list, absent)) return node.kind === 'every'
      const body = truth(node.lambda.body, absent)
      return body === (node.kind === 'every') ? body : undefined
    }
    case 'decide':
      return decided(node, absent)
    case 'call': {
      const [first, second] = node.arguments
      const firstMissing = first !== undefined && isMissing(first, absent)
      if (node.operator === 'exists' || node.operator === 'is' || node.operator === 'in')
        return firstMissing ? false : undefined
      if (node.operator === 'sameAs')
        return firstMissing && second !== undefined && isMissing(second, absent) ? true : undefined
      return undefined
    }
    default:
      return undefined
  }
}

function decided(node: DecideNode, absent: ReadonlySet<Node>): Known {
  return node.of.arguments.some((argument) => isMissing(argument, absent)) ? node.missing : undefined
}

function combined(known: readonly Known[], deciding: boolean): Known {
  if (known.includes(deciding)) return deciding
  return known.every((each) => each === !deciding) ? !deciding : undefined
}

/** Whether a value is missing for certain. */
function isMissing(node: Node, absent: ReadonlySet<Node>): boolean {
  if (absent.has(node)) return true
  switch (node.kind) {
    case 'field':
    case 'get':
    case 'narrow':
      return isMissing(node.of, absent)
    case 'default':
      return isMissing(node.of, absent) && isMissing(node.otherwise, absent)
    case 'filter':
    case 'at':
    case 'find':
      return isMissing(node.list, absent)
    case 'call': {
      const { answers } = operatorOf(node.operator)
      return (
        answers === 'value' &&
        operatorOf(node.operator).operands[0] !== 'list' &&
        node.arguments.some((each) => isMissing(each, absent))
      )
    }
    default:
      return false
  }
}
