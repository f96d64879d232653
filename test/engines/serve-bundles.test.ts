import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { policyBundle, readArchive, type SigningKey, writeArchive, writeBundle } from '@gatewright/bundle'
import { check, type CheckedPolicy, type Json, policiesOf } from '@gatewright/core'
import { evaluator } from '@gatewright/evaluator'
import * as pack from '@gatewright/pod-security'
import { readDecisions, rejudge } from '@gatewright/server'
import { afterAll, expect, it } from 'vitest'
import { runCommand } from '../running-command.js'
import { freePort, until } from './docker-registry.js'
import { randomObjects } from './random-objects.js'
import { runOpa } from './running-opa.js'

const folder = mkdtempSync(join(tmpdir(), 'gatewright-served-'))
afterAll(() => rmSync(folder, { recursive: true }))

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const signing: SigningKey = {
  algorithm: 'RS256',
  key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  keyId: 'main',
}
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const policies = policiesOf([pack.podSecurity])
const checked = policies.map(({ ir, values }) => {
  const result = check(ir)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return { ir: result as CheckedPolicy, values: values as Readonly<Record<string, Json>> }
})
const bundleOf = (sequence: number): ReturnType<typeof policyBundle> => policyBundle(checked, { sequence })

const token = 'a-token-that-is-long-enough'

it('OPA is sent a new revision within a second, survives a restart, refuses what is tampered with, and its decisions are replayed', async () => {
  const bundles = join(folder, 'bundles')
  mkdirSync(bundles)
  writeFileSync(join(folder, 'tokens'), `main ${token}\n/status ${token}\n/logs ${token}\n`)
  const put = (bytes: Uint8Array): void => {
    writeFileSync(join(folder, 'beside'), bytes)
    renameSync(join(folder, 'beside'), join(bundles, 'main.tar.gz'))
  }
  const [one, two, three] = [bundleOf(1), bundleOf(2), bundleOf(3)]
  put(await writeBundle(one, signing))
  const port = String(await freePort())
  const serve = (): ReturnType<typeof runCommand> =>
    runCommand(
      folder,
      'serve',
      'bundles',
      'bundles',
      '--port',
      port,
      '--tokens',
      'tokens',
      '--reports',
      'reports',
    )
  let server = await serve()
  const opa = await runOpa({
    labels: { app: 'test' },
    services: {
      ours: { url: server.url, credentials: { bearer: { token } } },
    },
    keys: { main: { algorithm: 'RS256', key: publicKey } },
    bundles: {
      main: {
        service: 'ours',
        resource: 'bundles/main.tar.gz',
        polling: { min_delay_seconds: 1, max_delay_seconds: 2, long_polling_timeout_seconds: 30 },
        signing: { keyid: 'main' },
      },
    },
    status: { service: 'ours' },
    decision_logs: { service: 'ours', reporting: { min_delay_seconds: 1, max_delay_seconds: 1 } },
  })
  const revision = (): Promise<unknown> => opa.data('system/bundles/main/manifest/revision', null)
  try {
    await opa.hasRevision('main', one.manifest.revision)
    // it waits by now: what it has is told to it at once
    await until('OPA waits', () => server.log().split('"resource":"main"').length > 1)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const next = await writeBundle(two, signing)
    const from = performance.now()
    put(next)
    await until('it is served', () => server.log().split('"resource":"main","status":200').length > 2)
    const served = performance.now() - from
    await opa.hasRevision('main', two.manifest.revision)
    const active = performance.now() - from
    console.log(
      `a new revision is with OPA after ${Math.round(served)} ms, and judges after ${Math.round(active)} ms`,
    )
    expect(served).toBeLessThan(1000)

    const objects = randomObjects(8, 12)
    let count = 0
    for (const object of objects)
      for (const { id } of policies) {
        await opa.data(`gatewright/${id.replaceAll('-', '_')}/decision`, object)
        count++
      }

    // what is served is not verified here: OPA refuses it, and keeps what it has
    const files = new Map(await readArchive(await writeBundle(three, signing)))
    const rego = [...files.keys()].find((path) => path.endsWith('.rego')) ?? ''
    files.set(rego, new TextEncoder().encode(`${new TextDecoder().decode(files.get(rego))}\n# more\n`))
    put(await writeArchive(files))
    await until('OPA refuses it', () => opa.logs().includes('Bundle load failed'), opa.logs)
    expect(await revision()).toBe(two.manifest.revision)

    // the tampered one has number 3, so that the next good one has to be 4
    const four = bundleOf(4)
    expect(await server.end()).toBe(0)
    put(await writeBundle(four, signing))
    expect(await revision()).toBe(two.manifest.revision)
    server = await serve()
    await opa.hasRevision('main', four.manifest.revision, 60_000)

    const judge = evaluator(policies)
    const replayed = async (): Promise<{ readonly same: number; readonly other: readonly object[] }> => {
      let same = 0
      const other: object[] = []
      for await (const each of readDecisions(join(folder, 'reports'))) {
        if ('damaged' in each) other.push(each)
        else if (each.decision.path.startsWith('gatewright/')) {
          const again = rejudge(each.decision, judge)
          if ('isSame' in again && again.isSame) same++
          else other.push({ ...again, path: each.decision.path })
        }
      }
      return { same, other }
    }
    await until('all decisions are stored', async () => (await replayed()).same >= count, server.log, 60_000)
    const { same, other } = await replayed()
    console.log(`${same} decisions of OPA stored, and judged again the same`)
    expect(other).toEqual([])
    expect(same).toBe(count)
    await until('a status is stored', () => server.log().includes('"resource":"/status"'))
    expect(server.log()).not.toContain(token)
  } finally {
    await opa.close()
    await server.end()
  }
})
