import { expect, it } from 'vitest'
import { RandomPolicies } from '../fuzz/random-policies.js'
import { type Case, shrunk } from '../fuzz/shrink.js'
import { type Asked, checked, type Difference, differences, isSaid, type Stored } from './rego-judged.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 50_000)
const objectsEach = 40
const policiesAtOnce = 100

it(`OPA and the reference agree on ${runs} pairs of random rules and objects (seed ${seed})`, () => {
  const random = new RandomPolicies(seed, { unknowns: false, reviews: true })
  const seen: Record<string, number> = {}
  let refused = 0
  for (let pair = 0; pair < runs; pair += objectsEach * policiesAtOnce) {
    // the first lot never has the whole cluster, so that a small run sees what is undetermined too
    const stored = { objects: random.inventory(), complete: random.chance(0.5) && pair > 0 }
    const all = Array.from({ length: policiesAtOnce }, (_, i): Asked => {
      const { policy, given, parameters, review } = random.next()
      const reviews = Array.from({ length: objectsEach }, review)
      return { policy: checked({ ...policy, id: `fuzz/p${i}` }), given, parameters, reviews }
    })
    const asked = all.filter(({ policy }) => isSaid(policy))
    refused += all.length - asked.length
    const found = differences(asked, stored, seed + pair)
    for (const verdict of found.verdicts) seen[verdict] = (seen[verdict] ?? 0) + 1
    const some = found.differences.filter(
      ({ asked: { policy } }, i, all) => all[i - 1]?.asked.policy !== policy,
    )
    if (some.length > 0) {
      const reports = some.slice(0, 4).map((each) => smallest(each, stored))
      throw new Error(
        `${found.differences.length} differences, of ${some.length} policies:\n${reports.join('\n\n')}`,
      )
    }
  }
  console.log(seen, `${refused} policies refused`)
  expect(refused).toBeLessThanOrEqual(mostRefused(runs / objectsEach))
  for (const verdict of ['allowed', 'denied', 'invalid', 'error', 'undetermined', 'not-applicable'])
    expect(seen[verdict] ?? 0, verdict).toBeGreaterThan(runs / 1000)
})

/**
 * As many policies as a sample may have that Rego cannot say, where one in 500 is: what is expected, and five times its deviation,
 * so that a small sample does not fail by bad luck.
 */
function mostRefused(policies: number): number {
  const expected = policies / 500
  return expected + 5 * Math.sqrt(expected + 1)
}

/** A difference made small, all candidates of a round in one bundle. */
function smallest({ asked, review }: Difference, stored: Stored): string {
  const askedOf = (cases: readonly Case[]): readonly Asked[] =>
    cases.map((each, i) => ({
      ...asked,
      policy: checked({ ...each.policy, id: `fuzz/p${i}` }),
      reviews: [each.review],
    }))
  const first = (cases: readonly Case[]): Difference | undefined => {
    if (cases.length > 60) return first(cases.slice(0, 60)) ?? first(cases.slice(60))
    try {
      return differences(askedOf(cases), stored, undefined).differences[0]
    } catch {
      // one of them cannot be printed or is refused: ask them in two halves
      if (cases.length < 2) return undefined
      const half = cases.length >> 1
      return first(cases.slice(0, half)) ?? first(cases.slice(half))
    }
  }
  const least = shrunk({ policy: asked.policy, review }, (cases) => {
    const found = first(cases)
    return found && { policy: found.asked.policy, review: found.review }
  })
  return first([least])?.report ?? 'the spelling of a number makes the difference'
}
