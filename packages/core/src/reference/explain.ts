import { childrenOf } from '../ir/children.js'
import { describe } from '../ir/describe.js'
import type { EachNode, Lambda, Node, RuleNode } from '../ir/node.js'
import type { PolicyIr } from '../ir/policy.js'
import { canonicalText, type Json } from '../json.js'
import { sourceOf, type SourceLocation } from '../language/source-location.js'
import { pathText } from '../analysis/reads.js'
import type { Review } from '../review.js'
import { bind, elements, type Environment, evaluate, test } from './evaluate.js'
import { BudgetExceeded, Fault } from './fault.js'
import { environmentOf, type JudgeOptions } from './judge.js'
import { DomainValue } from './value.js'

/** Why a verdict is as it is: a part of a policy, what it gave, and the parts that it hangs on. */
export interface Explanation {
  /** The part as its author might have written it, or the element that an iteration stands at. */
  readonly text: string
  /** `true`, `false`, a value in short, or why there is none. Absent for rules. */
  readonly value?: string
  readonly source?: SourceLocation
  readonly children: readonly Explanation[]
}

/** Parts that one explanation may have; what is left out is said. */
const mostParts = 2000

/**
 * Explains a verdict node by node: for each rule its list, its elements and its conditions with what they gave. The conditions of
 * the explanation are those of `judge`, since the same interpreter gives them.
 */
export function explain(
  policy: PolicyIr,
  parameters: Json,
  review: Review,
  options: JudgeOptions = {},
): Explanation {
  const environment = environmentOf(policy, parameters, review, options)
  const explainer = new Explainer()
  try {
    const when =
      policy.when === undefined ? [] : [explainer.condition(policy.when, environment, 'only where ')]
    const rules = policy.rules.map((rule) => explainer.rule(rule, environment))
    return { text: policy.id, children: [...when, ...rules] }
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error
    return { text: policy.id, value: error.message, children: [] }
  }
}

class Explainer {
  #left = mostParts

  rule(rule: RuleNode, environment: Environment): Explanation {
    switch (rule.kind) {
      case 'deny':
        return rule.if.kind === 'literal'
          ? part('deny', { value: 'denied', source: sourceOf(rule) })
          : this.condition(rule.if, environment, 'deny if ')
      case 'onlyIf': {
        const holds = this.condition(rule.if, environment, 'only where ')
        const inner = holds.value === 'false' ? [] : rule.rules.map((each) => this.rule(each, environment))
        return { ...holds, children: [...holds.children, ...inner] }
      }
      case 'each':
        return this.#each(rule, environment)
    }
  }

  /** An iteration: for each element of the list, what its filters made of it, and the rules where they kept it. */
  #each(rule: EachNode, environment: Environment): Explanation {
    const { base, filters } = filterChain(rule.list)
    const { items, rest } = elements(base, environment)
    const counts = filters.map(() => 0)
    let kept = 0
    const children = items.flatMap((item): readonly Explanation[] => {
      if (this.#left-- <= 0) return []
      const text = `${rule.element.name} ${item.path === undefined ? shortly(item.value) : pathText(item.path)}`
      const conditions: Explanation[] = []
      for (const [i, lambda] of filters.entries()) {
        const inside = bind(lambda, item, counts[i] as number, environment)
        counts[i] = (counts[i] as number) + 1
        conditions.push(this.condition(lambda.body, inside, 'where '))
        if (test(lambda.body, inside) !== true) return [{ text, value: 'left out', children: conditions }]
      }
      const inside = bind(rule, item, kept++, environment)
      return [{ text, children: [...conditions, ...rule.rules.map((each) => this.rule(each, inside))] }]
    })
    const value =
      rest === undefined ? `${items.length} ${items.length === 1 ? 'element' : 'elements'}` : rest.message
    return {
      text: `each ${rule.element.name} of ${describe(base)}`,
      value,
      children: [...children, ...this.#leftOut()],
    }
  }

  /** A condition, and below it what it is made of. */
  condition(node: Node, environment: Environment, before = ''): Explanation {
    this.#left--
    const holds = test(node, environment)
    const value = holds instanceof Fault ? `${holds.kind}: ${holds.message}` : String(holds)
    const children = this.#left <= 0 ? this.#leftOut() : this.#inside(node, environment)
    const compound = node.kind === 'and' || node.kind === 'or' || node.kind === 'not'
    const text =
      compound && children.length > 0
        ? { and: 'all of', or: 'one of', not: 'not' }[node.kind]
        : describe(node)
    return part(`${before}${text}`, { value, source: sourceOf(node), children })
  }

  #inside(node: Node, environment: Environment): readonly Explanation[] {
    switch (node.kind) {
      case 'and':
        return node.all.map((each) => this.condition(each, environment))
      case 'or':
        return node.any.map((each) => this.condition(each, environment))
      case 'not':
        return [this.condition(node.of, environment)]
      case 'some':
      case 'every': {
        const { items } = elements(node.list, environment)
        return items.slice(0, 20).map((item, index) => {
          const inside = bind(node.lambda, item, index, environment)
          const shown = this.condition(node.lambda.body, inside)
          const place = item.path === undefined ? shortly(item.value) : pathText(item.path)
          return { ...shown, text: `${node.lambda.element.name} ${place}: ${shown.text}` }
        })
      }
      case 'decide':
        return this.#operands(node.of, environment)
      case 'call':
        return this.#operands(node, environment)
      default:
        return []
    }
  }

  /** The values that a test was made of, but for constants. */
  #operands(node: Node, environment: Environment): readonly Explanation[] {
    return childrenOf(node)
      .map(([child]) => child)
      .filter((child) => child.kind !== 'literal')
      .map((child) =>
        part(describe(child), { value: shortly(evaluate(child, environment)), source: sourceOf(child) }),
      )
  }

  #leftOut(): readonly Explanation[] {
    return this.#left > 0 ? [] : [{ text: '… more is left out', children: [] }]
  }
}

/** A list without its filters, and those in the order in which they apply. */
function filterChain(list: Node): { readonly base: Node; readonly filters: readonly Lambda[] } {
  if (list.kind !== 'filter') return { base: list, filters: [] }
  const { base, filters } = filterChain(list.list)
  return { base, filters: [...filters, list.lambda] }
}

function part(
  text: string,
  more: {
    readonly value?: string
    readonly source?: SourceLocation | undefined
    readonly children?: readonly Explanation[]
  },
): Explanation {
  const { value, source, children = [] } = more
  return {
    text,
    ...(value === undefined ? {} : { value }),
    ...(source === undefined ? {} : { source }),
    children,
  }
}

/** A value in few characters. */
function shortly(value: ReturnType<typeof evaluate>): string {
  if (value === undefined || value === null) return 'missing'
  if (value instanceof Fault) return `${value.kind}: ${value.message}`
  if (value instanceof DomainValue) return `a ${value.domain}`
  const text = canonicalText(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** An explanation as lines of text, indented by depth, with the place in the author's source behind each part that has one. */
export function explanationText(explanation: Explanation, indentation = ''): string {
  const { text, value, source, children } = explanation
  const place =
    source === undefined ? '' : `  (${source.file.slice(source.file.lastIndexOf('/') + 1)}:${source.line})`
  const line = `${indentation}${text}${value === undefined ? '' : ` → ${value}`}${place}\n`
  return line + children.map((child) => explanationText(child, `${indentation}  `)).join('')
}
