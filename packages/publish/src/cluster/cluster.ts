import { Agent, request } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { Json } from '@gatewright/core'
import { ClusterError } from './cluster-error.js'
import type { Connection } from './kubeconfig.js'

/** An object of a cluster. */
export interface ClusterObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly [field: string]: unknown
  }
  readonly [field: string]: unknown
}

/** What names an object. */
export type ObjectName = Pick<ClusterObject, 'apiVersion' | 'kind'> & {
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

export interface ApplyOptions {
  /** Ask what it would come to, and change nothing. */
  readonly dryRun?: boolean
  /** Take over fields that others manage. */
  readonly force?: boolean
}

/** A cluster that is asked by its API. */
export interface Cluster {
  readonly server: string
  /** The object as it is there; undefined where it, or its kind, is not there. */
  get(of: ObjectName): Promise<ClusterObject | undefined>
  /** Makes an object what is given, as the manager `gatewright`, and gives what it came to. */
  apply(object: ClusterObject, options?: ApplyOptions): Promise<ClusterObject>
  remove(of: ObjectName): Promise<void>
  /** The objects of a kind with a label; none where there is no such kind. */
  list(kind: Pick<ClusterObject, 'apiVersion' | 'kind'>, label: string): Promise<readonly ClusterObject[]>
  /** The kinds of a group and version; none where there is no such group. */
  kinds(apiVersion: string): Promise<readonly string[]>
  close(): void
}

export const fieldManager = 'gatewright'

interface ApiResource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly retryAfter: number
}

/** How often a request is sent again that an API server could not take just then. */
const attempts = 5
/** How long an answer may take, in milliseconds. */
const answerTime = 35_000

