import { applyFixes, canonicalText, isObject, type Json, type Violation } from '@gatewright/core'
import { type Evaluation, type Evaluator, readText } from '@gatewright/evaluator'
import { effectOf } from './admission-response.js'
import { patchBetween } from './json-patch.js'
import type { PoliciesInForce } from './policies-in-force.js'

/** How often it is looked for another fix: each time one policy is mended, and nothing else has become worse. */
const mostSteps = 100

/**
 * The patch out of the fixes of what is denied, as JSON; undefined where none makes the object better. Only policies that deny mend
 * what they deny. Fixes of one policy are done together or not at all, and only where there are fewer violations then and no other
 * policy says more; so that what is mended stays as it is when it is asked about again.
 *
 * @param until - when no other policy is mended any more, in milliseconds of `performance.now()`: one object must not hold up the others
 */
export function mutationOf(
  body: string | Uint8Array,
  inForce: PoliciesInForce,
  until: number = Infinity,
): string | undefined {
  const read = readText(body)
  if ('problem' in read || !isObject(read.value)) return undefined
  const review = read.value
  const { request } = review
  if (!isObject(request) || !isObject(request['object']) || request['operation'] === 'DELETE')
    return undefined
  const judge = (object: Json): Evaluation => judged(inForce.evaluator, review, request, object)
  const given: Json = request['object']
  let state: Mended = { object: given, evaluation: judge(given) }
  for (let step = 0; step < mostSteps && performance.now() < until; step++) {
    const better = mended(state, inForce, judge)
    if (better === undefined) break
    state = better
  }
  const patch = patchBetween(given, state.object)
  return patch.length === 0 ? undefined : canonicalText(patch as unknown as Json)
}

type Fields = Readonly<Record<string, Json>>

interface Mended {
  readonly object: Json
  readonly evaluation: Evaluation
}

const judged = (evaluator: Evaluator, review: Fields, request: Fields, object: Json): Evaluation =>
  evaluator.evaluateJson({ ...review, request: { ...request, object } })

/** What the fixes of the first policy come to that make the object better. */
function mended(
  { object, evaluation }: Mended,
  inForce: PoliciesInForce,
  judge: (object: Json) => Evaluation,
): Mended | undefined {
  for (const judgement of evaluation.judgements) {
    if (judgement.verdict.verdict !== 'denied' || effectOf(judgement, inForce) !== 'deny') continue
    const changed = changedBy(
      judgement.verdict.violations.flatMap(({ fix }) => fix),
      object,
    )
    if (changed === undefined) continue
    const after = judge(changed)
    if (isBetter(evaluation, after)) return { object: changed, evaluation: after }
  }
  return undefined
}

/** Undefined where there is nothing to do, where fixes contradict each other, and where one leads nowhere. */
function changedBy(fixes: Violation['fix'], object: Json): Json | undefined {
  if (fixes.length === 0) return undefined
  try {
    return applyFixes(object, fixes)
  } catch {
    return undefined
  }
}

/** Whether there are fewer violations, and no policy says more than before. */
function isBetter(before: Evaluation, after: Evaluation): boolean {
  let fewer = 0
  for (const [i, { verdict }] of before.judgements.entries()) {
    const now = after.judgements[i]?.verdict
    if (now === undefined) return false
    const isPlain = ['allowed', 'denied', 'not-applicable'].includes(now.verdict)
    if (now.verdict !== verdict.verdict && !isPlain) return false
    if (verdict.verdict !== 'not-applicable' && now.verdict === 'not-applicable') return false
    if (now.violations.length > verdict.violations.length) return false
    fewer += verdict.violations.length - now.violations.length
  }
  return fewer > 0
}
