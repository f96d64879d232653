import { sourceOf, type SourceLocation } from '../language/source-location.js'
import type { PolicyIr } from '../ir/policy.js'
import { constantConditions } from './constant-conditions.js'
import { costOf } from './cost.js'
import { everyNode } from './needs.js'

/** Something in a policy that is allowed and is hardly meant. */
export interface Lint {
  /** What kind of thing, in kebab case: `constant-condition`. */
  readonly name: string
  /** What is odd and what to do about it. */
  readonly message: string
  readonly source: SourceLocation | undefined
}

/** What is odd in a policy whatever it is about: conditions that no input changes, loops over a list inside themselves. */
export function lintPolicy(policy: PolicyIr): readonly Lint[] {
  return [
    ...constantConditions(policy).map(({ holds, condition, because, source }) => ({
      name: 'constant-condition',
      message: `\`${condition}\` ${holds === 'never' ? 'can never hold' : 'always holds'}: ${because}`,
      source,
    })),
    ...costOf(policy).squares.map(({ list, source }) => ({
      name: 'loop-in-itself',
      message: `a loop over ${list} runs inside a loop over the same list, so its work grows with the square of it: look for one element with \`find\`, or for repeated ones with \`duplicates\``,
      source,
    })),
  ]
}

/** Where a policy reads a field by this name; where that is not known, where its first rule was made. */
export function readAt(policy: PolicyIr, key: string): SourceLocation | undefined {
  for (const node of everyNode(policy)) {
    const source = node.kind === 'field' && node.key === key ? sourceOf(node) : undefined
    if (source !== undefined) return source
  }
  const [first] = policy.rules
  return first === undefined ? undefined : sourceOf(first)
}
