import type { Json, Policy } from '@gatewright/core'
import { evaluator, inventoryOf, javascriptEngine, referenceEngine } from '@gatewright/evaluator'
import { describe, expect, it } from 'vitest'
import { emittedEngine } from '../emitted-engine.js'
import * as trial from './trial-policies.js'

interface Case {
  readonly policy: Policy
  readonly parameters?: Readonly<Record<string, unknown>>
  /** What is denied, and the messages in their order. */
  readonly denied: Json
  readonly says: readonly string[]
  readonly allowed: Json
  /** The other objects that there are. */
  readonly others?: readonly Json[]
}

type Fields = Readonly<Record<string, Json>>
const object = (kind: string, apiVersion: string, fields: Fields, metadata: Fields = {}): Json => ({
  apiVersion,
  kind,
  metadata: { name: 'x', namespace: 'shop', ...metadata },
  ...fields,
})
const pod = (spec: Fields, metadata: Fields = {}): Json =>
  object('Pod', 'v1', { spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec } }, metadata)
const container = (fields: Fields): Json => pod({ containers: [{ name: 'c', image: 'nginx', ...fields }] })
const context = (securityContext: Fields): Json => container({ securityContext })
const rbac = 'rbac.authorization.k8s.io/v1'

const deployment = (account: string, labels: Fields = {}): Json =>
  object(
    'Deployment',
    'apps/v1',
    {
      spec: {
        selector: { matchLabels: { app: 'x' } },
        template: {
          metadata: { labels: { app: 'x' } },
          spec: { serviceAccountName: account, containers: [{ name: 'c' }] },
        },
      },
    },
    { labels },
  )
const update = (username: string, before: Json, after: Json): Json => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u',
    operation: 'UPDATE',
    kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
    name: 'x',
    namespace: 'shop',
    userInfo: { username, groups: ['people'] },
    object: after,
    oldObject: before,
  },
})

const networkPolicy = (policyTypes: readonly string[]): Json =>
  object('NetworkPolicy', 'networking.k8s.io/v1', { spec: { podSelector: {}, policyTypes } })
const ingress = (name: string, host: string): Json =>
  object('Ingress', 'networking.k8s.io/v1', { spec: { rules: [{ host }] } }, { name })
const autoscaler = (minReplicas: number, name = 'x'): Json =>
  object('HorizontalPodAutoscaler', 'autoscaling/v2', {
    spec: { scaleTargetRef: { kind: 'Deployment', name }, minReplicas, maxReplicas: 4 },
  })
const budget: Json = object('PodDisruptionBudget', 'policy/v1', {
  spec: { minAvailable: 2, selector: { matchLabels: { app: 'x' } } },
})
const peer = (name: string, namespace: string, spec: Fields): Json =>
  object('PeerAuthentication', 'security.istio.io/v1', { spec }, { name, namespace })
const plan = (blocks: Json): Json => ({
  resource_changes: [
    {
      address: 'gke.main',
      type: 'google_container_cluster',
      change: { actions: ['create'], after: { master_authorized_networks_config: blocks } },
    },
  ],
})

