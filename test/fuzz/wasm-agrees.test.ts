import { emitWasm, WasmUnsupported } from '@gatewright/compiler'
import {
  check,
  type CheckedPolicy,
  judge,
  type Json,
  type PolicyIr,
  type Review,
  type Verdict,
} from '@gatewright/core'
import { inventoryOf } from '@gatewright/evaluator'
import { expect, it } from 'vitest'
import { decisionOf, differenceOf } from '../engines/decisions.js'
import { exactJson, spellings } from '../engines/opa.js'
import { inputOf, inventoryData } from '../engines/rego-judged.js'
import { normalizeJson } from '../../packages/evaluator/src/normalize.js'
import { ModuleInstance } from '../../packages/evaluator/src/wasm/module-instance.js'
import { webAssembly } from '../../packages/evaluator/src/wasm/web-assembly.js'
import { RandomPolicies } from './random-policies.js'
import { shrunk } from './shrink.js'

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
    const stored = { objects, complete: random.chance(0.5), inventory: undefined }
    const asked = { given, parameters, ...stored, spelling: seed + pair }
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
      const differs = (each: { policy: PolicyIr; review: Review }): boolean =>
        compared(each.policy, asked, each.review).difference !== undefined
      const least = shrunk({ policy, review }, (cases) => cases.find(differs))
      throw new Error(report(least.policy, asked, least.review))
    }
  }
  console.log(seen, `${refused} policies refused`)
  expect(refused).toBeLessThan(runs / objectsEach)
  for (const verdict of ['allowed', 'denied', 'invalid', 'error', 'undetermined', 'not-applicable'])
    expect(seen[verdict] ?? 0, verdict).toBeGreaterThan(runs / 1000)
})

interface Asked {
  readonly given: Readonly<Record<string, Json>>
  readonly parameters: Json
  readonly objects: readonly Json[]
  readonly complete: boolean
  readonly spelling: number
}

function checked(policy: PolicyIr): CheckedPolicy {
  const result = check(policy)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result
}

/** A module of one policy with its data; undefined where it is refused. */
function instanceOf(policy: PolicyIr, { given, objects, complete }: Asked): ModuleInstance | undefined {
  try {
    const { bytes } = emitWasm([{ ir: checked(policy) }])
    const instance = new ModuleInstance(new webAssembly.Module(bytes))
    instance.setData(
      exactJson({
        gatewright: { parameters: { [policy.id]: given }, inventory: { complete } },
        inventory: inventoryData(objects),
      }),
    )
    return instance
  } catch (error) {
    if (error instanceof WasmUnsupported) return undefined
    throw error
  }
}

function compared(
  policy: PolicyIr,
  asked: Asked,
  review: Review,
  instance: ModuleInstance | undefined = instanceOf(policy, asked),
): { readonly verdict: string; readonly difference?: string | undefined; readonly actual?: unknown } {
  const expected = expectedOf(policy, asked, review)
  if (instance === undefined) return { verdict: expected.verdict }
  const input = exactJson(inputOf(review), spellings(asked.spelling))
  const [answer] = instance.judge(input)
  const actual =
    answer === 0
      ? { verdict: 'allowed', violations: [], reasons: [] }
      : { ...answer, violations: bare(answer) }
  return { verdict: expected.verdict, difference: differenceOf(expected, actual as never), actual }
}

/** What the reference says of the input that the module is given. */
function expectedOf(policy: PolicyIr, asked: Asked, review: Review): Verdict {
  const normalized = normalizeJson(inputOf(review))
  if ('problem' in normalized) return { verdict: 'error', violations: [], reasons: [normalized.problem] }
  return judge(policy, asked.parameters, {
    ...normalized.review,
    inventory: inventoryOf(asked.objects, asked),
  })
}

const bare = (answer: unknown): readonly unknown[] =>
  (answer as { violations: readonly Record<string, unknown>[] }).violations.map(
    ({ at, code, details, message }) => ({ at, code, details, message }),
  )

function report(policy: PolicyIr, asked: Asked, review: Review): string {
  const { difference, actual } = compared(policy, asked, review)
  const expected = expectedOf(policy, asked, review)
  return [
    difference,
    `reference   ${exactJson(decisionOf(expected) as never)}`,
    `WebAssembly ${exactJson((actual ?? null) as never)}`,
    `input       ${exactJson(inputOf(review), spellings(asked.spelling))}`,
    `parameters  ${exactJson(asked.given)}`,
    `policy      ${exactJson({ when: (policy.when ?? null) as never, rules: policy.rules as never })}`,
  ].join('\n')
}
