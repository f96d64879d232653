import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Json, message, policiesOf, policy, set } from '@gatewright/core'
import { evaluator } from '@gatewright/evaluator'
import { namespaces, pods } from '@gatewright/kubernetes'
import { podSecurity, privilegedContainers } from '@gatewright/pod-security'
import {
  mutationOf,
  patchBetween,
  type PatchOperation,
  policiesInForce,
  type PoliciesToEnforce,
  type RunningWebhook,
  type ServerEvent,
  serveWebhook,
  type WebhookOptions,
} from '@gatewright/server'
import { review } from '../../packages/testing/src/index.js'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { packCases, packPod } from '../cluster/pod-security-cases.js'
import { Dice } from '../fuzz/dice.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 300)

const folder = mkdtempSync(join(tmpdir(), 'gatewright-webhook-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A certificate for the loopback address that vouches for itself. */
function certificate(name: string): { readonly certificate: string; readonly key: string } {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  )
  return { certificate: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}

const running: RunningWebhook[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.close(0)
})
async function serving(options: WebhookOptions = {}): Promise<RunningWebhook> {
  const server = await serveWebhook({ healthPort: 0, policies: packInForce, ...options })
  running.push(server)
  return server
}

const given = Object.fromEntries(packCases.map(({ policy: { id }, parameters }) => [id, parameters]))
const pack: PoliciesToEnforce = {
  policies: policiesOf([podSecurity]),
  parameters: given,
  revision: 'r1',
}
const packInForce = policiesInForce(pack)

const bad = packPod('bad', 'a', { container: { securityContext: { privileged: true } } })
const good = packPod('good', 'a')
const created = (object: object, more: object = {}): object => {
  const made = review({ object })
  return { ...made, request: { ...made.request, ...more } }
}

interface Answer {
  readonly status: number
  readonly body: {
    readonly apiVersion?: string
    readonly kind?: string
    readonly response?: {
      readonly uid: string
      readonly allowed: boolean
      readonly status?: { readonly code: number; readonly message: string }
      readonly warnings?: readonly string[]
      readonly auditAnnotations?: Readonly<Record<string, string>>
      readonly patch?: string
    }
  }
}

async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {} }
}

const patchOf = (answer: Answer): readonly PatchOperation[] => {
  const { patch } = answer.body.response ?? {}
  return patch === undefined ? [] : (JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as never)
}

