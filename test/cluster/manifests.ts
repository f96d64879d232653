import type { Json } from '@gatewright/core'

const container = {
  name: 'app',
  image: 'registry.example.com/app:1.4',
  command: ['/bin/app'],
  args: ['--verbose', '--port=8080'],
  env: [
    { name: 'LEVEL', value: 'info' },
    { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 'value', optional: true } } },
  ],
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi', cpu: 1 } },
  livenessProbe: { httpGet: { path: '/live', port: 'http' }, periodSeconds: 10 },
  lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
  securityContext: {
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    procMount: 'Default',
    capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
    seccompProfile: { type: 'RuntimeDefault' },
    seLinuxOptions: { level: 's0' },
  },
  volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
}

const podSpec = {
  hostNetwork: false,
  hostPID: false,
  hostIPC: false,
  automountServiceAccountToken: false,
  terminationGracePeriodSeconds: 30,
  nodeSelector: { disk: 'fast' },
  securityContext: {
    runAsNonRoot: true,
    fsGroup: 2000,
    supplementalGroups: [2000, 3000],
    sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
    seccompProfile: { type: 'RuntimeDefault' },
  },
  tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
  initContainers: [{ ...container, name: 'init', livenessProbe: undefined, lifecycle: undefined }],
  containers: [container, { ...container, name: 'side', ports: undefined, livenessProbe: undefined }],
  volumes: [
    { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
    { name: 'settings', configMap: { name: 'settings', defaultMode: 420 } },
  ],
}

const labels = { app: 'shop' }
const metadata = { name: 'shop', namespace: 'default', labels, annotations: { note: 'a text' } }
const template = { metadata: { labels }, spec: podSpec }
const selector = { matchLabels: labels }
const job = { backoffLimit: 2, template: { ...template, spec: { ...podSpec, restartPolicy: 'Never' } } }

/** Manifests that an API server takes, with much of what policies read. */
export const manifests: readonly Json[] = [
  { apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 2,
      selector,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      template,
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: {
      serviceName: 'shop',
      selector,
      template,
      volumeClaimTemplates: [
        {
          metadata: { name: 'store' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec: { selector, minReadySeconds: 5, template } },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { selector, replicas: 1, template } },
  { apiVersion: 'v1', kind: 'ReplicationController', metadata, spec: { selector: labels, template } },
  { apiVersion: 'v1', kind: 'PodTemplate', metadata, template },
  { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: job },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata,
    spec: { schedule: '*/5 * * * *', suspend: false, jobTemplate: { spec: job } },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: 'LoadBalancer',
      selector: labels,
      loadBalancerSourceRanges: ['10.0.0.0/8'],
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata,
    spec: {
      tls: [{ hosts: ['shop.example.com'], secretName: 'tls' }],
      rules: [
        {
          host: 'shop.example.com',
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: 'shop', port: { number: 80 } } },
              },
            ],
          },
        },
      ],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: selector,
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 80, protocol: 'TCP' }] }],
    },
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata,
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'], resourceNames: ['a'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    subjects: [{ kind: 'ServiceAccount', name: 'shop', namespace: 'default' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'shop' },
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'b' }, immutable: true },
  { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData: { a: 'b' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fresh', labels } },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'shop' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/data', type: 'Directory' },
    },
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: { minAvailable: '50%', selector },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' },
      maxReplicas: 3,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
        },
      ],
    },
  },
].map((manifest) => JSON.parse(JSON.stringify(manifest)) as Json)
