import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { packPod } from './pod-security-cases.js'
import { type Answer, Api } from './rig/api.js'

const connection = inject('cluster')
const api = new Api(connection)
const namespace = 'published'
const command = fileURLToPath(new URL('../../packages/gatewright/bin/gatewright.js', import.meta.url))
const caches = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))
mkdirSync(caches, { recursive: true })
const folder = mkdtempSync(join(caches, 'publish-'))

interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const options = ['--kubeconfig', 'kubeconfig', '--source', 'cluster-test']
const gatewright = (verb: string, ...given: readonly string[]): Run =>
  spawnSync(process.execPath, [command, verb, ...options, ...given], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
const publish = (...given: readonly string[]): Run => gatewright('publish', '--no-test', ...given)

/** Three policies, about one namespace. */
function configured(policies: string, parameters = '{}'): void {
  writeFileSync(
    join(folder, 'gatewright.config.ts'),
    `import { defineConfig } from 'gatewright'
import { hostNamespaces, hostPorts, privilegedContainers } from 'gatewright/policies/pod-security'
export default defineConfig({
  policies: [${policies}],
  parameters: ${parameters},
  match: { namespaces: ['${namespace}'] },
  gatekeeper: { kinds: {
    'pod-security/host-namespaces': 'PublishedHostNamespaces',
    'pod-security/host-ports': 'PublishedHostPorts',
    'pod-security/privileged-containers': 'PublishedPrivileged',
  } },
})
`,
  )
}
const three = 'hostNamespaces, hostPorts, privilegedContainers'

const tried = (change: object): Promise<Answer> =>
  api.send('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, packPod('a', 'a', change as never))
const denies = (change: object, by: RegExp): Promise<void> =>
  vi.waitFor(
    async () => {
      const { status, text } = await tried(change)
      expect(status, text).toBeGreaterThanOrEqual(400)
      expect(text).toMatch(by)
    },
    { timeout: 20_000, interval: 300 },
  )

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(
    join(folder, 'kubeconfig'),
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'rig',
      clusters: [
        {
          name: 'rig',
          cluster: {
            server: `https://127.0.0.1:${connection.port}`,
            'certificate-authority': join(connection.keys, 'ca.crt'),
          },
        },
      ],
      contexts: [{ name: 'rig', context: { cluster: 'rig', user: 'rig' } }],
      users: [
        {
          name: 'rig',
          user: {
            'client-certificate': join(connection.keys, 'admin.crt'),
            'client-key': join(connection.keys, 'admin.key'),
          },
        },
      ],
    }),
  )
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
})

