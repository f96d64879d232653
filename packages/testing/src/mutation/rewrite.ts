import type { CallNode, Lambda, Node, PolicyIr, RuleNode } from '@gatewright/core'

/** What to put in the place of nodes and rules; undefined keeps them, with what is inside them rewritten. */
export interface Rewriting {
  readonly node?: (node: Node) => Node | undefined
  readonly rule?: (rule: RuleNode) => readonly RuleNode[] | undefined
}

/**
 * A policy with nodes replaced in what decides: conditions and the lists that rules go through, not what a violation says. A node
 * that is used twice is replaced in both places and stays one node. Rules that are left with no rule inside are left out.
 */
export function rewritten(policy: PolicyIr, rewriting: Rewriting): PolicyIr {
  const rewriter = new Rewriter(rewriting)
  const { when, rules, ...rest } = policy
  return {
    ...rest,
    ...(when === undefined ? {} : { when: rewriter.node(when) }),
    rules: rules.flatMap((rule) => rewriter.rule(rule)),
  }
}

/** The complement, without a `not` of a `not`. */
export function complement(node: Node): Node {
  return node.kind === 'not' ? node.of : { kind: 'not', of: node }
}

class Rewriter {
  readonly #rewriting: Rewriting
  readonly #done = new Map<Node, Node>()

  constructor(rewriting: Rewriting) {
    this.#rewriting = rewriting
  }

  rule(rule: RuleNode): readonly RuleNode[] {
    const instead = this.#rewriting.rule?.(rule)
    if (instead !== undefined) return instead
    if (rule.kind === 'deny') return [{ ...rule, if: this.node(rule.if) }]
    const rules = rule.rules.flatMap((each) => this.rule(each))
    if (rules.length === 0) return []
    return rule.kind === 'each'
      ? [{ ...rule, list: this.node(rule.list), rules }]
      : [{ ...rule, if: this.node(rule.if), rules }]
  }

  node(node: Node): Node {
    const known = this.#done.get(node)
    if (known !== undefined) return known
    const made = this.#rewriting.node?.(node) ?? this.#inside(node)
    this.#done.set(node, made)
    return made
  }

  #inside(node: Node): Node {
    switch (node.kind) {
      case 'literal':
      case 'input':
      case 'variable':
        return node
      case 'field':
      case 'narrow':
      case 'keys':
        return this.#changed(node, { of: this.node(node.of) })
      case 'not': {
        const of = this.node(node.of)
        return of === node.of ? node : complement(of)
      }
      case 'decide':
        return this.#changed(node, { of: this.node(node.of) as CallNode })
      case 'get':
        return this.#changed(node, { of: this.node(node.of), key: this.node(node.key) })
      case 'at':
      case 'distinct':
      case 'duplicates':
        return this.#changed(node, { list: this.node(node.list) })
      case 'call':
        return this.#changed(node, { arguments: this.#nodes(node.arguments) })
      case 'default':
        return this.#changed(node, { of: this.node(node.of), otherwise: this.node(node.otherwise) })
      case 'when': {
        const cases = node.cases.map((each) =>
          this.#changed(each, { if: this.node(each.if), then: this.node(each.then) }),
        )
        const isSame = cases.every((each, i) => each === node.cases[i])
        return this.#changed(node, {
          cases: isSame ? node.cases : cases,
          otherwise: this.node(node.otherwise),
        })
      }
      case 'list':
        return this.#changed(node, { items: this.#nodes(node.items) })
      case 'record': {
        const entries = Object.entries(node.fields).map(([key, field]) => [key, this.node(field)] as const)
        const isSame = entries.every(([key, field]) => field === node.fields[key])
        return isSame ? node : { ...node, fields: Object.fromEntries(entries) }
      }
      case 'concat':
        return this.#changed(node, { lists: this.#nodes(node.lists) })
      case 'inventory':
        return node.namespace === undefined
          ? node
          : this.#changed(node, { namespace: this.node(node.namespace) })
      case 'and':
        return this.#changed(node, { all: this.#nodes(node.all) })
      case 'or':
        return this.#changed(node, { any: this.#nodes(node.any) })
      case 'filter':
      case 'map':
      case 'flatMap':
      case 'find':
      case 'some':
      case 'every': {
        const lambda: Lambda = this.#changed(node.lambda, { body: this.node(node.lambda.body) })
        return this.#changed(node, { list: this.node(node.list), lambda })
      }
    }
  }

  #nodes(nodes: readonly Node[]): readonly Node[] {
    const made = nodes.map((each) => this.node(each))
    return made.every((each, i) => each === nodes[i]) ? nodes : made
  }

  /** The thing itself where nothing of it changed, so that what is shared stays so. */
  #changed<T extends object>(of: T, parts: Partial<T>): T {
    const isSame = Object.entries(parts).every(([key, part]) => of[key as keyof T] === part)
    return isSame ? of : { ...of, ...parts }
  }
}