describe('an answer', () => {
  it('denies what is denied here, with its messages, and lets through what is allowed', async () => {
    const { url } = await serving()
    for (const { policy: each, bad: change } of packCases) {
      const pod = packPod('new', 'a', change as never)
      const denied = evaluator(pack.policies, { parameters: given as never })
        .evaluate(created(pod))
        .judgements.filter(({ verdict }) => verdict.verdict === 'denied')
      const { body } = await post(`${url}/validate?timeout=5s`, created(pod))
      expect(body.response).toMatchObject({ allowed: false, status: { code: 403 } })
      expect(body.response?.status?.message.split('\n'), each.id).toEqual(
        denied.flatMap(({ policy: { id }, verdict }) =>
          verdict.violations.map(({ message: text }) => `${id}: ${text}`),
        ),
      )
      expect(body.response?.auditAnnotations?.['denied']?.split(' ')).toContain(each.id)
    }
    const { body } = await post(`${url}/validate`, created(good))
    expect(body).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid: '00000000-0000-0000-0000-000000000001',
        allowed: true,
        auditAnnotations: { revision: 'r1' },
      },
    })
  })

  it('W2: is for the uid that asked, and for nothing else', async () => {
    const { url } = await serving()
    const uid = 'a-"uid"-\u2028'
    expect((await post(`${url}/validate`, created(bad, { uid }))).body.response?.uid).toBe(uid)
    for (const wrong of [
      { ...created(good), apiVersion: 'admission.k8s.io/v1beta1' },
      { ...created(good), apiVersion: undefined },
      { ...created(good), kind: 'Pod' },
      { ...created(good), request: null },
      created(good, { uid: '' }),
      created(good, { uid: 7 }),
      created(good, { uid: undefined }),
      good,
      [created(good)],
      null,
    ])
      expect((await post(`${url}/validate`, wrong)).status).toBe(400)
    for (const odd of [{ operation: 'PATCH' }, { object: null }, { object: 'pod' }, { operation: 7 }])
      expect((await post(`${url}/validate`, created(good, odd))).body.response).toMatchObject({
        allowed: false,
        status: { code: 403 },
      })
    expect((await post(`${url}/validate`, created(bad, { unknown: { a: 1 } }))).body.response?.allowed).toBe(
      false,
    )
  })

  it('does what the action of each policy says, and what cannot be judged is no pass', async () => {
    const wrong = policy({
      id: 'test/names',
      title: 'Pods have sound names',
      severity: 'low',
      target: pods,
      undetermined: 'deny',
      rule: ({ object, cluster }) =>
        cluster
          .list(namespaces)
          .some((each) => each.metadata.name.is(object.metadata.namespace.default('')).ifMissing(false))
          .not()
          .deny({ message: 'its namespace is not there' }),
    })
    const lax = policy({
      id: 'test/lax',
      title: 'The same, laxly',
      severity: 'low',
      target: pods,
      rule: ({ object, cluster }) =>
        cluster
          .list(namespaces)
          .some((each) => each.metadata.name.is(object.metadata.namespace.default('')).ifMissing(false))
          .not()
          .deny({ message: 'its namespace is not there' }),
    })
    const server = await serving({ policies: policiesInForce({ policies: [lax], revision: 'a' }) })
    const asked = async (object: object = good): Promise<Answer['body']['response']> =>
      (await post(`${server.url}/validate`, created(object))).body.response
    expect(await asked()).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining('undetermined')],
    })
    server.setPolicies(policiesInForce({ policies: [wrong], revision: 'b' }))
    expect(await asked()).toMatchObject({ allowed: false })
    const actions = { [privilegedContainers.id]: 'warn' } as const
    server.setPolicies(policiesInForce({ policies: [privilegedContainers], actions, revision: 'c' }))
    expect(await asked(bad)).toEqual({
      uid: '00000000-0000-0000-0000-000000000001',
      allowed: true,
      warnings: ['pod-security/privileged-containers: container app must not run privileged'],
      auditAnnotations: { warned: privilegedContainers.id, revision: 'c' },
    })
    server.setPolicies(
      policiesInForce({
        policies: [privilegedContainers],
        actions: { [privilegedContainers.id]: 'dryrun' },
        revision: 'd',
      }),
    )
    expect(await asked(bad)).toEqual({
      uid: '00000000-0000-0000-0000-000000000001',
      allowed: true,
      auditAnnotations: { 'dry-run': privilegedContainers.id, revision: 'd' },
    })
    server.setPolicies(policiesInForce({ policies: [privilegedContainers], revision: 'e' }))
    expect(
      await asked({ ...good, spec: { containers: [{ securityContext: { privileged: 'yes' } }] } }),
    ).toMatchObject({ allowed: false, status: { message: expect.stringContaining('invalid') } })
  })

  it('keeps warnings within what an API server takes, in one line each', async () => {
    const loud = policy({
      id: 'test/loud',
      title: 'Nothing is quiet',
      severity: 'low',
      target: pods,
      rule: ({ object }) =>
        object.spec.containers.deny((c) => ({ message: message`${c.name} is here`, at: c.name })),
    })
    const server = await serving({
      policies: policiesInForce({ policies: [loud], actions: { 'test/loud': 'warn' }, revision: 'a' }),
    })
    const containers = Array.from({ length: 300 }, (_, i) => ({ name: `c${i}\u0007${'é'.repeat(400)}` }))
    const { response } = (await post(`${server.url}/validate`, created({ ...good, spec: { containers } })))
      .body
    const warnings = response?.warnings ?? []
    expect(response?.allowed).toBe(true)
    expect(warnings.reduce((sum, each) => sum + [...each].length, 0)).toBeLessThanOrEqual(4096)
    for (const each of warnings) {
      expect([...each].length).toBeLessThanOrEqual(256)
      expect(each).not.toMatch(/\p{Cc}/u)
    }
    expect(warnings.at(-1)).toMatch(/^… and 28\d more warnings$/)
    server.setPolicies(policiesInForce({ policies: [loud], revision: 'b' }))
    const denied = (await post(`${server.url}/validate`, created({ ...good, spec: { containers } }))).body
      .response
    expect([...(denied?.status?.message ?? '')].length).toBeLessThan(4200)
    expect(denied?.status?.message).toMatch(/… and 2\d\d more$/)
  })

  it('W13: is the same bytes each time', async () => {
    const { url } = await serving()
    const ask = async (): Promise<string> =>
      (
        await fetch(`${url}/validate`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(created(bad)),
        })
      ).text()
    const first = await ask()
    for (let i = 0; i < 50; i++) expect(await ask()).toBe(first)
  })
})

