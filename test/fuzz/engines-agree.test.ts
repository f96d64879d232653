import { compileFits, compileJavaScript, emitPlainly, type Plainly } from '@gatewright/compiler'
import {
  canonicalText,
  check,
  type CheckedPolicy,
  judge,
  type Json,
  type PolicyIr,
  type Review,
  type Verdict,
} from '@gatewright/core'
import { expect, it } from 'vitest'
import { plainlyOf } from '../emitted-engine.js'
import { RandomPolicies } from './random-policies.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 40_000)
const objectsEach = 20

it(`the JavaScript engine, what is emitted ahead and the reference agree on ${runs} pairs of random rules and objects (seed ${seed})`, () => {
  const random = new RandomPolicies(seed)
  const seen: Record<string, number> = {}
  const plain: Record<string, number> = {}
  for (let pair = 0; pair < runs; pair += objectsEach) {
    const policy = random.policy()
    const compiled = compileJavaScript(checked(policy))
    const emitted = compileJavaScript(checked(policy), counting(plainlyOf(policy), plain))
    for (let i = 0; i < objectsEach; i++) {
      const review = random.review()
      const expected = judge(policy, {}, review)
      const actual = compiled.judge({}, review)
      seen[expected.verdict] = (seen[expected.verdict] ?? 0) + 1
      if (text(actual) !== text(expected)) throw new Error(report(policy, review, expected, actual))
      const ahead = emitted.judge({}, review)
      if (text(ahead) !== text(expected))
        throw new Error(`emitted ${report(policy, review, expected, ahead)}\n${emitPlainly(policy)}`)
    }
  }
  console.log(seen, 'plainly', plain)
  expect(plain['allowed']).toBeGreaterThan((seen['allowed'] ?? 0) / 2)
  // a suite that only ever sees one verdict shows nothing
  for (const verdict of ['allowed', 'denied', 'invalid', 'undetermined', 'error', 'not-applicable']) {
    expect(seen[verdict] ?? 0, verdict).toBeGreaterThan(runs / 1000)
  }
})

it(`policies that are judged together say what each says alone (seed ${seed})`, () => {
  const random = new RandomPolicies(seed + 1)
  let whole = 0
  for (let set = 0; set < 400; set++) {
    const policies = Array.from({ length: 3 }, () => checked(random.policy()))
    const fits = compileFits(policies)
    const compiled = policies.map((policy) => compileJavaScript(policy))
    for (let i = 0; i < objectsEach; i++) {
      const review = random.review()
      const together = fits(review)
      if (together) whole++
      for (const [index, policy] of policies.entries()) {
        const expected = judge(policy, {}, review)
        const actual = compiled[index]?.judge({}, review, { fits: together })
        if (actual === undefined || text(actual) !== text(expected))
          throw new Error(report(policy, review, expected, actual as Verdict))
      }
    }
  }
  expect(whole).toBeGreaterThan(400)
})

/** Counts what a function says, so that one which always gives up is seen. */
function counting(plainly: Plainly, counts: Record<string, number>): Plainly {
  return (...args) => {
    const answer = plainly(...args)
    if (answer !== undefined) counts[answer] = (counts[answer] ?? 0) + 1
    return answer
  }
}

function checked(policy: PolicyIr): CheckedPolicy {
  const result = check(policy)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result
}

const text = (verdict: Verdict): string =>
  canonicalText(
    JSON.parse(
      JSON.stringify(verdict, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each)),
    ) as Json,
  )

function report(policy: PolicyIr, review: Review, expected: Verdict, actual: Verdict): string {
  const show = (value: unknown): string =>
    JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each))
  return `they differ\nreference  ${show(expected)}\nJavaScript ${show(actual)}\nobject     ${show(review.object)}\npolicy     ${show([policy.when, policy.rules])}`
}
