import {
  type CheckedPolicy,
  childrenOf,
  describe,
  everyNode,
  type Node,
  type SourceLocation,
  sourceOf,
  sourceText,
} from '@gatewright/core'

/** Something that Rego cannot say, or that would not mean the same. */
export class RegoUnsupported extends Error {
  override readonly name = 'RegoUnsupported'
  readonly code = 'not-expressible'
  readonly target = 'rego'

  readonly node: Node | undefined
  readonly reason: string
  readonly hint: string

  constructor(
    node: Node | undefined,
    reason: string,
    hint: string,
    source: SourceLocation | undefined = node && sourceOf(node),
  ) {
    const what = node === undefined ? 'the policy' : `\`${describe(node)}\``
    super(
      `${what} cannot be said in Rego: ${reason}${source === undefined ? '' : ` (${sourceText(source)})`}; ${hint}`,
    )
    this.node = node
    this.reason = reason
    this.hint = hint
  }

  /** The same with a place in the source: that of what the node is nearest part of, where it has none itself. */
  placedIn(policy: CheckedPolicy): RegoUnsupported {
    const all = [...everyNode(policy)]
    const seen = new Set<Node>()
    let level: readonly Node[] = this.node === undefined ? [] : [this.node]
    while (level.length > 0) {
      const source = level.map((each) => sourceOf(each)).find((each) => each !== undefined)
      if (source !== undefined) return new RegoUnsupported(this.node, this.reason, this.hint, source)
      for (const each of level) seen.add(each)
      level = all.filter((each) => !seen.has(each) && childrenOf(each).some(([child]) => seen.has(child)))
    }
    const source = policy.rules.map((rule) => sourceOf(rule)).find((each) => each !== undefined)
    return new RegoUnsupported(this.node, this.reason, this.hint, source)
  }
}
