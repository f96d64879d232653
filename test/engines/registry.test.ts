import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Artifact,
  bundleArtifact,
  gatorArtifact,
  parseReference,
  policyBundle,
  pull,
  push,
  readArchive,
  type Reference,
  RegistryError,
  type SigningKey,
  writeArchive,
  writeBundle,
} from '@gatewright/bundle'
import { check, type CheckedPolicy, type Json, policiesOf } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import * as pack from '@gatewright/pod-security'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { binaries } from '../binaries.js'
import { findDockerRegistry, runDockerRegistry, type RunningRegistry, until } from './docker-registry.js'
import { randomObjects } from './random-objects.js'
import { type RunningOpa, runOpa } from './running-opa.js'

const found = findDockerRegistry()
// the lane is asked for real engines: only outside CI may one be missing
const skips = 'reason' in found && process.env['CI'] === undefined
const reason = 'reason' in found ? ` (skipped: ${found.reason})` : ''

let registry: RunningRegistry
const folder = mkdtempSync(join(tmpdir(), 'gatewright-artifacts-'))
beforeAll(async () => {
  if (skips) return
  if ('reason' in found) throw new Error(found.reason)
  registry = await runDockerRegistry(found.path)
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  if (!skips) await registry.close()
})

const pemOf = (
  pair: ReturnType<typeof generateKeyPairSync>,
): { readonly key: string; readonly open: string } => ({
  key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  open: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
})
const own = pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }) as never)
const other = pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }) as never)
const signing: SigningKey = { algorithm: 'RS256', key: own.key, keyId: 'main', scope: 'write' }
const verification = { keys: { main: { algorithm: 'RS256', key: own.open, scope: 'write' } } } as const

const policies = policiesOf([pack.podSecurity])
const checked = policies.map(({ ir, values }) => {
  const result = check(ir)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return { ir: result as CheckedPolicy, values: values as Readonly<Record<string, Json>> }
})
const bundleOf = (sequence: number): ReturnType<typeof policyBundle> => policyBundle(checked, { sequence })

const encoder = new TextEncoder()
const at = (name: string): Reference => parseReference(`${registry.host}/team/${name}`)
const quick = { credentials: async () => undefined, longestPause: 50 } as const

/** An OPA that pulls from the registry, verifies with a key, and keeps looking. */
const opaPulling = (name: string, key: string = own.open): Promise<RunningOpa> =>
  runOpa({
    services: { registry: { url: `http://${registry.host}`, type: 'oci' } },
    keys: { main: { algorithm: 'RS256', key, scope: 'write' } },
    bundles: {
      policies: {
        service: 'registry',
        resource: `${registry.host}/team/${name}`,
        polling: { min_delay_seconds: 1, max_delay_seconds: 1 },
        signing: { keyid: 'main', scope: 'write' },
      },
    },
  })

