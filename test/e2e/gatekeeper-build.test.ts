import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const command = join(root, 'packages/gatewright/bin/gatewright.js')
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache/gatekeeper-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function build(...more: readonly string[]): {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
} {
  const given = [command, 'build', '--target', 'gatekeeper', '--out', 'out', ...more]
  return spawnSync(process.execPath, given, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
}

const config = (gatekeeper: string): void =>
  writeFileSync(
    join(folder, 'gatewright.config.ts'),
    `import { defineConfig } from 'gatewright'
import { constraint } from 'gatewright/gatekeeper'
import { hostPorts, privilegedContainers } from 'gatewright/policies/pod-security'
export default defineConfig({
  policies: [hostPorts, privilegedContainers],
  parameters: { 'pod-security/host-ports': { min: 8000, max: 9000 } },
  match: { excludedNamespaces: ['kube-*'] },
  actions: { 'pod-security/host-ports': 'warn' },
  gatekeeper: ${gatekeeper},
})
`,
  )
const read = (path: string): string => readFileSync(join(folder, 'out', path), 'utf8')

beforeAll(() => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'vitest.config.ts'), `export default { test: { include: ['*.test.ts'] } }`)
})

it('writes templates, and constraints with what the configuration says', () => {
  config(`{
    kinds: { 'pod-security/privileged-containers': 'K8sPrivileged' },
    constraints: [constraint(privilegedContainers, { name: 'shop', kind: 'K8sPrivileged', match: { namespaces: ['shop'] } })],
  }`)
  expect(build()).toMatchObject({ status: 0, stderr: '4 files in out\n' })
  expect(readdirSync(join(folder, 'out/constraints'))).toEqual([
    'k8sprivileged.shop.yaml',
    'podsecurityhostports.pod-security-host-ports.yaml',
  ])
  const written = read('constraints/podsecurityhostports.pod-security-host-ports.yaml')
  expect(written).toContain('enforcementAction: warn')
  expect(written).toContain('  parameters:\n    min: 8000\n    max: 9000\n')
  expect(written).toContain('    excludedNamespaces:\n      - "kube-*"\n')
  expect(read('constraints/k8sprivileged.shop.yaml')).toContain('namespaces:\n      - shop\n')
  expect(read('templates/k8sprivileged.yaml')).toContain('            rego: |\n')
})

it('says what has drifted, and what is there although nothing comes to it', () => {
  expect(build('--check')).toMatchObject({ status: 0, stdout: '' })
  expect(build('--check', '--rego-version', 'v0').status).toBe(1)
  config('{}')
  const { status, stdout } = build('--check')
  expect(status).toBe(1)
  expect(stdout).toContain('out/constraints/k8sprivileged.shop.yaml is there, and nothing comes to it')
  expect(stdout).toContain('out/templates/podsecurityprivilegedcontainers.yaml is not there')
  expect(build().stderr).toContain('out/templates/k8sprivileged.yaml is none of them, and stays: delete it')
  expect(existsSync(join(folder, 'out/templates/k8sprivileged.yaml'))).toBe(true)
})

it('writes suites of what tests asked, and says what is left out', () => {
  rmSync(join(folder, 'out'), { recursive: true, force: true })
  config('{}')
  writeFileSync(
    join(folder, 'privileged.test.ts'),
    `import { privilegedContainers } from 'gatewright/policies/pod-security'
import { testPolicy } from 'gatewright/vitest'
const pod = (privileged: boolean) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' },
  spec: { containers: [{ name: 'app', image: 'a', securityContext: { privileged } }] } })
testPolicy(privilegedContainers, {
  allows: { plain: pod(false) },
  denies: { privileged: { object: pod(true) } },
})
`,
  )
  const test = spawnSync(process.execPath, [command, 'test', '--records', 'asked', '--no-mutation'], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(test.status, `${test.stdout}${test.stderr}`).toBe(0)
  const { status, stderr } = build('--records', 'asked')
  expect(status, stderr).toBe(0)
  const suite = read('suites/podsecurityprivilegedcontainers/suite.yaml')
  expect(suite).toContain('violations: 1')
  expect(suite).toContain('message: "^container app must not run privileged$"')
  expect(suite).toContain('violations: "no"')
  expect(build('--records', 'nowhere')).toMatchObject({ status: 2 })
})

it('expands what makes Pods for policies about Pods alone', () => {
  rmSync(join(folder, 'out'), { recursive: true, force: true })
  writeFileSync(
    join(folder, 'gatewright.config.ts'),
    `import { defineConfig, message, policy } from 'gatewright'
import { pods } from 'gatewright/kubernetes'
import { privilegedContainers } from 'gatewright/policies/pod-security'
const named = policy({ id: 'team/named', title: 'Named', severity: 'low', target: pods,
  rule: ({ object }) => object.metadata.name.is('x').deny({ message: message\`x\` }) })
export default defineConfig({ policies: [named, privilegedContainers], gatekeeper: { expansion: true } })
`,
  )
  expect(build()).toMatchObject({ status: 0 })
  expect(readdirSync(join(folder, 'out/templates')).filter((each) => each.startsWith('expansion.'))).toEqual([
    'expansion.gatewright-pods-by-spec-jobtemplate-spec-template.yaml',
    'expansion.gatewright-pods-by-spec-template.yaml',
  ])
  // told once: by the workload itself
  expect(
    read('constraints/podsecurityprivilegedcontainers.pod-security-privileged-containers.yaml'),
  ).toContain('source: Original')
  expect(read('constraints/teamnamed.team-named.yaml')).not.toContain('source:')
  config(`{ expansion: 'yes' } as never`)
  expect(build().stderr).toContain('`gatekeeper.expansion` is true or false')
})

it('writes CEL beside the Rego where a policy can be said in it, and says where it cannot', () => {
  rmSync(join(folder, 'out'), { recursive: true, force: true })
  config('{}')
  const { status, stderr } = build('--cel', '--records', 'asked')
  expect(status, stderr).toBe(0)
  const template = read('templates/podsecurityprivilegedcontainers.yaml')
  expect(template.indexOf('engine: K8sNativeValidation')).toBeLessThan(template.indexOf('engine: Rego'))
  expect(template).toContain('generateVAP: false')
  expect(template).toContain('failurePolicy: Fail')
  expect(template).toContain('maxItems: 8')
  // one violation with all that is found
  expect(read('suites/podsecurityprivilegedcontainers/suite.yaml')).toContain(
    'message: "(?:^|; )container app must not run privileged(?:; |$)"',
  )
  const strict = build('--cel', '--holds-to', '60')
  expect(strict).toMatchObject({ status: 0 })
  expect(strict.stderr).toMatch(
    /pod-security\/host-ports is judged by Rego alone: .* Gatekeeper would judge no object with more than \d+ elements/,
  )
  expect(build('--cel', '--provider', 'x').stderr).toContain('CEL stands beside Rego v1')
})

it('refuses constraints of no policy, and options of other targets', () => {
  config(`{ constraints: [{ kind: 'Other', metadata: { name: 'x' }, spec: {} } as never] }`)
  expect(build().stderr).toContain('constraint `x` is of kind `Other`, and no template has it')
  config(`{ constraint: [] } as never`)
  expect(build().stderr).toContain('`gatekeeper` has `constraint`; it knows constraints')
  config('{}')
  expect(build('--sequence', '2').stderr).toContain('`--sequence` is of the target `bundle`')
})
