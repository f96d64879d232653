import {
  type CheckedPolicy,
  describe,
  type Node,
  type SourceLocation,
  sourceOf,
  sourceText,
} from '@gatewright/core'
import { sourceOfPart } from '../source-of-part.js'

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
    return new RegoUnsupported(this.node, this.reason, this.hint, sourceOfPart(this.node, policy))
  }
}
