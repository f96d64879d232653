import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { writeBundle } from '@gatewright/bundle'
import { afterEach, describe, expect, it } from 'vitest'
import { tokenAccess } from './access.js'
import { watchFolder } from './bundle-folder.js'
import { waitOf } from './bundle-requests.js'
import { type BundleShelf, bundleShelf, type ShelfOptions } from './bundle-shelf.js'
import { readDecisions } from './decisions.js'
import { elementTexts, memberTexts } from './json-spans.js'
import { type RunningServer, serveBundles, type ServeOptions } from './serve-bundles.js'
import type { ServerEvent } from '../server-event.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-server-'))
  ends.push(() => rmSync(folder, { recursive: true }))
  return folder
}

function bundleOf(revision: string | number): Promise<Uint8Array> {
  const text = typeof revision === 'number' ? `${revision}-${'0'.repeat(32)}` : revision
  const files = new Map([['a/a.rego', new TextEncoder().encode(`package a\n\nb := "${text}"\n`)]])
  return writeBundle({ manifest: { revision: text, roots: ['a'], wasm: [], metadata: {} }, files })
}

async function shelfOf(
  bundles: Readonly<Record<string, number>>,
  options: ShelfOptions = {},
): Promise<BundleShelf> {
  const shelf = bundleShelf(options)
  for (const [name, revision] of Object.entries(bundles)) await shelf.put(name, await bundleOf(revision))
  return shelf
}

async function serving(shelf: BundleShelf, options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const server = await serveBundles({ shelf, ...options })
  ends.push(() => server.close(200))
  return server
}

interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** A request whose path is sent as it stands. */
function get(
  { url }: RunningServer,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
  body?: Uint8Array | string,
): Promise<Got> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function allOf<T>(given: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const each of given) all.push(each)
  return all
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5000; !(await holds());) {
    if (Date.now() > end) throw new Error('it did not come to that in five seconds')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('a bundle', () => {
  it('is served with its digest, its length and the type that lets OPA wait', async () => {
    const server = await serving(await shelfOf({ main: 1 }))
    const { status, headers, body } = await get(server, '/bundles/main.tar.gz')
    expect(body.equals(await bundleOf(1))).toBe(true)
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'application/vnd.openpolicyagent.bundles',
    })
    expect(headers['content-length']).toBe(String(body.length))
    expect(headers['etag']).toMatch(/^"sha256:[\da-f]{64}"$/)
    const head = await get(server, '/bundles/main.tar.gz', {}, 'HEAD')
    expect(head.headers).toMatchObject({ etag: headers['etag'], 'content-length': String(body.length) })
    expect(head.body.length).toBe(0)
    for (const known of [String(headers['etag']), `"x", W/${String(headers['etag'])}`, '*'])
      expect((await get(server, '/bundles/main.tar.gz', { 'if-none-match': known })).status).toBe(304)
    expect((await get(server, '/bundles/main.tar.gz', { 'if-none-match': '"sha256:0"' })).status).toBe(200)
    const post = await get(server, '/bundles/main.tar.gz', {}, 'POST')
    expect([post.status, post.headers['allow']]).toEqual([405, 'GET, HEAD'])
  })

  it('is given to those who wait as soon as it changes, and not before', async () => {
    const shelf = await shelfOf({ main: 1 })
    const server = await serving(shelf)
    const etag = String((await get(server, '/bundles/main.tar.gz')).headers['etag'])
    const prefer = (wait: number): Record<string, string> => ({
      'if-none-match': etag,
      prefer: `modes=snapshot,delta;wait=${wait}`,
    })
    const from = Date.now()
    expect((await get(server, '/bundles/main.tar.gz', prefer(1))).status).toBe(304)
    expect(Date.now() - from).toBeGreaterThan(900)
    const waiting = Promise.all([1, 2, 3].map(() => get(server, '/bundles/main.tar.gz', prefer(60))))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await shelf.put('main', await bundleOf(2))
    const changed = Date.now()
    for (const { status, body } of await waiting) {
      expect(status).toBe(200)
      expect(body.equals(await bundleOf(2))).toBe(true)
    }
    expect(Date.now() - changed).toBeLessThan(1000)
    expect([
      waitOf('modes=snapshot;wait=9'),
      waitOf('wait=999999'),
      waitOf('await=9'),
      waitOf(undefined),
    ]).toEqual([9, 300, 0, 0])
  })

  it('B6: is found by its name as it stands alone', async () => {
    const server = await serving(await shelfOf({ main: 1 }))
    for (const path of [
      '/bundles/../bundles/main.tar.gz',
      '/bundles/..%2fbundles%2fmain.tar.gz',
      '/bundles/%6dain.tar.gz',
      '/bundles/main%2etar.gz',
      '/bundles//main.tar.gz',
      '//bundles/main.tar.gz',
      '/bundles/./main.tar.gz',
      '/bundles/main.tar.gz/',
      '/bundles/MAIN.tar.gz',
      '/bundles/main',
      '/bundles/.tar.gz',
      '/bundles/main.tar.gz%00',
      '/bundles\\main.tar.gz',
      '/bundles/..\\..\\etc\\passwd.tar.gz',
      '/bundles/%2e%2e/%2e%2e/etc/passwd.tar.gz',
      '/bundles/__proto__.tar.gz',
      '/bundles/constructor.tar.gz',
      '/',
      '/bundles/',
      '/bundles/main.tar.gz;x=1',
      'http://example.com/bundles/main.tar.gz',
    ])
      expect((await get(server, path)).status, path).toBe(404)
    expect((await get(server, '/bundles/main.tar.gz?x=1')).status).toBe(200)
  })
})

