import { describe, type Node, type PolicyIr, type SourceLocation, sourceText } from '@gatewright/core'
import { sourceOfPart } from '../source-of-part.js'

/** Something that CEL cannot say, or that would not mean the same. */
export class CelUnsupported extends Error {
  override readonly name = 'CelUnsupported'
  readonly code = 'not-expressible'
  readonly target = 'cel'
  readonly policy: string
  readonly node: Node | undefined
  readonly reason: string
  readonly source: SourceLocation | undefined

  constructor(policy: PolicyIr, node: Node | undefined, reason: string) {
    const source = sourceOfPart(node, policy)
    const what = node === undefined ? 'the policy' : `\`${describe(node)}\``
    super(
      `${policy.id}: ${what} cannot be said in CEL: ${reason}${source === undefined ? '' : ` (${sourceText(source)})`}`,
    )
    this.policy = policy.id
    this.node = node
    this.reason = reason
    this.source = source
  }
}