describe('W1: a request that is none', () => {
  it.each<[string, number, unknown, Readonly<Record<string, string>>]>([
    ['another type', 415, created(good), { 'content-type': 'text/plain' }],
    ['no type', 415, new Uint8Array([123, 125]), {}],
    ['packed', 415, created(good), { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
    ['too large', 413, JSON.stringify(created(good)).padEnd(70_000), { 'content-type': 'application/json' }],
    ['no JSON', 400, '{"kind"', { 'content-type': 'application/json' }],
    ['no UTF-8', 400, new Uint8Array([0x22, 0xff, 0x22]), { 'content-type': 'application/json' }],
    ['empty', 400, '', { 'content-type': 'application/json' }],
  ])('%s is refused with %i, and the next one is answered', async (_, status, body, headers) => {
    const { url } = await serving({ bodyBytes: 65_536 })
    expect((await post(`${url}/validate`, body, headers)).status).toBe(status)
    expect((await post(`${url}/validate`, created(good))).body.response?.allowed).toBe(true)
  })

  it('of another path or method is refused', async () => {
    const { url } = await serving()
    expect((await fetch(`${url}/validate`)).status).toBe(405)
    expect((await post(`${url}/other`, created(good))).status).toBe(404)
    expect((await post(`${url}/validate/..%2fvalidate`, created(good))).status).toBe(404)
  })

  it('that breaks off, or comes by the drop, holds up nobody', async () => {
    const reports: ServerEvent[] = []
    const { url } = await serving({ report: (event) => reports.push(event) })
    const { hostname, port } = new URL(url)
    const half = Array.from({ length: 20 }, () => {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => undefined)
      socket.write(
        'POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"kind":',
      )
      return socket
    })
    expect((await post(`${url}/validate`, created(good))).body.response?.allowed).toBe(true)
    for (const socket of half) socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await post(`${url}/validate`, created(good))).body.response?.allowed).toBe(true)
    expect(reports.filter(({ event }) => event === 'problem')).toEqual([])
  })
})