describe('a shelf', () => {
  it('never goes back, unless it is told, and not after a restart either', async () => {
    const shelf = await shelfOf({ main: 2 })
    await expect(shelf.put('main', await bundleOf(1))).rejects.toThrow('is older than')
    await expect(shelf.put('main', await bundleOf('none'))).rejects.toThrow('is not known to be newer than')
    expect(shelf.take('main')?.revision).toMatch(/^2-/)
    expect(await shelf.put('main', await bundleOf(2))).toBe(false)
    const restarted = bundleShelf({ known: shelf.revisions() })
    await expect(restarted.put('main', await bundleOf(1))).rejects.toThrow('is older than')
    shelf.withdraw('main')
    await expect(shelf.put('main', await bundleOf(1))).rejects.toThrow('is older than')
    const free = await shelfOf({ main: 2 }, { allowRollback: true })
    expect(await free.put('main', await bundleOf(1))).toBe(true)
    const uncounted = bundleShelf()
    await uncounted.put('main', await bundleOf('a'))
    expect(await uncounted.put('main', await bundleOf('b'))).toBe(true)
    for (const name of ['..', '.a', 'a/b', '', 'a b', 'a%2f'])
      await expect(shelf.put(name, await bundleOf(1)), name).rejects.toThrow('is no name of a bundle')
  })
})

describe('a folder', () => {
  async function watching(
    folder: string,
  ): Promise<{ readonly shelf: BundleShelf; readonly events: ServerEvent[] }> {
    const shelf = bundleShelf()
    const events: ServerEvent[] = []
    const watched = await watchFolder(folder, shelf, { interval: 10, report: (event) => events.push(event) })
    ends.push(() => watched.stop())
    return { shelf, events }
  }

  it('is not served at all where a bundle in it is bad at the start', async () => {
    const folder = temporary()
    writeFileSync(join(folder, 'good.tar.gz'), await bundleOf(1))
    writeFileSync(join(folder, 'half.tar.gz'), (await bundleOf(1)).subarray(0, 100))
    await expect(watchFolder(folder, bundleShelf(), { report: () => {} })).rejects.toThrow('half.tar.gz: ')
    await expect(watchFolder(join(folder, 'none'), bundleShelf(), { report: () => {} })).rejects.toThrow(
      'ENOENT',
    )
  })

  it('is looked at again: new bundles are taken, bad ones never, and the last good one stays', async () => {
    const folder = temporary()
    const put = (name: string, bytes: Uint8Array): void => {
      writeFileSync(join(folder, 'beside'), bytes)
      renameSync(join(folder, 'beside'), join(folder, name))
    }
    put('main.tar.gz', await bundleOf(1))
    const { shelf, events } = await watching(folder)
    const next = await bundleOf(2)
    for (const bad of [
      next.subarray(0, next.length - 7),
      gzipSync('no tar'),
      Buffer.alloc(0),
      await bundleOf(0),
    ]) {
      const before = events.length
      put('main.tar.gz', bad)
      await until(() => events.slice(before).some(({ event }) => event === 'bundle-refused'))
      expect(shelf.take('main')?.revision).toMatch(/^1-/)
    }
    put('main.tar.gz', next)
    put('..x.tar.gz', next)
    put('other.tar.gz', next)
    await until(() => shelf.names().length === 2 && shelf.take('main')?.revision.startsWith('2-') === true)
    rmSync(join(folder, 'other.tar.gz'))
    await until(() => shelf.names().length === 1)
    expect(events.at(-1)).toEqual({ event: 'bundle-withdrawn', bundle: 'other' })
  })

  it('gives no half of a bundle that is written slowly', async () => {
    const folder = temporary()
    writeFileSync(join(folder, 'main.tar.gz'), await bundleOf(1))
    const { shelf } = await watching(folder)
    const server = await serving(shelf)
    const [one, two] = [await bundleOf(1), await bundleOf(2)]
    const state = { isWritten: false }
    const writing = (async () => {
      for (let size = 0; size <= two.length; size += 40) {
        writeFileSync(join(folder, 'main.tar.gz'), two.subarray(0, size))
        await new Promise((resolve) => setTimeout(resolve, 15))
      }
      writeFileSync(join(folder, 'main.tar.gz'), two)
      state.isWritten = true
    })()
    let count = 0
    while (!state.isWritten) {
      const { body } = await get(server, '/bundles/main.tar.gz')
      expect(body.equals(one) || body.equals(two)).toBe(true)
      count++
    }
    await writing
    expect(count).toBeGreaterThan(5)
    await until(() => shelf.take('main')?.revision.startsWith('2-') === true)
  })
})

