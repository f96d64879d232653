import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, expect, it } from 'vitest'
import { type RunningCommand, runCommand } from '../running-command.js'

const command = fileURLToPath(new URL('../../packages/gatewright/bin/gatewright.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gatewright-serve-webhook-'))
afterAll(() => rmSync(folder, { recursive: true }))
const running: RunningCommand[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.end('SIGKILL')
})

async function serving(): Promise<RunningCommand> {
  const started = await runCommand(
    folder,
    ...['serve', 'webhook', '--no-config', '--policy', 'pod-security', '--plain-http', '--port', '0'],
  )
  running.push(started)
  return started
}

async function ask(url: string, uid: string): Promise<unknown> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a' },
    spec: { hostPID: true, containers: [] },
  }
  const kind = { group: '', version: 'v1', kind: 'Pod' }
  const response = await fetch(`${url}/validate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: { uid, kind, operation: 'CREATE', name: uid, object: pod },
    }),
  })
  return response.json()
}

it('writes a line of JSON for each review, whatever stands in it, in which nothing speaks to a terminal', async () => {
  const server = await serving()
  const uid = 'a\n{"event":"forged"}\r\u001b[2J\u009b2J\u0085\u2028\u202ebackwards\u200b\u{e0041}\ud800"'
  expect(await ask(server.url, uid)).toMatchObject({ response: { uid, allowed: false } })
  await expect.poll(() => server.log()).toContain('"admission"')
  const lines = server.log().trimEnd().split('\n')
  const events = lines.map((line) => JSON.parse(line) as { readonly event: string; readonly uid?: string })
  expect(events.map(({ event }) => event)).toEqual(['policies-in-force', 'admission'])
  expect(events[1]?.uid).toBe(uid)
  expect(server.log()).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u)
})

it('answers on where nobody reads its log any more', async () => {
  const server = await serving()
  server.child.stderr?.destroy()
  for (let i = 0; i < 20; i++)
    expect(await ask(server.url, `u${i}`)).toMatchObject({ response: { uid: `u${i}`, allowed: false } })
  expect(server.child.exitCode).toBeNull()
  expect(await server.end()).toBe(0)
})

it('does not say the password of an address that it does not take', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...[command, 'serve', 'webhook', '--plain-http', '--port', '0', '--no-config'],
      ...['--bundle', 'https://user:s3cret@127.0.0.1:9/policies.tar.gz'],
    ],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  )
  expect(status).toBe(2)
  expect(stderr).toContain('has a user or a password in it')
  expect(stderr).not.toContain('s3cret')
})
