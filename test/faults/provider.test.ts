import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { imageRef, message, policy } from '@gatewright/core'
import { evaluate } from '@gatewright/evaluator'
import { pods, workloads } from '@gatewright/kubernetes'
import { answerProvider, providerJudge } from '@gatewright/server'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

const registries = policy({
  id: 'test/registries',
  title: 'Images come from our registries',
  severity: 'high',
  target: workloads,
  parameters: z.object({ registries: z.array(z.string()) }),
  rule: ({ pod, parameters }) =>
    pod.allContainers
      .filter((c) => imageRef(c.image).registry.in(parameters.registries).not())
      .deny((c) => ({
        message: message`container ${c.name} is of another registry`,
        at: c.image,
        details: { image: c.image },
      })),
})
const names = policy({
  id: 'test/names',
  title: 'Pods are not called bad',
  severity: 'low',
  target: pods,
  rule: ({ object }) => object.metadata.name.is('bad').deny({ message: 'it is bad', severity: 'high' }),
})
const judge = providerJudge([registries, names])

const pod = (image: unknown, name = 'a'): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'app', image }] },
})
const head = { format: 1, policy: 'test/registries', digest: 'x', admitted: true, parameters: {} }
const keyOf = (more: object, review: object): string =>
  `${JSON.stringify({ ...head, ...more })}\n${JSON.stringify({ review })}`
const created = (object: object): object => ({ operation: 'CREATE', object })
const parameters = { registries: ['registry.example.com'] }

const request = (...keys: readonly unknown[]): string =>
  JSON.stringify({
    apiVersion: 'externaldata.gatekeeper.sh/v1beta1',
    kind: 'ProviderRequest',
    request: { keys },
  })

describe('a key', () => {
  it('is answered by what the evaluator says, under the names of Gatekeeper', () => {
    expect(judge(keyOf({ parameters }, created(pod('registry.example.com/app:1'))))).toEqual({
      policy: 'test/registries',
      verdict: 'allowed',
      violations: [],
    })
    const [judgement] = evaluate([registries], pod('nginx'), {
      parameters: { 'test/registries': parameters },
    }).judgements
    expect(judge(keyOf({ parameters }, created(pod('nginx'))))).toEqual({
      policy: 'test/registries',
      verdict: 'denied',
      violations: judgement?.verdict.violations.map(({ message: msg, at, code, details }) => ({
        msg,
        details: { at, code, details },
      })),
    })
    expect(judge(keyOf({ policy: 'test/names' }, created(pod('a', 'bad'))))).toMatchObject({
      violations: [{ msg: 'it is bad', details: { severity: 'high' } }],
    })
  })

  it('W12: is judged by its own parameters, with every digit, whatever was asked before', () => {
    const limit = policy({
      id: 'test/limit',
      title: 'Priorities are low',
      severity: 'low',
      target: pods,
      parameters: z.object({ most: z.number() }),
      rule: ({ object, parameters: { most } }) =>
        object.spec.priority.gt(most).ifMissing(false).deny({ message: 'too high' }),
    })
    const own = providerJudge([limit])
    const of = (most: string, priority: string): unknown =>
      own(
        `{"format":1,"policy":"test/limit","digest":"x","admitted":true,"parameters":{"most":${most}}}\n` +
          `{"review":{"operation":"CREATE","object":{"apiVersion":"v1","kind":"Pod","spec":{"priority":${priority}}}}}`,
      )
    for (let run = 0; run < 2; run++) {
      expect(of('1', '2')).toMatchObject({ verdict: 'denied' })
      expect(of('2', '2')).toMatchObject({ verdict: 'allowed' })
    }
    for (let most = 0; most < 600; most++)
      expect(of(String(most), '300')).toMatchObject({ verdict: most < 300 ? 'denied' : 'allowed' })
  })

  it('that cannot be judged is a violation, unless an API server has decoded the object', () => {
    const odd = created({ ...pod('a'), metadata: { name: 7 } })
    const policy = 'test/names'
    expect(judge(keyOf({ policy }, odd))).toMatchObject({ verdict: 'invalid', violations: [] })
    expect(judge(keyOf({ policy, admitted: false }, odd))).toMatchObject({
      verdict: 'invalid',
      violations: [{ details: { verdict: 'invalid' } }],
    })
    for (const wrong of [{}, { registries: 'a' }, { ...parameters, more: 1 }])
      expect(judge(keyOf({ parameters: wrong }, created(pod('a'))))).toMatchObject({
        verdict: 'error',
        violations: [{ details: { code: 'invalid-parameters', verdict: 'error' } }],
      })
    expect(judge(keyOf({ parameters }, { operation: 'PATCH', object: pod('a') }))).toMatchObject({
      verdict: 'error',
      violations: [{ details: { code: 'bad-input' } }],
    })
  })

  it.each([
    ['one line', JSON.stringify(head)],
    ['no JSON', '{\n{}'],
    ['a list', '[]\n{}'],
    ['another format', keyOf({ format: 2 }, {})],
    ['no policy', keyOf({ policy: 7 }, {})],
    ['no parameters', keyOf({ parameters: [] }, {})],
    ['a policy that is not there', keyOf({ policy: 'test/other' }, {})],
    ['a policy by an inherited name', keyOf({ policy: 'constructor' }, {})],
    ['nothing', ''],
  ])('of %s is an error', (_, key) => {
    expect(judge(key)).toEqual({ problem: expect.stringMatching(/./) })
  })
})

describe('a request', () => {
  const good = keyOf({ parameters }, created(pod('nginx')))

  it('is answered key by key, and one that is wrong leaves the others', () => {
    const { response } = answerProvider(request(good, 'no key', good), judge)
    expect(response.systemError).toBe('')
    expect(response.items.map(({ key }) => key)).toEqual([good, 'no key', good])
    expect(response.items.map((item) => 'error' in item)).toEqual([false, true, false])
  })

  it.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['another version', request(good).replace('v1beta1', 'v9')],
    ['another kind', request(good).replace('ProviderRequest', 'Pod')],
    ['no keys', request()],
    ['keys that are no texts', request(good, 7)],
    ['too many keys', request(...Array.from({ length: 101 }, () => good))],
  ])('of %s is an error of the system, without any answer', (_, body) => {
    const { response } = answerProvider(body, judge)
    expect(response.systemError).not.toBe('')
    expect(response.items).toEqual([])
  })

  it('W12: a key that breaks the judge is an error of its own', () => {
    const breaks = (key: string): never => {
      throw new Error(`no ${key.length}`)
    }
    expect(answerProvider(request('a'), breaks).response.items).toEqual([
      { key: 'a', error: 'it could not be judged: no 1' },
    ])
  })
})

describe('W11', () => {
  const asked: string[] = []
  const server = createServer((incoming, response) => {
    asked.push(incoming.url ?? '')
    response.end()
  })
  const listening = new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => server.close())

  it('no address in a key is ever asked', async () => {
    await listening
    const { port } = server.address() as AddressInfo
    const addresses = ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0'].flatMap(
      (host) =>
        ['http', 'https', 'ftp', 'gopher'].map((scheme) => `${scheme}://${host}:${port}/latest/meta-data`),
    )
    for (const address of [...addresses, 'file:///etc/passwd', 'http://169.254.169.254/latest/meta-data'])
      for (const key of [
        address,
        keyOf({ policy: address }, {}),
        keyOf({ parameters: { registries: [address] } }, created(pod(address, address))),
      ])
        answerProvider(request(key), judge)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(asked).toEqual([])
  })
})
