import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { evaluator } from '@gatewright/evaluator'
import * as pack from '@gatewright/pod-security'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from './docker-registry.js'
import { opa as opaBinary, withFiles } from './opa.js'
import { type RunningOpa, runOpa } from './running-opa.js'

const command = fileURLToPath(new URL('../../packages/gatewright/bin/gatewright.js', import.meta.url))
const caches = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))
mkdirSync(caches, { recursive: true })
const folder = mkdtempSync(join(caches, 'publish-opa-'))
let opa: RunningOpa

beforeAll(async () => {
  opa = await runOpa({})
})
afterAll(async () => {
  await opa.close()
  rmSync(folder, { recursive: true })
})

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

function gatewright(verb: string, ...given: readonly string[]): Promise<Ended> {
  const options = [verb, '--source', 'of-tests', '--opa-url', opa.url, ...given]
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1' }
    execFile(process.execPath, [command, ...options], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}
const publish = (...given: readonly string[]): Promise<Ended> =>
  gatewright('publish', '--no-test', '--to', 'opa', ...given)
const drift = (...given: readonly string[]): Promise<Ended> => gatewright('drift', '--from', 'opa', ...given)

function configured(policies: string, parameters: string): void {
  writeFileSync(
    join(folder, 'gatewright.config.ts'),
    `import { defineConfig } from 'gatewright'
import { hostNamespaces, hostPorts, privilegedContainers } from 'gatewright/policies/pod-security'
export default defineConfig({ policies: [${policies}], parameters: ${parameters} })
`,
  )
}

const run = (...given: readonly string[]): object => {
  const { status, stdout } = spawnSync(opaBinary(), given, { encoding: 'utf8' })
  return { status, stdout }
}

const pod = (spec: object): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec })
const objects = [
  pod({ containers: [{ name: 'a', image: 'a', securityContext: { privileged: true } }] }),
  pod({
    hostPID: true,
    containers: [{ name: 'a', image: 'a', ports: [{ containerPort: 80, hostPort: 80 }] }],
  }),
  pod({ containers: [{ name: 'a', image: 'a', ports: [{ containerPort: 80, hostPort: 8080 }] }] }),
  pod({ containers: [{ name: 'a', image: 'a' }] }),
]

/** Asks OPA of all policies, and holds it against the evaluator. */
async function agrees(given: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<void> {
  const policies = [pack.hostNamespaces, pack.hostPorts, pack.privilegedContainers]
  const judge = evaluator(policies, { parameters: given })
  for (const object of objects)
    for (const { policy, verdict } of judge.evaluate(object).judgements) {
      const said = (await opa.data(`gatewright/${policy.id.replaceAll('-', '_')}/decision`, object)) as {
        readonly verdict?: string
        readonly violations?: readonly { readonly message: string }[]
      }
      expect(said.violations?.map(({ message }) => message) ?? [], policy.id).toEqual(
        verdict.violations.map(({ message }) => message),
      )
    }
}

it('brings policies and their parameters into OPA, which then says what we say', async () => {
  const given = { 'pod-security/host-ports': { min: 8000, max: 9000 } }
  configured('hostNamespaces, hostPorts, privilegedContainers', JSON.stringify(given))
  const tried = await publish('--dry-run')
  expect(tried).toMatchObject({ status: 0 })
  expect(tried.stdout).toContain('would be created')
  expect((await drift()).status).toBe(1)
  const first = await publish()
  expect(first.status, first.stderr).toBe(0)
  // parameters are there before what reads them
  expect(first.stdout.split('\n')[0]).toBe('data gatewright/parameters/pod-security/host-ports created')
  expect(first.stderr).toContain('5 created')
  await agrees(given)
  expect((await publish()).stderr).toContain('5 unchanged')
  expect(await drift()).toMatchObject({ status: 0, stdout: '' })
})

it('writes Rego that OPA finds nothing wrong with', async () => {
  const texts = await opa.texts()
  expect(texts.length).toBe(4)
  withFiles(
    texts.map((text, i) => ({ path: `module-${i}.rego`, text })),
    (to) => {
      expect(run('check', '--strict', to)).toMatchObject({ status: 0 })
      expect(run('fmt', '--diff', to)).toMatchObject({ status: 0, stdout: '' })
    },
  )
})

it('tells what others changed, and mends it', async () => {
  const [module] = (await opa.modules()).filter((each) => each.includes('host_ports'))
  await opa.put(`v1/policies/${module}`, 'package gatewright.pod_security.host_ports\n')
  await opa.put('v1/policies/gatewright/of-tests/extra.rego', 'package extra\n')
  await opa.put('v1/data/gatewright/parameters/pod-security%2Fhost-ports', '{}')
  const found = await drift()
  expect(found.status).toBe(1)
  expect(found.stdout.split('\n').toSorted().filter(Boolean)).toEqual([
    'data gatewright/parameters/pod-security/host-ports is another',
    'module extra.rego comes from no source',
    expect.stringMatching(/^module \S*host_ports\S* is another$/),
  ])
  const json = JSON.parse((await drift('--json')).stdout) as readonly { readonly is: string }[]
  expect(json.filter(({ is }) => is === 'same')).toHaveLength(3)
  const mended = await publish('--prune')
  expect(mended.stderr).toContain('2 configured')
  expect(mended.stdout).toContain('module extra.rego pruned')
  expect((await drift()).status).toBe(0)
  await agrees({ 'pod-security/host-ports': { min: 8000, max: 9000 } })
})

it('takes away what comes from the source no more, data too, where that is asked', async () => {
  configured('hostNamespaces, privilegedContainers', '{}')
  expect((await publish()).stdout).toContain('comes from this source no more: --prune deletes it')
  const pruned = await publish('--prune')
  expect(pruned.stdout).toMatch(
    /module \S*host_ports\S* pruned\ndata gatewright\/parameters\/pod-security\/host-ports pruned\n/,
  )
  expect(await opa.data('gatewright/parameters', null)).toEqual({})
  expect((await drift()).status).toBe(0)
})

it('says what OPA says where it refuses, and what is no OPA', async () => {
  configured('hostNamespaces', '{}')
  const gone = await gatewright(
    'publish',
    '--no-test',
    '--to',
    'opa',
    '--opa-url',
    `http://127.0.0.1:${await freePort()}`,
  )
  expect(gone.status).toBe(3)
  expect(gone.stderr).toContain('does not answer')
  for (const [given, says] of [
    [['--opa-url', 'opa.example.com'], 'is no address'],
    [['--opa-url', 'http://opa.example.com'], 'could be read and changed on its way'],
    [['--opa-token', 'env:NO_SUCH_TOKEN'], 'there is no token in'],
    [['--action', 'warn'], 'OPA only tells them'],
  ] as const) {
    const refused = await publish(...given)
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain(says)
  }
})
