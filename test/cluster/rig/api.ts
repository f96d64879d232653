import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'

/** Where a cluster is, and the folder with its keys. Plain data, since it goes from the rig to the tests. */
export interface Connection {
  readonly port: number
  readonly gatekeeperPort: number
  readonly keys: string
}

export interface Answer {
  readonly status: number
  readonly text: string
  /** What the API server warns of. */
  readonly warning: string
}

/** Talks to the API server as its administrator, or to another server that the same authority vouches for. */
export class Api {
  readonly #agent: Agent
  readonly #port: number

  constructor({ port, keys }: Pick<Connection, 'port' | 'keys'>) {
    const read = (name: string): Buffer => readFileSync(join(keys, name))
    this.#port = port
    this.#agent = new Agent({
      ca: read('ca.crt'),
      cert: read('admin.crt'),
      key: read('admin.key'),
      keepAlive: true,
      maxSockets: 8,
    })
  }

  /** Sends a request; a body that is no text is sent as JSON. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const options = {
      host: '127.0.0.1',
      port: this.#port,
      agent: this.#agent,
      method,
      path,
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    }
    return new Promise((answered, failed) => {
      const sent = request(options, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', failed)
        response.on('end', () =>
          answered({
            status: response.statusCode ?? 0,
            text: Buffer.concat(parts).toString('utf8'),
            warning: response.headers.warning ?? '',
          }),
        )
      })
      sent.on('error', failed)
      sent.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
    })
  }

  /** As `send`, for what must succeed: gives the answer's JSON. */
  async ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) {
    const { status, text } = await this.send(method, path, body, headers)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
    return JSON.parse(text) as unknown
  }

  /** Makes an object what it is given as. */
  async apply(path: string, object: unknown): Promise<void> {
    await this.ask('PATCH', `${path}?fieldManager=rig&force=true`, object, {
      'content-type': 'application/apply-patch+yaml',
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** A resource by its group, its version and its name in paths. */
export interface NamedResource {
  readonly group: string
  readonly version: string
  readonly plural: string
}

export function apiVersionOf({ group, version }: Pick<NamedResource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`
}

/** The path of an object of a resource, or of the resource without a name. */
export function apiPath(resource: NamedResource, namespace: string | undefined, name?: string): string {
  const root = `/${resource.group === '' ? 'api' : 'apis'}/${apiVersionOf(resource)}`
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`
  return `${root}${within}/${resource.plural}${name === undefined ? '' : `/${name}`}`
}
