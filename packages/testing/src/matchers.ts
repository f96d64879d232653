import {
  applyFixes,
  canonicalText,
  equalJson,
  type Json,
  judgedObject,
  pathText,
  type Policy,
  type Verdict,
  type Violation,
} from '@gatewright/core'
import { normalize } from '@gatewright/evaluator'
import { unknownKind } from '@gatewright/kubernetes'
import { writeYaml } from '@gatewright/sources'
import { type ExpectedViolation, expectedKeys, unmet } from './expected-violation.js'
import { evidence, type ExpectedVerdict, listed, otherVerdict } from './failure.js'
import { type Context, contextKeys, type Judged, judged, only, tellJudged, titleOf } from './judging.js'
import { jsonOf } from './review.js'

/** What a matcher found. */
export interface Result {
  readonly pass: boolean
  readonly message: () => string
}

/** What `toDeny` may be given: what a violation is like, and what the policy is told. */
export interface DenyOptions<P = Readonly<Record<string, unknown>>> extends ExpectedViolation, Context<P> {}

const passed: Result = { pass: true, message: () => 'the verdict is as expected' }
const failed = (message: () => string): Result => ({ pass: false, message })

/** Whether a policy's verdict on an object is exactly the expected one. */
export function hasVerdict(
  policy: unknown,
  object: unknown,
  expected: ExpectedVerdict,
  context: object = {},
): Result {
  const found = judged(policy, object, context)
  if (found.verdict.verdict !== expected) return failed(() => otherVerdict(found, expected))
  const misspelt = expected === 'not-applicable' ? misspeltKind(found) : undefined
  if (misspelt !== undefined) return failed(() => misspelt)
  tellJudged(found, object, context, { verdict: expected })
  return passed
}

/** No policy is about a kind that there is not, so that a slip in its name would pass. */
function misspeltKind({ policy, review }: Judged): string | undefined {
  const object = review === undefined ? undefined : judgedObject(review)
  const unknown = object === undefined ? undefined : unknownKind(object)
  if (unknown === undefined) return undefined
  const { kind, nearest } = unknown
  return `policy \`${policy.id}\` is not about \`${kind}\`, but no cluster has that kind; did you mean \`${nearest.kind}\`?`
}

/** Whether a policy denies an object, with violations as expected. */
export function denies(policy: unknown, object: unknown, options: object = {}): Result {
  const { message, at, code, count, ...context } = only(
    options,
    [...expectedKeys, ...contextKeys],
    'what toDeny() is given',
  ) as DenyOptions
  const expected = { message, at, code, count }
  const absent = expectedKeys.find((key) => Object.hasOwn(options, key) && expected[key] === undefined)
  // what was meant to be there would not be looked at
  if (absent !== undefined) throw new TypeError(`toDeny() is given \`${absent}\`, which is undefined`)
  const found = judged(policy, object, context)
  const { verdict } = found
  if (verdict.verdict !== 'denied') return failed(() => otherVerdict(found, 'denied'))
  const problem = unmet(verdict.violations, expected)
  if (problem === undefined) {
    const violation = given(expected)
    tellJudged(found, object, context, {
      verdict: 'denied',
      ...(Object.keys(violation).length === 0 ? {} : { violation }),
    })
    return passed
  }
  return failed(() => {
    const head = `policy \`${found.policy.id}\` denies ${titleOf(found.review)}, but otherwise than expected`
    return `${head}\nexpected ${problem}; the violations:\n${listed(verdict.violations)}\n${evidence(found)}`
  })
}

/** What is given of what a violation is like. */
function given(expected: {
  readonly [K in keyof ExpectedViolation]: ExpectedViolation[K] | undefined
}): ExpectedViolation {
  return Object.fromEntries(Object.entries(expected).filter(([, each]) => each !== undefined))
}

/**
 * Whether the fixes of all violations make the expected object of another, and their violations are gone from it. For an
 * AdmissionReview it is the object in it that is fixed.
 */
