import { connect } from 'node:net'
import { policiesOf } from '@gatewright/core'
import { podSecurity } from '@gatewright/pod-security'
import {
  policiesInForce,
  type RunningWebhook,
  type ServerEvent,
  serveProvider,
  serveWebhook,
  type WebhookOptions,
} from '@gatewright/server'
import { afterEach, describe, expect, it } from 'vitest'
import { packCases, packPod } from '../cluster/pod-security-cases.js'
import { Dice } from '../fuzz/dice.js'
import { seed } from '../load-budget.js'

const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 400)

const running: { close(milliseconds?: number): Promise<void> }[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.close(0)
})

const policies = policiesOf([podSecurity])
const parameters = Object.fromEntries(packCases.map(({ policy: { id }, parameters: given }) => [id, given]))
const pack = policiesInForce({ policies, parameters, revision: 'r' })
/** The same, judged of a parsed object: with a match no module judges the text. */
const packOfObjects = policiesInForce({
  policies,
  parameters,
  match: { kinds: [{ apiGroups: ['*'], kinds: ['*'] }] },
  revision: 'r',
})

async function serving(options: WebhookOptions = {}): Promise<RunningWebhook> {
  const server = await serveWebhook({ healthPort: 0, policies: pack, ...options })
  running.push(server)
  return server
}

const bad = packPod('bad', 'a', { container: { securityContext: { privileged: true } } })
const good = packPod('good', 'a')
function created(object: unknown, more: object = {}): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      name: 'a',
      namespace: 'a',
      userInfo: { username: 'somebody' },
      object,
      ...more,
    },
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  /** Whether it is let through; undefined where it is not judged. */
  readonly allowed?: boolean
}

async function post(url: string, body: string | Uint8Array | object): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  })
  const text = await response.text()
  if (response.status !== 200) return { status: response.status, text }
  const { allowed } = (JSON.parse(text) as { readonly response: { readonly allowed: boolean } }).response
  return { status: 200, text, allowed }
}

/** Sends bytes as they are, and gives all that comes back until the connection is closed. */
function sent(url: string, ...parts: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let came = ''
    const socket = connect(Number(port), hostname)
    socket.setTimeout(3_000, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => (came += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(came))
    void (async () => {
      for (const part of parts) {
        socket.write(part, 'latin1')
        await new Promise((next) => setImmediate(next))
      }
    })()
  })
}

const head = (more: readonly string[]): string =>
  [
    'POST /validate HTTP/1.1',
    'host: a',
    'content-type: application/json',
    'connection: close',
    ...more,
    '',
    '',
  ].join('\r\n')

describe('bytes that are no request', () => {
  const [goodText, badText] = [JSON.stringify(created(good)), JSON.stringify(created(bad))]
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

  it.each([
    ['two lengths', [`content-length: ${goodText.length}`, 'content-length: 5'], goodText],
    [
      'a length and chunks',
      ['content-length: 4', 'transfer-encoding: chunked'],
      `${chunk(goodText)}0\r\n\r\n`,
    ],
    ['a negative length', ['content-length: -1'], goodText],
    ['a length with a sign', [`content-length: +${goodText.length}`], goodText],
    ['lengths in a list', [`content-length: ${goodText.length}, ${goodText.length}`], goodText],
    [
      'chunks that are not the last coding',
      ['transfer-encoding: chunked, gzip'],
      `${chunk(goodText)}0\r\n\r\n`,
    ],
    ['another coding', ['transfer-encoding: gzip'], goodText],
    ['a coding behind a space', ['transfer-encoding : chunked'], `${chunk(goodText)}0\r\n\r\n`],
    [
      'a folded header',
      ['content-length:', ` ${goodText.length}`, 'transfer-encoding:', ' chunked'],
      goodText,
    ],
    ['a chunk of no length', ['transfer-encoding: chunked'], `zz\r\n${goodText}\r\n0\r\n\r\n`],
    ['the preface of HTTP/2', [], 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])(
    '%s: nothing is let through, and nothing behind it is read as another request',
    async (_, headers, body) => {
      const reports: ServerEvent[] = []
      const { url } = await serving({ report: (event) => reports.push(event) })
      const start = headers.length === 0 ? '' : head(headers)
      const came = await sent(
        url,
        `${start}${body}`,
        `${head([`content-length: ${goodText.length}`])}${goodText}`,
      )
      expect(came).not.toContain('"allowed":true')
      expect(reports.filter(({ event }) => event === 'admission')).toEqual([])
      expect((await post(`${url}/validate`, badText)).allowed).toBe(false)
    },
  )

  it('a body in chunks of a byte is read as it is, within its limit', async () => {
    const { url } = await serving({ bodyBytes: 65_536 })
    const chunks = (text: string): string => `${[...text].map(chunk).join('')}0\r\n\r\n`
    const ask = (text: string): Promise<string> =>
      sent(url, head(['transfer-encoding: chunked']), chunks(text))
    expect(await ask(badText)).toContain('"allowed":false')
    expect(await ask(goodText)).toContain('"allowed":true')
    expect(await ask(goodText.padEnd(70_000))).toContain(' 413 ')
  })
})

describe('memory', () => {
  it('all bodies together have their limit, and what broke off is given back', async () => {
    const { url } = await serving({ allBodyBytes: 1_000_000 })
    const { hostname, port } = new URL(url)
    const half = Array.from({ length: 11 }, () => {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => undefined)
      socket.write(`${head(['content-length: 200000'])}${'['.repeat(90_000)}`)
      return socket
    })
    const ask = async (): Promise<number> =>
      (await post(`${url}/validate`, created(good, { name: 'a'.repeat(100_000) }))).status
    await expect.poll(ask).toBe(503)
    for (const socket of half) socket.destroy()
    await expect.poll(ask).toBe(200)
    for (let i = 0; i < 30; i++) expect(await ask()).toBe(200)
  })

  it('numbers are those of known operations, and the log has no more of a name than a name has', async () => {
    const reports: ServerEvent[] = []
    const { url, healthUrl } = await serving({ report: (event) => reports.push(event) })
    for (let i = 0; i < 60; i++) {
      const odd = { operation: `X${i}"\n`, uid: 'u'.repeat(3_000), name: 'n'.repeat(3_000) }
      expect((await post(`${url}/validate?x=${i}`, created(good, odd))).allowed).toBe(false)
      expect((await post(`${url}/${i}`, created(good))).status).toBe(404)
    }
    const numbers = await (await fetch(`${healthUrl ?? ''}/metrics`)).text()
    const counted = numbers
      .split('\n')
      .filter((line) => line.startsWith('gatewright_admission_requests_total{'))
    expect(counted).toEqual([
      'gatewright_admission_requests_total{path="/validate",operation="other",outcome="denied"} 60',
      'gatewright_admission_requests_total{path="other",outcome="404"} 60',
    ])
    for (const event of reports) expect(JSON.stringify(event).length).toBeLessThan(2_000)
  })
})

