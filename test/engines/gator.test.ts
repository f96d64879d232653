import { canonicalText, isObject, type Json, type Policy, policiesOf, type Verdict } from '@gatewright/core'
import { evaluator, referenceEngine } from '@gatewright/evaluator'
import { constraintKind, templateOf } from '@gatewright/gatekeeper'
import * as pack from '@gatewright/pod-security'
import { beforeAll, describe, expect, it } from 'vitest'
import { libraryCases, libraryPolicies } from '../cases/gatekeeper-library.js'
import { reported, sorted } from './decisions.js'
import { constraintOf, type GatorResult, type SuiteCase, tested, verified } from './gator.js'
import { randomObjects, reviewOf } from './random-objects.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 6_000)

const policies: readonly Policy[] = policiesOf([pack.podSecurity])
/** Every policy as its profile sets it too, under its own kind: gator holds one template of a name. */
const profiles: readonly (readonly Policy[])[] = [
  policies,
  policiesOf([pack.baseline({ version: 'latest' })]),
  policiesOf([pack.restricted({ version: 'latest' })]),
]

describe.each(['v1', 'v0'] as const)('gator, Rego %s', (dialect) => {
  const template = (policy: Policy): Json => templateOf(policy, { regoVersion: dialect }) as unknown as Json
  it('C11: takes the template and the constraint of every policy of the packs', () => {
    for (const each of profiles)
      expect(tested(each.flatMap((policy) => [template(policy), constraintOf(policy)]))).toEqual([])
  })

  describe("the cases of Gatekeeper's library", () => {
    const cases = libraryCases.map(
      ({ id, group, parameters, objects, expect: expected, violations }): SuiteCase => ({
        name: id,
        policy: libraryPolicies[group] as Policy,
        parameters: (parameters ?? {}) as Json,
        object: objects[0] as Json,
        violations: violations || (expected === 'fail' ? 'yes' : 'no'),
      }),
    )
    let answers: ReturnType<typeof verified>
    beforeAll(() => {
      answers = verified(cases, dialect)
    }, 120_000)

    it('are all asked, and each has one object', () => {
      expect(cases.length).toBeGreaterThanOrEqual(65)
      expect(libraryCases.every(({ objects }) => objects.length === 1)).toBe(true)
    })
    it.each(cases)('$name: $violations violations', ({ name }) => {
      expect(answers.has(name)).toBe(true)
      expect(answers.get(name)).toBeUndefined()
    })
    it('are not counted as held where gator finds something else', () => {
      const wrong = cases.map((each) => ({
        ...each,
        violations: each.violations === 'no' ? 1 : ('no' as const),
      }))
      const held = [...verified(wrong, dialect)].filter(([, complaint]) => complaint === undefined)
      expect(held).toEqual([])
    })
  })

  it(`reports what we report of random workloads, word for word (seed ${seed})`, () => {
    const skipped = new Map<string, number>()
    const objects = randomObjects(seed + (dialect === 'v1' ? 0 : 1), runs / 20).flatMap((object, i) => {
      const reason = notTaken(object)
      if (reason === undefined) return [namedObject(object as Readonly<Record<string, Json>>, `object-${i}`)]
      skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
      return []
    })
    let violations = 0
    for (const profile of profiles) {
      const results = grouped(
        tested([...profile.flatMap((policy) => [template(policy), constraintOf(policy)]), ...objects]),
      )
      for (const policy of profile) {
        const judge = evaluator([policy], { engine: referenceEngine })
        for (const object of objects) {
          const verdict = judge.evaluateJson(object).judgements[0]?.verdict as Verdict
          const key = keyOf(constraintKind(policy), object.metadata.name)
          const found = results.get(key) ?? []
          expect(sorted(found), `${policy.id} ${canonicalText(object)}`).toBe(sorted(reported(verdict)))
          results.delete(key)
          violations += found.length
        }
      }
      expect([...results.keys()], 'what nothing of ours stands against').toEqual([])
    }
    console.log({ objects: objects.length, violations, skipped: Object.fromEntries(skipped) })
    expect(objects.length).toBeGreaterThan(runs / 40)
    expect(violations).toBeGreaterThan(runs / 20)
  })

  it(`counts what we count in random admission reviews (seed ${seed})`, () => {
    const skipped = new Map<string, number>()
    const reviews = randomObjects(seed + 2, runs / 20).filter((object): object is Review => {
      const reason = notReviewed(object)
      if (reason !== undefined) skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
      return reason === undefined
    })
    const cases = reviews.flatMap((review, i) => {
      const policy = policies[i % policies.length] as Policy
      const judge = evaluator([policy], { engine: referenceEngine })
      const verdict = judge.evaluateJson(review).judgements[0]?.verdict as Verdict
      const violations = reported(verdict).length
      return [{ name: `review-${i}`, policy, parameters: {}, object: completed(review), violations }]
    })
    const answers = verified(cases, dialect)
    for (const { name, object, policy } of cases)
      expect(answers.get(name), `${policy.id} ${canonicalText(object)}`).toBeUndefined()
    console.log({ reviews: cases.length, skipped: Object.fromEntries(skipped) })
    expect(cases.length).toBeGreaterThan(20)
    expect(new Set(cases.map(({ violations }) => violations)).size).toBeGreaterThan(1)
  })
})

type Named = Readonly<Record<string, Json>> & { readonly metadata: { readonly name: string } }
type Review = Readonly<Record<string, Json>> & { readonly request: Readonly<Record<string, Json>> }

/** Why `gator test` cannot be asked about an object. */
function notTaken(object: Json): string | undefined {
  if (!isObject(object)) return 'no object'
  if (object['kind'] === 'AdmissionReview') return 'a review; `gator verify` is asked'
  if (!hasKind(object)) return 'no version or kind'
  if (object['metadata'] !== undefined && !isObject(object['metadata'])) return 'metadata is no object'
  return undefined
}

/** Why `gator verify` cannot be asked about a review. */
function notReviewed(object: Json): string | undefined {
  if (!isObject(object) || object['kind'] !== 'AdmissionReview') return 'no review; `gator test` is asked'
  const { object: now, oldObject: before } = object['request'] as Readonly<Record<string, Json>>
  if ([now, before].some((each) => each !== undefined && !hasKind(each))) return 'an object without a kind'
  return undefined
}

const hasKind = (object: Json): boolean =>
  isObject(object) && typeof object['apiVersion'] === 'string' && typeof object['kind'] === 'string'

/** An object of a name that no other has, so that results can be told apart. */
const namedObject = (object: Readonly<Record<string, Json>>, name: string): Named => ({
  ...object,
  metadata: { ...(object['metadata'] as object | undefined), name },
})

/** A review with the kind that the API server would have named. */
const completed = (review: Review): Json => ({ ...review, request: reviewOf(review) })

const keyOf = (kind: string, name: string): string => `${kind} ${name}`

/** What gator reports, by the kind of the constraint and the name of the object. */
function grouped(results: readonly GatorResult[]): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>()
  for (const { msg, metadata, constraint, violatingObject } of results) {
    const key = keyOf(constraint.kind, violatingObject.metadata.name)
    groups.set(key, [...(groups.get(key) ?? []), { msg, details: metadata.details }])
  }
  return groups
}
