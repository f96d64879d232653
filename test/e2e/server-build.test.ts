import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readBundle, readPolicies } from '@gatewright/bundle'
import { evaluator } from '@gatewright/evaluator'
import { restricted } from '@gatewright/pod-security'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../..', import.meta.url))
const command = join(root, 'packages/gatewright/bin/gatewright.js')
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache/server-build-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function build(
  target: string,
  ...more: readonly string[]
): {
  readonly status: number | null
  readonly stderr: string
} {
  return spawnSync(process.execPath, [command, 'build', '--target', target, '--out', 'out', ...more], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
}

interface Built {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: Readonly<Record<string, unknown>>
  readonly binaryData: Readonly<Record<string, string>>
  readonly data?: Readonly<Record<string, string>>
  readonly webhooks: readonly Readonly<Record<string, unknown>>[]
}
const read = (path: string): Built => parse(readFileSync(join(folder, 'out', path), 'utf8')) as Built

beforeAll(() => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(
    join(folder, 'gatewright.config.ts'),
    `import { defineConfig } from 'gatewright'
import { hostPorts, podSecurity } from 'gatewright/policies/pod-security'
export default defineConfig({
  policies: [podSecurity],
  parameters: { 'pod-security/host-ports': { min: 8000, max: 9000 } },
  actions: { 'pod-security/host-ports': 'warn' },
  match: { kinds: [{ apiGroups: ['', 'apps'], kinds: ['*'] }], namespaceSelector: { matchLabels: { team: 'a' } } },
})
`,
  )
  for (const name of ['ca', 'signing'])
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test'],
        ...['-keyout', `${name}.key`, '-out', `${name}.crt`],
      ],
      { cwd: folder, stdio: 'ignore' },
    )
})

it('W8: writes what runs the webhook, and says where it is not asked', async () => {
  const { status, stderr } = build('webhook', '--image', 'registry.example.com/gatewright:1', '--mutate')
  expect(status, stderr).toBe(0)
  expect(stderr).toContain('the webhook is not asked about gatewright-system, kube-system')
  expect(readdirSync(join(folder, 'out/server')).toSorted()).toEqual([
    'certificate.gatewright-webhook.yaml',
    'configmap.gatewright-webhook.yaml',
    'deployment.gatewright-webhook.yaml',
    'issuer.gatewright-webhook.yaml',
    'namespace.gatewright-system.yaml',
    'networkpolicy.gatewright-webhook.yaml',
    'poddisruptionbudget.gatewright-webhook.yaml',
    'service.gatewright-webhook.yaml',
    'serviceaccount.gatewright-webhook.yaml',
  ])
  for (const kind of ['validating', 'mutating']) {
    const { metadata, webhooks } = read(`configuration/${kind}webhookconfiguration.gatewright-webhook.yaml`)
    expect(metadata.annotations?.['cert-manager.io/inject-ca-from']).toBe(
      'gatewright-system/gatewright-webhook',
    )
    expect(webhooks).toHaveLength(1)
    expect(webhooks[0]).toMatchObject({
      failurePolicy: 'Fail',
      sideEffects: 'None',
      matchPolicy: 'Equivalent',
      namespaceSelector: {
        matchLabels: { team: 'a' },
        matchExpressions: [
          {
            key: 'kubernetes.io/metadata.name',
            operator: 'NotIn',
            values: ['gatewright-system', 'kube-system'],
          },
        ],
      },
      rules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['CREATE', 'UPDATE'],
          resources: ['pods', 'pods/ephemeralcontainers', 'podtemplates', 'replicationcontrollers'],
          scope: '*',
        },
        expect.objectContaining({ apiGroups: ['apps'] }),
      ],
    })
    expect(JSON.stringify(webhooks)).not.toContain('"*"]')
  }
  const bundle = await readBundle(
    Buffer.from(
      read('server/configmap.gatewright-webhook.yaml').binaryData['policies.tar.gz'] ?? '',
      'base64',
    ),
  )
  const { policies, match } = readPolicies(bundle)
  expect(policies).toHaveLength(19)
  expect(match).toMatchObject({ namespaceSelector: {} })
  expect(policies.find(({ policy: { id } }) => id === 'pod-security/host-ports')).toMatchObject({
    action: 'warn',
    policy: { values: { min: 8000, max: 9000 } },
  })
  expect(build('webhook', '--image', 'registry.example.com/gatewright:1', '--mutate', '--check').status).toBe(
    0,
  )
})