describe('a review that says two things', () => {
  it('is judged by what the object is, and refused where that is not what the request says', async () => {
    const { url } = await serving()
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
    const ofMaps = { group: '', version: 'v1', kind: 'ConfigMap' }
    for (const wrong of [
      created(map),
      created(bad, { kind: ofMaps }),
      created(good, { operation: 'UPDATE', oldObject: map }),
      created(null, { operation: 'DELETE', oldObject: map }),
      created(good, { kind: { group: 'apps', version: 'v1', kind: 'Pod' } }),
    ])
      for (const path of ['validate', 'mutate']) {
        const { allowed, text } = await post(`${url}/${path}`, wrong)
        expect(allowed).toBe(false)
        expect(text).toContain('the request is about')
      }
    expect((await post(`${url}/validate`, created(map, { kind: ofMaps }))).allowed).toBe(true)
    expect((await post(`${url}/validate`, created(bad, { kind: undefined }))).allowed).toBe(false)
  })

  it('of a key that is there twice the last one counts, as in an API server, by text and by object', async () => {
    const of = (text: string): string => text.slice(1, -1)
    const [withGood, withBad] = [JSON.stringify(created(good)), JSON.stringify(created(bad))]
    const object = (pod: object): string => `"object":${JSON.stringify(pod)}`
    const twice = (first: object, then: object): string =>
      withGood.replace(object(good), `${object(first)},${object(then)}`)
    const privileged = (...values: readonly boolean[]): string =>
      withBad.replace('"privileged":true', values.map((each) => `"privileged":${String(each)}`).join())
    for (const [text, allowed] of [
      [`{${of(withGood)},${of(withBad)}}`, false],
      [`{${of(withBad)},${of(withGood)}}`, true],
      [twice(good, bad), false],
      [twice(bad, good), true],
      [privileged(false, true), false],
      [privileged(true, true), false],
      [withGood.replace('"uid":"u"', '"uid":"a","uid":"u"'), true],
      [withBad.replace('"privileged":true', '"privileged":false,"\\u0070rivileged":true'), false],
      [withBad.replace('"spec":', '"__proto__":{"spec":{}},"spec":'), false],
      [withGood.replace('"request":', '"__proto__":{"request":null},"constructor":7,"request":'), true],
    ] as const)
      for (const inForce of [pack, packOfObjects]) {
        const { url } = await serving({ policies: inForce })
        const answer = await post(`${url}/validate`, text)
        expect(answer.allowed, `${text} ${answer.text}`).toBe(allowed)
        expect(answer.text).toContain('"uid":"u"')
      }
  })

  it('of another subresource or operation is never judged more lightly', async () => {
    const { url } = await serving()
    // a pod that is there cannot become privileged, apart from containers that come later; a template can
    expect((await post(`${url}/validate`, created(bad, { dryRun: true }))).allowed).toBe(false)
    const later = { operation: 'UPDATE', oldObject: good, subResource: 'ephemeralcontainers' }
    expect((await post(`${url}/validate`, created(bad, later))).allowed).toBe(false)
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { template: { spec: bad['spec'] } },
    }
    const ofDeployments = { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } }
    for (const more of [{}, { dryRun: true }, { subResource: 'status' }, { oldObject: deployment }]) {
      const asked = created(deployment, { ...ofDeployments, operation: 'UPDATE', ...more })
      expect((await post(`${url}/validate`, asked)).allowed).toBe(false)
    }
    const options = { apiVersion: 'v1', kind: 'PodExecOptions', command: ['sh'] }
    const kind = { group: '', version: 'v1', kind: 'PodExecOptions' }
    expect(
      (await post(`${url}/validate`, created(options, { kind, operation: 'CONNECT', subResource: 'exec' })))
        .allowed,
    ).toBe(true)
  })
})

