// What admission adds to a dry-run create of a Pod at one API server: by a webhook that parses nothing and allows, by ours, and by
// Gatekeeper, the last two with every policy of the pod-security pack and the same parameters. Each has a namespace of its own, which its
// webhook alone is asked about, and they take turns; a fourth namespace has none. Pods come at a fixed rate, whether or not answers do.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** The rig is written in TypeScript, which Node 20 does not read by itself. */
const { createJiti } = createRequire(new URL('../../../packages/cli/package.json', import.meta.url))('jiti')
const fromTypeScript = createJiti(import.meta.url)

const ways = ['none', 'an empty handler', 'our webhook', 'Gatekeeper']
const namespaceOf = (way) => `bench-${way.replaceAll(' ', '-').toLowerCase()}`
const rounds = 3
/** After so long all ends, whatever is still to be done. */
const longest = 8 * 60_000

/**
 * Measures it and prints it. What cannot be had is said and left out.
 *
 * @param start starts a server with arguments for Node and gives `{ url, end }`
 */
export async function inCluster({ seconds, rate, mayBuild, start, folder, command }) {
  const leftOut = (why) =>
    console.log(`left out, what admission adds at an API server beside Gatekeeper: ${why}`)
  const { unbuilt } = await fromTypeScript.import('../../binaries.ts')
  const missing = unbuilt('etcd', 'kube-apiserver', 'gatekeeper')
  if (process.platform !== 'linux') return leftOut('the cluster of the tests runs on Linux only')
  if (spawnSync('go', ['version']).status !== 0)
    return leftOut('there is no `go`, which makes its certificates')
  if (missing.length > 0 && !mayBuild)
    return leftOut(`${missing.join(', ')} would have to be built, which takes minutes, once; say --cluster`)
  const watchdog = setTimeout(() => {
    leftOut(`not done after ${longest / 60_000} minutes`)
    process.exit(0)
  }, longest)
  let stop = async () => {}
  try {
    const { startCluster } = await fromTypeScript.import('../../cluster/rig/cluster.ts')
    const cluster = await startCluster()
    stop = cluster.stop
    await measured(cluster.connection, { seconds, rate, start, folder, command })
  } catch (error) {
    leftOut(error instanceof Error ? error.message : String(error))
  } finally {
    clearTimeout(watchdog)
    await stop()
  }
}

async function measured(connection, { seconds, rate, start, folder, command }) {
  const { Api } = await fromTypeScript.import('../../cluster/rig/api.ts')
  const { packCases, packPod } = await fromTypeScript.import('../../cluster/pod-security-cases.ts')
  const api = new Api(connection)
  try {
    const keys = ['tls.crt', 'tls.key'].map((name) => join(connection.keys, name))
    for (const way of ways) {
      const name = namespaceOf(way)
      await api.apply(`/api/v1/namespaces/${name}`, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      })
    }
    writeFileSync(
      join(folder, 'parameters.json'),
      JSON.stringify(Object.fromEntries(packCases.map(({ policy, parameters }) => [policy.id, parameters]))),
    )
    const empty = await start(['empty.mjs', ...keys])
    const ours = await start([
      ...[command, 'serve', 'webhook', '--no-config', '--policy', 'pod-security', '--port', '0'],
      ...['--parameters', 'parameters.json', '--tls-cert', keys[0], '--tls-key', keys[1]],
    ])
    try {
      await askedOnlyIn(api, namespaceOf('Gatekeeper'))
      await register(api, connection, 'an empty handler', empty.url)
      await register(api, connection, 'our webhook', ours.url)
      await constrain(api, packCases, namespaceOf('Gatekeeper'))
      const bad = packPod('bad', 'a', { hostPID: true })
      const good = packPod('good', 'a')
      for (const way of ways) {
        const denies = way === 'our webhook' || way === 'Gatekeeper'
        await until(
          `${way} is asked`,
          async () => (await tried(api, way, denies ? bad : good)) === (denies ? 403 : 201),
        )
        const status = await tried(api, way, good)
        if (status !== 201) throw new Error(`${way} answers ${status} to what every policy allows`)
      }
      await compare(connection, packPod, { seconds, rate, policies: packCases.length })
    } finally {
      empty.end()
      ours.end()
    }
  } finally {
    api.close()
  }
}

const tried = async (api, way, pod) =>
  (await api.send('POST', `/api/v1/namespaces/${namespaceOf(way)}/pods?dryRun=All`, pod)).status

async function until(what, holds) {
  for (const end = Date.now() + 120_000; !(await holds()); await pause(300))
    if (Date.now() > end) throw new Error(`${what}: not after two minutes`)
}

const admission = '/apis/admissionregistration.k8s.io/v1'

/** Has Gatekeeper asked about one namespace, and for validation alone: it mutates nothing here. */
async function askedOnlyIn(api, namespace) {
  const name = 'gatekeeper-mutating-webhook-configuration'
  await api.ask('DELETE', `${admission}/mutatingwebhookconfigurations/${name}`)
  const path = `${admission}/validatingwebhookconfigurations/gatekeeper-validating-webhook-configuration`
  const found = await api.ask('GET', path)
  await api.ask('PUT', path, {
    ...found,
    webhooks: found.webhooks
      .filter(({ name: each }) => each === 'validation.gatekeeper.sh')
      .map((webhook) => ({ ...webhook, namespaceSelector: only(namespace) })),
  })
}

const only = (namespace) => ({ matchLabels: { 'kubernetes.io/metadata.name': namespace } })