describe('under load', () => {
  /** A policy that takes long on an object with many containers. */
  const slow = policy({
    id: 'test/slow',
    title: 'No two containers share a name',
    severity: 'low',
    target: pods,
    rule: ({ object }) =>
      object.spec.containers
        .filter((c) => object.spec.containers.some((other) => other.image.is(c.name).ifMissing(false)))
        .deny(() => ({ message: 'a name is an image' })),
  })
  const long = (count: number): object => ({
    ...good,
    spec: { containers: Array.from({ length: count }, (_, i) => ({ name: `n${i}`, image: `i${i}` })) },
  })

  it('W3: who waits too long is refused before the API server gives up', async () => {
    const { url } = await serving({ policies: policiesInForce({ policies: [slow], revision: 'a' }) })
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => post(`${url}/validate?timeout=1s`, created(long(700)))),
    )
    const from = performance.now()
    const codes = answers.map(({ body }) => body.response?.status?.code ?? 200)
    expect(new Set(codes).size).toBeGreaterThan(0)
    for (const { body } of answers)
      if (body.response?.status?.code === 504) expect(body.response.allowed).toBe(false)
    expect((await post(`${url}/validate?timeout=1s`, created(good))).body.response?.allowed).toBe(true)
    expect(performance.now() - from).toBeLessThan(5_000)
  })

  it('W4: who finds the queue full is told so at once, and after that all is well', async () => {
    const { url, healthUrl } = await serving({
      queue: 2,
      policies: policiesInForce({ policies: [slow], revision: 'a' }),
    })
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => post(`${url}/validate`, created(long(2500)))),
    )
    const full = answers.filter(({ status }) => status === 503)
    const well = answers.filter(({ status }) => status === 200)
    expect(full.length).toBeGreaterThan(0)
    expect(well.length).toBeGreaterThan(0)
    expect(full.length + well.length).toBe(60)
    expect((await post(`${url}/validate`, created(good))).status).toBe(200)
    const numbers = await (await fetch(`${healthUrl ?? ''}/metrics`)).text()
    expect(numbers).toContain(`outcome="503"} ${full.length}\n`)
    expect(numbers).toContain('gatewright_admission_waiting 0\n')
  })

  it('W6: it ends when all who were taken have their answer', async () => {
    const server = await serving({ policies: policiesInForce({ policies: [slow], revision: 'a' }) })
    const asked = Array.from({ length: 10 }, () => post(`${server.url}/validate`, created(long(1_000))))
    const taken = async (): Promise<number> => {
      const text = await (await fetch(`${server.healthUrl ?? ''}/metrics`)).text()
      const counted = [...text.matchAll(/^gatewright_admission_(?:waiting|requests_total\{.*\}) (\d+)$/gm)]
      return counted.reduce((sum, [, each]) => sum + Number(each), 0)
    }
    await expect.poll(taken, { timeout: 10_000 }).toBe(10)
    const from = performance.now()
    const closed = server.close(60_000)
    expect((await Promise.all(asked)).every(({ status }) => status === 200)).toBe(true)
    await closed
    // connections that are kept do not hold it up
    expect(performance.now() - from).toBeLessThan(20_000)
    await expect(fetch(`${server.url}/validate`)).rejects.toThrow()
  })
})

