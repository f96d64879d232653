import { GatekeeperError } from '../gatekeeper-error.js'
import { syncWave, syncWaves } from '../manifest.js'
import type { Json } from '@gatewright/core'

/** An object of a cluster, with whatever fields its kind has. */
export interface ClusterObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

/** How a server of Gatewright runs in a cluster. */
export interface InstallationOptions {
  /** What it does: `webhook` answers the API server, `provider` answers Gatekeeper. */
  readonly server: 'webhook' | 'provider'
  /** An image that has Node and the command `gatewright`. */
  readonly image: string
  /** `gatewright-system` by default. */
  readonly namespace?: string
  /** How many of it run; 2 by default. */
  readonly replicas?: number
  /** The bundle of policies that it judges by. */
  readonly bundle: Uint8Array
  /** What the bundle has to be signed with, in PEM. */
  readonly verification?: { readonly key: string; readonly algorithm: string; readonly keyId: string }
  /** Whether cert-manager makes its certificate; otherwise the Secret `<name>-tls` has to be there. */
  readonly certManager: boolean
}

/** What a ConfigMap may hold, with room for the rest of it. */
const mostBytes = 950_000

export const defaultNamespace = 'gatewright-system'

/** The name of the objects of a server. */
export const serverName = (server: InstallationOptions['server']): string => `gatewright-${server}`

/** The name of the certificate that cert-manager makes for a server, with its namespace, as its injector reads it. */
export const certificateName = (server: InstallationOptions['server'], namespace: string): string =>
  `${namespace}/${serverName(server)}`

/**
 * What runs a server of Gatewright: a namespace held to the restricted level, a Deployment that may do nothing in the cluster and reach
 * nothing, and its policies. Throws a `GatekeeperError` for a bundle that no ConfigMap can hold.
 */
export function serverManifests(options: InstallationOptions): readonly ClusterObject[] {
  const { server, bundle, namespace = defaultNamespace, verification, certManager } = options
  if (bundle.length > mostBytes)
    throw new GatekeeperError(
      'bundle-too-large',
      `the bundle of policies is ${bundle.length} bytes, and a ConfigMap holds ${mostBytes}`,
      'push it to a registry, and have the Deployment follow it with --bundle oci://…',
    )
  const name = serverName(server)
  const metadata = {
    name,
    namespace,
    labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'gatewright' },
    annotations: { [syncWave]: syncWaves.definitions },
  }
  const selector = { matchLabels: { 'app.kubernetes.io/name': name } }
  const certificates: readonly ClusterObject[] = [
    { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata, spec: { selfSigned: {} } },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata,
      spec: {
        secretName: `${name}-tls`,
        dnsNames: [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`],
        issuerRef: { kind: 'Issuer', name },
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      },
    },
  ]
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        annotations: { [syncWave]: '0' },
        labels: {
          'pod-security.kubernetes.io/enforce': 'restricted',
          'app.kubernetes.io/part-of': 'gatewright',
        },
      },
    },
    // it asks the API server nothing, so it is given no token and no role
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      binaryData: { 'policies.tar.gz': Buffer.from(bundle).toString('base64') },
      ...(verification !== undefined && { data: { 'verification.pem': verification.key } }),
    },
    ...(certManager ? certificates : []),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: selector.matchLabels, ports: [{ name: 'https', port: 443, targetPort: 'https' }] },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deploymentSpec(options, name, selector) },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { minAvailable: 1, selector },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: selector,
        policyTypes: ['Ingress', 'Egress'],
        // an API server has no label to be told by
        ingress: [{ ports: [{ port: 'https' }, { port: 'health' }] }],
        egress: [],
      },
    },
  ]
}

function deploymentSpec(options: InstallationOptions, name: string, selector: Json): Json {
  const { server, image, replicas = 2, verification } = options
  const probe = (path: string): Json => ({ httpGet: { path, port: 'health' }, periodSeconds: 5 })
  return {
    replicas,
    selector,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: { labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'gatewright' } },
      spec: {
        serviceAccountName: name,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 30,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65_532,
          runAsGroup: 65_532,
          fsGroup: 65_532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: selector,
          },
        ],
        containers: [
          {
            name,
            image,
            command: ['gatewright', 'serve', server],
            args: [
              ...['--host=0.0.0.0', '--port=8443', '--health-port=8081'],
              '--bundle=/policies/policies.tar.gz',
              ...['--tls-cert=/certificates/tls.crt', '--tls-key=/certificates/tls.key'],
              ...(verification === undefined
                ? []
                : [
                    '--verification-key=/policies/verification.pem',
                    `--signing-alg=${verification.algorithm}`,
                    `--key-id=${verification.keyId}`,
                  ]),
            ],
            ports: [
              { name: 'https', containerPort: 8443 },
              { name: 'health', containerPort: 8081 },
            ],
            readinessProbe: probe('/readyz'),
            livenessProbe: { ...(probe('/livez') as object), failureThreshold: 6 },
            // the Service hears a moment later that the Pod ends
            lifecycle: { preStop: { sleep: { seconds: 5 } } },
            resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              runAsNonRoot: true,
              capabilities: { drop: ['ALL'] },
            },
            volumeMounts: [
              { name: 'policies', mountPath: '/policies', readOnly: true },
              { name: 'certificates', mountPath: '/certificates', readOnly: true },
            ],
          },
        ],
        volumes: [
          { name: 'policies', configMap: { name } },
          { name: 'certificates', secret: { secretName: `${name}-tls`, defaultMode: 0o440 } },
        ],
      },
    },
  }
}
