import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BundleShelf, Shelved } from './bundle-shelf.js'

/** How OPA learns that it may ask and wait. */
const contentType = 'application/vnd.openpolicyagent.bundles'

/** How long a client may be told to wait, in seconds. */
const longestWait = 300

/** Answers `GET` and `HEAD` for a bundle: at once, or when it changes, where the client has this one and says that it waits. */
export async function answerBundle(
  request: IncomingMessage,
  response: ServerResponse,
  shelf: BundleShelf,
  name: string,
  isDraining: () => boolean,
): Promise<void> {
  const known = request.headers['if-none-match']
  let shelved = shelf.take(name)
  const wait = waitOf(request.headers['prefer'])
  if (shelved !== undefined && wait > 0 && isKnown(known, shelved) && !isDraining()) {
    await changed(response, shelf, name, wait)
    if (response.destroyed) return
    if (isDraining()) response.setHeader('connection', 'close')
    shelved = shelf.take(name)
  }
  if (shelved === undefined) return void response.writeHead(404).end()
  const headers = { etag: `"${shelved.digest}"`, 'cache-control': 'no-cache', vary: 'Authorization' }
  if (isKnown(known, shelved)) return void response.writeHead(304, headers).end()
  response.writeHead(200, {
    ...headers,
    'content-type': contentType,
    'content-length': shelved.bytes.length,
  })
  response.end(request.method === 'HEAD' ? undefined : shelved.bytes)
}

/** Waits until a bundle changes, the time is over, or the client is gone. */
function changed(response: ServerResponse, shelf: BundleShelf, name: string, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      stop()
      response.off('close', done)
      resolve()
    }
    const timer = setTimeout(done, seconds * 1000)
    const stop = shelf.onceChanged(name, done)
    response.on('close', done)
  })
}

/** The seconds that a client waits: `modes=snapshot,delta;wait=30`. */
export function waitOf(prefer: string | readonly string[] | undefined): number {
  const text = typeof prefer === 'string' ? prefer : (prefer ?? []).join(';')
  const seconds = /(?:^|[;,\s])wait=(\d{1,6})(?=$|[;,\s])/.exec(text)?.[1]
  return Math.min(longestWait, Number(seconds ?? 0))
}

const isKnown = (header: string | undefined, { digest }: Shelved): boolean =>
  header !== undefined &&
  header.split(',').some((each) => ['*', `"${digest}"`].includes(each.trim().replace(/^W\//, '')))
