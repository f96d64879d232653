// Reading manifests: ours beside `yaml`, `js-yaml` and `JSON.parse` of the same values, in one process. Run after a build:
//   node test/bench/sources.mjs
import { Buffer } from 'node:buffer'
import { performance } from 'node:perf_hooks'
import { load } from 'js-yaml'
import { parse } from 'yaml'
import { readDocuments, writeYaml } from '../../packages/sources/dist/index.js'

const encoder = new TextEncoder()

const labels = (name) => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/part-of': 'shop',
  tier: 'backend',
})

function container(name, i) {
  return {
    name,
    image: `registry.example.com/shop/${name}:1.${i}.0`,
    args: ['--port=8080', '--log-level', 'info'],
    ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }],
    env: [
      { name: 'REGION', value: 'eu-west-1' },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: `${name}-secret`, key: 'password' } } },
    ],
    resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      runAsUser: 1000 + i,
      capabilities: { drop: ['ALL'] },
    },
    livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 10, periodSeconds: 5 },
  }
}

const metadata = (name) => ({ name, namespace: 'shop', labels: labels(name) })

const shapes = {
  'small (a Service or ConfigMap)': (i) =>
    i % 2 === 0
      ? {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: metadata(`web-${i}`),
          spec: {
            selector: labels(`web-${i}`),
            ports: [{ name: 'http', port: 80, targetPort: 8080 }],
            type: 'ClusterIP',
          },
        }
      : {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: metadata(`settings-${i}`),
          data: {
            MODE: 'production',
            LEVEL: 'info',
            RETRIES: '3',
            URL: 'https://shop.example.com/api',
            OWNER: 'team a',
          },
        },
  'medium (a Deployment)': (i) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(`api-${i}`),
    spec: {
      replicas: 3,
      selector: { matchLabels: labels(`api-${i}`) },
      template: {
        metadata: { labels: labels(`api-${i}`) },
        spec: { serviceAccountName: 'api', containers: [container('api', i), container('proxy', i)] },
      },
    },
  }),
  'large (a Pod with 20 containers)': (i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata(`batch-${i}`),
    spec: { containers: Array.from({ length: 20 }, (_, at) => container(`step-${at}`, i)) },
  }),
}

/** Microseconds a document: the best of several passes over all of them. */
function measure(texts, read, milliseconds) {
  let best = Infinity
  const deadline = performance.now() + milliseconds
  do {
    const start = performance.now()
    for (const text of texts) read(text)
    best = Math.min(best, performance.now() - start)
  } while (performance.now() < deadline)
  return (best * 1000) / texts.length
}

for (const [name, shape] of Object.entries(shapes)) {
  const values = Array.from({ length: 200 }, (_, i) => shape(i))
  const texts = values.map((value) => writeYaml(value))
  const bytes = texts.map((text) => encoder.encode(text))
  const jsons = values.map((value) => JSON.stringify(value))
  const size = bytes.reduce((sum, { length }) => sum + length, 0) / bytes.length
  const sample = texts.slice(0, 40)
  const ours = measure(bytes, (text) => readDocuments(text, { name: 'x.yaml' }), 1500)
  const json = measure(jsons, (text) => JSON.parse(text), 500)
  const jsYaml = measure(sample, (text) => load(text), 1000)
  const yaml = measure(sample, (text) => parse(text), 1000)
  const ratio = (other) => `${(other / ours).toFixed(1)}x`
  console.log(
    `${name}: ${size.toFixed(0)} bytes, ${ours.toFixed(1)} us, ${(size / ours).toFixed(0)} MB/s; ` +
      `${(ours / json).toFixed(2)} times JSON.parse; yaml takes ${ratio(yaml)}, js-yaml ${ratio(jsYaml)}`,
  )
}

const many = Array.from({ length: 5000 }, (_, i) =>
  Buffer.from(writeYaml(shapes['small (a Service or ConfigMap)'](i))),
)
const once = measure([many], (all) => all.forEach((text) => readDocuments(text, { name: 'x.yaml' })), 1500)
console.log(`5,000 small manifests, decoded and read: ${(once / 1000).toFixed(1)} ms`)
