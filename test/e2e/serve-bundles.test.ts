import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get as httpsGet } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { readBundle, writeBundle } from '@gatewright/bundle'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type RunningCommand, runCommand } from '../running-command.js'

const command = fileURLToPath(new URL('../../packages/gatewright/bin/gatewright.js', import.meta.url))
// in the repository, where a configuration finds `gatewright`
mkdirSync(fileURLToPath(new URL('../../node_modules/.cache', import.meta.url)), { recursive: true })
const folder = mkdtempSync(fileURLToPath(new URL('../../node_modules/.cache/serve-', import.meta.url)))
const outside = mkdtempSync(join(tmpdir(), 'gatewright-serve-'))
const running: RunningCommand[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.end('SIGKILL')
})
afterAll(() => {
  rmSync(folder, { recursive: true })
  rmSync(outside, { recursive: true })
})

async function serving(at: string, ...given: readonly string[]): Promise<RunningCommand> {
  const started = await runCommand(at, 'serve', 'bundles', ...given, '--port', '0')
  running.push(started)
  return started
}

function bundleOf(sequence: number): Promise<Uint8Array> {
  const revision = `${sequence}-${'0'.repeat(32)}`
  const files = new Map([['a/a.rego', new TextEncoder().encode(`package a\n\nb := ${sequence}\n`)]])
  return writeBundle({ manifest: { revision, roots: ['a'], wasm: [], metadata: {} }, files })
}

function put(name: string, bytes: Uint8Array): string {
  mkdirSync(join(outside, 'bundles'), { recursive: true })
  writeFileSync(join(outside, 'beside'), bytes)
  renameSync(join(outside, 'beside'), join(outside, 'bundles', name))
  return 'bundles'
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds());) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const revisionAt = async (url: string, name: string): Promise<string> => {
  const response = await fetch(`${url}/bundles/${name}.tar.gz`)
  return (await readBundle(new Uint8Array(await response.arrayBuffer()))).manifest.revision
}

