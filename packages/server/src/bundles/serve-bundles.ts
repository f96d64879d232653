import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type Access, openAccess } from './access.js'
import { answerBundle } from './bundle-requests.js'
import { type BundleShelf, isBundleName } from './bundle-shelf.js'
import { lineStore, type LineStore } from './line-store.js'
import type { Listening, ListenOptions } from '../listen-options.js'
import { listen } from '../listening.js'
import type { ServerEvent } from '../server-event.js'
import type { SinkKind, SinkLimits } from './sink-limits.js'
import { answerSink } from './sink-requests.js'

export interface ServeOptions extends ListenOptions {
  readonly shelf: BundleShelf
  /** Who may ask for what; everyone who gets through by default. */
  readonly access?: Access
  /** Where what OPA posts is kept; without it nothing is taken. */
  readonly reports?: ReportOptions
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
export interface RunningServer extends Omit<Listening, 'close'> {
  /** Who may ask for what, from now on. */
  setAccess(access: Access): void
  /** Takes no more connections, answers everyone who waits, and ends when all have their answer or the time is over. */
  close(milliseconds?: number): Promise<void>
}

/** Serves the bundles of a shelf to OPA, and takes its status and its decisions. Resolves when it listens. */
export async function serveBundles(options: ServeOptions): Promise<RunningServer> {
  const { shelf, report = () => {} } = options
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

  const listening = await listen(options, listener)
  return {
    ...listening,
    setAccess: (given) => {
      access = given
    },
    close: async (milliseconds = 10_000) => {
      isDraining = true
      await listening.close(milliseconds, () => shelf.wakeAll())
      await Promise.all(Object.values(stores ?? {}).map((store) => store.close()))
    },
  }
}

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
