import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RegoModule } from '@gatewright/compiler'
import { judge, type Json } from '@gatewright/core'
import { checkedIr } from '@gatewright/evaluator'
import { privilegedContainers } from '@gatewright/pod-security'
import { describe, expect, it } from 'vitest'
import { normalizeJson } from '../../packages/evaluator/src/normalize.js'
import { loadOpaModule, OpaLoadError, type OpaModule } from '../../packages/evaluator/src/opa-wasm/index.js'
import { decisionOf, differenceOf } from './decisions.js'
import { opa, type RegoFile, withFiles } from './opa.js'
import { randomObjects } from './random-objects.js'
import { bundleOf } from './rego-judged.js'

/** A bundle that `opa build` makes of files. */
function built(files: readonly RegoFile[], ...entries: readonly string[]): Uint8Array {
  return withFiles(files, (folder) => {
    const bundle = join(folder, 'built.tar.gz')
    const options = entries.flatMap((each) => ['-e', each])
    const { status, stdout, stderr } = spawnSync(
      opa(),
      ['build', '-t', 'wasm', ...options, '-o', bundle, '-b', folder],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`${stdout}${stderr}`)
    return readFileSync(bundle)
  })
}

const pod = (privileged: boolean): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', securityContext: { privileged } }] },
})

const inObject = `package own
violation contains {"msg": msg, "details": {"name": c.name}} if {
	some c in input.spec.containers
	c.securityContext.privileged
	msg := sprintf("%s is privileged", [c.name])
}
deny contains "it is exempt from nothing" if input.metadata.name == data.names[_]
sometimes := [] if input.metadata.name == "p"
allow := count(violation) == 0
`
const inReview = `package k8sprivileged
violation contains {"msg": "privileged"} if {
	some c in input.review.object.spec.containers
	c.securityContext.privileged
	not c.name in input.parameters.exempt
}
`

describe('what OPA builds of the Rego of others', () => {
  const files = [
    { path: 'own.rego', text: inObject },
    { path: 'data.json', text: '{"names":["q"]}' },
  ]
  const load = (entrypoint: string, options = {}): Promise<OpaModule> =>
    loadOpaModule(built(files, entrypoint), { entrypoint, shape: 'object', ...options })

  it('a set of violations', async () => {
    const module = await load('own/violation')
    expect(module.evaluate(pod(false)).verdict).toBe('allowed')
    const wrapped = {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: { operation: 'CREATE', object: pod(true) },
    }
    for (const input of [
      pod(true),
      JSON.stringify(pod(true)),
      Buffer.from(JSON.stringify(pod(true))),
      wrapped,
    ]) {
      expect(module.evaluate(input)).toMatchObject({
        verdict: 'denied',
        violations: [{ policy: 'own/violation', message: 'c is privileged', details: { name: 'c' } }],
      })
    }
    for (const input of [undefined, null, '', [pod(true)], { kind: 'List', apiVersion: 'v1', items: [] }])
      expect(module.evaluate(input).verdict).toBe('error')
  })

  it('a package, and its data', async () => {
    const module = await load('own')
    expect(module.evaluate(pod(true)).violations.length).toBe(1)
    module.setData({ names: ['p'] })
    expect(module.evaluate(pod(true)).violations.length).toBe(2)
    expect((await load('own', { data: { names: ['p'] } })).evaluate(pod(false)).verdict).toBe('denied')
  })

  it('a rule that is undefined, or says yes or no', async () => {
    const sometimes = await load('own/sometimes')
    expect(sometimes.evaluate(pod(false)).verdict).toBe('allowed')
    expect(sometimes.evaluate({ ...(pod(true) as object), metadata: { name: 'x' } })).toMatchObject({
      verdict: 'error',
      reasons: [{ code: 'no-decision' }],
    })
    expect((await load('own/allow')).evaluate(pod(false)).reasons[0]?.code).toBe('not-a-decision')
  })

  it('a template of Gatekeeper', async () => {
    const bundle = built([{ path: 'a.rego', text: inReview }], 'k8sprivileged/violation')
    const module = await loadOpaModule(bundle, { shape: 'gatekeeper', parameters: { exempt: ['d'] } })
    expect(module.evaluate(pod(true)).verdict).toBe('denied')
    expect(module.evaluate(pod(false)).verdict).toBe('allowed')
    const error = await loadOpaModule(bundle).catch((each: unknown) => each)
    expect(error).toBeInstanceOf(OpaLoadError)
    expect((error as OpaLoadError).code).toBe('unknown-shape')
  })

  it('a builtin function that nobody brings, and one that somebody does', async () => {
    const text =
      'package b\nviolation contains "old" if semver.compare(input.metadata.version, "1.0.0") < 0\n'
    const bundle = built([{ path: 'b.rego', text }], 'b/violation')
    const error = await loadOpaModule(bundle, { shape: 'object' }).catch((each: unknown) => each)
    expect((error as OpaLoadError).code).toBe('missing-builtins')
    const versioned = { ...(pod(false) as object), metadata: { version: '0.9.0' } }
    const given = (compare: () => unknown): Promise<OpaModule> =>
      loadOpaModule(bundle, { shape: 'object', builtins: { 'semver.compare': compare } })
    expect((await given(() => -1)).evaluate(versioned).verdict).toBe('denied')
    const broken = await given(() => {
      throw new Error('it failed')
    })
    for (let i = 0; i < 3; i++)
      expect(broken.evaluate(versioned)).toMatchObject({
        verdict: 'error',
        reasons: [{ code: 'engine-failed' }],
      })
  })

  it('an evaluation that OPA breaks off', async () => {
    const text =
      'package b\nviolation := ["a"] if input.metadata.name\nviolation := ["b"] if input.metadata.name == "p"\n'
    const module = await loadOpaModule(built([{ path: 'b.rego', text }], 'b/violation'), { shape: 'object' })
    for (let i = 0; i < 3; i++) {
      expect(module.evaluate(pod(true))).toMatchObject({
        verdict: 'error',
        reasons: [{ code: 'engine-failed' }],
      })
      expect(module.evaluate({ ...(pod(true) as object), metadata: { name: 'x' } }).verdict).toBe('denied')
    }
  })
})

it('what OPA builds of our Rego says what the reference says', async () => {
  const policy = checkedIr(privilegedContainers)
  const { files, modules } = bundleOf([{ policy, given: {}, parameters: {}, reviews: [] }])
  const entry = `${(modules[0] as RegoModule).package.replaceAll('.', '/')}/decision`
  // OPA's own WebAssembly leaves these to its host
  const builtins = {
    'regex.replace': (text: string, pattern: string, by: string) =>
      text.replaceAll(new RegExp(pattern, 'g'), by),
    'json.match_schema': () => [true, []],
  }
  const module = await loadOpaModule(built(files, entry), { entrypoint: entry, policy: policy.id, builtins })
  for (const object of randomObjects(5, 200)) {
    const normalized = normalizeJson(object)
    if ('problem' in normalized) throw new Error('the object is no input')
    const expected = judge(policy, { exemptImages: [] }, normalized.review)
    expect(
      differenceOf(expected, decisionOf(module.evaluate(object))),
      JSON.stringify(object),
    ).toBeUndefined()
  }
})
