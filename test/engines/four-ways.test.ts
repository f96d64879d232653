import { createRequire } from 'node:module'
import { compileJavaScript, emitRegoLibrary, emitRego } from '@gatewright/compiler'
import { inventoryOf } from '@gatewright/evaluator'
import type { Json } from '@gatewright/core'
import { expect, it } from 'vitest'
import { normalizeJson } from '../../packages/evaluator/src/normalize.js'
import { RandomPolicies } from '../fuzz/random-policies.js'
import {
  type AskedWasm,
  compared,
  dataOf,
  documentOf,
  expectedOf,
  instanceOf,
  moduleOf,
  report,
} from '../fuzz/wasm-judged.js'
import { type Decision, differenceOf } from './decisions.js'
import { exactJson } from './opa.js'
import { answersOf, type Asked, checked, inputOf, isSaid } from './rego-judged.js'

interface LoadedPolicy {
  setData(data: unknown): void
  evaluate(input: ArrayBufferLike, entrypoint: string): readonly { readonly result: Decision }[]
}
const { loadPolicySync } = createRequire(new URL('../../packages/evaluator/package.json', import.meta.url))(
  '@open-policy-agent/opa-wasm',
) as { readonly loadPolicySync: (bytes: Uint8Array) => LoadedPolicy }

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 8_000)
const objectsEach = 40
const policiesAtOnce = 50

it(`JavaScript, our loader, opa-wasm and OPA say what the reference says, on ${runs} pairs of random rules and objects (seed ${seed})`, () => {
  const random = new RandomPolicies(seed, { unknowns: false, reviews: true })
  const seen: Record<string, number> = {}
  let refused = 0
  for (let pair = 0; pair < runs; pair += objectsEach * policiesAtOnce) {
    const stored = { objects: random.inventory(), complete: random.chance(0.5) }
    const inventory = inventoryOf(stored.objects, stored)
    const all = Array.from({ length: policiesAtOnce }, (_, i): Asked => {
      const { policy, given, parameters, review } = random.next()
      const reviews = Array.from({ length: objectsEach }, review)
      return { policy: checked({ ...policy, id: `fuzz/p${i}` }), given, parameters, reviews }
    })
    const asked = all.filter(({ policy }) => isSaid(policy) && moduleOf(policy) !== undefined)
    refused += all.length - asked.length
    const printed = asked.map(({ policy }) => emitRego({ ir: policy }))
    const answers = answersOf([...printed, emitRegoLibrary(printed)], printed, asked, stored, seed + pair)
    for (const [i, { policy, given, parameters, reviews }] of asked.entries()) {
      const { bytes, entryPoints } = moduleOf(policy) as NonNullable<ReturnType<typeof moduleOf>>
      const hosted = loadPolicySync(bytes)
      const how: AskedWasm = { given, parameters, ...stored, spelling: seed + pair }
      hosted.setData(JSON.parse(exactJson(dataOf(policy, how))))
      const javascript = compileJavaScript(policy)
      const instance = instanceOf(policy, how)
      for (const [j, review] of reviews.entries()) {
        const expected = expectedOf(policy, how, review)
        seen[expected.verdict] = (seen[expected.verdict] ?? 0) + 1
        const { difference } = compared(policy, how, review, instance)
        if (difference !== undefined) throw new Error(report(policy, how, review))
        const normalized = normalizeJson(inputOf(review))
        if (!('problem' in normalized)) {
          const verdict = javascript.judge(parameters, { ...normalized.review, inventory })
          expect(exactJson(verdict as unknown as Json)).toBe(exactJson(expected as unknown as Json))
        }
        const text = new TextEncoder().encode(documentOf(review, how))
        const [answer] = hosted.evaluate(text.buffer, entryPoints[1] as string)
        // the host reads what the module wrote with JSON.parse, which is not exact
        const rough = (decision: Decision): Decision => ({
          ...decision,
          violations: decision.violations.map((each) => ({ ...(each as object), details: {} })),
        })
        const roughly = differenceOf(
          { ...expected, violations: expected.violations.map((each) => ({ ...each, details: {} })) },
          answer && rough(answer.result),
        )
        // which of several that differ in details alone comes first, or is the same, is lost with them
        const isWorse =
          roughly !== undefined && Object.keys(expected.violations[0]?.details ?? {}).length === 0
        if (isWorse)
          throw new Error(
            `opa-wasm: ${roughly}\n${report(policy, how, review)}\n${exactJson(answer as never)}`,
          )
        const said = answers[printed[i]?.package ?? '']?.[j] as Decision | undefined
        const unlike = normalizedDifference(expected, said)
        if (unlike !== undefined)
          throw new Error(
            `OPA: ${unlike}\n${report(policy, how, review)}\n${exactJson((said ?? null) as never)}`,
          )
      }
    }
  }
  console.log(seen, `${refused} policies refused`)
  expect(refused).toBeLessThan(runs / objectsEach / 2)
  for (const verdict of ['allowed', 'denied', 'invalid', 'not-applicable'])
    expect(seen[verdict] ?? 0, verdict).toBeGreaterThan(runs / 1000)
})

/** Rego keeps the fields of a request that are null, which nothing but a detail can tell. */
function normalizedDifference(
  expected: Parameters<typeof differenceOf>[0],
  said: Decision | undefined,
): string | undefined {
  const difference = differenceOf(expected, said)
  if (difference === undefined || said === undefined) return difference
  return exactJson(said.violations as never).includes('"dryRun":null') ? undefined : difference
}
