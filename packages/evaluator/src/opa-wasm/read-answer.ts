import {
  isObject,
  type Json,
  type Path,
  type Reason,
  type Severity,
  type Verdict,
  type Violation,
} from '@gatewright/core'

/** What violations of a module are said to be of. */
export interface AnswerContext {
  readonly policy: string
  readonly severity: Severity
}

/**
 * Reads what a module answers, and nothing into it. Understood are
 *
 * - a decision of ours: `{ verdict, violations, reasons }`;
 * - a list, as the sets `violation` and `deny` are, of texts or of objects with a text `msg` or `message`;
 * - a package with such a `violation` or `deny`, or both.
 *
 * Anything else is an error: no answer, which is what OPA gives for a rule that is undefined, a boolean, which may mean either, or a list
 * with an element that is no violation.
 */
export function readAnswer(answer: unknown, context: AnswerContext): Verdict {
  if (!Array.isArray(answer)) return failure('engine-failed', 'the module gives no result set')
  const [first, ...more] = answer as readonly unknown[]
  if (first === undefined || more.length > 0)
    return failure('no-decision', 'the rule is undefined for this input, which says nothing of it')
  if (!isObject(first as Json) || !Object.hasOwn(first as object, 'result'))
    return failure('engine-failed', 'the module gives no result set')
  const { result } = first as { readonly result: Json }
  return (
    listVerdict(result, context) ??
    decisionVerdict(result, context) ??
    packageVerdict(result, context) ??
    notUnderstood
  )
}

export const failure = (code: string, message: string): Verdict => ({
  verdict: 'error',
  violations: [],
  reasons: [{ code, message }],
})

const notUnderstood = failure('not-a-decision', 'what the rule says is neither violations nor a decision')

function verdictOf(violations: readonly Violation[]): Verdict {
  return { verdict: violations.length === 0 ? 'allowed' : 'denied', violations, reasons: [] }
}

function listVerdict(result: Json, context: AnswerContext): Verdict | undefined {
  const violations = violationsIn(result, 'violation', context)
  return violations === undefined ? undefined : verdictOf(violations)
}

function packageVerdict(result: Json, context: AnswerContext): Verdict | undefined {
  if (!isObject(result)) return undefined
  const sets = ['violation', 'deny'].filter((name) => Object.hasOwn(result, name))
  const found = sets.map((name) => violationsIn(result[name] as Json, name, context))
  if (found.length === 0 || found.includes(undefined)) return undefined
  return verdictOf(found.flatMap((each) => each ?? []))
}

/** Violations out of a set; undefined where one of its elements is none. */
function violationsIn(set: Json, code: string, context: AnswerContext): readonly Violation[] | undefined {
  if (!Array.isArray(set)) return undefined
  const found: Violation[] = []
  for (const each of set as readonly Json[]) {
    const given = isObject(each) ? each : {}
    const message = typeof each === 'string' ? each : (given['msg'] ?? given['message'])
    if (typeof message !== 'string') return undefined
    const { msg: _, message: __, details, ...rest } = given
    found.push({
      ...context,
      code,
      at: [],
      message,
      details: {
        ...rest,
        ...(isObject(details ?? null) ? (details as object) : details === undefined ? {} : { details }),
      },
      fix: [],
    })
  }
  return found
}

const verdicts: readonly string[] = [
  'allowed',
  'denied',
  'not-applicable',
  'invalid',
  'undetermined',
  'error',
]

function decisionVerdict(result: Json, context: AnswerContext): Verdict | undefined {
  if (!isObject(result)) return undefined
  const { verdict, violations, reasons } = result
  if (typeof verdict !== 'string' || !verdicts.includes(verdict)) return undefined
  if (!Array.isArray(violations) || !Array.isArray(reasons)) return undefined
  const found = (violations as readonly Json[]).map((each) => ownViolation(each, context))
  const given = (reasons as readonly Json[]).map(ownReason)
  if (found.includes(undefined) || given.includes(undefined)) return undefined
  // a verdict must be borne out by what comes with it
  if (verdict === 'allowed' && (found.length > 0 || given.length > 0)) return undefined
  if (verdict === 'denied' && found.length === 0) return undefined
  if (verdict !== 'allowed' && verdict !== 'denied' && given.length === 0) return undefined
  return {
    verdict: verdict as Verdict['verdict'],
    violations: found as readonly Violation[],
    reasons: given as readonly Reason[],
  }
}

function ownViolation(of: Json, context: AnswerContext): Violation | undefined {
  if (!isObject(of)) return undefined
  const { at, code, message, details } = of
  if (!isPath(at) || typeof code !== 'string' || typeof message !== 'string' || !isObject(details ?? null))
    return undefined
  return { ...context, code, at, message, details: details as Violation['details'], fix: [] }
}

function ownReason(of: Json): Reason | undefined {
  if (!isObject(of)) return undefined
  const { at, code, message } = of
  if (typeof code !== 'string' || typeof message !== 'string' || (at !== undefined && !isPath(at)))
    return undefined
  return { code, message, ...(at === undefined ? {} : { at }) }
}

const isPath = (of: Json | undefined): of is Path =>
  Array.isArray(of) && of.every((step) => typeof step === 'string' || typeof step === 'number')
