import { emitRego, emitRegoLibrary } from '@gatewright/compiler'
import {
  check,
  isObject,
  type CheckedPolicy,
  type Json,
  type Policy,
  policiesOf,
  type Verdict,
} from '@gatewright/core'
import { evaluator, referenceEngine } from '@gatewright/evaluator'
import * as pack from '@gatewright/pod-security'
import { expect, it } from 'vitest'
import { libraryCases, libraryPolicies } from '../cases/gatekeeper-library.js'
import { type Decision, differenceOf, reported, sorted } from './decisions.js'
import { complaints, evaluated } from './opa.js'
import { randomObjects, reviewOf } from './random-objects.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 6_000)

const policies: readonly Policy[] = policiesOf([
  pack.podSecurity,
  pack.baseline({ version: 'latest' }),
  pack.restricted({ version: 'latest' }),
])

it('emits the packs clean under `opa check --strict` and `opa fmt`, in both shapes and dialects', () => {
  const modules = policies.map((each) => emitRego(compiled(each)))
  expect(complaints([...modules, emitRegoLibrary(modules)])).toBe('')
  expect(complaints(policies.map((each) => emitRego(compiled(each), { entry: 'gatekeeper' })))).toBe('')
  const old = policies.map((each) => emitRego(compiled(each), { entry: 'gatekeeper', dialect: 'v0' }))
  expect(complaints(old, '--v0-compatible')).toBe('')
})

it(`every policy of the packs gives the same under OPA as in process, on ${runs} random workloads (seed ${seed})`, () => {
  const modules = policies.map((each) => emitRego(compiled(each)))
  const objects = randomObjects(seed, runs / 20)
  const inputs = Object.fromEntries(modules.map(({ package: name }) => [name, objects]))
  const answers = evaluated([...modules, emitRegoLibrary(modules)], inputs, 'decision')
  const seen: Record<string, number> = {}
  for (const [i, policy] of policies.entries()) {
    const judge = evaluator([policy], { engine: referenceEngine })
    for (const [j, object] of objects.entries()) {
      const verdict = judge.evaluateJson(object).judgements[0]?.verdict as Verdict
      seen[verdict.verdict] = (seen[verdict.verdict] ?? 0) + 1
      const actual = answers[modules[i]?.package ?? '']?.[j] as Decision | undefined
      const difference = differenceOf(verdict, actual)
      if (difference !== undefined)
        throw new Error(
          `${policy.id}: ${difference}\nhere ${JSON.stringify(verdict)}\nOPA  ${JSON.stringify(actual)}\n${JSON.stringify(object)}`,
        )
    }
  }
  console.log(seen)
  for (const verdict of ['allowed', 'denied', 'invalid', 'not-applicable'])
    expect(seen[verdict] ?? 0, verdict).toBeGreaterThan(runs / 200)
})

it(`every policy of the packs reports the same to Gatekeeper, in v1 and v0 (seed ${seed})`, () => {
  const objects = randomObjects(seed, runs / 60).filter((each) => isObject(each))
  for (const dialect of ['v1', 'v0'] as const) {
    const modules = policies.map((each) => emitRego(compiled(each), { entry: 'gatekeeper', dialect }))
    const reviews = objects.map((object): Json => ({ review: reviewOf(object), parameters: {} }))
    const inputs = Object.fromEntries(modules.map(({ package: name }) => [name, reviews]))
    const options = dialect === 'v0' ? ['--v0-compatible'] : []
    const answers = evaluated(modules, inputs, 'violation', {}, { options })
    for (const [i, policy] of policies.entries()) {
      const judge = evaluator([policy], { engine: referenceEngine })
      for (const [j, object] of objects.entries()) {
        const verdict = judge.evaluateJson(object).judgements[0]?.verdict as Verdict
        const actual = answers[modules[i]?.package ?? '']?.[j]
        expect(sorted(actual as readonly unknown[]), `${policy.id} ${JSON.stringify(object)}`).toBe(
          sorted(reported(verdict)),
        )
      }
    }
  }
})

it.each(libraryCases)('$id: $expect, under OPA', ({ group, parameters, objects, ...expected }) => {
  const policy = libraryPolicies[group] as Policy
  const module = emitRego(compiled(policy))
  const answers = evaluated(
    [module, emitRegoLibrary([module])],
    { [module.package]: objects as readonly Json[] },
    'decision',
    { gatewright: { parameters: { [policy.id]: (parameters ?? {}) as Json } } },
  )
  const decisions = answers[module.package] as readonly Decision[]
  const isDenied = decisions.some(({ verdict }) => verdict === 'denied')
  expect(isDenied).toBe(expected.expect === 'fail')
  for (const { verdict } of decisions) expect(['allowed', 'denied', 'not-applicable']).toContain(verdict)
  if (expected.violations !== null && expected.violations > 0)
    expect(decisions.flatMap(({ violations }) => violations)).toHaveLength(expected.violations)
})

function compiled(policy: Policy): { readonly ir: CheckedPolicy; readonly values: Policy['values'] } {
  const ir = check(policy.ir)
  if ('problems' in ir) throw new Error(JSON.stringify(ir.problems))
  return { ir, values: policy.values }
}