async function register(api, { keys }, way, url) {
  const name = namespaceOf(way)
  await api.apply(`${admission}/validatingwebhookconfigurations/${name}`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: `${name}.gatewright.test`,
        clientConfig: {
          url: `${url}/validate`,
          caBundle: readFileSync(join(keys, 'ca.crt')).toString('base64'),
        },
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 10,
        namespaceSelector: only(name),
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
    ],
  })
}

/** Installs the policies as templates and constraints, in Rego. */
async function constrain(api, cases, namespace) {
  const { constraint, templateOf } = await import('@gatewright/gatekeeper')
  const templates = '/apis/templates.gatekeeper.sh/v1/constrainttemplates'
  for (const { policy, parameters } of cases) {
    const template = templateOf(policy)
    const { kind } = template.spec.crd.spec.names
    await api.apply(`${templates}/${template.metadata.name}`, template)
    const own = constraint(policy, { name: 'bench', kind, parameters, match: { namespaces: [namespace] } })
    const path = `/apis/constraints.gatekeeper.sh/v1beta1/${kind.toLowerCase()}/bench`
    let last = ''
    await until(`a constraint of ${policy.id}: ${last}`, async () => {
      try {
        await api.apply(path, own)
        return true
      } catch (error) {
        last = String(error)
        return false
      }
    })
  }
  const path = '/apis/templates.gatekeeper.sh/v1/constrainttemplates'
  await until('Gatekeeper has taken all templates', async () => {
    const { items } = await api.ask('GET', path)
    return items.filter(({ status }) => status?.created === true).length >= cases.length
  })
}

/** A Pod that all allow, about as large as is said, in bytes. */
function podOf(packPod, size) {
  const pod = packPod('bench', 'a')
  const [first] = pod.spec.containers
  const containers = []
  const container = (i) => ({
    ...first,
    name: `c${i}`,
    image: `registry.example.com/team/app-${i}:1.${i}`,
    command: ['/bin/app', '--verbose'],
    env: Array.from({ length: 8 }, (_, n) => ({ name: `VARIABLE_${n}`, value: `value ${n}`.repeat(4) })),
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
  })
  const made = () => JSON.stringify({ ...pod, spec: { ...pod.spec, containers } })
  do containers.push(container(containers.length))
  while (made().length < size)
  return made()
}

async function compare({ port, keys }, packPod, { seconds, rate, policies }) {
  const key = (name) => readFileSync(join(keys, name))
  const agent = new Agent({
    ca: key('ca.crt'),
    cert: key('admin.crt'),
    key: key('admin.key'),
    keepAlive: true,
    maxSockets: 32,
  })
  /** Milliseconds until the Pod is admitted; undefined where it is not, since somebody gave up. */
  const created = (way, body, due) =>
    new Promise((resolve) => {
      const path = `/api/v1/namespaces/${namespaceOf(way)}/pods?dryRun=All`
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const options = { host: '127.0.0.1', port, agent, method: 'POST', path, headers, timeout: 20_000 }
      const sent = request(options, (response) =>
        response
          .resume()
          .on('end', () => resolve(response.statusCode === 201 ? performance.now() - due : undefined))
          .on('error', () => resolve(undefined)),
      )
      sent.on('timeout', () => sent.destroy())
      sent.on('error', () => resolve(undefined))
      sent.end(body)
    })
  const latencies = async (way, body) => {
    const waiting = []
    const from = performance.now()
    for (let i = 0; i < seconds * rate; i++) {
      const due = from + (i * 1000) / rate
      const early = due - performance.now()
      if (early > 1) await pause(early)
      waiting.push(created(way, body, due))
    }
    return Promise.all(waiting)
  }
  console.log(
    `at an API server, ${policies} policies, ${rate} dry-run creates a second, ${rounds} turns of ${seconds} s each; Gatekeeper with Rego, validating alone`,
  )
  try {
    for (const size of [3_000, 30_000]) {
      const body = podOf(packPod, size)
      for (const way of ways) for (let i = 0; i < 40; i++) await created(way, body, performance.now())
      const found = Object.fromEntries(ways.map((way) => [way, []]))
      for (let round = 0; round < rounds; round++)
        for (const way of ways) found[way].push(...(await latencies(way, body)))
      print(body.length, found)
    }
  } finally {
    agent.destroy()
  }
}

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]

function print(size, found) {
  const measures = Object.entries(found).map(([way, all]) => {
    const sorted = all.filter((each) => each !== undefined).toSorted((a, b) => a - b)
    const failed = all.length - sorted.length
    return { way, failed, p50: at(sorted, 0.5) ?? Number.NaN, p99: at(sorted, 0.99) ?? Number.NaN }
  })
  const [none, empty, ours, gatekeeper] = measures
  console.log(`a Pod of ${(size / 1000).toFixed(1)} KB`)
  const signed = (number) => `${number < 0 ? '−' : '+'}${Math.abs(number).toFixed(2)}`
  for (const { way, failed, p50, p99 } of measures) {
    const adds = way === 'none' ? '' : `, adds ${signed(p50 - none.p50)} and ${signed(p99 - none.p99)} ms`
    const lost = failed === 0 ? '' : `; ${failed} were not admitted in time`
    console.log(`  ${way.padEnd(16)} p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms${adds}${lost}`)
  }
  const ratio = (of, by) => (by > 0 && of > 0 ? `${(of / by).toFixed(1)} times` : 'no telling how many times')
  console.log(
    `  ours is ${signed(ours.p50 - empty.p50)} ms from the empty handler at the median and ${signed(ours.p99 - empty.p99)} at the 99th percentile; ` +
      `Gatekeeper adds ${ratio(gatekeeper.p50 - none.p50, ours.p50 - none.p50)} what ours adds at the median, and ` +
      `${ratio(gatekeeper.p99 - none.p99, ours.p99 - none.p99)} at the 99th percentile`,
  )
}
