import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { emitRego, emitRegoLibrary, emitWasm } from '@gatewright/compiler'
import { judge, policiesOf, readParameters } from '@gatewright/core'
import { checkedIr } from '@gatewright/evaluator'
import * as pack from '@gatewright/pod-security'
import { expect, it } from 'vitest'
import { normalizeJson } from '../../packages/evaluator/src/normalize.js'
import { type Decision, differenceOf } from './decisions.js'
import { opa, withFiles } from './opa.js'
import { randomObjects } from './random-objects.js'

interface Loaded {
  evaluate(input: ArrayBufferLike, entrypoint: string): readonly { readonly result: Decision }[]
}
const { loadPolicySync } = createRequire(new URL('../../packages/evaluator/package.json', import.meta.url))(
  '@open-policy-agent/opa-wasm',
) as { readonly loadPolicySync: (bytes: Uint8Array) => Loaded }

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 12_000)

// what restricted shares with baseline stands in it once
const policies = policiesOf([pack.podSecurity, pack.restricted({ version: 'latest' })])

/**
 * Where OPA's own WebAssembly differs from its interpreter on what we emit, by policy and difference. None is known: what we emit
 * leaves out what the two do differently (sets that are iterated within `concat`, `sprintf` of what is no text).
 */
const known: ReadonlySet<string> = new Set()

it(`OPA's own WebAssembly of our Rego says what the reference says, on ${runs} random workloads (seed ${seed})`, () => {
  const modules = policies.map((each) => emitRego({ ir: checkedIr(each), values: each.values }))
  const entryOf = (i: number): string => `${modules[i]?.package.replaceAll('.', '/')}/decision`
  const theirs = withFiles([...modules, emitRegoLibrary(modules)], (folder) => {
    const bundle = join(folder, 'built.tar.gz')
    const entries = modules.flatMap((_, i) => ['-e', entryOf(i)])
    const options = ['build', '-t', 'wasm', ...entries, '-o', bundle, '-b', folder]
    const { status, stderr } = spawnSync(opa(), options, { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    spawnSync('tar', ['-xzf', bundle, '-C', folder, '/policy.wasm'])
    return readFileSync(join(folder, 'policy.wasm'))
  })
  const ours = emitWasm(policies.map((each) => ({ ir: checkedIr(each), values: each.values }))).bytes
  console.log(`${policies.length} policies: OPA's module has ${theirs.length} bytes, ours ${ours.length}`)
  expect(theirs.length / ours.length).toBeGreaterThan(4)
  const loaded = loadPolicySync(theirs)
  const objects = randomObjects(seed, Math.ceil(runs / policies.length)).flatMap((object) => {
    const normalized = normalizeJson(object)
    return 'problem' in normalized ? [] : [{ object, review: normalized.review }]
  })
  const found = new Map<string, string>()
  for (const [i, policy] of policies.entries()) {
    const read = readParameters(policy)
    if (!('parameters' in read)) throw new Error(`${policy.id} cannot be asked without parameters`)
    for (const { object, review } of objects) {
      const text = new TextEncoder().encode(JSON.stringify(object))
      const [answer] = loaded.evaluate(text.buffer, entryOf(i))
      const difference = differenceOf(judge(policy.ir, read.parameters, review), answer?.result)
      if (difference !== undefined) found.set(`${policy.id}: ${difference}`, JSON.stringify(object))
    }
  }
  expect([...found].filter(([each]) => !known.has(each))).toEqual([])
  expect([...known].filter((each) => !found.has(each))).toEqual([])
})
