import {
  canonicalText,
  childrenOf,
  type Json,
  type Node,
  type PolicyIr,
  type RuleNode,
} from '@gatewright/core'

/** Tells policies apart by what they decide, whatever objects they are made of: equal ones have equal texts. */
export class Structures {
  readonly #numbers = new Map<string, number>()
  readonly #known = new WeakMap<object, number>()
  #violations = 0

  of({ when, rules, target }: PolicyIr): string {
    return JSON.stringify([
      target.operations ?? null,
      when === undefined ? null : this.#node(when),
      rules.map((rule) => this.#rule(rule)),
    ])
  }

  #rule(rule: RuleNode): Json {
    switch (rule.kind) {
      case 'deny': {
        // what a violation says is never changed, so it is the same where it is the same object
        let violation = this.#known.get(rule.violation)
        if (violation === undefined) this.#known.set(rule.violation, (violation = this.#violations++))
        return ['deny', this.#node(rule.if), violation]
      }
      case 'onlyIf':
        return ['onlyIf', this.#node(rule.if), rule.rules.map((each) => this.#rule(each))]
      case 'each':
        return ['each', this.#node(rule.list), rule.element.id, rule.rules.map((each) => this.#rule(each))]
    }
  }

  #node(node: Node): number {
    const known = this.#known.get(node)
    if (known !== undefined) return known
    const children = childrenOf(node).map(([child]) => this.#node(child))
    const own = Object.entries(node).flatMap(([key, part]) =>
      typeof part !== 'object' || part === null || key === 'value' || key === 'resource'
        ? [`${key}=${part === undefined ? '' : canonicalText(part as Json)}`]
        : key === 'fields'
          ? [`fields=${Object.keys(part as object).join(' ')}`]
          : key === 'lambda'
            ? [`binds=${(part as { readonly element: { readonly id: number } }).element.id}`]
            : [],
    )
    const text = `${own.join(' ')} ${children.join(',')}`
    let number = this.#numbers.get(text)
    if (number === undefined) this.#numbers.set(text, (number = this.#numbers.size))
    this.#known.set(node, number)
    return number
  }
}
