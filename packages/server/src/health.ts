import type { RequestListener } from 'node:http'
import type { Listening, ListenOptions } from './listen-options.js'
import { listen } from './listening.js'

export interface HealthOptions {
  /** Where health and metrics are told, in plain HTTP, on the same host; not at all by default. */
  readonly healthPort?: number
}

/** What a server says of itself. */
export interface Health {
  /** Why it is not ready; undefined where it is. */
  readonly missing?: string
  /** Its metrics. */
  readonly numbers: string
}

/** Tells `/livez`, `/readyz` and `/metrics` of a server, where that is asked for. Where it cannot, the server ends. */
export async function healthOf(
  { host, healthPort }: HealthOptions & Pick<ListenOptions, 'host'>,
  server: Listening,
  tell: () => Health,
): Promise<Listening | undefined> {
  if (healthPort === undefined) return undefined
  const listener: RequestListener = (request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '')
    if (path === '/livez') return void response.writeHead(200).end('ok\n')
    if (path !== '/readyz' && path !== '/metrics') return void response.writeHead(404).end()
    const { missing, numbers } = tell()
    if (path === '/readyz')
      return void response.writeHead(missing === undefined ? 200 : 503).end(`${missing ?? 'ok'}\n`)
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(numbers)
  }
  try {
    return await listen({ ...(host !== undefined && { host }), port: healthPort }, listener)
  } catch (error) {
    await server.close(0)
    throw error
  }
}