describe('hostile values', () => {
  const inPod = (value: string): string =>
    JSON.stringify(created(bad)).replace('"metadata":{', `"metadata":{"annotations":${value},`)
  it.each([
    ['a deep list', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['a deep object', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
    ['an exponent', '{"a":1e999999999}'],
    ['a small exponent', '{"a":1e-999999999}'],
    ['digits', `{"a":${'9'.repeat(200_000)}}`],
    ['lone surrogates', '{"\\ud800":"\\udfff"}'],
    ['many keys', `{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":"v"`).join()}}`],
    ['keys of the prototype', '{"__proto__":null,"constructor":null,"toString":"a","hasOwnProperty":"b"}'],
  ])(
    '%s: what is bad stays denied, by text and by object, and the next one is answered',
    async (_, value) => {
      for (const inForce of [pack, packOfObjects]) {
        const { url } = await serving({ policies: inForce })
        const { allowed = false } = await post(`${url}/validate`, inPod(value))
        expect(allowed).toBe(false)
        // a patch may be there or not, but no crash is
        await post(`${url}/mutate`, inPod(value))
        expect((await post(`${url}/validate`, created(good))).allowed).toBe(true)
      }
    },
  )

  it(`whatever is done to a text, it is judged by text as by object (${runs} texts, seed ${seed})`, async () => {
    const dice = new Dice(seed)
    const [byText, byObject] = [await serving(), await serving({ policies: packOfObjects })]
    let [judged, through] = [0, 0]
    for (let run = 0; run < runs; run++) {
      const { policy: _, bad: change } = dice.one(packCases)
      const pod = dice.chance(0.4) ? good : packPod('a', 'a', change as never)
      let text = JSON.stringify(
        created(pod, dice.chance(0.2) ? { operation: 'UPDATE', oldObject: good } : {}),
      )
      for (let i = 1 + dice.below(3); i > 0; i--) text = changed(text, dice)
      const bytes = Buffer.from(text, dice.chance(0.02) ? 'latin1' : 'utf8')
      const [one, other] = [
        await post(`${byText.url}/validate`, bytes),
        await post(`${byObject.url}/validate`, bytes),
      ]
      expect([other.status, other.allowed], text).toEqual([one.status, one.allowed])
      if (one.allowed !== undefined) judged++
      if (one.allowed === true) through++
    }
    expect(judged).toBeGreaterThan(runs / 10)
    expect(through).toBeGreaterThan(0)
  })
})

/** A JSON text with something done to it, after which it mostly still is one. */
function changed(text: string, dice: Dice): string {
  const places = [...text.matchAll(/"[a-zA-Z]+":/g)]
  const place = dice.one(places)
  const at = place.index
  const [key] = place
  const value = dice.one([
    'null',
    '[]',
    '{}',
    '"\\u0000"',
    'true',
    'false',
    '-0',
    '1e400',
    '0.10',
    '12345678901234567890',
    '[{}]',
    '{"__proto__":{"a":1}}',
    '"é\\ud800"',
  ])
  switch (dice.below(6)) {
    case 0:
      return `${text.slice(0, at)}${key}${value},${text.slice(at)}`
    case 1:
      return `${text.slice(0, at)}"__proto__":${value},${text.slice(at)}`
    case 2:
      return `${text.slice(0, at)}"\\u00${key.charCodeAt(1).toString(16)}${key.slice(2)}${text.slice(at + key.length)}`
    case 3:
      return (
        text.slice(0, at + key.length) +
        value +
        text.slice(at + key.length).replace(/^(?:"[^"]*"|true|false|\d+)/, '')
      )
    case 4:
      return `${text.slice(0, at)} \n\t${text.slice(at)}`
    default: {
      const byte = dice.below(text.length)
      return dice.chance(0.3) ? `${text.slice(0, byte)}${text.slice(byte + 1)}` : text
    }
  }
}

it('the provider takes no bytes for others', async () => {
  const server = await serveProvider({ policies: { policies, revision: 'r' } })
  running.push(server)
  const body = Buffer.from(
    '{"apiVersion":"externaldata.gatekeeper.sh/v1beta1","kind":"ProviderRequest","request":{"keys":["\xff"]}}',
    'latin1',
  )
  const response = await fetch(server.url, { method: 'POST', body })
  expect(await response.json()).toMatchObject({
    response: { items: [], systemError: 'the request is not UTF-8' },
  })
})
