import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readBundle } from '@gatewright/bundle'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FakeRegistry } from '../faults/registry/fake-registry.js'

const command = fileURLToPath(new URL('../../packages/gatewright/bin/gatewright.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gatewright-push-'))
const registry = new FakeRegistry()
let name = ''

beforeAll(async () => {
  name = `${await registry.listen()}/team/policies:main`
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(join(folder, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
  const other = generateKeyPairSync('ed25519').publicKey
  writeFileSync(join(folder, 'other.pem'), other.export({ type: 'spki', format: 'pem' }))
})
afterAll(async () => {
  await registry.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => registry.reset())

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command beside the registry, which lives in this process. */
function gatewright(...given: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', DOCKER_CONFIG: folder }
    execFile(process.execPath, [command, ...given], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

const ed = ['--signing-alg', 'EdDSA', '--key-id', 'main'] as const
const policy = ['--policy', 'pod-security/host-namespaces', '--no-config'] as const
const signed = [...policy, '--signing-key', 'key.pem', ...ed] as const
const verified = ['--out', 'pulled/bundle.tar.gz', '--verification-key', 'public.pem', ...ed] as const

describe('gatewright push and pull', () => {
  it('bring a signed bundle to a registry and back', async () => {
    const pushed = await gatewright('push', name, ...signed, '--sequence', '2')
    expect(pushed).toMatchObject({ status: 0, stderr: '2 of 2 blobs uploaded\n' })
    expect(pushed.stdout).toMatch(/^127\.0\.0\.1:\d+\/team\/policies:main@sha256:[\da-f]{64}\n$/)
    expect(await gatewright('push', name, ...signed, '--sequence', '2')).toMatchObject({
      status: 0,
      stderr: 'it was there already\n',
      stdout: pushed.stdout,
    })
    const pulled = await gatewright('pull', name, ...verified)
    expect(pulled).toMatchObject({ status: 0, stdout: pushed.stdout })
    expect(pulled.stderr).toMatch(/^revision 2-[\da-f]{32}, for opa, signed by main, verified$/m)
    const { manifest } = await readBundle(readFileSync(join(folder, 'pulled/bundle.tar.gz')))
    expect(manifest.revision).toMatch(/^2-/)
    const again = await gatewright('push', name.replace(':main', ':copy'), '--bundle', 'pulled/bundle.tar.gz')
    expect(again.stdout.split('@')[1]).toBe(pushed.stdout.split('@')[1])
  })

  it('refuse what is not asked for, and write nothing then', async () => {
    await gatewright('push', name, ...signed, '--sequence', '2')
    const out = ['--out', 'none/bundle.tar.gz'] as const
    for (const [given, why] of [
      [['--verification-key', 'other.pem', ...ed], 'the signature does not hold'],
      [['--not-before', `3-${'0'.repeat(32)}`], 'is older than'],
      [['--max-bytes', '10'], 'more than the 10 that are taken'],
    ] as const) {
      const { status, stdout, stderr } = await gatewright('pull', name, ...out, ...given)
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
      expect(stderr).toContain(why)
    }
    expect(existsSync(join(folder, 'none'))).toBe(false)
    expect(await gatewright('pull', name.replace(':main', ':none'), ...out)).toMatchObject({ status: 3 })
  })

  it('publish and tell drift by the files of the tag, and move it from what was seen', async () => {
    const to = ['--to', 'oci', '--no-test', '--reference', name] as const
    const tried = await gatewright('publish', ...to, ...signed, '--diff')
    expect(tried.status, tried.stderr).toBe(1)
    expect(tried.stdout).toBe(`${name} would be created\n`)
    expect(registry.manifests.size).toBe(0)
    const first = await gatewright('publish', ...to, ...signed)
    expect(first.status, first.stderr).toBe(0)
    expect(first.stdout).toMatch(/:main@sha256:[\da-f]{64} created\n$/)
    expect((await gatewright('publish', ...to, ...signed)).stdout).toBe(
      first.stdout.replace('created', 'unchanged'),
    )
    const from = ['drift', '--from', 'oci', '--reference', name] as const
    const verify = ['--verification-key', 'public.pem', ...ed] as const
    expect(await gatewright(...from, ...policy, ...verify)).toMatchObject({ status: 0, stdout: '' })
    // another key is never the same, whatever the files say
    const other = await gatewright(...from, ...policy, '--verification-key', 'other.pem', ...ed)
    expect(other.status).toBe(3)
    expect(other.stderr).toContain('the signature does not hold')
    const more = ['--policy', 'pod-security/host-ports', ...signed.slice(2)] as const
    const drifted = await gatewright(...from, '--policy', 'pod-security/host-ports', '--no-config')
    expect(drifted.status).toBe(1)
    expect(drifted.stdout).toContain('  gatewright/pod_security/host_namespaces.rego comes from no source\n')
    expect(drifted.stdout).toContain('  gatewright/pod_security/host_ports.rego is not in it\n')
    expect(drifted.stdout).toContain('  revision is another\n')
    const moved = await gatewright('publish', ...to, ...more)
    expect(moved.stdout).toMatch(/ configured\n$/)
    expect((await gatewright(...from, '--policy', 'pod-security/host-ports', '--no-config')).status).toBe(0)
    for (const [given, why] of [
      [['--to', 'oci', '--no-test'], 'it is not said which tag'],
      [['--to', 'oci', '--no-test', '--reference', name.replace(':main', '')], 'names no tag'],
      [[...to, '--cel'], '`--cel` is of the target'],
    ] as const) {
      const { status, stderr } = await gatewright('publish', ...given, ...policy)
      expect(status, stderr).toBe(2)
      expect(stderr).toContain(why)
    }
  })

  it('say that a tag is another one with exit code 1', async () => {
    const first = await gatewright('push', name, ...policy, '--if-digest', 'none')
    expect(first.status).toBe(0)
    const second = await gatewright('push', name, ...signed, '--if-digest', 'none')
    expect(second.status).toBe(1)
    expect(second.stderr).toContain('and had to be not there: it was not moved')
    const digest = first.stdout.trim().split('@')[1] ?? ''
    expect((await gatewright('push', name, ...signed, '--if-digest', digest)).status).toBe(0)
  })

  it('take manifests for gator, and refuse options that nothing would come of', async () => {
    mkdirSync(join(folder, 'manifests/templates'), { recursive: true })
    writeFileSync(join(folder, 'manifests/templates/a.yaml'), 'kind: A\n')
    const gator = ['--layout', 'gator', '--manifests', 'manifests'] as const
    expect(await gatewright('push', name, ...gator)).toMatchObject({ status: 0 })
    const manifest = JSON.parse([...registry.manifests.values()][0]?.toString() ?? '') as object
    expect(manifest).toMatchObject({
      layers: [{ annotations: { 'org.opencontainers.image.title': 'templates/a.yaml' } }],
    })
    for (const [given, why] of [
      [['--layout', 'gator'], 'gator pulls manifests'],
      [['--manifests', 'manifests'], 'is of the layout `gator`'],
      [[...gator, '--sequence', '2'], '`--sequence` says how a bundle is built'],
      [['--bundle', 'pulled/bundle.tar.gz', '--policy', 'x'], '`--policy` says how a bundle is built'],
      [['--layout', 'conftest', ...signed], 'conftest takes no signatures'],
      [['--bundle', 'nowhere'], 'cannot be read'],
      [[...policy, '--if-digest', 'sha256:1'], 'a digest, sha256:'],
    ] as const) {
      const { status, stderr } = await gatewright('push', name, ...given)
      expect(status, stderr).toBe(2)
      expect(stderr).toContain(why)
    }
  })

  it('never repeat a password that stands in a reference', async () => {
    for (const reference of [`me:pa55word@${name}`, `http://me:pa55word@${name}`]) {
      const { status, stdout, stderr } = await gatewright('push', reference, ...policy)
      expect(status).toBe(2)
      expect(`${stdout}${stderr}`).not.toContain('pa55word')
    }
    expect(registry.seen).toHaveLength(0)
  })

  it('use the credentials of `docker login`, and show them nowhere', async () => {
    const auth = Buffer.from('me:pa55word').toString('base64')
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }))
    let accepted = `Basic ${auth}`
    registry.fault = ({ authorization }, response) => {
      if (authorization === accepted) return false
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end('pa55word')
      return true
    }
    expect((await gatewright('push', name, ...policy)).status).toBe(0)
    accepted = 'nothing'
    const { status, stdout, stderr } = await gatewright('push', name, ...policy)
    rmSync(join(folder, 'config.json'))
    expect(status).toBe(3)
    expect(stderr).toContain('refuses the credentials')
    expect(`${stdout}${stderr}`).not.toMatch(/pa55word|bWU6/)
  })
})
