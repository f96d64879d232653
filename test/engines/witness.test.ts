import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { opa } from './opa.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const command = join(root, 'packages/gatewright/bin/gatewright.js')

let honest: string
beforeAll(() => {
  honest = mkdtempSync(join(tmpdir(), 'gatewright-opa-'))
  symlinkSync(opa(), join(honest, 'opa'))
})

interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function check(folder: string, path: string, ...options: readonly string[]): Run {
  return spawnSync(process.execPath, [command, 'check', folder, '--engine', 'opa', ...options], {
    encoding: 'utf8',
    cwd: root,
    env: { ...process.env, PATH: path },
  })
}

function files(made: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-witness-test-'))
  for (const [name, text] of Object.entries(made)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

it('OPA confirms every verdict of the example with the packs', () => {
  for (const pack of ['pod-security', 'pod-security-standards/restricted']) {
    const { status, stdout, stderr } = check(
      'examples/shop/manifests',
      honest,
      '--policy',
      pack,
      '--no-config',
    )
    const [, confirmed, asked] = /confirms (\d+) of (\d+) verdicts/.exec(stderr) ?? []
    expect(Number(asked)).toBeGreaterThan(150)
    expect(confirmed).toBe(asked)
    expect(stdout).toContain('findings')
    expect(status).toBe(1)
  }
})

const policies = `import { policy } from ${JSON.stringify(join(root, 'packages/gatewright/dist/index.js'))}
import { networkPolicies, pods } from ${JSON.stringify(join(root, 'packages/gatewright/dist/kubernetes.js'))}
export const isolated = policy({ id: 'test/isolated', title: 'There is a network policy', severity: 'low', target: pods,
  rule: ({ object, cluster }) => cluster.list(networkPolicies).inNamespaceOf(object).isEmpty().deny({ message: 'there is none' }) })
`
const pod = (namespace: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: a, namespace: ${namespace} }\nspec: { containers: [{ name: c, image: nginx }] }\n`
const network =
  'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: deny, namespace: shop }\nspec: { podSelector: {} }\n'

it('gives OPA the objects that policies look up, and whether these are all', () => {
  const made = files({ 'p.mjs': policies, 'm/a.yaml': [pod('shop'), pod('bare'), network].join('---\n') })
  const given = ['--policy', join(made, 'p.mjs'), '--no-config']
  const open = check(join(made, 'm'), honest, ...given)
  expect(open.stderr).toContain('confirms 3 of 3 verdicts')
  expect(open.stdout).toContain('1 undetermined')
  const closed = check(join(made, 'm'), honest, ...given, '--inventory-complete')
  expect(closed.stderr).toContain('confirms 3 of 3 verdicts')
  expect(closed.stdout).toContain('there is none')
  expect(closed.status).toBe(1)
})

it('parameters reach OPA', () => {
  const made = files({
    'm/a.yaml': pod('shop').replace('image: nginx', 'image: nginx, securityContext: { privileged: true }'),
    'p.yaml': 'pod-security/privileged-containers: { exemptImages: [nginx] }\n',
  })
  const { status, stderr } = check(
    join(made, 'm'),
    honest,
    '--policy',
    'pod-security/privileged-containers',
    '--parameters',
    join(made, 'p.yaml'),
    '--no-config',
  )
  expect(stderr).toContain('confirms 1 of 1 verdicts')
  expect(status).toBe(0)
})

it('a verdict that OPA does not confirm is an error', () => {
  const made = files({
    'm/a.yaml': pod('shop'),
    'bin/opa': `#!/bin/sh\n${opa()} "$@" | sed 's/"verdict": *"allowed"/"verdict":"denied"/g'\n`,
  })
  chmodSync(join(made, 'bin/opa'), 0o755)
  const { status, stdout, stderr } = check(
    join(made, 'm'),
    `${join(made, 'bin')}:/usr/bin:/bin`,
    '--policy',
    'pod-security/privileged-containers',
    '--no-config',
  )
  expect(stderr).toContain('confirms 0 of 1 verdicts')
  expect(stdout).toContain('OPA says denied, in process the policy says allowed')
  expect(status).toBe(3)
})

it('without OPA there is no witness, and no verdict', () => {
  const made = files({ 'm/a.yaml': pod('shop') })
  const { status, stderr } = check(
    join(made, 'm'),
    made,
    '--policy',
    'pod-security/privileged-containers',
    '--no-config',
  )
  expect(stderr).toContain('there is no `opa` on PATH')
  expect(status).toBe(2)
})