describe.skipIf(skips)(`a real registry${reason}`, () => {
  it('gives OPA our bundle, whose verdicts are ours, and the next one', async () => {
    const [one, two] = [bundleOf(1), bundleOf(2)]
    await push(at('policies:main'), await bundleArtifact(await writeBundle(one, signing)), quick)
    const opa = await opaPulling('policies:main')
    try {
      await opa.hasRevision('policies', one.manifest.revision)
      let denied = 0
      for (const object of randomObjects(5, 30))
        for (const { policy, verdict } of evaluate(policies, object).judgements) {
          const path = policy.id.replaceAll('-', '_')
          const theirs = (await opa.data(`gatewright/${path}/decision`, object)) as {
            readonly verdict: string
            readonly violations: readonly object[]
          }
          expect(theirs.verdict, policy.id).toBe(verdict.verdict)
          expect(theirs.violations.length).toBe(verdict.violations.length)
          denied += verdict.violations.length
        }
      expect(denied).toBeGreaterThan(20)
      await push(at('policies:main'), await bundleArtifact(await writeBundle(two, signing)), quick)
      await opa.hasRevision('policies', two.manifest.revision)
    } finally {
      await opa.close()
    }
  })

  it('gives neither OPA nor us a bundle that is tampered with, not signed, or signed by another key', async () => {
    const good = await writeBundle(bundleOf(1), signing)
    const files = new Map(await readArchive(good))
    const rego = [...files.keys()].find((path) => path.endsWith('.rego')) ?? ''
    files.set(rego, encoder.encode(`${new TextDecoder().decode(files.get(rego))}\n# more\n`))
    const bad = {
      tampered: await writeArchive(files),
      unsigned: await writeBundle(bundleOf(1)),
      foreign: await writeBundle(bundleOf(1), { ...signing, key: other.key }),
    }
    for (const [name, bytes] of Object.entries(bad)) {
      await push(at(`bad:${name}`), await bundleArtifact(bytes), quick)
      await expect(pull(at(`bad:${name}`), { ...quick, verification }), name).rejects.toThrow(/sign/)
      const opa = await opaPulling(`bad:${name}`)
      try {
        await until('OPA refuses it', () => opa.logs().includes('Bundle load failed'), opa.logs)
        expect(await opa.data('system/bundles/policies/manifest/revision', null), name).toBeUndefined()
        expect(await opa.data('gatewright', {})).toBeUndefined()
      } finally {
        await opa.close()
      }
    }
  })

  it('has what it is given by its digest, and moves tags from the digest that was said', async () => {
    const artifacts = await Promise.all(
      [1, 2].map(async (n) => bundleArtifact(await writeBundle(bundleOf(n), signing))),
    )
    const [one, two] = artifacts as [Artifact, Artifact]
    await push(at('tags:main'), one, { ...quick, ifDigest: 'none' })
    await expect(push(at('tags:main'), two, { ...quick, ifDigest: 'none' })).rejects.toMatchObject({
      problem: 'conflict',
    })
    await push(at('tags:main'), two, { ...quick, ifDigest: one.digest })
    for (const artifact of artifacts) {
      const pulled = await pull(at(`tags@${artifact.digest}`), { ...quick, verification })
      expect(pulled.digest).toBe(artifact.digest)
    }
    const revision = bundleOf(3).manifest.revision
    await expect(pull(at('tags:main'), { ...quick, verification, notBefore: revision })).rejects.toThrow(
      'is older than',
    )
  })

  it('is given a large bundle in parts, also where it is killed in between', async () => {
    const files = new Map([
      ['a/random.rego', encoder.encode(`# ${randomBytes(9_000_000).toString('base64')}\n`)],
    ])
    const bytes = await writeBundle({
      manifest: { revision: '', roots: ['a'], wasm: [], metadata: {} },
      files,
    })
    const artifact = await bundleArtifact(bytes)
    // the second part meets a registry that is gone for a moment
    let isKilled = false
    const real = globalThis.fetch
    globalThis.fetch = async (...given) => {
      const response = await real(...given)
      if (!isKilled && given[1]?.method === 'PATCH') {
        isKilled = true
        await registry.kill()
        setTimeout(() => void registry.start(), 300)
      }
      return response
    }
    try {
      await push(at('large:main'), artifact, { ...quick, attempts: 40, longestPause: 200 })
    } finally {
      globalThis.fetch = real
    }
    expect(isKilled).toBe(true)
    expect(Buffer.from((await pull(at('large:main'), quick)).archive).equals(bytes)).toBe(true)
  })

  it('B7: ends with one of the artifacts, whole, after many publishers at once', async () => {
    const artifacts = await Promise.all(
      [1, 2, 3, 4].map(async (n) =>
        bundleArtifact(
          await writeBundle(
            {
              manifest: { revision: `${n}-${'0'.repeat(32)}`, roots: ['a'], wasm: [], metadata: {} },
              files: new Map([['a/a.rego', encoder.encode(`package a\n\nb := ${n}\n`)]]),
            },
            signing,
          ),
        ),
      ),
    )
    let conflicts = 0
    let rivals = 0
    for (let round = 0; round < 125; round++) {
      const name = `race:r${round}`
      const results = await Promise.allSettled(
        artifacts.map((artifact) => push(at(name), artifact, { ...quick, ifDigest: 'none' })),
      )
      const { digest } = await pull(at(name), { ...quick, verification })
      rivals += results.filter(({ status }) => status === 'fulfilled').length > 1 ? 1 : 0
      for (const [i, result] of results.entries()) {
        if (result.status === 'fulfilled') continue
        expect(result.reason).toBeInstanceOf(RegistryError)
        expect((result.reason as RegistryError).problem).toBe('conflict')
        conflicts++
        // whoever is told of a conflict is not who moved it last
        expect(artifacts[i]?.digest).not.toBe(digest)
      }
    }
    console.log(
      `500 pushes, 4 at once: ${conflicts} conflicts told, ${rivals} of 125 tags with two who were told none`,
    )
    expect(conflicts).toBeGreaterThan(125)
  })

  it('gives gator the manifests that it tests with', async () => {
    const template = `apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: { name: refused }
spec:
  crd: { spec: { names: { kind: Refused } } }
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package refused
        violation[{"msg": "refused by what was pulled"}] { true }
`
    const constraint =
      'apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Refused\nmetadata: { name: all }\n'
    const files = new Map(
      Object.entries({ 'templates/refused.yaml': template, 'all.yaml': constraint }).map(
        ([path, text]) => [path, encoder.encode(text)] as const,
      ),
    )
    const { pinned } = await push(at('gator:main'), gatorArtifact(files), quick)
    const object = join(folder, 'object.yaml')
    writeFileSync(object, 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: b }\n')
    const { status, stdout, stderr } = spawnSync(
      binaries('gator').gator,
      ['test', '--filename', object, '--image', pinned.replace(':main@', '@')],
      { encoding: 'utf8', env: { ...process.env, DOCKER_CONFIG: folder, HOME: folder } },
    )
    expect(`${stdout}${stderr}`).toContain('refused by what was pulled')
    expect(status).toBe(1)
  })

  it('gives conftest the modules and data that it tests with', async () => {
    const files = new Map(
      Object.entries({
        'team/main.rego':
          'package main\n\nimport rego.v1\n\ndeny contains msg if {\n\tinput.kind == data.team.refused\n\tmsg := "refused by what was pulled"\n}\n',
        'team/data.json': '{"refused": "ConfigMap"}\n',
      }).map(([path, text]) => [path, encoder.encode(text)] as const),
    )
    const manifest = { revision: '1', roots: ['main', 'team'], wasm: [], metadata: {} }
    const artifact = await bundleArtifact(await writeBundle({ manifest, files }, signing), 'conftest')
    await push(at('conftest:main'), artifact, quick)
    const home = join(folder, 'conftest')
    mkdirSync(home)
    writeFileSync(join(home, 'object.yaml'), 'kind: ConfigMap\n')
    const run = (...given: readonly string[]): ReturnType<typeof spawnSync> =>
      spawnSync(binaries('conftest').conftest, given, {
        encoding: 'utf8',
        cwd: home,
        env: { ...process.env, DOCKER_CONFIG: folder, HOME: home },
      })
    const pulled = run('pull', '--policy', 'policy', `${registry.host}/team/conftest:main`)
    expect(pulled.status, String(pulled.stderr)).toBe(0)
    expect(readFileSync(join(home, 'policy/team/data.json'), 'utf8')).toBe('{"refused": "ConfigMap"}\n')
    const { status, stdout } = run('test', '--policy', 'policy', '--data', 'policy', 'object.yaml')
    expect(stdout).toContain('refused by what was pulled')
    expect(status).toBe(1)
  })
})
