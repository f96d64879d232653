import { describe } from './ir/describe.js'
import { childrenOf } from './ir/children.js'
import type { Lambda, Node, RuleNode } from './ir/node.js'
import { operatorOf } from './ir/operators.js'
import type { PolicyIr } from './ir/policy.js'
import { sourceOf, sourceText } from './language/source-location.js'

/** What is wrong with an IR, whoever made it. */
export interface IrProblem {
  readonly code:
    | 'out-of-scope'
    | 'bound-twice'
    | 'expression-too-deep'
    | 'wrong-operands'
    | 'no-rules'
    | 'unknown-input'
    | 'codes-collide'
  readonly message: string
}

declare const checked: unique symbol
/** A policy that `check` found nothing wrong with; back ends take no other. */
export type CheckedPolicy = PolicyIr & { readonly [checked]: true }

/** How deep expressions may nest; every walk of a back end is safe below it. */
export const deepestExpression = 500

/** Checks an IR: gives it back as checked, or what is wrong with it. */
export function check(policy: PolicyIr): CheckedPolicy | { readonly problems: readonly IrProblem[] } {
  const problems = irProblems(policy)
  return problems.length > 0 ? { problems } : (policy as CheckedPolicy)
}

/** What is wrong with a policy's IR; nothing when back ends can take it. */
export function irProblems(policy: PolicyIr): readonly IrProblem[] {
  const checker = new Checker(policy)
  try {
    if (policy.when !== undefined) checker.node(policy.when, new Set(), 0)
    for (const rule of policy.rules) checker.rule(rule, new Set(), 0)
  } catch (problem) {
    if (!(problem instanceof TooDeep)) throw problem
    checker.problems.push({
      code: 'expression-too-deep',
      message: `an expression nests deeper than ${deepestExpression} levels`,
    })
  }
  if (policy.rules.length === 0)
    checker.problems.push({ code: 'no-rules', message: 'the policy denies nothing' })
  return checker.problems
}

class TooDeep extends Error {}

class Checker {
  readonly problems: IrProblem[] = []
  readonly #policy: PolicyIr
  /** By the number of a variable: the iteration that binds it. */
  readonly #binders = new Map<number, Node>()
  /** Nodes known to be right, with the variables they may use; a shared node is walked once for each scope. */
  readonly #known = new Map<Node, ReadonlySet<number>>()

  constructor(policy: PolicyIr) {
    this.#policy = policy
  }

  rule(rule: RuleNode, scope: ReadonlySet<number>, depth: number): void {
    if (depth > deepestExpression) throw new TooDeep()
    switch (rule.kind) {
      case 'deny': {
        const { message, at, details, fix } = rule.violation
        const fixes = (fix ?? []).flatMap((each) => (each.kind === 'set' ? [each.at, each.value] : [each.at]))
        const nodes = [
          rule.if,
          message,
          ...(at === undefined ? [] : [at]),
          ...Object.values(details ?? {}),
          ...fixes,
        ]
        for (const node of nodes) this.node(node, scope, depth)
        return
      }
      case 'onlyIf':
        this.node(rule.if, scope, depth)
        for (const each of rule.rules) this.rule(each, scope, depth + 1)
        return
      case 'each': {
        this.node(rule.list, scope, depth)
        this.#bind(rule, rule.list)
        const inner = new Set([...scope, rule.element.id, rule.index.id])
        for (const each of rule.rules) this.rule(each, inner, depth + 1)
      }
    }
  }

  node(node: Node, scope: ReadonlySet<number>, depth: number): void {
    if (depth > deepestExpression) throw new TooDeep()
    const known = this.#known.get(node)
    if (known !== undefined && isSubset(known, scope)) return
    for (const [child, bound] of childrenOf(node)) {
      this.node(child, bound.length === 0 ? scope : new Set([...scope, ...bound]), depth + 1)
    }
    if ('lambda' in node) this.#bind(node.lambda, node)
    this.#check(node, scope)
    this.#known.set(node, scope)
  }

  /** Notes what binds a variable: what is read of one is known by the list that it comes from. */
  #bind({ element }: Pick<Lambda, 'element'>, by: Node): void {
    const known = this.#binders.get(element.id)
    this.#binders.set(element.id, by)
    if (known !== undefined && known !== by)
      this.#problem('bound-twice', element, `\`${element.name}\` stands for the elements of two lists`)
  }

  #check(node: Node, scope: ReadonlySet<number>): void {
    if (node.kind === 'variable' && !scope.has(node.id)) {
      this.#problem(
        'out-of-scope',
        node,
        `\`${node.name}\` is used outside the function that it was given to`,
      )
    }
    if (node.kind === 'input' && !Object.hasOwn(this.#policy.target.inputs, node.name)) {
      this.#problem('unknown-input', node, `the target has no input \`${node.name}\``)
    }
    if (node.kind === 'call') {
      const { operands, variadic } = operatorOf(node.operator)
      const fits = variadic === true ? true : node.arguments.length === operands.length
      if (!fits)
        this.#problem('wrong-operands', node, `\`${describe(node)}\` has ${node.arguments.length} operands`)
    }
  }

  #problem(code: IrProblem['code'], node: Node, message: string): void {
    const source = sourceOf(node)
    this.problems.push({
      code,
      message: source === undefined ? message : `${message} (${sourceText(source)})`,
    })
  }
}

const isSubset = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => {
  for (const each of a) if (!b.has(each)) return false
  return true
}