const constraintPath = '/apis/constraints.gatekeeper.sh/v1beta1'
const kinds = ['publishedhostnamespaces', 'publishedhostports', 'publishedprivileged']
afterAll(async () => {
  for (const kind of kinds) {
    await api.send('DELETE', `${constraintPath}/${kind}?labelSelector=gatewright.dev/source=cluster-test`)
    await api.send('DELETE', `/apis/templates.gatekeeper.sh/v1/constrainttemplates/${kind}`)
  }
  for (const plural of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies'])
    await api.send(
      'DELETE',
      `/apis/admissionregistration.k8s.io/v1/${plural}?labelSelector=gatewright.dev/source=cluster-test`,
    )
  api.close()
  rmSync(folder, { recursive: true })
})

it('brings policies to Gatekeeper, in order, and a second time nothing is left to do', async () => {
  configured(three)
  const tries = publish('--to', 'gatekeeper', '--dry-run')
  expect(tries.status, tries.stderr).toBe(0)
  expect(tries.stdout).toContain('ConstraintTemplate/publishedhostports would be created\n')
  expect(tries.stdout).toContain(
    'PublishedHostPorts/pod-security-host-ports would be created; it cannot be tried',
  )
  expect((await api.send('GET', `${constraintPath}/publishedhostports`)).status).toBe(404)

  const first = publish('--to', 'gatekeeper')
  expect(first.status, first.stderr).toBe(0)
  expect(first.stdout.split('\n').filter((line) => line.endsWith(' created'))).toHaveLength(6)
  await denies({ hostPID: true }, /the pod must not set hostPID/)
  expect((await tried({})).status).toBe(201)
  const second = publish('--to', 'gatekeeper')
  expect(second.status, second.stderr).toBe(0)
  expect(second.stdout.split('\n').filter((line) => line.endsWith(' unchanged'))).toHaveLength(6)
  expect(second.stderr).toContain('6 unchanged')
  const none = gatewright('drift', '--from', 'gatekeeper')
  expect(none.status, none.stdout).toBe(0)
})

it('drift tells what was changed, added and deleted by hand, and publishing mends it', async () => {
  const path = `${constraintPath}/publishedhostports/pod-security-host-ports`
  const patch = (change: object): Promise<unknown> =>
    api.ask('PATCH', path, change, { 'content-type': 'application/merge-patch+json' })
  await patch({
    spec: { enforcementAction: 'dryrun', match: { labelSelector: { matchLabels: { a: 'b' } } } },
  })
  await api.send('DELETE', `${constraintPath}/publishedprivileged/pod-security-privileged-containers`)
  const changed = gatewright('drift', '--from', 'gatekeeper')
  expect(changed.status, changed.stderr).toBe(1)
  expect(changed.stdout).toContain('PublishedHostPorts/pod-security-host-ports is another\n')
  expect(changed.stdout).toContain('  spec.enforcementAction\n    - "dryrun"\n    + "deny"\n')
  expect(changed.stdout).toContain('spec.match.labelSelector is set by someone else\n')
  expect(changed.stdout).toContain('PublishedPrivileged/pod-security-privileged-containers is not there\n')
  const json = JSON.parse(gatewright('drift', '--from', 'gatekeeper', '--json').stdout) as readonly {
    readonly is: string
  }[]
  expect(json.map(({ is }) => is).toSorted()).toEqual(['changed', 'missing', 'same', 'same', 'same', 'same'])

  const conflict = publish('--to', 'gatekeeper')
  expect(conflict.status).toBe(3)
  expect(conflict.stderr).toContain('--force takes these fields over')
  const difference = publish('--to', 'gatekeeper', '--diff', '--force')
  expect(difference.status, difference.stderr).toBe(1)
  expect(difference.stdout).toContain('  spec.enforcementAction\n    - "dryrun"\n    + "deny"\n')
  const forced = publish('--to', 'gatekeeper', '--force')
  expect(forced.status, forced.stderr).toBe(0)
  expect(forced.stdout).toContain('PublishedHostPorts/pod-security-host-ports configured\n')
  // what another has added is not taken away, and stays told
  expect(gatewright('drift', '--from', 'gatekeeper').stdout).toContain('is set by someone else')
  await patch({ spec: { match: { labelSelector: null } } })
  expect(gatewright('drift', '--from', 'gatekeeper').status).toBe(0)
})

it('what comes from the source no more is told, and deleted where that is asked', () => {
  configured('hostNamespaces')
  const left = publish('--to', 'gatekeeper')
  expect(left.status, left.stderr).toBe(0)
  expect(left.stdout).toContain('ConstraintTemplate/publishedprivileged comes from this source no more')
  const extra = gatewright('drift', '--from', 'gatekeeper')
  expect(extra.status).toBe(1)
  expect(extra.stdout).toContain(
    'PublishedPrivileged/pod-security-privileged-containers comes from no source\n',
  )
  const other = gatewright('drift', '--from', 'gatekeeper', '--source', 'another')
  expect(other.stdout).not.toContain('comes from no source')
  const pruned = publish('--to', 'gatekeeper', '--prune')
  expect(pruned.status, pruned.stderr).toBe(0)
  const lines = pruned.stdout.split('\n').filter((line) => line.endsWith(' pruned'))
  expect(lines).toHaveLength(4)
  // constraints go before their templates
  expect(lines.findIndex((line) => line.startsWith('ConstraintTemplate'))).toBe(2)
  expect(gatewright('drift', '--from', 'gatekeeper').status).toBe(0)
})

it('B9: killed at any moment, the same command ends it', async () => {
  configured(three)
  for (const milliseconds of [700, 1_000, 1_300, 1_700, 2_200]) {
    const child = spawn(
      process.execPath,
      [command, 'publish', ...options, '--no-test', '--to', 'gatekeeper', '--to', 'vap'],
      { cwd: folder, stdio: 'ignore' },
    )
    const ended = new Promise((resolve) => child.on('close', resolve))
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    child.kill('SIGKILL')
    await ended
  }
  const last = publish('--to', 'gatekeeper', '--to', 'vap')
  expect(last.status, last.stderr).toBe(0)
  expect(gatewright('drift', '--from', 'gatekeeper', '--from', 'vap').status).toBe(0)
  await denies({ hostPID: true }, /the pod must not set hostPID/)
})

it('brings admission policies into force, which deny without Gatekeeper too', async () => {
  const gone = publish('--to', 'vap', '--policy', 'pod-security/host-namespaces', '--prune')
  expect(gone.status, gone.stderr).toBe(0)
  await denies({ hostPID: true }, /ValidatingAdmissionPolicy/)
  const drift = (): Run => gatewright('drift', '--from', 'vap', '--policy', 'pod-security/host-namespaces')
  expect(drift().status).toBe(0)
  // what someone adds beside ours is in force, too
  const path =
    '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/gatewright-pod-security-host-namespaces'
  const hole = { spec: { matchConditions: [{ name: 'hole', expression: 'false' }] } }
  await api.ask('PATCH', path, hole, { 'content-type': 'application/strategic-merge-patch+json' })
  const holed = drift()
  expect(holed.status).toBe(1)
  expect(holed.stdout).toContain('is set by someone else')
})

it('brings parameters into the cluster before what reads them, and takes them away after it', async () => {
  configured('hostPorts', `{ 'pod-security/host-ports': { min: 8000, max: 9000 } }`)
  const objects = ['--to', 'vap', '--parameter-objects', '--prune', '--exclude-namespace', 'kube-system']
  const first = publish(...objects)
  expect(first.status, first.stderr).toBe(0)
  expect(first.stdout.split('\n').slice(0, 4)).toEqual([
    expect.stringMatching(/^CustomResourceDefinition\/podsecurityhostports.* created$/),
    expect.stringMatching(/^PodSecurityHostPorts\/.* created$/),
    expect.stringMatching(/^ValidatingAdmissionPolicy\//),
    expect.stringMatching(/^ValidatingAdmissionPolicyBinding\//),
  ])
  expect(publish(...objects).stderr).toContain('4 unchanged')
  expect(gatewright('drift', '--from', 'vap', '--parameter-objects').status).toBe(0)
  const back = publish('--to', 'vap', '--prune')
  expect(back.status, back.stderr).toBe(0)
  expect(back.stdout).toMatch(/PodSecurityHostPorts\/\S+ pruned\nCustomResourceDefinition\/\S+ pruned\n/)
})

it('what the cluster refuses is told as it says it', async () => {
  configured('hostPorts', `{ 'pod-security/host-ports': { min: 1 } }`)
  const action = publish('--to', 'gatekeeper', '--action', 'warn')
  expect(action.status, action.stderr).toBe(0)
  for (const [given, says] of [
    [['--kubeconfig', 'none'], 'cannot be read'],
    [['--context', 'none'], 'has no `none` among its contexts'],
    [['--source', 'a b'], 'is no name of a source'],
  ] as const) {
    const refused = publish('--to', 'gatekeeper', ...given)
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain(says)
  }
  expect(publish('--to', 'nowhere').status).toBe(2)
  expect(publish().stderr).toContain('it is not said where to publish')
})