it('its own Pods keep to the restricted level', () => {
  const deployment = read('server/deployment.gatewright-webhook.yaml')
  const { judgements } = evaluator([restricted()]).evaluate(deployment)
  expect(judgements.filter(({ verdict }) => verdict.verdict === 'allowed').length).toBeGreaterThan(10)
  expect(
    judgements.filter(({ verdict }) => !['allowed', 'not-applicable'].includes(verdict.verdict)),
  ).toEqual([])
})

it('what is signed is verified there, and a secret does not lie there', () => {
  const image = ['--image', 'a', '--ca', 'ca.crt']
  const signed = build(
    'webhook',
    ...image,
    '--signing-key',
    'signing.key',
    '--verification-key',
    'signing.crt',
  )
  expect(signed.status, signed.stderr).toBe(0)
  expect(read('server/configmap.gatewright-webhook.yaml').data?.['verification.pem']).toContain('CERTIFICATE')
  expect(JSON.stringify(read('server/deployment.gatewright-webhook.yaml').spec)).toContain(
    '--verification-key=/policies/verification.pem',
  )
  const [hook] = read('configuration/validatingwebhookconfiguration.gatewright-webhook.yaml').webhooks
  expect(hook).toMatchObject({ clientConfig: { caBundle: expect.stringMatching(/^[A-Za-z0-9+/=]+$/) } })
  for (const [given, says] of [
    [['--image', 'a', '--signing-key', 'signing.key'], 'has to be verified'],
    [[], 'give --image'],
    [
      [
        ...['--image', 'a', '--signing-key', 'package.json', '--verification-key', 'package.json'],
        ...['--signing-alg', 'HS256'],
      ],
      'would lie in a ConfigMap',
    ],
  ] as const) {
    const refused = build('webhook', ...given)
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain(says)
  }
  expect(build('rego', '--image', 'a').stderr).toContain(
    '`--image` is of the target `webhook` and `provider`',
  )
})

it('writes what runs the provider, and templates that ask it', () => {
  const { status, stderr } = build('provider', '--image', 'a', '--ca', 'ca.crt', '--provider', 'judge')
  expect(status, stderr).toBe(0)
  expect(read('configuration/provider.judge.yaml')).toMatchObject({
    kind: 'Provider',
    spec: { url: 'https://gatewright-provider.gatewright-system.svc:443/', timeout: 3 },
  })
  expect(build('gatekeeper', '--provider', 'judge', '--no-config', '--policy', 'pod-security').status).toBe(0)
  const template = JSON.stringify(read('templates/podsecurityusers.yaml').spec)
  expect(template).toContain('external_data({\\"keys\\": [key], \\"provider\\": \\"judge\\"})')
  expect(build('provider', '--image', 'a').stderr).toContain('give --ca')
})

it('a stage says what is done, in all that enforces', () => {
  writeFileSync(
    join(folder, 'staged.config.ts'),
    `import { defineConfig } from 'gatewright'
import { rollout } from 'gatewright/publish'
import { hostNamespaces, hostPorts } from 'gatewright/policies/pod-security'
const policies = [hostNamespaces, hostPorts]
export default defineConfig({
  policies,
  actions: { 'pod-security/host-ports': 'deny' },
  rollout: rollout(policies, [
    { name: 'observe', action: 'dryrun' },
    { name: 'warn', action: 'warn', actions: { 'pod-security/host-ports': 'deny' } },
  ]),
})
`,
  )
  const staged = (target: string, stage: string, ...more: readonly string[]): ReturnType<typeof build> =>
    build(target, '--config', 'staged.config.ts', '--stage', stage, ...more)
  expect(staged('gatekeeper', 'observe').status).toBe(0)
  const constraint = 'constraints/podsecurityhostports.pod-security-host-ports.yaml'
  expect(read(constraint).spec['enforcementAction']).toBe('dryrun')
  expect(staged('gatekeeper', 'warn').status).toBe(0)
  expect(read(constraint).spec['enforcementAction']).toBe('deny')
  expect(staged('vap', 'warn').status).toBe(0)
  expect(read('bindings/gatewright-pod-security-host-namespaces.yaml').spec['validationActions']).toEqual([
    'Warn',
  ])
  for (const [given, says] of [
    [staged('gatekeeper', 'enforce'), 'there is no stage `enforce`; there are observe, warn'],
    [staged('vap', 'warn', '--action', 'deny'), '--stage and --action both say'],
    [staged('rego', 'warn'), '`--stage` is of the target'],
    [build('vap', '--stage', 'warn'), 'the configuration has no stages'],
  ] as const) {
    expect(given.status).toBe(2)
    expect(given.stderr).toContain(says)
  }
})
