import { RegistryError } from './registry-error.js'

/** What a registry answered. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
  /** Where the answer came from in the end. */
  readonly url: URL
}

export interface Sent {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** The most bytes that are read of an answer. */
  readonly most: number
}

/** What passes by itself: worth another attempt, after the pause that the server asks for. */
export class Passing extends Error {
  override readonly name = 'Passing'
  readonly pause: number | undefined

  constructor(message: string, pause?: number) {
    super(message)
    this.pause = pause
  }
}

/** A URL as it may be shown: what stands behind its path may be a key. */
export const shown = ({ protocol, host, pathname }: URL): string => `${protocol}//${host}${pathname}`

/** Whether a host is this machine, as it is spelled: no name but `localhost` is believed. */
export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)

/**
 * Sends one request and reads the whole answer; redirects are not followed. Throws `Passing` for what the network does and for the
 * statuses that pass by themselves, a `RegistryError` for an answer over the limit.
 */
export async function send(url: URL, sent: Sent, silence: number): Promise<Answer> {
  if (url.username !== '' || url.password !== '')
    throw new RegistryError('refused', `${url.host} names a URL with credentials in it`)
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), silence)
  try {
    const response = await fetch(url, {
      method: sent.method,
      // what is compressed on the way would not have the length that is said
      headers: { 'user-agent': 'gatewright', 'accept-encoding': 'identity', ...sent.headers },
      ...(sent.body !== undefined && { body: sent.body }),
      redirect: 'manual',
      signal: abort.signal,
    })
    const body = await readBody(response, sent.most, url, () => timer.refresh())
    if ([408, 429, 500, 502, 503, 504].includes(response.status))
      throw new Passing(
        `${sent.method} ${shown(url)}: ${response.status}`,
        retryAfter(response.headers.get('retry-after')),
      )
    return { status: response.status, headers: response.headers, body, url }
  } catch (error) {
    if (error instanceof RegistryError || error instanceof Passing) throw error
    throw new Passing(`${sent.method} ${shown(url)}: ${abort.signal.aborted ? 'no answer' : reasonOf(error)}`)
  } finally {
    clearTimeout(timer)
  }
}

async function readBody(response: Response, most: number, url: URL, heard: () => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  if (response.body !== null)
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      heard()
      size += chunk.length
      if (size > most) throw new RegistryError('refused', `${shown(url)} sends more than ${most} bytes`)
      chunks.push(chunk)
    }
  return Buffer.concat(chunks)
}

/** Why a connection failed: the code of the system, not a message that may quote a URL. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined
  return typeof cause?.code === 'string' ? cause.code : 'the connection broke off'
}

/** The pause that a server asks for, in milliseconds. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
