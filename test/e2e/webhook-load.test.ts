import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent as PlainAgent, type ClientRequest, request as plainRequest } from 'node:http'
import { Agent, request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, expect, it } from 'vitest'
import { Dice } from '../fuzz/dice.js'
import { loadSeconds, rotations, seed, timeoutFor } from '../load-budget.js'
import { type RunningCommand, runCommand } from '../running-command.js'

// in the repository, where a configuration finds `gatewright`
const caches = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))
mkdirSync(caches, { recursive: true })
const folder = mkdtempSync(join(caches, 'load-'))
afterAll(() => rmSync(folder, { recursive: true }))

const running: RunningCommand[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.end('SIGKILL')
})

async function serving(...given: readonly string[]): Promise<RunningCommand> {
  const started = await runCommand(folder, 'serve', 'webhook', '--port', '0', ...given)
  running.push(started)
  return started
}

writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
// what a review costs grows with the square of its containers
writeFileSync(
  join(folder, 'gatewright.config.ts'),
  `import { defineConfig, policy } from 'gatewright'
import { pods } from 'gatewright/kubernetes'
const names = policy({
  id: 'load/names',
  title: 'No image is the name of a container',
  severity: 'low',
  target: pods,
  rule: ({ object }) =>
    object.spec.containers
      .filter((c) => object.spec.containers.some((other) => other.image.is(c.name).ifMissing(false)))
      .deny(() => ({ message: 'an image is a name' })),
})
export default defineConfig({ policies: [names] })
`,
)

/** A review of a Pod with so many containers, which is denied or not. */
function reviewOf(uid: string, containers: number, isBad: boolean): string {
  const images = Array.from({ length: containers }, (_, i) => ({ name: `n${i}`, image: `i${i}` }))
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      operation: 'CREATE',
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: uid, namespace: 'shop' },
        spec: { containers: [...images, ...(isBad ? [{ name: 'bad', image: 'n0' }] : [])] },
      },
    },
  })
}

interface Answered {
  /** 0 where the connection broke. */
  readonly status: number
  readonly text: string
  readonly milliseconds: number
}

function ask(
  url: string,
  body: string | Buffer,
  agent: PlainAgent | Agent,
  path = '/validate?timeout=10s',
): Promise<Answered> {
  const from = performance.now()
  return new Promise((resolve) => {
    const broken = (): void => resolve({ status: 0, text: '', milliseconds: performance.now() - from })
    const options = {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    }
    const send = agent instanceof Agent ? request : plainRequest
    const sent: ClientRequest = send(`${url}${path}`, options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', broken)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(parts).toString('utf8'),
          milliseconds: performance.now() - from,
        }),
      )
    })
    sent.on('error', broken)
    sent.end(body)
  })
}

const responseOf = ({ text }: Answered): { readonly uid: string; readonly allowed: boolean } =>
  (JSON.parse(text) as { readonly response: { readonly uid: string; readonly allowed: boolean } }).response
