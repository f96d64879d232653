import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { opaAt, opaDrift, OpaError, type OpaPlan, publishToOpa } from '@gatewright/publish'
import { afterEach, describe, expect, it } from 'vitest'

const plan: OpaPlan = {
  source: 'tests',
  modules: new Map([['a.rego', 'package a\n']]),
  data: [{ path: ['gatewright', 'parameters', 'team/a'], value: { least: 1 } }],
}

let server: Server = createServer()
const asked: string[] = []

function answering(answer: (response: ServerResponse, what: string) => void): Promise<string> {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim())
    answer(response, `${request.method} ${request.url}`)
  })
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    ),
  )
}

afterEach(() => {
  asked.length = 0
  server.closeAllConnections()
  server.close()
})

const failure = async (url: string): Promise<OpaError> => {
  const opa = opaAt({ url, token: 's3cret', timeout: 300 })
  const error: unknown = await opaDrift(opa, plan).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(OpaError)
  expect((error as Error).message).not.toContain('s3cret')
  // what cannot be told is never the same, and nothing is published on it
  await expect(publishToOpa(opa, plan)).rejects.toBeInstanceOf(OpaError)
  expect(asked.filter((each) => each.startsWith('PUT'))).toEqual([])
  return error as OpaError
}

describe('an OPA that is none, or is broken', () => {
  it.each<readonly [string, (response: ServerResponse) => void, string, RegExp]>([
    ['HTML', (to) => to.end('<html>'), 'unreadable', /no JSON: is there an OPA/],
    ['another JSON', (to) => to.end('{"result": {}}'), 'unreadable', /no list of policies/],
    [
      'policies without texts',
      (to) => to.end('{"result": [{"id": "a"}]}'),
      'unreadable',
      /without its name or its text/,
    ],
    ['nothing', (to) => to.destroy(), 'unreachable', /does not answer/],
    ['too late', () => undefined, 'unreachable', /not in time/],
    [
      'half of it',
      (to) => void to.writeHead(200, { 'content-length': '100' }).write('{"result"'),
      'unreachable',
      /does not answer/,
    ],
    [
      'another place',
      (to) => to.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
      'unreachable',
      /does not answer/,
    ],
    [
      'no',
      (to) => to.writeHead(401).end('{"code": "unauthorized", "message": "who?"}'),
      'refused',
      /401: who\?; give a token/,
    ],
    ['a fault', (to) => to.writeHead(500).end('broken'), 'refused', /500: broken/],
  ])('answers %s', async (_, answer, problem, says) => {
    const error = await failure(await answering(answer))
    expect(error.problem).toBe(problem)
    expect(error.message).toMatch(says)
  })

  it('refuses a path of a bundle, and is told what to do', async () => {
    const url = await answering((to, what) => {
      if (what.startsWith('PUT')) {
        const errors = [{ message: 'path gatewright is owned by bundle "main"' }]
        to.writeHead(400).end(JSON.stringify({ message: 'error(s) occurred', errors }))
      } else to.end('{"result": []}')
    })
    await expect(publishToOpa(opaAt({ url }), plan)).rejects.toThrow(
      /error\(s\) occurred: path gatewright is owned by bundle "main"; this OPA takes these paths from a bundle/,
    )
  })

  it('gets a token, and a password of its address, in no other way', async () => {
    const url = await answering((to) => to.end('{"result": []}'))
    await opaAt({ url, token: 't' }).modules()
    const named = opaAt({ url: url.replace('//', '//me:p%40ss@') })
    expect(named.url).toBe(url)
    await named.modules()
    expect(asked).toEqual([
      'GET /v1/policies Bearer t',
      `GET /v1/policies Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    ])
  })
})
