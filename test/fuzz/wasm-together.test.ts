import { expect, it } from 'vitest'
import { Dice } from './dice.js'
import { RandomPolicies } from './random-policies.js'
import { differenceTogether, instanceOfAll, randomTogether } from './wasm-together.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 3000)
const objectsEach = 20

it(`modules of several policies and the reference agree on ${runs} texts (seed ${seed})`, () => {
  const random = new RandomPolicies(seed + 5, { unknowns: false, reviews: true })
  const dice = new Dice(seed)
  let refused = 0
  for (let done = 0; done < runs; done += objectsEach) {
    const { next, ...together } = randomTogether(random, 2 + dice.below(7), dice)
    const instance = together.policies.length === 0 ? undefined : instanceOfAll(together)
    if (instance === undefined) {
      refused++
      continue
    }
    for (let i = 0; i < objectsEach; i++) {
      const difference = differenceTogether(together, instance, next(), dice)
      if (difference !== undefined) throw new Error(`after ${done + i} texts: ${difference}`)
    }
  }
  expect(refused).toBeLessThan(runs / objectsEach / 10)
}, 1_200_000)