const percentile = (of: readonly number[], part: number): string => {
  const sorted = of.toSorted((a, b) => a - b)
  return (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(1)
}
const told = (line: string): void => console.error(`    ${line}`)

/** Megabytes of memory that a process has, and the files and sockets that it has open. */
function held({ child: { pid } }: RunningCommand): { readonly memory: number; readonly handles: number } {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8')
  return {
    memory: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024,
    handles: readdirSync(`/proc/${String(pid)}/fd`).length,
  }
}
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

it(
  `W4: asked ten times what it can do for ${loadSeconds} s it refuses the rest at once, and is well again after`,
  async () => {
    const containers = 900
    const server = await serving('--plain-http', '--queue', '16')
    const agent = new PlainAgent({ keepAlive: true, maxSockets: 400 })
    const good = reviewOf('good', containers, false)
    for (let i = 0; i < 20; i++) await ask(server.url, good, agent)
    const from = performance.now()
    await Promise.all(
      Array.from({ length: 2 }, async () => {
        for (let i = 0; i < 20; i++) await ask(server.url, good, agent)
      }),
    )
    const capacity = 40_000 / (performance.now() - from)
    const rate = Math.min(10 * capacity, 1_500)
    const times = { judged: [] as number[], refused: [] as number[] }
    let [wrong, others, most] = [0, 0, 0]
    const bodies = [false, true].map((isBad) =>
      Array.from({ length: 20 }, (_, i) => reviewOf(`${isBad ? 'bad' : 'good'}-${i}`, containers, isBad)),
    )
    const waiting: Promise<void>[] = []
    const begin = performance.now()
    for (let i = 0; performance.now() - begin < loadSeconds * 1_000; i++) {
      const early = begin + (i * 1_000) / rate - performance.now()
      if (early > 1) await pause(early)
      const isBad = i % 2 === 0
      const uid = `${isBad ? 'bad' : 'good'}-${i % 20}`
      waiting.push(
        ask(server.url, bodies[isBad ? 1 : 0]?.[i % 20] ?? '', agent).then((answered) => {
          if (answered.status === 200) {
            times.judged.push(answered.milliseconds)
            const response = responseOf(answered)
            if (response.uid !== uid || (isBad && response.allowed)) wrong++
          } else if (answered.status === 503) times.refused.push(answered.milliseconds)
          else others++
        }),
      )
      if (i % 200 === 0) most = Math.max(most, held(server).memory)
    }
    await Promise.all(waiting)
    const over = performance.now()
    while ((await ask(server.url, good, agent)).status !== 200) await pause(20)
    const recovered = performance.now() - over
    agent.destroy()
    told(
      `it can do ${capacity.toFixed(0)} a second and was asked ${(waiting.length / loadSeconds).toFixed(0)}: ${times.judged.length} judged (p50 ${percentile(times.judged, 0.5)} ms, p99 ${percentile(times.judged, 0.99)} ms), ${times.refused.length} refused (p50 ${percentile(times.refused, 0.5)} ms, p99 ${percentile(times.refused, 0.99)} ms), ${others} broken; well again after ${recovered.toFixed(0)} ms; at most ${most.toFixed(0)} MB`,
    )
    expect({ wrong, others }).toEqual({ wrong: 0, others: 0 })
    expect(times.judged.length).toBeGreaterThan(0)
    expect(times.refused.length).toBeGreaterThan(0)
    expect(recovered).toBeLessThan(5_000)
    expect(most).toBeLessThan(512)
  },
  timeoutFor(loadSeconds),
)

it(
  `W5: ${rotations} changes of its certificate under load break no call, and files that do not belong together change nothing`,
  async () => {
    const made = Array.from({ length: 3 }, (_, i) => {
      const name = `own-${i}`
      execFileSync(
        'openssl',
        [
          ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
          ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
          ...['-keyout', `${name}.key`, '-out', `${name}.crt`],
        ],
        { cwd: folder, stdio: 'ignore' },
      )
      const text = (kind: string): string => readFileSync(join(folder, `${name}.${kind}`), 'utf8')
      return { name, crt: text('crt'), key: text('key') }
    })
    const put = (kind: 'crt' | 'key', text: string): void => {
      writeFileSync(join(folder, 'beside'), text)
      renameSync(join(folder, 'beside'), join(folder, `tls.${kind}`))
    }
    const [first] = made
    put('crt', first?.crt ?? '')
    put('key', first?.key ?? '')
    const server = await serving('--tls-cert', 'tls.crt', '--tls-key', 'tls.key')
    const ca = made.map(({ crt }) => crt)
    const { port } = new URL(server.url)
    const shown = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port: Number(port), ca }, () => {
          resolve(String(socket.getPeerCertificate().subject.CN))
          socket.end()
        })
        socket.on('error', reject)
      })
    const until = async (name: string): Promise<void> => {
      for (const end = Date.now() + 20_000; (await shown()) !== name; await pause(25))
        if (Date.now() > end) throw new Error(`it does not show ${name}: ${server.log().slice(-500)}`)
    }
    const over = new AbortController()
    let [asked, failed, connections] = [0, 0, 0]
    const asking = Array.from({ length: 3 }, async (_, i) => {
      while (!over.signal.aborted) {
        // one keeps its connection, the others make new ones again and again
        const agent = new Agent({ ca, keepAlive: true, maxSockets: 1 })
        connections++
        const most = i === 0 ? Number.POSITIVE_INFINITY : 20
        for (let n = 0; n < most && !over.signal.aborted; n++) {
          const answered = await ask(server.url, reviewOf('bad', 2, true), agent)
          asked++
          if (answered.status !== 200 || responseOf(answered).allowed) failed++
          await pause(2)
        }
        agent.destroy()
      }
    })
    let last = first?.name ?? ''
    for (let i = 1; i <= rotations; i++) {
      const next = made[i % made.length]
      if (next === undefined) continue
      if (i % 10 === 1) {
        put('crt', next.crt.slice(0, 300))
        await pause(700)
        expect(await shown()).toBe(last)
      }
      // for a moment the two do not belong together
      put('crt', next.crt)
      if (i % 4 === 2) {
        await pause(700)
        expect(await shown()).toBe(last)
      }
      put('key', next.key)
      await until(next.name)
      last = next.name
    }
    over.abort()
    await Promise.all(asking)
    told(`${rotations} changes: ${asked} reviews over ${connections} connections, ${failed} failed`)
    expect(failed).toBe(0)
    expect(asked).toBeGreaterThan(rotations)
  },
  timeoutFor(rotations),
)