describe('tokens', () => {
  const [a, b, logs] = ['a'.repeat(20), 'b'.repeat(20), 'l'.repeat(20)]
  const access = tokenAccess(`# who\nmain ${a}  # the first\n* ${b}\n\n/logs ${logs}\n`)

  it('open what they are for, and nothing else', async () => {
    const server = await serving(await shelfOf({ main: 1, other: 1 }), {
      access,
      reports: { folder: temporary() },
    })
    const status = async (path: string, token?: string, method = 'GET', body?: string): Promise<number> =>
      (await get(server, path, token === undefined ? {} : { authorization: `Bearer ${token}` }, method, body))
        .status
    expect(await status('/bundles/main.tar.gz')).toBe(401)
    expect(await status('/bundles/none.tar.gz')).toBe(401)
    expect(await status('/bundles/main.tar.gz', a)).toBe(200)
    expect(await status('/bundles/other.tar.gz', a)).toBe(401)
    expect(await status('/bundles/other.tar.gz', b)).toBe(200)
    expect(await status('/bundles/main.tar.gz', `${a}x`)).toBe(401)
    expect(await status('/bundles/main.tar.gz', logs)).toBe(401)
    expect(await status('/logs', logs, 'POST', '[]')).toBe(200)
    expect(await status('/logs', b, 'POST', '[]')).toBe(401)
    expect(await status('/status', logs, 'POST', '{}')).toBe(401)
    server.setAccess(tokenAccess(`main ${b}`))
    expect(await status('/bundles/main.tar.gz', a)).toBe(401)
    expect(await status('/bundles/main.tar.gz', b)).toBe(200)
  })

  it('are refused where a line is none, without being repeated', () => {
    for (const line of ['main', 'main short-secret', `a/b ${a}`, `main ${a} more`, `/other ${a}`])
      expect(() => tokenAccess(`\n${line}`)).toThrow(/^line 2 of the tokens is no(?!.*(?:secret|aaaa))/)
  })
})

