import { emitRego, emitRegoLibrary } from '@gatewright/compiler'
import {
  canonicalText,
  check,
  type CheckedPolicy,
  isObject,
  judge,
  type Json,
  type PolicyIr,
  type Reason,
  type Review,
  type Verdict,
  type Violation,
} from '@gatewright/core'
import { expect, it } from 'vitest'
import { RandomPolicies } from '../fuzz/random-policies.js'
import { complaints, evaluated, exactJson } from './opa.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 50_000)
const objectsEach = 40
const policiesAtOnce = 100

interface Decision {
  readonly verdict: string
  readonly violations: readonly unknown[]
  readonly reasons: readonly Reason[]
}

it(`OPA and the reference agree on ${runs} pairs of random rules and objects (seed ${seed})`, () => {
  const random = new RandomPolicies(seed, { unknowns: false })
  const seen: Record<string, number> = {}
  for (let pair = 0; pair < runs; pair += objectsEach * policiesAtOnce) {
    const policies = Array.from({ length: policiesAtOnce }, (_, i) =>
      checked({ ...random.policy(), id: `fuzz/p${i}` }),
    )
    const modules = policies.map((ir) => emitRego({ ir }))
    const objects = modules.map(() =>
      Array.from({ length: objectsEach }, () => random.review()).filter(({ object }) => isObject(object)),
    )
    const files = [...modules, emitRegoLibrary(modules)]
    expect(complaints(files)).toBe('')
    const inputs = Object.fromEntries(
      modules.map((module, i) => [module.package, (objects[i] ?? []).map((review) => review.object as Json)]),
    )
    const answers = evaluated(files, inputs, 'decision')
    for (const [i, policy] of policies.entries()) {
      const { package: name, text } = modules[i] as (typeof modules)[number]
      for (const [j, review] of (objects[i] ?? []).entries()) {
        const expected = judge(policy, {}, review)
        const actual = answers[name]?.[j] as Decision | undefined
        seen[expected.verdict] = (seen[expected.verdict] ?? 0) + 1
        const difference = differenceOf(expected, actual)
        if (difference !== undefined) throw new Error(report(difference, review, expected, actual, text))
      }
    }
  }
  console.log(seen)
  for (const verdict of ['allowed', 'denied', 'invalid', 'error', 'not-applicable'])
    expect(seen[verdict] ?? 0, verdict).toBeGreaterThan(runs / 1000)
})

function differenceOf(expected: Verdict, actual: Decision | undefined): string | undefined {
  if (actual === undefined) return 'there is no decision'
  if (actual.verdict !== expected.verdict) return 'the verdicts differ'
  const violations = expected.violations.map(({ at, code, details, message }) => ({
    at,
    code,
    details,
    message,
  }))
  if (sorted(violations) !== sorted(actual.violations)) return 'the violations differ'
  if (keys(violations) !== keys(actual.violations)) return 'the violations stand in another order'
  const places = (reasons: readonly Reason[]): string =>
    [
      ...new Set(
        reasons.flatMap(({ code, at }) => (at === undefined ? [] : [`${code} ${canonicalText(at)}`])),
      ),
    ]
      .sort()
      .join()
  if (expected.verdict !== 'not-applicable' && places(expected.reasons) !== places(actual.reasons))
    return 'the misfits differ'
  const codes = new Set(actual.reasons.map(({ code }) => code))
  return expected.reasons.every(({ code }) => codes.has(code)) ? undefined : 'a reason is missing'
}

const sorted = (violations: readonly unknown[]): string =>
  violations
    .map((each) => canonicalText(each as Json))
    .sort()
    .join('\n')

/** What violations are ordered by (law 8). */
const keys = (violations: readonly unknown[]): string =>
  violations
    .map((each) => {
      const { at, code, message } = each as Violation
      return canonicalText([at, code, message])
    })
    .join('\n')

function checked(policy: PolicyIr): CheckedPolicy {
  const result = check(policy)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result
}

function report(
  difference: string,
  review: Review,
  expected: Verdict,
  actual: Decision | undefined,
  rego: string,
): string {
  return [
    difference,
    `reference  ${exactJson(expected as unknown as Json)}`,
    `OPA        ${actual === undefined ? 'undefined' : exactJson(actual as unknown as Json)}`,
    `object     ${exactJson(review.object as Json)}`,
    rego,
  ].join('\n')
}