const cases: readonly Case[] = [
  {
    policy: trial.privileged,
    parameters: { exemptImages: ['agents/*'] },
    denied: context({ privileged: true }),
    says: ['container c must not be privileged'],
    allowed: container({ image: 'agents/log', securityContext: { privileged: true } }),
  },
  {
    policy: trial.nonRoot,
    denied: context({ runAsUser: 0 }),
    says: ['container c may run as root'],
    allowed: pod({ securityContext: { runAsNonRoot: true } }),
  },
  {
    policy: trial.seccomp,
    denied: context({ seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } }),
    says: ['container c uses a.json'],
    allowed: pod(
      {},
      { annotations: { 'container.seccomp.security.alpha.kubernetes.io/c': 'runtime/default' } },
    ),
  },
  {
    policy: trial.capabilities,
    denied: context({ capabilities: { add: ['NET_BIND_SERVICE', 'SYS_ADMIN'] } }),
    says: ['container c must not add SYS_ADMIN', 'container c must drop ALL'],
    allowed: context({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }),
  },
  {
    policy: trial.hostPorts,
    parameters: { min: 80, max: 90 },
    denied: container({ ports: [{ containerPort: 1 }, { containerPort: 2, hostPort: 91 }] }),
    says: ['host port 91 is outside 80 to 90'],
    allowed: container({
      ports: [
        { containerPort: 1, hostPort: 90 },
        { containerPort: 2, hostPort: 0 },
      ],
    }),
  },
  {
    policy: trial.hostPath,
    parameters: { allowed: [{ pathPrefix: '/var', readOnly: true }] },
    denied: pod({
      volumes: [
        { name: 'v', hostPath: { path: '/var/log' } },
        { name: 'w', hostPath: { path: '/various' } },
      ],
      containers: [{ name: 'c', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    }),
    says: ['volume v must be mounted read-only', 'volume w: /various is not allowed'],
    allowed: pod({
      volumes: [{ name: 'v', hostPath: { path: '/var/log' } }],
      containers: [{ name: 'c', volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }] }],
    }),
  },
  {
    policy: trial.registries,
    parameters: { repositories: ['reg.io/team'] },
    denied: container({ image: 'reg.io/team-b/app' }),
    says: ['reg.io/team-b/app is not from an allowed registry'],
    allowed: container({ image: 'reg.io/team/app:1' }),
  },
  {
    policy: trial.pinned,
    denied: pod({ containers: [{ name: 'a', image: 'nginx' }, { name: 'b' }] }),
    says: [
      'nginx has the tag <missing>',
      '<missing> is no image reference',
      '<missing> has the tag <missing>',
    ],
    allowed: container({ image: 'nginx:1.27' }),
  },
  {
    policy: trial.limits,
    parameters: { memory: '1Gi' },
    denied: container({ resources: { limits: { memory: '1025Mi' } } }),
    says: ['container c has no cpu limit', 'container c: 1025Mi is above 1Gi'],
    allowed: container({ resources: { limits: { cpu: 1, memory: '1024Mi' } } }),
  },
  {
    policy: trial.ratios,
    parameters: { ratio: 2, cpuRatio: 4 },
    denied: container({
      resources: { limits: { cpu: '2', memory: '2Gi' }, requests: { cpu: '500m', memory: '512Mi' } },
    }),
    says: ['memory: 2Gi is above 2 × 512Mi'],
    allowed: container({
      resources: { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '500m', memory: '512Mi' } },
    }),
  },
  {
    policy: trial.labels,
    parameters: { labels: [{ key: 'app' }, { key: 'team', allowedRegex: '^[a-z]+$' }] },
    denied: object('ConfigMap', 'v1', {}, { labels: { team: 'A1' } }),
    says: ['missing labels: app', 'label team must match ^[a-z]+$'],
    allowed: object('ConfigMap', 'v1', {}, { labels: { app: 'x', team: 'a' } }),
  },
  {
    policy: trial.probes,
    denied: container({ livenessProbe: { exec: {} }, readinessProbe: { periodSeconds: 5 } }),
    says: ['container c has no readinessProbe'],
    allowed: container({ livenessProbe: { exec: {} }, readinessProbe: { tcpSocket: { port: 1 } } }),
  },
  {
    policy: trial.sysctls,
    parameters: { allowed: ['net.*'] },
    denied: pod({ securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }),
    says: ['sysctl kernel.msgmax is not allowed'],
    allowed: pod({ securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '1' }] } }),
  },
  {
    policy: trial.volumeTypes,
    denied: pod({
      volumes: [
        { name: 'v', novel: {} },
        { name: 'w', secret: {} },
      ],
    }),
    says: ['volume v is of type novel'],
    allowed: pod({ volumes: [{ name: 'w', secret: {} }] }),
  },
  {
    policy: trial.escalation,
    denied: object('ClusterRole', rbac, {
      rules: [{ verbs: ['get', 'bind'], resources: ['*'], apiGroups: ['apps', 'batch'] }],
    }),
    says: ['resources must not be * in apps, batch', 'the verb bind allows escalation'],
    allowed: object('Role', rbac, { rules: [{ verbs: ['get'], resources: ['pods'], apiGroups: [''] }] }),
  },
  {
    policy: trial.clusterAdmin,
    parameters: { allowed: [{ kind: 'User', name: 'root' }] },
    denied: object('ClusterRoleBinding', rbac, {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [
        { kind: 'User', name: 'root' },
        { kind: 'ServiceAccount', name: 'root', namespace: 'shop' },
      ],
    }),
    says: ['ServiceAccount root must not be cluster-admin'],
    allowed: object('RoleBinding', rbac, {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', name: 'anyone' }],
    }),
  },
  {
    policy: trial.defaultDeny,
    others: [networkPolicy(['Ingress'])],
    denied: object('Namespace', 'v1', {}, { name: 'shop' }),
    says: ['shop lets Egress through'],
    allowed: object('Service', 'v1', {}),
  },
  {
    policy: trial.uniqueHosts,
    others: [ingress('a', 'a.example'), ingress('b', 'b.example')],
    denied: ingress('c', 'a.example'),
    says: ['a.example is that of shop/a'],
    allowed: ingress('b', 'b.example'),
  },
  {
    policy: trial.autoscaling,
    others: [deployment('default'), budget],
    denied: autoscaler(2),
    says: ['x leaves no room with 2 replicas'],
    allowed: autoscaler(3),
  },
  {
    policy: trial.autoscaling,
    others: [deployment('default')],
    denied: autoscaler(4, 'y'),
    says: ['maxReplicas is not above minReplicas', 'there is no deployment y'],
    allowed: autoscaler(2),
  },
  {
    policy: trial.accountStays,
    parameters: { users: ['root'], protectedLabels: ['tier'] },
    denied: update('me', deployment('a', { tier: 'prod' }), deployment('b', { tier: 'test' })),
    says: ['label tier is protected', 'me must not change a to b'],
    allowed: update('root', deployment('a'), deployment('b')),
  },
  {
    policy: trial.removedApis,
    parameters: {
      version: '1.33.0',
      table: [
        { apiVersion: 'policy/v1beta1', kinds: ['PodSecurityPolicy'], removedIn: '1.25.0' },
        { apiVersion: 'v9', kinds: ['Pod'], removedIn: '1.34.0', use: 'v1' },
      ],
    },
    denied: object('PodSecurityPolicy', 'policy/v1beta1', {}),
    says: ['PodSecurityPolicy is gone in 1.25.0; use another version'],
    allowed: object('Pod', 'v9', {}),
  },
  {
    policy: trial.authorizedNetworks,
    denied: plan([{ cidr_blocks: [{ cidr_block: '10.0.0.0/8' }, { cidr_block: '0.0.0.0/0' }] }]),
    says: ['gke.main is open to the world'],
    allowed: plan([{ cidr_blocks: [{ cidr_block: '10.0.0.0/8' }] }]),
  },
  {
    policy: trial.authorizedNetworks,
    denied: plan(null),
    says: ['gke.main limits nobody'],
    allowed: { resource_changes: [] },
  },
  {
    policy: trial.dockerfile,
    denied: {
      stages: [
        {
          instructions: [
            { keyword: 'FROM', line: 1, image: 'debian' },
            { keyword: 'ADD', line: 2, sources: ['a'] },
            { keyword: 'RUN', line: 3, command: 'apt-get update' },
          ],
        },
      ],
    },
    says: ['the image runs as root', 'use COPY, not ADD (line 2)', 'update and install in one RUN'],
    allowed: {
      stages: [
        {
          instructions: [
            { keyword: 'USER', line: 1, user: '0' },
            { keyword: 'USER', line: 2, user: 'app' },
          ],
        },
      ],
    },
  },
  {
    policy: trial.strictMtls,
    others: [
      peer('mesh', 'istio-system', { mtls: { mode: 'STRICT' } }),
      peer('own', 'shop', {
        mtls: { mode: 'STRICT' },
        selector: { matchLabels: { app: 'cart' } },
        portLevelMtls: { '8080': { mode: 'DISABLE' } },
      }),
      peer('legacy', 'old', { mtls: { mode: 'PERMISSIVE' } }),
    ],
    denied: pod({}, { labels: { app: 'cart' } }),
    says: ['port 8080 takes plain text'],
    allowed: pod({}, { labels: { app: 'other' } }),
  },
]

const named = cases.map((each) => ({ ...each, id: each.policy.id }))

describe.each([javascriptEngine, emittedEngine, referenceEngine])('in the $name engine', (engine) => {
  it.each(named)('$id', ({ policy, parameters = {}, others = [], denied, says, allowed }) => {
    const { evaluateJson } = evaluator([policy], {
      engine: engine as typeof javascriptEngine,
      parameters: { [policy.id]: parameters },
      inventory: inventoryOf(others, { complete: true }),
    })
    const [bad, good] = [denied, allowed].map((input) => evaluateJson(input).judgements[0]?.verdict)
    expect(bad?.violations.map(({ message }) => message)).toEqual(says)
    expect(bad?.verdict).toBe('denied')
    expect(good?.verdict, JSON.stringify(good)).toMatch(/^(allowed|not-applicable)$/)
  })
})

it('every policy of the trial has a case', () => {
  const judged = new Set(cases.map(({ policy }) => policy))
  expect(Object.values(trial).filter((policy) => !judged.has(policy))).toEqual([])
})
