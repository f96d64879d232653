import { childrenOf } from '../ir/children.js'
import { describe } from '../ir/describe.js'
import type { Node, RuleNode } from '../ir/node.js'
import type { PolicyIr } from '../ir/policy.js'
import { sourceOf, type SourceLocation } from '../language/source-location.js'

/** How the work of a policy grows: its loops, and what they run over (law 9). */
export interface Cost {
  /** The deepest nest of loops: 0 for a policy that loops over nothing. */
  readonly depth: number
  /** The nests of loops, deepest first, each as the lists that it multiplies: `pod.containers × parameters.exemptImages`. */
  readonly nests: readonly string[]
  /** Loops over a list inside a loop over the same list: their work grows with its square. */
  readonly squares: readonly { readonly list: string; readonly source: SourceLocation | undefined }[]
}

/** How the work of a policy is bounded. Every loop is over a list of the input, so that it ends. */
export function costOf(policy: PolicyIr): Cost {
  const walker = new Walker()
  if (policy.when !== undefined) walker.node(policy.when, [])
  for (const rule of policy.rules) walker.rule(rule, [])
  const nests = [...walker.nests].toSorted(
    (a, b) => b.split(' × ').length - a.split(' × ').length || (a < b ? -1 : 1),
  )
  return { depth: walker.depth, nests, squares: walker.squares }
}

class Walker {
  depth = 0
  readonly nests = new Set<string>()
  readonly squares: { readonly list: string; readonly source: SourceLocation | undefined }[] = []

  rule(rule: RuleNode, loops: readonly string[]): void {
    switch (rule.kind) {
      case 'deny':
        return this.node(rule.if, loops)
      case 'onlyIf':
        this.node(rule.if, loops)
        return rule.rules.forEach((each) => this.rule(each, loops))
      case 'each': {
        const inner = this.#enter(rule.list, loops, rule)
        return rule.rules.forEach((each) => this.rule(each, inner))
      }
    }
  }

  node(node: Node, loops: readonly string[]): void {
    const isLoop = 'lambda' in node
    const inner = isLoop ? this.#enter(node.list, loops, node) : loops
    for (const [child, bound] of childrenOf(node)) {
      // the list of a loop is walked where the loop stands, its body inside of it
      if (!isLoop || bound.length > 0) this.node(child, bound.length > 0 ? inner : loops)
    }
  }

  /** Goes into a loop: filters and maps on the list are part of it, not loops of their own. */
  #enter(list: Node, loops: readonly string[], made: object): readonly string[] {
    const bases = basesOf(list)
    const sum = bases.map((base) => describe(base)).join(' + ')
    const name = bases.length > 1 ? `(${sum})` : sum
    const inner = [...loops, name]
    this.depth = Math.max(this.depth, inner.length)
    for (const known of [...this.nests])
      if (inner.join(' × ').startsWith(`${known} × `)) this.nests.delete(known)
    if (![...this.nests].some((known) => known.startsWith(inner.join(' × '))))
      this.nests.add(inner.join(' × '))
    if (loops.includes(name)) this.squares.push({ list: name, source: sourceOf(made) })
    this.#stages(list, loops, inner)
    return inner
  }

  #stages(list: Node, loops: readonly string[], inner: readonly string[]): void {
    switch (list.kind) {
      case 'filter':
      case 'map':
      case 'flatMap':
        this.#stages(list.list, loops, inner)
        return this.node(list.lambda.body, inner)
      case 'concat':
        return list.lists.forEach((each) => this.#stages(each, loops, inner))
      case 'distinct':
      case 'duplicates':
        return this.#stages(list.list, loops, inner)
      default:
        return this.node(list, loops)
    }
  }
}

/** The lists of the input that a list is made of. */
function basesOf(list: Node): readonly Node[] {
  switch (list.kind) {
    case 'filter':
    case 'map':
    case 'flatMap':
    case 'distinct':
    case 'duplicates':
      return basesOf(list.list)
    case 'concat':
      return list.lists.flatMap(basesOf)
    default:
      return [list]
  }
}
