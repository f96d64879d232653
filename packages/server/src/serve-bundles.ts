import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import { type Access, openAccess } from './access.js'
import { answerBundle } from './bundle-requests.js'
import { type BundleShelf, isBundleName } from './bundle-shelf.js'
import { lineStore, type LineStore } from './line-store.js'
import type { ServerEvent } from './server-event.js'
import type { SinkKind, SinkLimits } from './sink-limits.js'
import { answerSink } from './sink-requests.js'

/** How a server proves who it is, and who gets through to it; all in PEM. */
export interface Certificates {
  readonly certificate: string
  readonly key: string
  /** The authorities of the clients; where it is given, only clients with a certificate of theirs get through. */
  readonly clientAuthority?: string
}

export interface ServeOptions {
  readonly shelf: BundleShelf
  /** This machine alone by default: `127.0.0.1`. */
  readonly host?: string
  /** A free one by default. */
  readonly port?: number
  readonly certificates?: Certificates
  /** Who may ask for what; everyone who gets through by default. */
  readonly access?: Access
  /** Where what OPA posts is kept; without it nothing is taken. */
  readonly reports?: ReportOptions
  /** The most connections at once; 1,024 by default. */
  readonly connections?: number
  readonly report?: (event: ServerEvent) => void
}

export interface ReportOptions extends SinkLimits {
  readonly folder: string
  /** When a file is full and the next one begins, in bytes; 64 MiB by default. */
  readonly fileBytes?: number
  /** How many files are kept of each kind; 100 by default. */
  readonly keep?: number
}

/** A server that runs. */
export interface RunningServer {
  /** Where it listens: `https://127.0.0.1:8181`. */
  readonly url: string
  /** Who may ask for what, from now on. */
  setAccess(access: Access): void
  /** Other certificates for connections from now on; those that are there go on. Throws where they are none. */
  setCertificates(certificates: Certificates): void
  /** Takes no more connections, answers everyone who waits, and ends when all have their answer or the time is over. */
  close(milliseconds?: number): Promise<void>
}

const headerBytes = 16 * 1024

/** Serves the bundles of a shelf to OPA, and takes its status and its decisions. Resolves when it listens. */
export async function serveBundles(options: ServeOptions): Promise<RunningServer> {
  const { shelf, host = '127.0.0.1', port = 0, certificates, connections = 1024, report = () => {} } = options
  let access = options.access ?? openAccess
  let isDraining = false
  const stores = await openStores(options.reports)

  const listener: RequestListener = (request, response) => {
    const from = Date.now()
    const route = routeOf(request.url ?? '')
    response.on('close', () =>
      report({
        event: 'request',
        method: request.method ?? '',
        resource: route.isKnown(shelf) ? route.resource : 'other',
        status: response.writableFinished ? response.statusCode : 0,
        milliseconds: Date.now() - from,
      }),
    )
    // who does not read an answer does not keep the connection
    response.setTimeout(330_000, () => request.socket.destroy())
    if (isDraining) response.setHeader('connection', 'close')
    answer(route, request, response).catch((error: unknown) => {
      report({ event: 'problem', reason: error instanceof Error ? error.message : String(error) })
      if (!response.headersSent) response.writeHead(500).end()
      else response.destroy()
    })
  }

  async function answer(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (route.kind === 'health') return void response.writeHead(200).end('ok\n')
    if (route.kind === 'none') return void response.writeHead(404).end()
    // before it is told whether there is such a bundle
    if (!access.allows(route.resource, request.headers.authorization))
      return void response.writeHead(401, { 'www-authenticate': 'Bearer', connection: 'close' }).end()
    const methods = route.kind === 'bundle' ? ['GET', 'HEAD'] : ['POST']
    if (!methods.includes(request.method ?? ''))
      return void response.writeHead(405, { allow: methods.join(', '), connection: 'close' }).end()
    if (route.kind === 'bundle')
      return answerBundle(request, response, shelf, route.resource, () => isDraining)
    const store = stores?.[route.kind]
    if (store === undefined) return void response.writeHead(404, { connection: 'close' }).end()
    return answerSink(request, response, route.kind, store, options.reports ?? {})
  }

  const limits = {
    maxHeaderSize: headerBytes,
    headersTimeout: 10_000,
    requestTimeout: 60_000,
    keepAliveTimeout: 60_000,
    connectionsCheckingInterval: 2_000,
  }
  const server: Server | SecureServer =
    certificates === undefined
      ? createServer(limits, listener)
      : createSecureServer({ ...limits, handshakeTimeout: 10_000, ...contextOf(certificates) }, listener)
  server.maxConnections = connections
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  const shownHost = host.includes(':') ? `[${host}]` : host

  return {
    url: `${certificates === undefined ? 'http' : 'https'}://${shownHost}:${bound}`,
    setAccess: (given) => {
      access = given
    },
    setCertificates: (given) => {
      if (!('setSecureContext' in server)) throw new Error('this server speaks plain HTTP')
      server.setSecureContext(contextOf(given))
    },
    close: async (milliseconds = 10_000) => {
      isDraining = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      shelf.wakeAll()
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), milliseconds)
      await closed
      clearTimeout(timer)
      await Promise.all(Object.values(stores ?? {}).map((store) => store.close()))
    },
  }
}

const contextOf = ({ certificate, key, clientAuthority }: Certificates): object => ({
  cert: certificate,
  key,
  minVersion: 'TLSv1.2',
  ...(clientAuthority !== undefined && { ca: clientAuthority, requestCert: true, rejectUnauthorized: true }),
})

async function openStores(
  reports: ReportOptions | undefined,
): Promise<Readonly<Record<SinkKind, LineStore>> | undefined> {
  if (reports === undefined) return undefined
  const { folder, fileBytes, keep } = reports
  const rest = { folder, ...(fileBytes !== undefined && { fileBytes }), ...(keep !== undefined && { keep }) }
  return {
    decisions: await lineStore({ ...rest, prefix: 'decisions' }),
    status: await lineStore({ ...rest, prefix: 'status' }),
  }
}

interface Route {
  readonly kind: 'bundle' | SinkKind | 'health' | 'none'
  /** The bundle, or the sink, as `Access` knows it. */
  readonly resource: string
  isKnown(shelf: BundleShelf): boolean
}

/** What a request is for. Its path is taken as it stands: an escape in it is no other way to write anything. */
function routeOf(url: string): Route {
  const path = url.replace(/\?.*$/s, '')
  const always = (): boolean => true
  if (path === '/health') return { kind: 'health', resource: '/health', isKnown: always }
  const bundle = /^\/bundles\/([^/]+)\.tar\.gz$/.exec(path)?.[1]
  if (bundle !== undefined && isBundleName(bundle))
    return { kind: 'bundle', resource: bundle, isKnown: (shelf) => shelf.take(bundle) !== undefined }
  const sink = /^\/(status|logs)(?:\/[A-Za-z0-9._-]{1,128})?$/.exec(path)?.[1]
  if (sink === 'status') return { kind: 'status', resource: '/status', isKnown: always }
  if (sink === 'logs') return { kind: 'decisions', resource: '/logs', isKnown: always }
  return { kind: 'none', resource: '', isKnown: () => false }
}