export function fixesTo(policy: unknown, object: unknown, expected: object, context: object = {}): Result {
  const found = judged(policy, object, context)
  const { verdict, review } = found
  if (verdict.verdict !== 'denied' || review === undefined) return failed(() => otherVerdict(found, 'denied'))
  const of = `policy \`${found.policy.id}\``
  const fixable = verdict.violations.filter(({ fix }) => fix.length > 0)
  if (fixable.length === 0) return failed(() => `${of} has no fix for its violations\n${evidence(found)}`)
  const wanted = jsonOf(expected, 'the expected object')
  const fixed = tried(() =>
    applyFixes(
      judgedObject(review) as Json,
      fixable.flatMap(({ fix }) => fix),
    ),
  )
  if (fixed instanceof Error) return failed(() => `${of}: ${fixed.message}\n${evidence(found)}`)
  if (!equalJson(fixed, wanted)) {
    return failed(() => {
      const shown = `the object with its fixes:\n${writeYaml(fixed)}\nexpected:\n${writeYaml(wanted)}`
      return `${of} does not fix ${titleOf(review)} to the expected object\n${shown}`
    })
  }
  const after = judged(policy, withObject(object, fixed), context)
  const left = after.verdict.violations.filter((each) => fixable.some((fixedOne) => isSame(each, fixedOne)))
  if (after.verdict.verdict !== 'allowed' && after.verdict.verdict !== 'denied')
    return failed(() => otherVerdict(after, 'allowed'))
  if (left.length === 0) {
    tellJudged(found, object, context, { verdict: 'denied' })
    return passed
  }
  return failed(
    () => `the fixes of ${of} leave violations that they are for:\n${listed(left)}\n${evidence(after)}`,
  )
}

function tried<T>(run: () => T): T | Error {
  try {
    return run()
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

const isSame = (a: Violation, b: Violation): boolean => a.code === b.code && equalJson(a.at, b.at)

/** An input with another object in the place of its own. */
function withObject(input: unknown, object: Json): unknown {
  const of = input as Readonly<Record<string, object>>
  const normalized = normalize(input)
  const isBare =
    !('problem' in normalized) && equalJson(normalized.review.object ?? null, jsonOf(input, 'the input'))
  if (isBare) return object
  const key = of['request'] === undefined ? 'review' : 'request'
  const request = of[key] as { readonly object?: unknown }
  return { ...of, [key]: { ...request, [request.object === undefined ? 'oldObject' : 'object']: object } }
}

/** Whether two policies give the same verdict on each of some objects: all but the policy's id and the reasons' words. */
export function isEquivalent(
  policy: unknown,
  other: Policy,
  objects: Iterable<object>,
  context: object = {},
): Result {
  const asked = [...objects]
  const pairs = asked.map(
    (object) => [judged(policy, object, context), judged(other, object, context)] as const,
  )
  const judgedOnes = pairs.filter(
    ([a, b]) => a.verdict.verdict !== 'not-applicable' || b.verdict.verdict !== 'not-applicable',
  )
  if (judgedOnes.length === 0) {
    const what = pairs.length === 0 ? 'there is no object' : 'neither policy is about any of the objects'
    return failed(() => `${what}, so nothing was compared`)
  }
  const broken = pairs.flat().find(({ verdict }) => verdict.verdict === 'error')
  if (broken !== undefined) return failed(() => otherVerdict(broken, 'allowed'))
  const different = pairs.find(([a, b]) => comparable(a.verdict) !== comparable(b.verdict))
  if (different === undefined) {
    // one that is held against itself is asserted nothing: changed, it would still be the same
    const asserted = pairs.some(([a, b]) => a.policy.ir === b.policy.ir) ? 'nothing' : 'all'
    for (const [i, pair] of pairs.entries())
      for (const each of pair) tellJudged(each, asked[i], context, asserted)
    return passed
  }
  return failed(() => differenceText(...different))
}

const comparable = ({ verdict, violations }: Verdict): string =>
  canonicalText([verdict, violations.map((each) => ({ ...each, policy: '' }) as unknown as Json)])

function differenceText(one: Judged, other: Judged): string {
  const ids =
    one.policy.id === other.policy.id
      ? ['the first policy', 'the other policy']
      : [one, other].map(({ policy }) => `\`${policy.id}\``)
  const side = ({ verdict }: Judged, name = ''): string =>
    `${name}: ${verdict.verdict}\n${listed(verdict.violations)}`
  return [
    `expected policies ${ids.join(' and ')} to give the same verdict on ${titleOf(one.review)}`,
    side(one, ids[0]),
    side(other, ids[1]),
    ...detailsOf(one, other),
    evidence(one),
    '',
    `how ${ids[1]} came to its verdict:`,
    other.explanation()?.trimEnd() ?? 'it was not asked',
  ].join('\n')
}

/** What lists of violations do not show. */
function detailsOf(one: Judged, other: Judged): readonly string[] {
  if (listed(one.verdict.violations) !== listed(other.verdict.violations)) return []
  return one.verdict.violations.flatMap((each, i) => {
    const second = other.verdict.violations[i]
    const keys = (['severity', 'details', 'fix'] as const).filter(
      (key) => !equalJson(each[key] as unknown as Json, (second?.[key] ?? null) as unknown as Json),
    )
    return keys.map((key) => `the violation at ${pathText(each.at)} has another ${key}`)
  })
}