it(
  `W13: asked all sorts of things for ${loadSeconds} s (seed ${seed}) it answers the same each time, and takes no more memory`,
  async () => {
    const server = await serving('--plain-http', '--policy', 'pod-security', '--no-config')
    const agent = new PlainAgent({ keepAlive: true, maxSockets: 8 })
    const dice = new Dice(seed)
    const bodies = Array.from({ length: 60 }, (_, i) => reviewOf(`u${i}`, 1 + dice.below(6), i % 3 === 0))
    const first = await Promise.all(bodies.map((body) => ask(server.url, body, agent)))
    /** What is none, or counts as something of its own. */
    const odd = (n: number): string | Buffer =>
      dice.one<string | Buffer>([
        (bodies[0] ?? '').replace('"CREATE"', `"OPERATION-${n}"`),
        (bodies[1] ?? '').replace('"u1"', `"${'u'.repeat(dice.below(5_000))}-${n}"`),
        (bodies[2] ?? '').slice(0, dice.below(200)),
        `{"a":${'['.repeat(dice.below(3_000))}`,
        Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
      ])
    const samples: { readonly memory: number; readonly handles: number }[] = []
    let [asked, other, brokenOff] = [0, 0, 0]
    const begin = performance.now()
    const elapsed = (): number => (performance.now() - begin) / 1_000
    const sampling = (async () => {
      while (elapsed() < loadSeconds) {
        samples.push(held(server))
        await pause((loadSeconds * 1_000) / 60)
      }
    })()
    const { hostname, port } = new URL(server.url)
    const breaking = (async () => {
      while (elapsed() < loadSeconds) {
        const socket = connectPlain(Number(port), hostname)
        socket.on('error', () => undefined)
        socket.write(
          'POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{"k',
        )
        await pause(20)
        socket.destroy()
        brokenOff++
      }
    })()
    await Promise.all([
      sampling,
      breaking,
      ...Array.from({ length: 8 }, async () => {
        while (elapsed() < loadSeconds) {
          const n = asked++
          if (n % 25 === 0) {
            const answered = await ask(server.url, odd(n), agent, dice.one(['/validate', '/mutate', '/x']))
            if (answered.status === 0) other++
            continue
          }
          const { status, text } = await ask(server.url, bodies[n % 60] ?? '', agent)
          if (status !== 200 || text !== first[n % 60]?.text) other++
        }
      }),
    ])
    agent.destroy()
    // what was broken off is gone a moment later
    await pause(500)
    const { handles } = held(server)
    const part = (from: number, to: number): number =>
      Number(
        percentile(
          samples
            .slice(Math.floor(samples.length * from), Math.ceil(samples.length * to))
            .map(({ memory }) => memory),
          0.5,
        ),
      )
    const [early, late] = [part(0.25, 0.5), part(0.75, 1)]
    const most = Math.max(...samples.map(({ memory }) => memory))
    told(
      `${asked} reviews and ${brokenOff} that broke off in ${elapsed().toFixed(0)} s: ${early} MB in the second quarter, ${late} MB in the last, at most ${most.toFixed(0)} MB; ${samples[0]?.handles ?? 0} handles at first, ${handles} in the end`,
    )
    expect(other).toBe(0)
    expect(handles).toBeLessThanOrEqual((samples[0]?.handles ?? 0) + 2)
    // a short run is all beginning
    if (loadSeconds >= 120) expect(late).toBeLessThan(early * 1.1 + 8)
  },
  timeoutFor(loadSeconds),
)