describe('certificates and readiness', () => {
  it('W5: others are taken without a call that fails, and bad ones not at all', async () => {
    const [one, two] = [certificate('one'), certificate('two')]
    const server = await serving({ certificates: one })
    const agent = new Agent({ ca: [one.certificate, two.certificate], keepAlive: true, maxSockets: 4 })
    let failed = 0
    let count = 0
    const ask = (): Promise<void> =>
      new Promise((resolve) => {
        const sent = request(
          `${server.url}/validate`,
          { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
          (response) => {
            if (response.statusCode !== 200) failed++
            count++
            response.resume().on('end', resolve)
          },
        )
        sent.on('error', () => {
          failed++
          resolve()
        })
        sent.end(JSON.stringify(created(good)))
      })
    const over = new AbortController()
    const asking = Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted) await ask()
    })
    for (let i = 0; i < 50; i++) {
      server.setCertificates(i % 2 === 0 ? two : one)
      expect(() => server.setCertificates({ ...one, key: two.key })).toThrow()
      expect(() => server.setCertificates({ ...one, certificate: one.certificate.slice(0, 200) })).toThrow()
      if (i % 5 === 0) agent.destroy()
      await ask()
    }
    over.abort()
    await Promise.all(asking)
    agent.destroy()
    expect(count).toBeGreaterThan(100)
    // connections that this test cut off itself are no failures of the server
    expect(failed).toBeLessThanOrEqual(60)
    await ask()
  })

  it('W7: without policies it is not ready, and refuses; and no policies are no policies', async () => {
    const { policies: _, ...none } = { policies: undefined }
    const server = await serveWebhook({ healthPort: 0, ...none })
    running.push(server)
    const ready = async (): Promise<number> => (await fetch(`${server.healthUrl ?? ''}/readyz`)).status
    expect(await ready()).toBe(503)
    expect((await fetch(`${server.healthUrl ?? ''}/livez`)).status).toBe(200)
    for (const path of ['validate', 'mutate'])
      expect((await post(`${server.url}/${path}`, created(good))).body.response).toMatchObject({
        allowed: false,
        status: { code: 503 },
      })
    expect(() => policiesInForce({ policies: [], revision: '' })).toThrow('everything would be let through')
    expect(() => policiesInForce({ ...pack, actions: { 'test/other': 'deny' } })).toThrow(
      'none of the policies',
    )
    expect(() =>
      policiesInForce({ ...pack, parameters: { [privilegedContainers.id]: { exemptImages: 7 } } }),
    ).toThrow('the parameters of')
    server.setPolicies(packInForce)
    expect(await ready()).toBe(200)
    expect((await post(`${server.url}/validate`, created(good))).body.response?.allowed).toBe(true)
  })

  it('W9: only clients of the authority get through, and of these only the one that is named', async () => {
    const [own, known, stranger] = [certificate('own'), certificate('apiserver'), certificate('stranger')]
    const server = await serving({
      certificates: { ...own, clientAuthority: `${known.certificate}\n${own.certificate}` },
      clientName: 'apiserver',
    })
    const status = (client?: {
      readonly certificate: string
      readonly key: string
    }): Promise<number | string> =>
      new Promise((resolve) => {
        const agent = new Agent({
          ca: own.certificate,
          ...(client !== undefined && { cert: client.certificate, key: client.key }),
        })
        const sent = request(
          `${server.url}/validate`,
          { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
          (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)),
        )
        sent.on('error', () => resolve('cut off'))
        sent.end(JSON.stringify(created(good)))
      })
    expect(await status(known)).toBe(200)
    expect(await status(own)).toBe(401)
    expect(await status(stranger)).toBe('cut off')
    expect(await status()).toBe('cut off')
  })
})

