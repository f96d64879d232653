import { policiesOf } from '@gatewright/core'
import { podSecurity } from '@gatewright/pod-security'
import { expect, it } from 'vitest'
import {
  comparedEngines,
  compareEngines,
  comparisonReport,
  opaEngine,
} from '../../packages/testing/src/equivalence/index.js'
import { opa } from './opa.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 300)

it(`every engine says of the pack what the reference says, OPA too (seed ${seed})`, () => {
  const engines = comparedEngines.map((each) => (each.name === 'opa' ? opaEngine(opa()) : each))
  const compared = compareEngines([podSecurity], { engines, runs, seed })
  console.log(comparisonReport(compared))
  expect(compared.map(({ policy }) => policy)).toEqual(policiesOf([podSecurity]).map(({ id }) => id))
  for (const { policy, verdicts, engines: rows } of compared) {
    for (const verdict of ['allowed', 'denied', 'not-applicable'] as const)
      expect(verdicts[verdict] ?? 0, `${policy} ${verdict}`).toBeGreaterThan(0)
    for (const { engine, different, compared: count, notCompared } of rows) {
      expect(different, `${policy} by ${engine}`).toBe(0)
      if (notCompared === undefined) expect(count, `${policy} by ${engine}`).toBeGreaterThan(runs / 2)
    }
    const left = rows.filter(({ notCompared }) => notCompared !== undefined)
    expect(
      left.map(({ engine }) => engine),
      policy,
    ).toEqual(['gator', 'cel'])
  }
})
