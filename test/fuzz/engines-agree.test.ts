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
import { inventoryOf, wasmEngine } from '@gatewright/evaluator'
import { expect, it } from 'vitest'
import { plainlyOf } from '../emitted-engine.js'
import { RandomPolicies } from './random-policies.js'
import { type Case, shrunk } from './shrink.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 30_000)
const objectsEach = 20

it(`the engines, what is emitted ahead and the reference agree on ${runs} pairs of random rules and objects (seed ${seed})`, () => {
  const random = new RandomPolicies(seed, { reviews: true })
  const seen: Record<string, number> = {}
  const plain: Record<string, number> = {}
  for (let pair = 0; pair < runs; pair += objectsEach) {
    const { policy, parameters, review: next } = random.next()
    const inventory = inventoryOf(random.inventory(), { complete: pair % 3 === 0 })
    const engines = enginesOf(policy, plain)
    for (let i = 0; i < objectsEach; i++) {
      const review = { ...next(), inventory }
      const expected = judge(policy, parameters, review)
      seen[expected.verdict] = (seen[expected.verdict] ?? 0) + 1
      if (differing(engines, parameters, review, expected) === undefined) continue
      const differs = (each: Case): boolean =>
        differing(
          enginesOf(each.policy, {}),
          parameters,
          each.review,
          judge(each.policy, parameters, each.review),
        ) !== undefined
      const least = shrunk({ policy, review }, (cases) => cases.find(differs))
      throw new Error(report(least, parameters))
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
          throw new Error(report({ policy, review }, {}))
      }
    }
  }
  expect(whole).toBeGreaterThan(400)
})

interface Engines {
  readonly compiled: Judging
  readonly emitted: Judging
  readonly wasm: Judging
}

type Judging = ReturnType<typeof compileJavaScript>

const enginesOf = (policy: PolicyIr, counts: Record<string, number>): Engines => ({
  compiled: compileJavaScript(checked(policy)),
  emitted: compileJavaScript(checked(policy), counting(plainlyOf(policy), counts)),
  wasm: wasmEngine.prepare(checked(policy)),
})

/** What an engine said that the reference does not; undefined where all agree. */
function differing(
  engines: Engines,
  parameters: Json,
  review: Review,
  expected: Verdict,
): Verdict | undefined {
  return Object.values(engines)
    .map((engine: Judging) => answerOf(engine, parameters, review))
    .find((actual) => text(actual) !== text(expected))
}

/** A verdict; one that no engine may give where it threw. */
function answerOf(engine: Judging, parameters: Json, review: Review): Verdict {
  try {
    return engine.judge(parameters, review)
  } catch (error) {
    return { verdict: 'error', violations: [], reasons: [{ code: 'threw', message: String(error) }] }
  }
}

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

/** A verdict with its numbers in one form, and its reasons in one order: where there are several, engines meet them as they go. */
const text = (verdict: Verdict): string =>
  canonicalText({
    ...verdict,
    reasons: verdict.reasons.map((each) => canonicalText(each as unknown as Json)).toSorted(),
  } as unknown as Json)

function report({ policy, review }: Case, parameters: Json): string {
  const show = (value: unknown): string =>
    JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each))
  const expected = judge(policy, parameters, review)
  return [
    'they differ',
    `reference  ${show(expected)}`,
    `other      ${show(differing(enginesOf(policy, {}), parameters, review, expected))}`,
    `review     ${show(review)}`,
    `policy     ${show([policy.when, policy.rules])}`,
    emitPlainly(policy),
  ].join('\n')
}