describe('W10: a patch', () => {
  const labelled = policy({
    id: 'test/labels',
    title: 'Pods have an owner',
    severity: 'low',
    target: pods,
    rule: ({ object }) =>
      object.metadata.annotations
        .get('a/b~c')
        .isNot('yes')
        .deny({
          message: 'it has no owner',
          fix: set(object.metadata.annotations.get('a/b~c'), 'yes'),
        }),
  })
  const hostNetwork = policy({
    id: 'test/network',
    title: 'Pods are off the network of their host',
    severity: 'low',
    target: pods,
    rule: ({ object }) =>
      object.spec.hostNetwork
        .is(true)
        .deny({ message: 'it is on it', fix: set(object.spec.hostNetwork, false) }),
  })
  const opposite = policy({
    id: 'test/opposite',
    title: 'Pods are on the network of their host',
    severity: 'low',
    target: pods,
    rule: ({ object }) =>
      object.spec.hostNetwork
        .isNot(true)
        .deny({ message: 'it is not', fix: set(object.spec.hostNetwork, true) }),
  })

  it('makes the objects that are missing on the way, and says keys as pointers do', async () => {
    const { url } = await serving({ policies: policiesInForce({ policies: [labelled], revision: 'a' }) })
    const asked = (object: object): Promise<Answer> => post(`${url}/mutate`, created(object))
    const metadata = { name: 'a' }
    expect(patchOf(await asked({ ...good, metadata }))).toEqual([
      { op: 'add', path: '/metadata/annotations', value: { 'a/b~c': 'yes' } },
    ])
    expect(patchOf(await asked({ ...good, metadata: { ...metadata, annotations: { x: '1' } } }))).toEqual([
      { op: 'add', path: '/metadata/annotations/a~1b~0c', value: 'yes' },
    ])
    const done = { ...good, metadata: { ...metadata, annotations: { 'a/b~c': 'yes' } } }
    expect((await asked(done)).body.response).toEqual({
      uid: '00000000-0000-0000-0000-000000000001',
      allowed: true,
    })
  })

  it('is not sent where policies pull against each other, nor for policies that do not deny', () => {
    const body = JSON.stringify(created({ ...good, spec: { hostNetwork: true, containers: [] } }))
    const of = (given_: Partial<PoliciesToEnforce>): string | undefined =>
      mutationOf(body, policiesInForce({ policies: [hostNetwork], revision: 'a', ...given_ }))
    expect(of({})).toBe('[{"op":"replace","path":"/spec/hostNetwork","value":false}]')
    expect(of({ policies: [hostNetwork, opposite] })).toBeUndefined()
    expect(of({ actions: { 'test/network': 'warn' } })).toBeUndefined()
    expect(of({ match: { kinds: [{ kinds: ['Service'] }] } })).toBeUndefined()
  })

  it('is what was mended until the time is over', () => {
    const both = policiesInForce({ policies: [labelled, hostNetwork], revision: 'a' })
    const body = JSON.stringify(created({ ...good, spec: { hostNetwork: true, containers: [] } }))
    expect(JSON.parse(mutationOf(body, both) ?? '[]')).toHaveLength(2)
    expect(mutationOf(body, both, performance.now() - 1)).toBeUndefined()
  })

  it(`leaves nothing to do, and makes nothing worse (${runs} pods, seed ${seed})`, () => {
    const dice = new Dice(seed)
    let patched = 0
    for (let run = 0; run < runs; run++) {
      const container = (): object => ({
        name: `c${dice.below(3)}`,
        image: 'a',
        ...(dice.chance(0.3) && { tty: dice.chance(0.5) }),
        ...(dice.chance(0.7) && {
          securityContext: dice.chance(0.2)
            ? null
            : {
                privileged: dice.one<unknown>([true, false, null, 'yes']),
                allowPrivilegeEscalation: dice.one<unknown>([true, false, undefined]),
                readOnlyRootFilesystem: dice.one<unknown>([true, false, null]),
                ...(dice.chance(0.3) && {
                  capabilities: { add: ['NET_ADMIN', 'SYS_TIME'].slice(dice.below(2)) },
                }),
              },
        }),
      })
      const object = {
        ...good,
        spec: {
          hostPID: dice.chance(0.3),
          hostNetwork: dice.one<unknown>([true, false, null]),
          containers: dice.several(3, container),
          ...(dice.chance(0.3) && { initContainers: dice.several(2, container) }),
        },
      }
      const asked = created(JSON.parse(JSON.stringify(object)) as object) as {
        readonly request: { readonly object: Json }
      }
      const patch = mutationOf(JSON.stringify(asked), packInForce)
      if (patch === undefined) continue
      patched++
      const operations = JSON.parse(patch) as readonly PatchOperation[]
      const after = operations.reduce(patchedBy, asked.request.object)
      expect(patchBetween(asked.request.object, after)).toEqual(operations)
      const again = { ...asked, request: { ...asked.request, object: after } }
      expect(mutationOf(JSON.stringify(again), packInForce)).toBeUndefined()
      const count = (of: object): number =>
        packInForce.evaluator
          .evaluate(of)
          .judgements.reduce((sum, { verdict }) => sum + verdict.violations.length, 0)
      expect(count(again)).toBeLessThan(count(asked))
    }
    expect(patched).toBeGreaterThan(runs / 10)
  })
})

/** A value after an operation of a JSON Patch, done as the RFC says and not as it was made. */
function patchedBy(value: Json, operation: PatchOperation): Json {
  const copy = structuredClone(value) as unknown
  const steps = operation.path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = steps.pop() ?? ''
  const parent = steps.reduce((at, step) => (at as Record<string, unknown>)[step], copy) as Record<
    string,
    unknown
  >
  if (operation.op !== 'add') expect(Object.hasOwn(parent, last)).toBe(true)
  if (operation.op === 'remove') delete parent[last]
  else parent[last] = operation.value
  return copy as Json
}
