import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a request was, as the tests look at it. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly size: number
}

/** Answers a request in the registry's place; gives true where it did. */
export type Fault = (seen: Seen, response: ServerResponse, registry: FakeRegistry) => boolean

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** A small registry with what a test plants in it, on this machine. */
export class FakeRegistry {
  readonly blobs = new Map<string, Buffer>()
  readonly manifests = new Map<string, Buffer>()
  readonly tags = new Map<string, string>()
  readonly uploads = new Map<string, Buffer>()
  readonly seen: Seen[] = []
  /** Whether it keeps to `If-Match`, which most registries do not. */
  comparesAndSwaps = false
  fault: Fault = () => false
  private readonly server = createServer((request, response) => void this.answer(request, response))
  private sessions = 0

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return this.host
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  /** Forgets all, and plants nothing. */
  reset(): void {
    for (const each of [this.blobs, this.manifests, this.tags, this.uploads]) each.clear()
    this.seen.length = 0
    this.comparesAndSwaps = false
    this.fault = () => false
  }

  asked(method: string, part = ''): readonly Seen[] {
    return this.seen.filter((each) => each.method === method && each.url.includes(part))
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch {
      return
    }
    const body = Buffer.concat(chunks)
    const { method = '', url = '', headers } = request
    const seen = { method, url, authorization: headers.authorization, size: body.length }
    this.seen.push(seen)
    if (this.fault(seen, response, this)) return
    const [path = '', query = ''] = url.split('?')
    const manifest = /^\/v2\/team\/policies\/manifests\/(.+)$/.exec(path)?.[1]
    const blob = /^\/v2\/team\/policies\/blobs\/(sha256:.+)$/.exec(path)?.[1]
    const upload = /^\/v2\/team\/policies\/blobs\/uploads\/(\d*)$/.exec(path)?.[1]
    if (manifest !== undefined) this.manifest(method, manifest, headers, body, response)
    else if (blob !== undefined) this.send(this.blobs.get(blob), method, response)
    else if (upload !== undefined) this.upload(method, upload, query, body, response)
    else response.writeHead(404).end()
  }

  private manifest(
    method: string,
    name: string,
    headers: IncomingMessage['headers'],
    body: Buffer,
    response: ServerResponse,
  ): void {
    const there = name.startsWith('sha256:') ? name : this.tags.get(name)
    if (method !== 'PUT')
      return this.send(there === undefined ? undefined : this.manifests.get(there), method, response)
    const [only, none] = [headers['if-match'], headers['if-none-match']]
    const isOther = only !== undefined && only !== `"${there ?? ''}"`
    if (this.comparesAndSwaps && (isOther || (none === '*' && there !== undefined)))
      return void response.writeHead(412).end()
    const digest = digestOf(body)
    const { config, layers } = JSON.parse(body.toString()) as {
      readonly config: { readonly digest: string }
      readonly layers: readonly { readonly digest: string }[]
    }
    if ([config, ...layers].some((each) => !this.blobs.has(each.digest)))
      return void response.writeHead(404).end('{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}')
    this.manifests.set(digest, body)
    if (!name.startsWith('sha256:')) this.tags.set(name, digest)
    response.writeHead(201, { 'docker-content-digest': digest }).end()
  }

  private upload(method: string, id: string, query: string, body: Buffer, response: ServerResponse): void {
    const place = (session: string): Record<string, string> => ({
      location: `/v2/team/policies/blobs/uploads/${session}?state=secret-state`,
    })
    if (method === 'POST') {
      const session = String(++this.sessions)
      this.uploads.set(session, Buffer.alloc(0))
      return void response.writeHead(202, place(session)).end()
    }
    const there = this.uploads.get(id)
    if (there === undefined) return void response.writeHead(404).end()
    const all = Buffer.concat([there, body])
    if (method === 'PUT') {
      const digest = new URLSearchParams(query).get('digest') ?? ''
      this.uploads.delete(id)
      if (digestOf(all) !== digest)
        return void response.writeHead(400).end('{"errors":[{"code":"DIGEST_INVALID","message":"secret"}]}')
      this.blobs.set(digest, all)
      return void response.writeHead(201, { 'docker-content-digest': digest }).end()
    }
    if (method === 'PATCH') this.uploads.set(id, all)
    const range = { range: `0-${Math.max(0, all.length - 1)}` }
    response.writeHead(method === 'PATCH' ? 202 : 204, { ...place(id), ...range }).end()
  }

  private send(bytes: Buffer | undefined, method: string, response: ServerResponse): void {
    if (bytes === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-length': bytes.length, 'docker-content-digest': digestOf(bytes) })
    response.end(method === 'HEAD' ? undefined : bytes)
  }
}
