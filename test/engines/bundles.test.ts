import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  policyBundle,
  readArchive,
  readBundle,
  type SigningAlgorithm,
  type SigningKey,
  writeArchive,
  writeBundle,
  writeDelta,
} from '@gatewright/bundle'
import { check, type CheckedPolicy, type Json, policiesOf } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import * as pack from '@gatewright/pod-security'
import { afterAll, describe, expect, it } from 'vitest'
import { opa } from './opa.js'
import { randomObjects } from './random-objects.js'

const folder = mkdtempSync(join(tmpdir(), 'gatewright-bundles-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function file(content: Uint8Array | string, ending: string): string {
  const path = join(folder, `${++files}${ending}`)
  writeFileSync(path, content)
  return path
}

/** What OPA says: its exit code, and its errors. */
function told(...given: readonly string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(opa(), given, { encoding: 'utf8', cwd: folder })
  return { status, text: `${stdout}${stderr}` }
}

const policies = policiesOf([pack.podSecurity])
const checked = policies.map(({ ir, values }) => {
  const result = check(ir)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return { ir: result as CheckedPolicy, values: values as Readonly<Record<string, Json>> }
})

interface Pair {
  readonly privateKey: string
  readonly publicKey: string
}

function pairOf({ privateKey, publicKey }: KeyPairKeyObjectResult): Pair {
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

const rsa = pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const otherRsa = pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const ec = pairOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }))
const secret = 'a secret that is long enough for HMAC'

const signing: SigningKey = { algorithm: 'RS256', key: rsa.privateKey, keyId: 'main', scope: 'write' }
const bundle = policyBundle(checked, { sequence: 1 })

/** Whether OPA loads a bundle with the keys that it is given. */
function opaTakes(bytes: Uint8Array, key: string, algorithm: SigningAlgorithm, scope?: string): boolean {
  const { status } = told(
    'build',
    '--bundle',
    file(bytes, '.tar.gz'),
    '--verification-key',
    key.startsWith('-----') ? file(key, '.pem') : key,
    '--verification-key-id',
    'main',
    '--signing-alg',
    algorithm,
    ...(scope === undefined ? [] : ['--scope', scope]),
    '--output',
    join(folder, 'out.tar.gz'),
  )
  return status === 0
}

async function weTake(
  bytes: Uint8Array,
  key: string,
  algorithm: SigningAlgorithm,
  scope = '',
): Promise<boolean> {
  try {
    await readBundle(bytes, { verification: { keys: { main: { algorithm, key } }, scope } })
    return true
  } catch {
    return false
  }
}

describe('a bundle of ours', () => {
  it('is read by OPA, with its revision, its roots and its policies', async () => {
    const path = file(await writeBundle(bundle), '.tar.gz')
    const { status, text } = told('inspect', '--format', 'json', path)
    expect(status, text).toBe(0)
    const { manifest } = JSON.parse(text) as { readonly manifest: object }
    expect(manifest).toMatchObject({ revision: bundle.manifest.revision, rego_version: 1 })
    expect((manifest as { readonly roots: readonly string[] }).roots.toSorted()).toEqual(
      bundle.manifest.roots.toSorted(),
    )
  })

  it('gives our verdicts in OPA', async () => {
    const path = file(await writeBundle(bundle), '.tar.gz')
    const objects = randomObjects(3, 40)
    const program = file(
      `package ask\n\nimport rego.v1\n\nverdicts := [answers |\n\tsome object in input\n\tanswers := {id: decision |\n\t\tsome id, name in data.names\n\t\tdecision := data.gatewright.pod_security[name].decision with input as object\n\t}\n]\n`,
      '.rego',
    )
    const names = Object.fromEntries(
      policies.map(({ id }) => [id, id.replace('pod-security/', '').replaceAll('-', '_')]),
    )
    const data = file(JSON.stringify({ names }), '.json')
    const { status, text } = told(
      'eval',
      '--format',
      'json',
      '--bundle',
      path,
      '--data',
      program,
      '--data',
      data,
      '--input',
      file(JSON.stringify(objects), '.json'),
      'data.ask.verdicts',
    )
    expect(status, text).toBe(0)
    const answers = (
      JSON.parse(text) as {
        readonly result: readonly [
          {
            readonly expressions: readonly [
              {
                readonly value: readonly Record<
                  string,
                  { readonly verdict: string; readonly violations: readonly object[] }
                >[]
              },
            ]
          },
        ]
      }
    ).result[0].expressions[0].value
    for (const [i, object] of objects.entries())
      for (const { policy, verdict } of evaluate(policies, object).judgements) {
        const theirs = answers[i]?.[policy.id]
        expect(theirs?.verdict, `${policy.id} of object ${i}`).toBe(verdict.verdict)
        expect(theirs?.violations.length).toBe(verdict.violations.length)
      }
  })

  it.each([
    ['RS256', rsa.privateKey, rsa.publicKey],
    ['PS512', rsa.privateKey, rsa.publicKey],
    ['ES384', ec.privateKey, ec.publicKey],
    ['HS512', secret, secret],
  ] as const)(
    'that is signed with %s is verified by OPA, and by no other key or scope',
    async (algorithm, key, theirs) => {
      const bytes = await writeBundle(bundle, { algorithm, key, keyId: 'main', scope: 'write' })
      expect(opaTakes(bytes, theirs, algorithm, 'write')).toBe(true)
      expect(opaTakes(bytes, theirs, algorithm)).toBe(false)
      expect(
        opaTakes(
          bytes,
          algorithm === 'HS512'
            ? 'another secret'
            : algorithm === 'ES384'
              ? rsa.publicKey
              : otherRsa.publicKey,
          algorithm,
          'write',
        ),
      ).toBe(false)
    },
  )

  it('of changed data is one that OPA reads', async () => {
    const delta = await writeDelta({
      manifest: { revision: '2', roots: ['gatewright/parameters'], wasm: [], metadata: {} },
      patch: [{ op: 'upsert', path: '/gatewright/parameters/team~1label', value: { keys: ['app'] } }],
    })
    const { status, text } = told('inspect', '--format', 'json', file(delta, '.tar.gz'))
    expect(status, text).toBe(0)
    expect(text).toContain('"revision": "2"')
  })
})

