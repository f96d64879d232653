import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Cluster,
  clusterAt,
  ClusterError,
  connectionOf,
  drift,
  planOf,
  publish,
} from '@gatewright/publish'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'gatewright-kube-'))
const token = 'a-token-that-is-a-secret'
beforeAll(() => {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...[
        '-subj',
        '/CN=test',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        'key.pem',
        '-out',
        'ca.pem',
      ],
    ],
    { cwd: folder, stdio: 'ignore' },
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

const servers: Server[] = []
const clusters: Cluster[] = []
afterEach(() => {
  for (const each of clusters.splice(0)) each.close()
  for (const each of servers.splice(0)) {
    each.close()
    each.closeAllConnections()
  }
})

type Answers = (request: IncomingMessage, response: ServerResponse, count: number) => void

/** A cluster that answers as it is told, with the kinds of `v1`. */
async function answering(answer: Answers): Promise<{ readonly cluster: Cluster; readonly url: string }> {
  let count = 0
  const server = createServer(
    { cert: readFileSync(join(folder, 'ca.pem')), key: readFileSync(join(folder, 'key.pem')) },
    (request, response) => {
      request.resume()
      if (request.url === '/api/v1')
        return void response.end(
          JSON.stringify({ resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true }] }),
        )
      answer(request, response, count++)
    },
  )
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const cluster = clusterAt({
    server: url,
    certificateAuthority: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    token: async () => token,
  })
  clusters.push(cluster)
  return { cluster, url }
}

const map = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'b' },
  data: { a: '1' },
}
const status = (response: ServerResponse, code: number, message: string): void =>
  void response.writeHead(code).end(JSON.stringify({ kind: 'Status', message }))

describe('a cluster', () => {
  it('that cannot just now is asked again, and in the end told of', async () => {
    const well = await answering((_, response, count) => {
      if (count === 0) status(response, 429, 'slow down')
      else if (count === 1) response.destroy()
      else if (count === 2) status(response, 503, 'starting')
      else response.end(JSON.stringify(map))
    })
    expect(await well.cluster.get(map)).toEqual(map)
    const ill = await answering((_, response) => status(response, 500, 'etcd is gone'))
    await expect(ill.cluster.get(map)).rejects.toThrow('etcd is gone')
  })

  it('is told by what it says, with no token in it', async () => {
    const seen: (string | undefined)[] = []
    const { cluster } = await answering((request, response) => {
      seen.push(request.headers.authorization)
      if (request.method === 'GET') return status(response, 404, 'not there')
      status(
        response,
        request.url?.includes('force=true') === true ? 403 : 409,
        'Apply failed with 1 conflict: "kubectl"',
      )
    })
    const plan = planOf('test', [{ name: 'all', objects: [map] }], [])
    const conflict = await publish(cluster, plan).catch((error: unknown) => error)
    expect(conflict).toMatchObject({ problem: 'conflict', message: expect.stringContaining('"kubectl"') })
    expect((conflict as Error).message).toContain('--force')
    const refused = await publish(cluster, plan, { force: true }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ problem: 'refused' })
    for (const error of [conflict, refused]) expect(`${(error as Error).stack}`).not.toContain(token)
    expect(new Set(seen)).toEqual(new Set([`Bearer ${token}`]))
  })

  it('that redirects is not followed, so that nobody else is sent the token', async () => {
    const asked: string[] = []
    const other = await answering((request, response) => {
      asked.push(request.url ?? '')
      response.end('{}')
    })
    const { cluster } = await answering((_, response) =>
      response.writeHead(302, { location: other.url }).end(),
    )
    await expect(cluster.get(map)).rejects.toThrow(ClusterError)
    expect(asked).toEqual([])
  })

  it('is not spoken to where its certificate is of another authority', async () => {
    const { url } = await answering((_, response) => response.end('{}'))
    const stranger = clusterAt({ server: url, token: async () => token })
    clusters.push(stranger)
    const from = Date.now()
    await expect(stranger.get(map)).rejects.toThrow(
      /self-signed.*the kubeconfig needs the authority of its certificate/,
    )
    // and not asked again and again
    expect(Date.now() - from).toBeLessThan(240)
  })

  it('what it fills in is no drift, and what others set is', async () => {
    const fields = { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:annotations': { 'f:x': {} } } }
    const live = (more: object, managed: object): object => ({
      ...map,
      ...more,
      metadata: {
        ...map.metadata,
        labels: { 'app.kubernetes.io/managed-by': 'gatewright', 'gatewright.dev/source': 'test' },
        resourceVersion: '7',
        managedFields: [
          { manager: 'gatewright', operation: 'Apply', fieldsV1: fields },
          { manager: 'kubectl', operation: 'Update', fieldsV1: managed },
        ],
      },
    })
    const plan = planOf('test', [{ name: 'all', objects: [map] }], [])
    const told = async (there: object): Promise<unknown> => {
      const { cluster } = await answering((_, response) => response.end(JSON.stringify(there)))
      const [one] = await drift(cluster, plan)
      return one === undefined ? undefined : [one.is, one.foreign]
    }
    expect(await told(live({ immutable: false }, {}))).toEqual(['same', []])
    expect(await told(live({}, { 'f:metadata': { 'f:labels': { 'f:y': {} } } }))).toEqual(['same', []])
    expect(await told(live({ immutable: true }, { 'f:immutable': {} }))).toEqual(['changed', ['immutable']])
    expect(await told(live({}, { 'f:data': { 'f:b': {} } }))).toEqual(['changed', ['data.b']])
    // a condition that takes an object out of what is judged stands in a list
    const hole = { 'k:{"name":"hole"}': { '.': {}, 'f:expression': {}, 'f:name': {} } }
    expect(await told(live({}, { 'f:spec': { 'f:matchConditions': hole } }))).toEqual(['changed', ['spec']])
    expect(await told(live({}, { 'f:data': { 'k:{"name":"hole"}': {} } }))).toEqual([
      'changed',
      ['data[{"name":"hole"}]'],
    ])
  })
})