/** Asks a cluster. Rejects with a `ClusterError`, in which what the API server says stands as it says it. */
export function clusterAt(connection: Connection): Cluster {
  const { server, certificateAuthority, clientCertificate, clientKey, serverName } = connection
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 8,
    ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
    ...(clientCertificate !== undefined && { cert: clientCertificate }),
    ...(clientKey !== undefined && { key: clientKey }),
    ...(serverName !== undefined && { servername: serverName }),
  })
  const known = new Map<string, readonly ApiResource[]>()

  async function sendOnce(method: string, path: string, body?: string): Promise<Answer> {
    const token = await connection.token?.()
    const isApply = method === 'PATCH'
    return new Promise((resolve, reject) => {
      const sent = request(
        `${server}${path}`,
        {
          method,
          agent,
          timeout: answerTime,
          headers: {
            accept: 'application/json',
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(body !== undefined && {
              'content-type': isApply ? 'application/apply-patch+yaml' : 'application/json',
            }),
          },
        },
        (response) => {
          const parts: Buffer[] = []
          response.on('data', (part: Buffer) => parts.push(part))
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              text: Buffer.concat(parts).toString('utf8'),
              retryAfter: Number(response.headers['retry-after'] ?? 0),
            }),
          )
        },
      )
      sent.on('timeout', () => sent.destroy(new Error(`no answer in ${answerTime / 1000} seconds`)))
      sent.on('error', reject)
      sent.end(body)
    })
  }

  /** Sends what can be sent twice: all that is done here comes to the same then. */
  async function send(method: string, path: string, body?: string): Promise<Answer> {
    let wait = 250
    for (let attempt = 1; ; attempt++) {
      let why: string
      try {
        const answer = await sendOnce(method, path, body)
        if (![429, 500, 502, 503, 504].includes(answer.status)) return answer
        why = messageIn(answer)
        wait = Math.max(wait, Math.min(answer.retryAfter, 10) * 1000)
      } catch (error) {
        if (error instanceof ClusterError) throw error
        why = error instanceof Error ? error.message : String(error)
        // asking again makes no certificate another one
        if (isOfCertificates(error))
          throw new ClusterError(
            'unreachable',
            `${server}: ${why}; the kubeconfig needs the authority of its certificate, or the name in it`,
          )
      }
      if (attempt === attempts) throw new ClusterError('unreachable', `${server}: ${why}`)
      await pause(wait)
      wait *= 2
    }
  }

  async function resourcesOf(apiVersion: string, isFresh = false): Promise<readonly ApiResource[]> {
    const before = known.get(apiVersion)
    if (before !== undefined && !isFresh) return before
    const answer = await send('GET', apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`)
    if (answer.status === 404) return []
    const { resources = [] } = jsonOf(answer, apiVersion) as { readonly resources?: readonly ApiResource[] }
    known.set(apiVersion, resources)
    return resources
  }

  /** The path of a resource; undefined where the cluster has no such kind. */
  async function pathOf(
    { apiVersion, kind }: Pick<ClusterObject, 'apiVersion' | 'kind'>,
    namespace?: string,
  ): Promise<string | undefined> {
    const found = (all: readonly ApiResource[]): ApiResource | undefined =>
      all.find((each) => each.kind === kind && !each.name.includes('/'))
    // kinds come to a cluster while it is asked
    const resource = found(await resourcesOf(apiVersion)) ?? found(await resourcesOf(apiVersion, true))
    if (resource === undefined) return undefined
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const within =
      resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
    return `${root}${within}/${resource.name}`
  }

  async function objectPath({ apiVersion, kind, metadata }: ObjectName): Promise<string | undefined> {
    const path = await pathOf({ apiVersion, kind }, metadata.namespace)
    return path === undefined ? undefined : `${path}/${encodeURIComponent(metadata.name)}`
  }

  return {
    server,
    get: async (of) => {
      const path = await objectPath(of)
      if (path === undefined) return undefined
      const answer = await send('GET', path)
      return answer.status === 404 ? undefined : (jsonOf(answer, nameOf(of)) as ClusterObject)
    },
    apply: async (object, { dryRun = false, force = false } = {}) => {
      const path = await objectPath(object)
      if (path === undefined)
        throw new ClusterError(
          'not-found',
          `${nameOf(object)}: the cluster has no kind \`${object.kind}\` of ${object.apiVersion}`,
        )
      const query = `fieldManager=${fieldManager}&fieldValidation=Strict&force=${force}${dryRun ? '&dryRun=All' : ''}`
      return jsonOf(
        await send('PATCH', `${path}?${query}`, JSON.stringify(object)),
        nameOf(object),
      ) as ClusterObject
    },
    remove: async (of) => {
      const path = await objectPath(of)
      if (path === undefined) return
      const answer = await send('DELETE', path)
      if (answer.status !== 404) jsonOf(answer, nameOf(of))
    },
    list: async (kind, label) => {
      const path = await pathOf(kind)
      if (path === undefined) return []
      const answer = await send('GET', `${path}?labelSelector=${encodeURIComponent(label)}`)
      const { items = [] } = jsonOf(answer, kind.kind) as { readonly items?: readonly ClusterObject[] }
      return items.map((item) => ({ ...item, ...kind }))
    },
    kinds: async (apiVersion) =>
      (await resourcesOf(apiVersion, true)).filter(({ name }) => !name.includes('/')).map(({ kind }) => kind),
    close: () => agent.destroy(),
  }
}

/** Whether a connection failed for its certificates: the server's, or our own. Source: Node's documentation, "TLS", X509 errors. */
function isOfCertificates(error: unknown): boolean {
  const { code = '' } = error as { readonly code?: string }
  return /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|HOSTNAME_MISMATCH|EPROTO$)/.test(
    code,
  )
}

/** An object as people call it: `Constraint/shop`. */
export const nameOf = ({ kind, metadata: { name, namespace } }: ObjectName): string =>
  `${kind}/${namespace === undefined ? '' : `${namespace}/`}${name}`

function jsonOf(answer: Answer, what: string): Json {
  if (answer.status < 300) return JSON.parse(answer.text) as Json
  const message = messageIn(answer)
  if (answer.status === 409) throw new ClusterError('conflict', `${what}: ${message}`)
  if (answer.status === 404) throw new ClusterError('not-found', `${what}: ${message}`)
  throw new ClusterError('refused', `${what}: ${message}`)
}

function messageIn({ status, text }: Answer): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown }
    if (typeof message === 'string' && message !== '') return message
  } catch {
    // it is no Status
  }
  return `the API server answers ${status}`
}
