import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readArchive, writeArchive } from '@gatewright/bundle'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const command = fileURLToPath(new URL('../../packages/gatewright/bin/gatewright.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gatewright-bundle-'))
afterAll(() => rmSync(folder, { recursive: true }))

function gatewright(given: readonly string[]): {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...given], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', SIGNING_SECRET: 'a secret of this test' },
  })
  return { status, stdout, stderr }
}

const build = (...more: readonly string[]): ReturnType<typeof gatewright> =>
  gatewright([
    'build',
    '--target',
    'bundle',
    '--policy',
    'pod-security/host-namespaces',
    '--out',
    'out',
    ...more,
  ])
const bundle = (): Buffer => readFileSync(join(folder, 'out/bundle.tar.gz'))

beforeAll(() => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(join(folder, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
  mkdirSync(join(folder, 'other'))
})

const ed = ['--signing-alg', 'EdDSA', '--key-id', 'main', '--scope', 'write'] as const
const verified = ['--verification-key', 'public.pem', ...ed] as const

describe('gatewright build --target bundle', () => {
  it('writes the same bundle each time, and says whether it has drifted', () => {
    expect(build()).toMatchObject({ status: 0, stderr: '1 file in out\n' })
    const before = bundle()
    expect(build()).toMatchObject({ status: 0 })
    expect(bundle().equals(before)).toBe(true)
    expect(build('--check')).toMatchObject({ status: 0, stdout: '' })
    expect(build('--check', '--form', 'wasm')).toMatchObject({
      status: 1,
      stdout: 'out/bundle.tar.gz is not what the policy comes to\n',
    })
  })

  it('signs it, which `inspect` verifies', async () => {
    expect(build('--sequence', '7', '--signing-key', 'key.pem', ...ed).status).toBe(0)
    expect(build('--sequence', '7', '--signing-key', 'key.pem', ...ed, '--check').status).toBe(0)
    const { status, stdout } = gatewright(['inspect', 'out/bundle.tar.gz', ...verified])
    expect(status).toBe(0)
    expect(stdout).toContain('signed by main with EdDSA for write, verified')
    expect(stdout).toMatch(/^revision {2}7-[\da-f]{32}$/m)
    expect(stdout).toMatch(/ {2}gatewright\/pod_security\/host_namespaces\.rego$/m)
    const unverified = gatewright(['inspect', 'out/bundle.tar.gz'])
    expect(unverified.stdout).toContain('signed, and not verified')
    const json = JSON.parse(
      gatewright(['inspect', 'out/bundle.tar.gz', '--json', ...verified]).stdout,
    ) as object
    expect(json).toMatchObject({ signer: { keyId: 'main' }, manifest: { roots: expect.any(Array) } })

    const revision = /^revision {2}(.+)$/m.exec(stdout)?.[1] ?? ''
    const later = gatewright(['inspect', 'out/bundle.tar.gz', '--not-before', revision.replace('7-', '8-')])
    expect(later.status).toBe(3)
    expect(later.stderr).toMatch(/is older than/)

    const files = new Map(await readArchive(bundle()))
    files.set('gatewright/more.rego', new TextEncoder().encode('package gatewright.lib\n'))
    writeFileSync(join(folder, 'more.tar.gz'), await writeArchive(files))
    const refused = gatewright(['inspect', 'more.tar.gz', ...verified])
    expect(refused).toMatchObject({ status: 3, stdout: '' })
    expect(refused.stderr).toBe(
      'gatewright: more.tar.gz: "gatewright/more.rego": it is there, and is not signed\n',
    )
  })

  it('takes a secret from a variable', () => {
    const key = ['--signing-alg', 'HS256'] as const
    expect(build('--signing-key', 'env:SIGNING_SECRET', ...key).status).toBe(0)
    const read = gatewright([
      'inspect',
      'out/bundle.tar.gz',
      '--verification-key',
      'env:SIGNING_SECRET',
      ...key,
    ])
    expect(read.stdout).toContain('signed by default with HS256, verified')
    expect(read.stdout + read.stderr).not.toContain('a secret of this test')
  })

  it.each([
    [['--signing-key', 'none.pem'], /`none\.pem` cannot be read/],
    [['--signing-key', 'env:NO_SUCH'], /`NO_SUCH` is not set/],
    [['--signing-key', 'public.pem', '--signing-alg', 'EdDSA'], /takes a private key in PEM/],
    [['--signing-key', 'key.pem'], /RS256 takes an RSA key, and this is one of the kind `/],
    [['--signing-key', 'key.pem', '--signing-alg', 'RS265'], /did you mean `RS256`/],
    [['--key-id', 'x'], /`--key-id` says something of a key, and there is none/],
    [['--sequence', '0'], /`--sequence` is an integer from 1/],
    [['--signing-key', 'key.pem', '--signing-alg', 'ES256', '--check'], /another one each time/],
  ])('refuses %j', (options, said) => {
    const { status, stderr } = build(...options)
    expect(status).toBe(2)
    expect(stderr).toMatch(said)
  })

  it('is the only target that is signed', () => {
    const { status, stderr } = gatewright(['build', '-t', 'rego', '--out', 'x', '--signing-key', 'key.pem'])
    expect(status).toBe(2)
    expect(stderr).toContain('`--signing-key` is of the target `bundle`')
  })
})

describe('gatewright build --target vap', () => {
  it('writes admission policies and their bindings, and says where they are not in force', () => {
    const vap = (...more: readonly string[]): ReturnType<typeof gatewright> =>
      gatewright(['build', '-t', 'vap', '--policy', 'pod-security', '--out', 'vap', ...more])
    const { status, stderr } = vap()
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('not in force in kube-system')
    expect(stderr).toContain('38 files in vap')
    expect(readFileSync(join(folder, 'vap/bindings/gatewright-pod-security-users.yaml'), 'utf8')).toContain(
      'validationActions:\n    - Deny\n',
    )
    expect(vap('--check').status).toBe(0)
    expect(vap('--check', '--action', 'audit').status).toBe(2)
    const warning = vap('--check', '--action', 'warn')
    expect(warning.status).toBe(1)
    expect(warning.stdout).toContain('bindings/gatewright-pod-security-users.yaml is not what')
  })
})