describe('gatewright serve bundles', () => {
  it('serves a folder, does not go back after a restart, and ends when it is told', async () => {
    const bundles = put('main.tar.gz', await bundleOf(2))
    const server = await serving(outside, bundles, '--state', 'state.json')
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await revisionAt(server.url, 'main')).toMatch(/^2-/)
    put('main.tar.gz', await bundleOf(1))
    await until('it is refused', () => server.log().includes('"bundle-refused"'))
    expect(await revisionAt(server.url, 'main')).toMatch(/^2-/)
    expect(await server.end()).toBe(0)
    for (const line of server.log().trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ time: expect.any(String), event: expect.any(String) })
    await expect(serving(outside, bundles, '--state', 'state.json')).rejects.toThrow(
      'it ended with 3: gatewright: main.tar.gz: its revision',
    )
    const told = await serving(outside, bundles, '--state', 'state.json', '--allow-rollback')
    expect(await revisionAt(told.url, 'main')).toMatch(/^1-/)
  })

  it('builds the bundle of the configuration, and again when a policy changes', async () => {
    writeFileSync(
      join(folder, 'gatewright.config.ts'),
      "import { podSecurity } from 'gatewright/policies/pod-security'\nimport { defineConfig } from 'gatewright'\n\nexport default defineConfig({ policies: [podSecurity.policies[0]] })\n",
    )
    const server = await serving(folder, '--watch', '--name', 'team')
    const before = await revisionAt(server.url, 'team')
    writeFileSync(join(folder, 'gatewright.config.ts'), 'export default { policies: [ }')
    await until('it is refused', () => server.log().includes('"bundle-refused"'))
    expect(await revisionAt(server.url, 'team')).toBe(before)
    writeFileSync(
      join(folder, 'gatewright.config.ts'),
      "import { podSecurity } from 'gatewright/policies/pod-security'\nimport { defineConfig } from 'gatewright'\n\nexport default defineConfig({ policies: [podSecurity] })\n",
    )
    await until('it is built again', async () => (await revisionAt(server.url, 'team')) !== before)
    expect(await server.end()).toBe(0)
  })

  it('refuses options that nothing would come of, and what would show tokens to everyone', () => {
    writeFileSync(join(outside, 'tokens'), 'main short')
    mkdirSync(join(outside, 'empty'), { recursive: true })
    for (const [given, why] of [
      [['empty', '--policy', 'x'], '`--policy` says how a bundle is built'],
      [['empty', '--watch'], '`--watch` says how a bundle is built'],
      [['--verification-key', 'x'], 'is for the bundles of a folder'],
      [['--watch', '--sequence', '1'], 'would number all of them the same'],
      [['empty', '--host', '0.0.0.0'], 'is reached by other machines'],
      [['empty', '--host', '0.0.0.0', '--plain-http', '--reports', 'r'], 'everyone could post reports'],
      [['empty', '--tls-cert', 'x'], 'belong together'],
      [['empty', '--client-ca', 'x'], 'needs --tls-cert'],
      [['empty', '--tokens', 'tokens'], 'line 1 of the tokens'],
      [['empty', '--tokens', 'nowhere'], 'cannot be read'],
      [['empty', '--port', '99999'], 'is no port'],
      [['nowhere'], 'cannot be served'],
    ] as const) {
      const { status, stderr } = spawnSync(process.execPath, [command, 'serve', 'bundles', ...given], {
        cwd: outside,
        encoding: 'utf8',
      })
      expect(stderr).toContain(why)
      expect(stderr).not.toContain('short\n')
      expect(status).toBe(2)
    }
  })

  it('speaks TLS with clients of an authority, and takes other certificates without dropping a call', async () => {
    const openssl = (...given: readonly string[]): void => {
      const { status, stderr } = spawnSync('openssl', given, { cwd: outside, encoding: 'utf8' })
      expect(status, stderr).toBe(0)
    }
    const signed = (name: string, authority: string, extension = 'subjectAltName=IP:127.0.0.1'): void => {
      openssl(
        'req',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${name}`,
      )
      writeFileSync(join(outside, 'extensions'), extension)
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        `${authority}.crt`,
        '-CAkey',
        `${authority}.key`,
        '-CAcreateserial',
        '-out',
        `${name}.crt`,
        '-days',
        '2',
        '-extfile',
        'extensions',
      )
    }
    for (const name of ['authority', 'foreign'])
      openssl(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.crt`,
        '-subj',
        `/CN=${name}`,
        '-days',
        '2',
      )
    signed('server', 'authority')
    signed('client', 'authority')
    signed('stranger', 'foreign')
    const read = (file: string): string => readFileSync(join(outside, file), 'utf8')
    const bundles = put('main.tar.gz', await bundleOf(3))
    const server = await serving(
      outside,
      bundles,
      '--tls-cert',
      'server.crt',
      '--tls-key',
      'server.key',
      '--client-ca',
      'authority.crt',
    )
    /** The status, and the serial number of the server's certificate. */
    const ask = (
      client: string | undefined,
      headers: Record<string, string> = {},
      agent = agentOf(client),
    ): Promise<readonly [number, string, string]> =>
      new Promise((resolve, reject) => {
        httpsGet(`${server.url}/bundles/main.tar.gz`, { agent, headers }, (response) => {
          const serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber
          response
            .resume()
            .on('end', () => resolve([response.statusCode ?? 0, serial, String(response.headers.etag)]))
        }).on('error', reject)
      })
    const agentOf = (client: string | undefined): Agent =>
      new Agent({
        ca: read('authority.crt'),
        keepAlive: false,
        ...(client !== undefined && { cert: read(`${client}.crt`), key: read(`${client}.key`) }),
      })
    const [status, serial, etag] = await ask('client')
    expect(status).toBe(200)
    await expect(ask(undefined)).rejects.toThrow()
    await expect(ask('stranger')).rejects.toThrow()
    const waiting = ask('client', { 'if-none-match': etag, prefer: 'wait=30' })
    const [oldKey, oldSerial] = [read('server.key'), serial]
    signed('server', 'authority')
    await until('there are other certificates', async () => (await ask('client'))[1] !== oldSerial)
    expect(read('server.key')).not.toBe(oldKey)
    put('main.tar.gz', await bundleOf(4))
    expect((await waiting)[0]).toBe(200)
    expect((await waiting)[1]).toBe(oldSerial)
    const now = (await ask('client'))[1]
    writeFileSync(join(outside, 'server.crt'), 'no certificate')
    await until('it is told', () => server.log().includes('stay as they were'))
    expect((await ask('client'))[1]).toBe(now)
    expect(await server.end()).toBe(0)
  })
})