describe('a kubeconfig', () => {
  const write = (cluster: object, user: object, more: object = {}): string => {
    const file = join(folder, 'config')
    writeFileSync(
      file,
      JSON.stringify({
        'current-context': 'a',
        contexts: [{ name: 'a', context: { cluster: 'b', user: 'c' } }],
        clusters: [{ name: 'b', cluster }],
        users: [{ name: 'c', user }],
        ...more,
      }),
    )
    return file
  }
  const server = { server: 'https://10.0.0.1:6443/' }

  it('says where the cluster is and who asks, in files beside it too', async () => {
    writeFileSync(join(folder, 'token'), `${token}\n`)
    const connection = connectionOf({
      kubeconfig: write({ ...server, 'certificate-authority': 'ca.pem' }, { tokenFile: 'token' }),
    })
    expect(connection.server).toBe('https://10.0.0.1:6443')
    expect(connection.certificateAuthority).toContain('BEGIN CERTIFICATE')
    expect(await connection.token?.()).toBe(token)
  })

  it('asks a plugin once for each token, and tells nothing of what it writes', async () => {
    const plugin = join(folder, 'plugin')
    writeFileSync(plugin, `#!/bin/sh\necho x >> "${folder}/asked"\necho "$ANSWER"\n`)
    chmodSync(plugin, 0o755)
    const exec = (answer: string): object => ({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: './plugin',
        env: [{ name: 'ANSWER', value: answer }],
      },
    })
    const good = connectionOf({ kubeconfig: write(server, exec(JSON.stringify({ status: { token } }))) })
    expect(await good.token?.()).toBe(token)
    expect(await good.token?.()).toBe(token)
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('x\n')
    const bad = connectionOf({ kubeconfig: write(server, exec(`no JSON ${token}`)) })
    const error = await bad.token?.().catch((each: unknown) => each)
    expect(String(error)).toContain('gives no token')
    expect(String(error)).not.toContain(token)
  })

  it.each<[string, object, object, object, string]>([
    ['plain HTTP', { server: 'http://10.0.0.1' }, {}, {}, 'https:// alone'],
    [
      'no verification',
      { ...server, 'insecure-skip-tls-verify': true },
      {},
      {},
      '`insecure-skip-tls-verify`',
    ],
    ['a proxy', { ...server, 'proxy-url': 'http://a' }, {}, {}, '`proxy-url`'],
    ['a password', server, { username: 'a', password: 'b' }, {}, '`username`'],
    ['another who', server, { as: 'admin' }, {}, '`as`'],
    ['a file that is not there', { ...server, 'certificate-authority': 'none' }, {}, {}, 'cannot be read'],
    ['no context', server, {}, { 'current-context': '' }, '--context'],
    ['no cluster', server, {}, { clusters: null }, 'among its clusters'],
    ['a list', server, {}, { contexts: 7 }, 'among its contexts'],
  ])('with %s is refused', (_, cluster, user, more, says) => {
    expect(() => connectionOf({ kubeconfig: write(cluster, user, more) })).toThrow(says)
  })

  it('that is none is told', () => {
    writeFileSync(join(folder, 'odd'), '- a\n- b\n')
    expect(() => connectionOf({ kubeconfig: join(folder, 'odd') })).toThrow('is no kubeconfig')
    expect(() => connectionOf({ kubeconfig: join(folder, 'none') })).toThrow('cannot be read')
    expect(() => connectionOf({ environment: { KUBECONFIG: `${folder}/x:${folder}/y` } })).toThrow(
      'there is no kubeconfig',
    )
  })
})