describe('what OPA posts', () => {
  const event = (id: string, more = ''): string =>
    `{"decision_id": "${id}", "path": "p", "timestamp": "t", "bundles": {"main": {"revision": "1"}}${more}}`

  it('is kept as it came, every digit, and is read again', async () => {
    const folder = join(temporary(), 'reports')
    const server = await serving(bundleShelf(), { reports: { folder } })
    const first = event(
      '1',
      ', "input": {"n": 12345678901234567890.10, "t": "a,\\"]}\\n{"},\n "result": {"verdict": "deny"}',
    )
    const gzip = { 'content-encoding': 'gzip' }
    expect((await get(server, '/logs', gzip, 'POST', gzipSync(`[${first}, ${event('2')}\n]`))).status).toBe(
      200,
    )
    expect(
      (await get(server, '/logs/part-1', {}, 'POST', `[${event('3', ',"masked":["/input/x"]')}]`)).status,
    ).toBe(200)
    expect((await get(server, '/status', {}, 'POST', '{"labels": {"id": "x"}}')).status).toBe(200)
    const file = readdirSync(folder).find((name) => name.startsWith('decisions')) ?? ''
    // a server that was killed as it wrote
    writeFileSync(join(folder, file), `${readFileSync(join(folder, file), 'utf8')}{"decision_id": "4", "pa`)
    const read = await allOf(readDecisions(folder))
    expect(read).toMatchObject([
      { decision: { id: '1', revisions: { main: '1' }, result: { verdict: 'deny' }, isMasked: false } },
      { decision: { id: '2', input: undefined } },
      { decision: { id: '3', isMasked: true } },
      { damaged: { file, line: 4 } },
    ])
    expect(read[0]).toMatchObject({
      decision: { input: '{"n": 12345678901234567890.10, "t": "a,\\"]}\\n{"}' },
    })
    const status = readdirSync(folder).find((name) => name.startsWith('status')) ?? ''
    expect(readFileSync(join(folder, status), 'utf8')).toBe('{"labels": {"id": "x"}}\n')
  })

  it('goes to files of which the oldest are taken away', async () => {
    const folder = temporary()
    const server = await serving(bundleShelf(), { reports: { folder, fileBytes: 100, keep: 3 } })
    for (let i = 0; i < 9; i++) await get(server, '/logs', {}, 'POST', `[${event(String(i))}]`)
    const ids: string[] = []
    for await (const each of readDecisions(folder)) if ('decision' in each) ids.push(each.decision.id)
    expect(ids.at(-1)).toBe('8')
    expect(readdirSync(folder).filter((name) => name.startsWith('decisions'))).toHaveLength(3)
  })

  it('is refused where it is too large, packed or unpacked, or no JSON of that shape', async () => {
    const folder = temporary()
    const server = await serving(bundleShelf(), { reports: { folder, body: 2000, unpacked: 5000 } })
    const gzip = { 'content-encoding': 'gzip' }
    for (const [path, headers, body, status] of [
      ['/logs', gzip, gzipSync(Buffer.alloc(100_000, 32)), 413],
      ['/logs', {}, ' '.repeat(3000), 413],
      ['/logs', { 'transfer-encoding': 'chunked' }, ' '.repeat(3000), 413],
      ['/logs', gzip, 'no gzip', 400],
      ['/logs', { 'content-encoding': 'br' }, '[]', 415],
      ['/logs', {}, '{}', 400],
      ['/logs', {}, '[1]', 400],
      ['/logs', {}, '[{"a": 1}', 400],
      ['/status', {}, '[]', 400],
      ['/status', {}, Buffer.from([0x22, 0xff, 0x22]), 400],
      ['/status/a%2fb', {}, '{}', 404],
    ] as const)
      expect(
        (await get(server, path, headers, 'POST', body)).status,
        `${path} ${String(body).slice(0, 9)}`,
      ).toBe(status)
    expect(await allOf(readDecisions(folder))).toEqual([])
    expect((await get(await serving(bundleShelf()), '/logs', {}, 'POST', '[]')).status).toBe(404)
  })

  it('is taken apart where JSON says it is', () => {
    expect(elementTexts('[ ]')).toEqual([])
    expect(elementTexts(' [1, "a,]\\"", {"x": [1, 2]}]\n')).toEqual(['1', '"a,]\\""', '{"x": [1, 2]}'])
    expect([...memberTexts('{"a:": 1.0, "\\u0062": {"c": ","} }')]).toEqual([
      ['a:', '1.0'],
      ['b', '{"c": ","}'],
    ])
  })
})

describe('a server', () => {
  it('answers everyone who waits when it ends, and takes nobody more', async () => {
    const server = await serving(await shelfOf({ main: 1 }))
    const etag = String((await get(server, '/bundles/main.tar.gz')).headers['etag'])
    const waiting = get(server, '/bundles/main.tar.gz', { 'if-none-match': etag, prefer: 'wait=60' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    const from = Date.now()
    await server.close()
    expect(Date.now() - from).toBeLessThan(2000)
    expect(await waiting).toMatchObject({ status: 304, headers: { connection: 'close' } })
    await expect(get(server, '/health')).rejects.toThrow('ECONNREFUSED')
  })

  it('ends also where a client neither reads nor writes, and bounds its headers', async () => {
    const server = await serving(await shelfOf({ main: 1 }))
    const { hostname, port } = new URL(server.url)
    const silent = connect(Number(port), hostname)
    await new Promise((resolve) => silent.on('connect', resolve))
    silent.on('error', () => {})
    silent.write('GET /bundles/main.tar.gz HTTP/1.1\r\nHost: x\r\nX: ')
    expect((await get(server, '/health', { x: 'y'.repeat(20_000) })).status).toBe(431)
    const from = Date.now()
    await server.close(300)
    expect(Date.now() - from).toBeLessThan(2000)
    silent.destroy()
  })

  it('logs neither names that it does not have nor tokens', async () => {
    const events: ServerEvent[] = []
    const server = await serving(await shelfOf({ main: 1 }), { report: (event) => events.push(event) })
    await get(server, '/bundles/secret-name.tar.gz?token=secret', { authorization: 'Bearer secret-token' })
    await get(server, '/bundles/main.tar.gz')
    await until(() => events.length === 2)
    expect(JSON.stringify(events)).not.toContain('secret')
    expect(events).toMatchObject([
      { event: 'request', resource: 'other', status: 404 },
      { event: 'request', resource: 'main', status: 200 },
    ])
  })
})
