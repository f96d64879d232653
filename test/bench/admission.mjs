// Times admission reviews of generated Pods: our webhook with the whole pod-security pack beside a handler that parses nothing and
// allows, each in a process of its own, over HTTPS with connections that are kept. Prints the requests a second that each answers when
// asked as fast as it can with the processor time of each, and, at a fixed rate, what the webhook adds to the median and the 99th
// percentile. Then the same at an API server, beside Gatekeeper, where its programs are built (cluster/admission.mjs). Nothing fails.
//   node test/bench/admission.mjs [seconds] [rate] [rate at the API server] [--cluster | --no-cluster]
// With --cluster what is not built yet is built, which takes minutes, once.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inCluster } from './cluster/admission.mjs'

const given = process.argv.slice(2)
const [seconds = 5, rate = 300, clusterRate = 10] = given.filter((each) => !each.startsWith('--')).map(Number)
const folder = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
const command = fileURLToPath(new URL('../../packages/gatewright/bin/gatewright.js', import.meta.url))
const inFolder = (name) => join(folder, name)
execFileSync(
  'openssl',
  [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
    ...['-subj', '/CN=bench', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', inFolder('tls.key'), '-out', inFolder('tls.crt')],
  ],
  { stdio: 'ignore' },
)
writeFileSync(
  inFolder('empty.mjs'),
  `import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
const [cert = 'tls.crt', key = 'tls.key'] = process.argv.slice(2)
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
  // an answer is for the uid that asked, which stands near the beginning
  let head = ''
  request.on('data', (chunk) => (head ||= chunk.toString('latin1', 0, 2000)))
  request.on('end', () => {
    const uid = /"uid":"([^"]*)"/.exec(head)?.[1]
    const answer = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } })
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
  })
})
server.listen(0, '127.0.0.1', () => console.log('https://127.0.0.1:' + server.address().port))
`,
)

/** Starts a server that writes its address, and gives it. */
async function started(args) {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk).split('\n')[0]))
    child.once('close', (code) => reject(new Error(`it ended with ${code}`)))
  })
  return { url, processor: () => processorOf(child.pid), end: () => child.kill() }
}

/** Milliseconds of processor time that a process took so far; undefined where the system does not say it. */
function processorOf(pid) {
  try {
    // behind the name, which may have spaces in it: user and system time, in ticks of 10 ms
    const [, , , , , , , , , , , user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(user) + Number(system)) * 10
  } catch {
    return undefined
  }
}

const servers = {
  'an empty handler': await started(['empty.mjs']),
  'our webhook': await started([
    ...[command, 'serve', 'webhook', '--no-config', '--policy', 'pod-security', '--port', '0'],
    ...['--tls-cert', 'tls.crt', '--tls-key', 'tls.key'],
  ]),
}

const container = (i) => ({
  name: `c${i}`,
  image: `registry.example.com/team/app-${i}:1.${i}`,
  command: ['/bin/app', '--verbose'],
  env: Array.from({ length: 8 }, (_, n) => ({ name: `VARIABLE_${n}`, value: `value ${n}`.repeat(4) })),
  resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true },
})
const pods = Array.from({ length: 50 }, (_, i) =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: `u-${i}`,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: 'shop',
      userInfo: { username: 'kubernetes-admin', groups: ['system:masters'] },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `pod-${i}`, namespace: 'shop', labels: { app: 'shop' } },
        spec: { containers: Array.from({ length: 1 + (i % 4) }, (_, n) => container(n)) },
      },
    },
  }),
)
const agent = new Agent({ ca: readFileSync(inFolder('tls.crt')), keepAlive: true, maxSockets: 16 })

/** Milliseconds until a review is answered. */
function asked(url, body) {
  const from = performance.now()
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/validate?timeout=10s`,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => response.resume().on('end', () => resolve(performance.now() - from)),
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** As fast as 16 connections go: answers a second. */
async function throughput(url) {
  const end = performance.now() + seconds * 1000
  let count = 0
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (performance.now() < end) {
        await asked(url, pods[count % pods.length])
        count++
      }
    }),
  )
  return count / seconds
}

/** At a fixed rate, whether or not answers come: sorted milliseconds from when each was due. */
async function latencies(url) {
  const waiting = []
  const from = performance.now()
  for (let i = 0; i < seconds * rate; i++) {
    const due = from + (i * 1000) / rate
    const early = due - performance.now()
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early))
    waiting.push(asked(url, pods[i % pods.length]).then(() => performance.now() - due))
  }
  return (await Promise.all(waiting)).toSorted((a, b) => a - b)
}
const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]

try {
  for (const { url } of Object.values(servers)) for (let i = 0; i < 500; i++) await asked(url, pods[i % 50])
  const found = {}
  for (const [name, { url, processor }] of Object.entries(servers)) {
    const before = processor()
    const most = await throughput(url)
    const each = ((processor() - before) * 1000) / (most * seconds)
    const sorted = await latencies(url)
    found[name] = { most, p50: at(sorted, 0.5), p99: at(sorted, 0.99) }
    console.log(
      `${name}: ${Math.round(most)} reviews a second${Number.isNaN(each) ? '' : `, ${each.toFixed(0)} µs of processor time each`}; at ${rate} a second p50 ${found[name].p50.toFixed(2)} ms, p99 ${found[name].p99.toFixed(2)} ms`,
    )
  }
  const [empty, ours] = Object.values(found)
  console.log(
    `the webhook adds ${(ours.p50 - empty.p50).toFixed(2)} ms to the median and ${(ours.p99 - empty.p99).toFixed(2)} ms to the 99th percentile, and answers ${((100 * ours.most) / empty.most).toFixed(0)} % of what the empty handler does`,
  )
  for (const { end } of Object.values(servers)) end()
  if (!given.includes('--no-cluster'))
    await inCluster({
      seconds,
      rate: clusterRate,
      mayBuild: given.includes('--cluster'),
      start: started,
      folder,
      command,
    })
} finally {
  for (const { end } of Object.values(servers)) end()
  agent.destroy()
  rmSync(folder, { recursive: true })
}
