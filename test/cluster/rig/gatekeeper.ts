import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { type Api, apiPath, type Connection } from './api.js'
import { gatekeeperSource } from '../../binaries.js'
import type { Processes } from './processes.js'

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly webhooks?: readonly Webhook[]
}

interface Webhook {
  readonly clientConfig: { readonly service: { readonly path: string } }
}

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' }
const admission = { group: 'admissionregistration.k8s.io', version: 'v1' }

/** What of the release's manifest is installed, in this order; the rest needs a kubelet. */
const installed = {
  Namespace: { group: '', version: 'v1', plural: 'namespaces' },
  CustomResourceDefinition: {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
  },
  ServiceAccount: { group: '', version: 'v1', plural: 'serviceaccounts' },
  Role: { ...rbac, plural: 'roles' },
  ClusterRole: { ...rbac, plural: 'clusterroles' },
  RoleBinding: { ...rbac, plural: 'rolebindings' },
  ClusterRoleBinding: { ...rbac, plural: 'clusterrolebindings' },
} as const

const webhooks = {
  MutatingWebhookConfiguration: { ...admission, plural: 'mutatingwebhookconfigurations' },
  ValidatingWebhookConfiguration: { ...admission, plural: 'validatingwebhookconfigurations' },
} as const

const namespace = 'gatekeeper-system'

/** The statuses that the manager writes are owned by its Pod, so there has to be one. Nothing runs it. */
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'gatekeeper', namespace, labels: { 'gatekeeper.sh/system': 'yes' } },
  spec: {
    // the release's namespace is held to the restricted level
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'manager',
        image: 'gatekeeper',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
}

/** Installs Gatekeeper's release in the cluster, starts its manager, and puts its webhooks in front of the API server. */
export async function startGatekeeper(
  api: Api,
  processes: Processes,
  program: string,
  { port, gatekeeperPort, keys }: Connection,
  healthPort: number,
): Promise<void> {
  const release = parseAllDocuments(
    readFileSync(join(gatekeeperSource(), 'deploy/gatekeeper.yaml'), 'utf8'),
  ).map((document) => document.toJS() as Manifest)
  for (const [kind, resource] of Object.entries(installed)) {
    for (const each of release.filter((one) => one.kind === kind)) {
      await api.apply(apiPath(resource, each.metadata.namespace, each.metadata.name), each)
    }
  }
  const pods = { group: '', version: 'v1', plural: 'pods' }
  await api.apply(apiPath(pods, namespace, pod.metadata.name), pod)

  // audit ends with an error where the folder of its cache is missing
  mkdirSync(join(keys, 'audit'))
  const config = join(keys, 'gatekeeper.json')
  writeFileSync(config, JSON.stringify(await kubeconfig(api, port, keys)), { mode: 0o600 })
  const options = [
    ...['--host=127.0.0.1', `--port=${gatekeeperPort}`, `--health-addr=127.0.0.1:${healthPort}`],
    ...[`--cert-dir=${keys}`, '--disable-cert-rotation'],
    // the default backend listens on every address; this one listens nowhere
    ...['--metrics-backend=opentelemetry', '--otlp-endpoint=127.0.0.1:9', '--otlp-metric-interval=8760h'],
    ...[`--exempt-namespace=${namespace}`, '--audit-interval=10', `--api-cache-dir=${keys}/audit`],
    ...['--disable-opa-builtin={http.send}', '--shutdown-delay=0'],
  ]
  processes.start('gatekeeper', program, options, {
    KUBECONFIG: config,
    POD_NAME: pod.metadata.name,
    POD_NAMESPACE: namespace,
  })
  await processes.until('Gatekeeper is ready', async () => {
    const { status } = await fetch(`http://127.0.0.1:${healthPort}/readyz`)
    return status === 200
  })
  for (const [kind, resource] of Object.entries(webhooks)) {
    for (const each of release.filter((one) => one.kind === kind)) {
      const object = { ...each, webhooks: each.webhooks?.map((one) => byUrl(one, gatekeeperPort, keys)) }
      await api.apply(apiPath(resource, undefined, each.metadata.name), object)
    }
  }
  await processes.until('Gatekeeper answers the API server', async () => {
    // a label that Gatekeeper itself refuses
    const labels = { 'admission.gatekeeper.sh/ignore': 'x' }
    const probe = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'probe', labels } }
    const { text } = await api.send('POST', '/api/v1/namespaces?dryRun=All', probe)
    return text.includes('Only exempt namespace')
  })
}

/** The webhook at an address in place of a Service. It fails closed, so that what gets in was judged. */
function byUrl({ clientConfig, ...webhook }: Webhook, port: number, keys: string): object {
  const url = `https://127.0.0.1:${port}${clientConfig.service.path}`
  return {
    ...webhook,
    clientConfig: { url, caBundle: readFileSync(join(keys, 'ca.crt')).toString('base64') },
    failurePolicy: 'Fail',
    timeoutSeconds: 10,
  }
}

/** As the release's own service account. */
async function kubeconfig(api: Api, port: number, keys: string): Promise<object> {
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/gatekeeper-admin/token`
  const { status } = (await api.ask('POST', account, { spec: { expirationSeconds: 86_400 } })) as {
    readonly status: { readonly token: string }
  }
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'rig',
    clusters: [
      {
        name: 'rig',
        cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': join(keys, 'ca.crt') },
      },
    ],
    contexts: [{ name: 'rig', context: { cluster: 'rig', user: 'rig' } }],
    users: [{ name: 'rig', user: { token: status.token } }],
  }
}
