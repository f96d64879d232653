import {
  type DenyNode,
  explain,
  type Explanation,
  type Json,
  type Node,
  type Policy,
  type Review,
  type RuleNode,
  sourceOf,
  type SourceLocation,
  targetMismatch,
  type Verdict,
} from '@gatewright/core'

/** What decided a verdict, as the author might have written it, and where. */
export interface Deciding {
  readonly text: string
  readonly source?: SourceLocation
}

/** What decided a verdict: of a denial the rule, of a pass the condition that did not hold. The code is that of the rule to look at. */
export function decidedBy(
  policy: Policy,
  verdict: Verdict,
  code: string | undefined,
  asked: { readonly parameters: Json; readonly review: Review } | undefined,
): Deciding {
  const { verdict: word, violations, reasons } = verdict
  const [reason] = reasons
  const own = violations.find((each) => each.code === code) ?? violations[0]
  const rule = rulesOf(policy.ir.rules).find((each) => each.violation.code === (own?.code ?? code))
  if (word === 'denied' && own !== undefined)
    return decided(own.message, placeOf(rule, policy.ir.rules) ?? policy.source)
  if (word !== 'allowed' && word !== 'not-applicable') return decided(reason?.message ?? word, policy.source)
  if (asked === undefined || targetMismatch(policy.ir.target, asked.review) !== undefined)
    return decided(reason?.message ?? 'the policy is not about it', policy.source)
  const { children } = explain(policy.ir, asked.parameters, asked.review)
  const place = policy.ir.rules.findIndex((each) => rulesOf([each]).some((deny) => deny === rule))
  const whens = policy.ir.when === undefined ? 0 : 1
  const looked = word === 'not-applicable' ? children.slice(0, whens) : children.slice(whens)
  const inRule = looked[place]
  const found = firstFalse(inRule === undefined ? looked : [inRule])
  if (found !== undefined) {
    const [inner] = found.text.endsWith('not') ? found.children : []
    return decided(`${found.text}${inner === undefined ? '' : ` ${inner.text}`} is false`, found.source)
  }
  if (rule === undefined) return decided('no rule denies it', policy.source)
  return decided('there is nothing that the rule looks at', placeOf(rule, policy.ir.rules) ?? policy.source)
}

const decided = (text: string, source: SourceLocation | undefined): Deciding => ({
  text,
  ...(source === undefined ? {} : { source }),
})

/** Where a rule was written: its condition where it has one of its own, else the last filter, or the list, that it stands behind. */
function placeOf(rule: DenyNode | undefined, rules: readonly RuleNode[]): SourceLocation | undefined {
  if (rule === undefined) return undefined
  for (const each of rules) {
    if (each === rule) return sourceOf(rule) ?? sourceOf(rule.if)
    if (each.kind === 'deny' || !rulesOf([each]).includes(rule)) continue
    return placeOf(rule, each.rules) ?? (each.kind === 'each' ? listPlace(each.list) : sourceOf(each.if))
  }
  return undefined
}

const listPlace = (list: Node): SourceLocation | undefined =>
  list.kind === 'filter'
    ? (sourceOf(list.lambda.body) ?? sourceOf(list) ?? listPlace(list.list))
    : sourceOf(list)

const rulesOf = (rules: readonly RuleNode[]): readonly DenyNode[] =>
  rules.flatMap((rule) => (rule.kind === 'deny' ? [rule] : rulesOf(rule.rules)))

/** The innermost condition that did not hold: what is below one that was looked at is what it is made of. */
function firstFalse(parts: readonly Explanation[]): Explanation | undefined {
  for (const each of parts) {
    const compound = each.children.filter(({ value }) => value === 'false' || value === 'left out')
    const isOf = /^(?:deny if |only where |where )?(?:all|one) of$/.test(each.text)
    const inner = each.value === 'false' && !isOf ? undefined : firstFalse(isOf ? compound : each.children)
    if (inner !== undefined) return inner
    if (each.value === 'false' && each.source !== undefined) return each
  }
  return undefined
}