describe('a bundle of OPA', () => {
  it('is read and verified here, JSON by its meaning', async () => {
    const source = join(folder, 'source')
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(source, path)), { recursive: true })
      writeFileSync(join(source, path), text)
    }
    write('.manifest', '{"revision": "r1", "roots": ["team"], "metadata": {"by": "ü \\u2028 <&>"}}')
    write('team/policy.rego', 'package team.policy\n\ndefault allow := false\n')
    write(
      'team/data.json',
      '{"b": [1.50, 1e3, -0.0, 12345678901234567890], "a": "\\u0001\\b\\f<>&\\u2028\\ud83d\\ude00é", "A": null}',
    )
    const out = join(folder, 'theirs.tar.gz')
    const { status, text } = told(
      'build',
      '--bundle',
      // a relative path, since opa names modules by it
      'source',
      '--signing-key',
      file(rsa.privateKey, '.pem'),
      '--signing-alg',
      'RS256',
      '--output',
      out,
    )
    expect(status, text).toBe(0)
    const verification = {
      keys: { main: { algorithm: 'RS256', key: rsa.publicKey } },
      keyId: 'main',
    } as const
    const read = await readBundle(readFileSync(out), { verification })
    expect(read.signer).toEqual({ keyId: 'main', algorithm: 'RS256' })
    expect(read.manifest).toMatchObject({ revision: 'r1', roots: ['team'] })
    expect([...read.files.keys()].toSorted()).toEqual(['data.json', 'source/team/policy.rego'])
  })
})

describe('B2: what is tampered with', () => {
  const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
  const bytesOf = (given: string): Uint8Array => new TextEncoder().encode(given)
  type Changes = Readonly<Record<string, (all: Map<string, Uint8Array>) => void>>
  const rego = [...bundle.files.keys()].find((path) => path.endsWith('.rego')) ?? ''
  const signatures =
    (change: (token: string) => readonly string[]) =>
    (all: Map<string, Uint8Array>): void => {
      const {
        signatures: [token = ''],
      } = JSON.parse(text(all.get('.signatures.json'))) as { readonly signatures: readonly string[] }
      all.set('.signatures.json', bytesOf(JSON.stringify({ signatures: change(token) })))
    }
  const header = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const changes: Changes = {
    'a signature that is gone': (all) => all.delete('.signatures.json'),
    'no signature in the file': signatures(() => []),
    'two signatures': signatures((token) => [token, token]),
    'an empty signature': signatures((token) => [`${token.split('.').slice(0, 2).join('.')}.`]),
    'alg none': signatures((token) => [
      `${header({ alg: 'none', kid: 'main' })}.${token.split('.')[1] ?? ''}.`,
    ]),
    'a changed module': (all) => all.set(rego, bytesOf(`${text(all.get(rego))}\n# more\n`)),
    'an empty module': (all) => all.set(rego, bytesOf('')),
    'a module that is gone': (all) => all.delete(rego),
    'a module that is more': (all) => all.set('gatewright/more.rego', bytesOf('package gatewright.lib\n')),
    'data that are more': (all) => all.set('gatewright/lib/data.json', bytesOf('{}')),
    'another manifest': (all) =>
      all.set('.manifest', bytesOf(text(all.get('.manifest')).replace('1-', '2-'))),
    'no manifest': (all) => all.delete('.manifest'),
    'any other file': (all) => all.set('README.md', bytesOf('x')),
    'a patch': (all) =>
      all.set('patch.json', bytesOf('{"data": [{"op": "remove", "path": "/gatewright/lib"}]}')),
  }

  it.each(Object.keys(changes))('%s is refused here', async (name) => {
    const all = new Map(await readArchive(await writeBundle(bundle, signing)))
    changes[name]?.(all)
    const bytes = await writeArchive(all)
    expect(await weTake(bytes, rsa.publicKey, 'RS256', 'write')).toBe(false)
    // only what OPA takes unsigned by its nature is ours alone to refuse
    expect(opaTakes(bytes, rsa.publicKey, 'RS256', 'write')).toBe(false)
  })

  it('what is not is taken by both', async () => {
    const bytes = await writeBundle(bundle, signing)
    expect(await weTake(bytes, rsa.publicKey, 'RS256', 'write')).toBe(true)
    expect(opaTakes(bytes, rsa.publicKey, 'RS256', 'write')).toBe(true)
  })
})
