import { expect, it } from 'vitest'
import { type AskedWasm, compared, instanceOf, report } from './wasm-judged.js'
import { RandomPolicies } from './random-policies.js'
import { type Case, shrunk } from './shrink.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 20_000)
const objectsEach = 40

it(`WebAssembly and the reference agree on ${runs} pairs of random rules and objects (seed ${seed})`, () => {
  const random = new RandomPolicies(seed, { unknowns: false, reviews: true })
  const seen: Record<string, number> = {}
  let refused = 0
  for (let pair = 0; pair < runs; pair += objectsEach) {
    const { policy, given, parameters, review: next } = random.next()
    const objects = random.inventory()
    const stored = { objects, complete: random.chance(0.5) }
    const asked: AskedWasm = { given, parameters, ...stored, spelling: seed + pair }
    const reviews = Array.from({ length: objectsEach }, next)
    const instance = instanceOf(policy, asked)
    if (instance === undefined) {
      refused++
      continue
    }
    for (const review of reviews) {
      const { verdict, difference } = compared(policy, asked, review, instance)
      seen[verdict] = (seen[verdict] ?? 0) + 1
      if (difference === undefined) continue
      const differs = (each: Case): boolean =>
        compared(each.policy, asked, each.review).difference !== undefined
      const least = shrunk({ policy, review }, (cases) => cases.find(differs))
      throw new Error(report(least.policy, asked, least.review))
    }
  }
  console.log(seen, `${refused} policies refused`)
  expect(refused).toBeLessThan(runs / objectsEach)
  // a small run may see none of the rare ones
  const rare = runs < 20_000 ? [] : ['error', 'undetermined']
  for (const verdict of ['allowed', 'denied', 'invalid', 'not-applicable', ...rare])
    expect(seen[verdict] ?? 0, verdict).toBeGreaterThan(runs / 1000)
}, 1_200_000)
