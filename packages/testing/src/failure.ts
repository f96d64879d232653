import { judgedObject, pathText, type Review, type Verdict, type Violation } from '@gatewright/core'
import { type Judged, titleOf } from './judging.js'
import { type Mark, markedYaml } from './marked-yaml.js'

const words: Readonly<Record<Verdict['verdict'], string>> = {
  allowed: 'is allowed',
  denied: 'is denied',
  'not-applicable': 'is not what the policy is about',
  invalid: 'is invalid',
  undetermined: 'is undetermined',
  error: 'could not be judged',
}

const expectations: Readonly<Record<Exclude<Verdict['verdict'], 'error'>, string>> = {
  allowed: 'to allow',
  denied: 'to deny',
  'not-applicable': 'not to be about',
  invalid: 'to find invalid',
  undetermined: 'to leave undetermined',
}

/** A verdict that a test may expect; none expects an error. */
export type ExpectedVerdict = Exclude<Verdict['verdict'], 'error'>

/** What is told of a verdict that is another than was expected. */
export function otherVerdict(found: Judged, expected: ExpectedVerdict): string {
  const { policy, verdict, review } = found
  const title = titleOf(review)
  const hint = hintFor(expected, verdict.verdict)
  const head = `expected policy \`${policy.id}\` ${expectations[expected]} ${title}, but it ${words[verdict.verdict]}`
  return [head, ...(hint === undefined ? [] : [`hint: ${hint}`]), evidence(found)].join('\n')
}

function hintFor(expected: ExpectedVerdict, found: Verdict['verdict']): string | undefined {
  if (found === 'error')
    return 'an error is never a verdict on the object: mend the input, the match or the parameters'
  if (found === 'not-applicable')
    return 'a policy that is not about an object says nothing of it; where that is meant, write toBeNotApplicable()'
  if (found === 'invalid')
    return 'the object does not fit its schema where the policy reads it; where that is meant, write toBeInvalid()'
  if (found === 'undetermined')
    return 'the answer hangs on what is not known; give an inventory that is complete, or write toBeUndetermined()'
  return expected === 'denied' || expected === 'allowed'
    ? undefined
    : `the policy does judge the object; where that is meant, write ${found === 'allowed' ? 'toAllow' : 'toDeny'}()`
}

/** What a verdict came from: its violations and reasons, the object with their places, and the explanation. */
export function evidence(found: Judged): string {
  const { verdict, review } = found
  const explanation = found.explanation()
  const object = review === undefined ? undefined : judgedObject(review)
  const unplaced = verdict.reasons.filter(({ at }) => at === undefined || object === undefined)
  return [
    ...unplaced.map(({ code, message }) => `  ${code}: ${message}`),
    ...(object === undefined ? [] : ['', `${about(review)}:`, markedYaml(object, marksOf(verdict))]),
    ...(review?.object === undefined || review.oldObject === undefined
      ? []
      : ['', 'it was before:', markedYaml(review.oldObject, [])]),
    ...(explanation === undefined ? [] : ['', 'how the verdict came about:', explanation.trimEnd()]),
  ].join('\n')
}

/** The change that an object is part of, where it is more than a manifest. */
function about(review: Review | undefined): string {
  const { operation, request } = review ?? {}
  const { username } = (request?.['userInfo'] ?? {}) as { readonly username?: unknown }
  if (typeof username !== 'string') return 'the object'
  return `the object (${operation ?? 'no operation'} by \`${username}\`)`
}

const marksOf = ({ violations, reasons }: Verdict): readonly Mark[] => [
  ...violations.map(({ at, code, message }) => ({ at, says: `[${code}] ${message}` })),
  ...reasons.flatMap(({ at, code, message }) =>
    at === undefined ? [] : [{ at, says: `${code}: ${message}` }],
  ),
]

/** Violations, a line each. */
export const listed = (violations: readonly Violation[]): string =>
  violations.length === 0
    ? '  none'
    : violations.map(({ code, at, message }) => `  [${code}] ${message} (at ${pathText(at)})`).join('\n')
