import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { policyBundle, type SigningKey, writeBundle } from '@gatewright/bundle'
import { type CheckedPolicy, check, type Json, type Policy, readParameters } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import { mutatingConfiguration, serverManifests, validatingConfiguration } from '@gatewright/gatekeeper'
import { findResource } from '@gatewright/kubernetes'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { restarts, timeoutFor } from '../load-budget.js'
import { type RunningCommand, runCommand } from '../running-command.js'
import { packCases, packPod } from './pod-security-cases.js'
import { type Answer, Api, apiPath } from './rig/api.js'

const connection = inject('cluster')
const api = new Api(connection)
const namespace = 'webhook'
const caches = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))
mkdirSync(caches, { recursive: true })
const folder = mkdtempSync(join(caches, 'webhook-'))
const ca = readFileSync(join(connection.keys, 'ca.crt'))

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const signing: SigningKey = {
  algorithm: 'RS256',
  key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  keyId: 'default',
}
writeFileSync(join(folder, 'public.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }).toString())

const ready = (policy: Policy, given: object): { readonly ir: CheckedPolicy; readonly parameters: Part } => {
  const ir = check(policy.ir)
  const read = readParameters(policy, given as Part)
  if ('problems' in ir || 'problems' in read) throw new Error(policy.id)
  return { ir, parameters: read.parameters as Part }
}
type Part = Readonly<Record<string, Json>>

/** Puts a bundle of some policies, with an action, in the place of what the webhook follows. */
async function publish(
  sequence: number,
  ids: readonly string[],
  action = 'deny',
  key = signing,
): Promise<void> {
  const policies = packCases
    .filter(({ policy: { id } }) => ids.includes(id))
    .map(({ policy, parameters }) => ({ ...ready(policy, parameters), action }))
  const bytes = await writeBundle(policyBundle(policies, { form: 'policies', sequence }), key)
  writeFileSync(join(folder, 'beside'), bytes)
  renameSync(join(folder, 'beside'), join(folder, 'policies.tar.gz'))
}
const all = packCases.map(({ policy: { id } }) => id)

let server: RunningCommand
const configurations = ['validating', 'mutating'] as const
const pathOf = (kind: (typeof configurations)[number]): string =>
  `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/gatewright-test`

async function register(kind: (typeof configurations)[number]): Promise<void> {
  const hook = {
    name: `${kind}.gatewright.test`,
    clientConfig: {
      url: `${server.url}/${kind === 'mutating' ? 'mutate' : 'validate'}`,
      caBundle: ca.toString('base64'),
    },
    failurePolicy: 'Fail',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 5,
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    rules: [
      {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['pods', 'pods/ephemeralcontainers'],
      },
      {
        apiGroups: ['apps'],
        apiVersions: ['v1'],
        operations: ['CREATE', 'UPDATE'],
        resources: ['deployments'],
      },
    ],
    ...(kind === 'mutating' && { reinvocationPolicy: 'IfNeeded' }),
  }
  await api.apply(pathOf(kind), {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind === 'mutating' ? 'Mutating' : 'Validating'}WebhookConfiguration`,
    metadata: { name: 'gatewright-test' },
    webhooks: [hook],
  })
}

const tried = (pod: object): Promise<Answer> =>
  api.send('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod)
const inForce = async (revision: RegExp): Promise<void> =>
  vi.waitFor(() => expect(server.log()).toMatch(revision), { timeout: 10_000, interval: 100 })

beforeAll(async () => {
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  await publish(1, all)
  server = await runCommand(
    folder,
    ...['serve', 'webhook', '--port', '0', '--health-port', '0', '--bundle', 'policies.tar.gz'],
    ...['--verification-key', 'public.pem'],
    ...['--tls-cert', join(connection.keys, 'tls.crt'), '--tls-key', join(connection.keys, 'tls.key')],
  )
  await register('validating')
  // a webhook is asked a moment after it is registered
  await vi.waitFor(
    async () => expect((await tried(packPod('bad', 'a', { hostPID: true }))).status).toBe(403),
    { timeout: 20_000, interval: 200 },
  )
}, 60_000)

afterAll(async () => {
  for (const kind of configurations) await api.send('DELETE', pathOf(kind))
  await server.end()
  api.close()
  rmSync(folder, { recursive: true })
})

it.each(packCases.map((each) => [each.policy.id, each] as const))(
  '%s denies with our messages, and admits what is good',
  async (_, { policy, parameters, bad }) => {
    await publish(2, all)
    const pod = packPod('new', 'a', bad as never)
    const { judgements } = evaluate([policy], pod, { parameters: { [policy.id]: parameters } })
    const messages = judgements[0]?.verdict.violations.map(({ message }) => message) ?? []
    expect(messages).not.toEqual([])
    const { status, text } = await tried(pod)
    expect(status, text).toBe(403)
    const said = (JSON.parse(text) as { readonly message: string }).message
    expect(said).toMatch(/^admission webhook "validating\.gatewright\.test" denied the request: /)
    const lines = said.replace(/^.*?denied the request: /, '').split('\n')
    expect(lines.filter((line) => line.startsWith(`${policy.id}: `))).toEqual(
      messages.map((message) => `${policy.id}: ${message}`),
    )
    const good = await tried(packPod('new', 'a'))
    expect(good.status, good.text).toBe(201)
  },
)

it('warns where the action is to warn, and only tells where it is to tell', async () => {
  const bad = packPod('bad', 'a', { hostPID: true })
  const warned = async (): Promise<string> => {
    const { status, text, warning } = await tried(bad)
    expect(status, text).toBe(201)
    return warning
  }
  await publish(3, all, 'warn')
  await inForce(/"revision":"3-/)
  expect(await warned()).toContain('pod-security/host-namespaces: ')
  await publish(4, all, 'dryrun')
  await inForce(/"revision":"4-/)
  expect(await warned()).toBe('')
  await publish(5, all)
  await inForce(/"revision":"5-/)
  expect((await tried(bad)).status).toBe(403)
})

it('keeps the last good policies where a bundle is older, unsigned or cut off', async () => {
  const bad = packPod('bad', 'a', { hostPID: true })
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = other.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await publish(6, all)
  await inForce(/"revision":"6-/)
  await publish(2, all, 'dryrun')
  await inForce(/policies-refused[^\n]*not newer than/)
  await publish(9, all, 'dryrun', { ...signing, key })
  await inForce(/policies-refused[^\n]*signature/)
  writeFileSync(join(folder, 'policies.tar.gz'), 'no bundle')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect((await tried(bad)).status).toBe(403)
  await publish(7, all)
  await inForce(/"revision":"7-/)
})

it('judges ephemeral containers that come later, and is not asked about status and scale', async () => {
  const pods = `/api/v1/namespaces/${namespace}/pods`
  await api.ask('POST', pods, packPod('running', 'a'))
  const debug = (privileged: boolean): object => ({
    spec: {
      ephemeralContainers: [
        {
          name: 'debug',
          image: 'registry.example.com/app:1',
          securityContext: {
            privileged,
            allowPrivilegeEscalation: privileged,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            capabilities: { drop: ['ALL'] },
            seccompProfile: { type: 'RuntimeDefault' },
          },
        },
      ],
    },
  })
  const patch = (privileged: boolean): Promise<Answer> =>
    api.send('PATCH', `${pods}/running/ephemeralcontainers?dryRun=All`, debug(privileged), {
      'content-type': 'application/strategic-merge-patch+json',
    })
  const denied = await patch(true)
  expect(denied.status, denied.text).toBe(403)
  expect(denied.text).toContain('container debug must not run privileged')
  const admitted = await patch(false)
  expect(admitted.status, admitted.text).toBe(200)
  const status = await api.send(
    'PATCH',
    `${pods}/running/status?dryRun=All`,
    { status: { message: 'a' } },
    { 'content-type': 'application/merge-patch+json' },
  )
  expect(status.status, status.text).toBe(200)
})

it('mends what has a fix, and the API server then takes it', async () => {
  const bad = packPod('mended', 'a', {
    container: {
      tty: true,
      stdin: true,
      securityContext: { privileged: true, allowPrivilegeEscalation: true, readOnlyRootFilesystem: false },
    },
  })
  expect((await tried(bad)).status).toBe(403)
  await register('mutating')
  await vi.waitFor(
    async () => {
      const { status, text } = await tried(bad)
      expect(status, text).toBe(201)
      const [container] = (JSON.parse(text) as { readonly spec: { readonly containers: readonly object[] } })
        .spec.containers
      expect(container).toMatchObject({
        securityContext: { privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      })
    },
    { timeout: 20_000, interval: 300 },
  )
  const plain = await tried(packPod('plain', 'a'))
  expect(plain.status, plain.text).toBe(201)
})

it(
  `W6: ended and started ${restarts} times under load, it lets nothing bad through, and then all is as it was`,
  async () => {
    // of what has a fix nothing bad would be left, since the webhook that mends is asked as well
    const adds = { container: { securityContext: { capabilities: { add: ['NET_ADMIN'] } } } }
    const [bad, good] = [packPod('bad', 'a', adds), packPod('good', 'a')]
    const over = new AbortController()
    const said = { denied: 0, admitted: 0, failed: 0 }
    const wrong: string[] = []
    const asking = [bad, good].map(async (pod) => {
      while (!over.signal.aborted) {
        const { status, text } = await tried(pod)
        if (text.includes('failed calling webhook')) said.failed++
        else if (status === 403 && pod === bad) said.denied++
        else if (status === 201 && pod === good) said.admitted++
        else wrong.push(`${status} ${text}`)
      }
    })
    const from = performance.now()
    for (let i = 0; i < restarts; i++) {
      const { port } = new URL(server.url)
      const code = await server.end(i % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
      // who is told to end has nothing left to do
      if (i % 2 === 1) expect(code).toBe(0)
      const gone = await tried(good)
      expect(gone.status).toBeGreaterThanOrEqual(400)
      expect(gone.text).toContain('failed calling webhook')
      server = await runCommand(
        folder,
        ...['serve', 'webhook', '--port', port, '--bundle', 'policies.tar.gz'],
        ...['--verification-key', 'public.pem'],
        ...['--tls-cert', join(connection.keys, 'tls.crt'), '--tls-key', join(connection.keys, 'tls.key')],
      )
      await vi.waitFor(async () => expect((await tried(good)).status).toBe(201), {
        timeout: 20_000,
        interval: 50,
      })
      expect((await tried(bad)).status).toBe(403)
      // some answers in between, so that it is ended while it judges
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    over.abort()
    await Promise.all(asking)
    const seconds = ((performance.now() - from) / 1000).toFixed(0)
    console.error(
      `    ${restarts} restarts in ${seconds} s: ${said.denied} denied, ${said.admitted} admitted, ${said.failed} not answered`,
    )
    expect(wrong).toEqual([])
    expect(said.denied).toBeGreaterThan(0)
  },
  timeoutFor(4 * restarts),
)

it('W8: the API server takes all that installs it', async () => {
  const installed = 'webhook-installed'
  await api.apply(`/api/v1/namespaces/${installed}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: installed },
  })
  const options = { namespace: installed, certificateAuthority: ca.toString('utf8') }
  const policies = packCases.map(({ policy }) => policy)
  const manifests = [
    ...(['webhook', 'provider'] as const).flatMap((each) =>
      serverManifests({
        server: each,
        image: 'a',
        namespace: installed,
        bundle: new Uint8Array(9),
        certManager: false,
      }),
    ),
    validatingConfiguration({ ...options, policies }),
    mutatingConfiguration({ ...options, policies }),
  ].filter((each) => each !== undefined)
  expect(manifests).toHaveLength(16)
  for (const manifest of manifests) {
    const { apiVersion, kind, metadata } = manifest
    const [version = '', group = ''] = apiVersion.split('/').toReversed()
    const { plural = '', namespaced } = findResource({ group, version, kind }) ?? {}
    const path = apiPath(
      { group, version, plural },
      namespaced === true ? metadata.namespace : undefined,
      metadata.name,
    )
    const { status, text } = await api.send(
      'PATCH',
      `${path}?fieldManager=rig&force=true&dryRun=All&fieldValidation=Strict`,
      manifest,
      { 'content-type': 'application/apply-patch+yaml' },
    )
    expect(status, `${kind}: ${text}`).toBeLessThan(300)
  }
})
