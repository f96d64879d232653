import { type Actions, authorizationOf } from './authorization.js'
import { type Answer, isLoopback, Passing, send, type Sent, shown } from './connection.js'
import { type Credentials, dockerCredentials } from './docker-config.js'
import type { Reference } from './reference.js'
import { RegistryError } from './registry-error.js'

/** How a registry is spoken to. */
export interface RegistryOptions {
  /** Who gives credentials; those that `docker login` keeps by default. */
  readonly credentials?: Credentials
  /** Speak plain HTTP to a registry that is not on this machine. On this machine it is what is spoken. */
  readonly plainHttp?: boolean
  /** How often something is tried that fails by the network or by a 429 or 5xx; 6 by default. */
  readonly attempts?: number
  /** How long nothing may be heard, in milliseconds; 30,000 by default. */
  readonly silence?: number
  /** The longest pause between two attempts, in milliseconds, also where the registry asks for more; 60,000 by default. */
  readonly longestPause?: number
}

export interface Ask extends Sent {
  readonly actions: Actions
  /** Attempts other than those of the options, where the caller knows better when to try again. */
  readonly attempts?: number
}

/** Speaks to one repository of a registry. */
export interface Session {
  /** A URL of the repository: `blobs/sha256:…`. */
  at(path: string): URL
  /** A URL that the registry names, for what follows; throws where it is not taken. */
  follow(location: string | null, from: URL): URL
  /** Asks, and asks again where that helps. Gives every answer but those that pass by themselves. */
  ask(url: URL, ask: Ask): Promise<Answer>
  /** Waits before the attempt with that number, from 1, as long as asked for or longer each time. */
  wait(attempt: number, asked?: number): Promise<void>
  readonly attempts: number
}

export function sessionOf(reference: Reference, options: RegistryOptions = {}): Session {
  const { registry, repository } = reference
  const { attempts = 6, silence = 30_000, longestPause = 60_000, plainHttp = false } = options
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  const isPlain = plainHttp || isLoopback(new URL(`http://${host}`))
  const base = new URL(`${isPlain ? 'http' : 'https'}://${host}/v2/${repository}/`)
  const authorization = authorizationOf(reference, base, options.credentials ?? dockerCredentials(), silence)

  /** A place that the registry names: never one that is read by everyone on the way, unless the registry is. */
  function follow(location: string | null, from: URL): URL {
    if (location === null || !URL.canParse(location, from.href))
      throw new RegistryError('refused', `${shown(from)} names no place to go on`)
    const url = new URL(location, from)
    if (url.username !== '' || url.password !== '')
      throw new RegistryError('refused', `${shown(from)} names a URL with credentials in it`)
    const isPlainToo =
      url.protocol === 'http:' &&
      base.protocol === 'http:' &&
      (url.hostname === base.hostname || (isLoopback(base) && isLoopback(url)))
    if (url.protocol !== 'https:' && !isPlainToo)
      throw new RegistryError(
        'refused',
        `${shown(from)} leads to ${url.protocol}//${url.host}, which is not taken`,
      )
    return url
  }

  async function once(start: URL, { actions, ...sent }: Ask): Promise<Answer> {
    let url = start
    let isAnswered = false
    for (let hops = 0; hops < 6;) {
      // credentials are for the registry alone, wherever it leads
      const isOwn = url.origin === base.origin
      const header = isOwn ? authorization.header(actions) : undefined
      const headers = { ...sent.headers, ...(header !== undefined && { authorization: header }) }
      const answer = await send(url, { ...sent, headers }, silence)
      if (answer.status === 401 && isOwn) {
        if (isAnswered) throw new RegistryError('unauthorized', `${registry} refuses the credentials for it`)
        isAnswered = true
        await authorization.answer(answer, actions)
        continue
      }
      const isRedirect =
        [307, 308].includes(answer.status) ||
        ([301, 302, 303].includes(answer.status) && ['GET', 'HEAD'].includes(sent.method))
      if (!isRedirect) return answer
      url = follow(answer.headers.get('location'), url)
      hops++
    }
    throw new RegistryError('refused', `${shown(start)} leads from one place to the next without an end`)
  }

  async function wait(attempt: number, asked?: number): Promise<void> {
    if (asked !== undefined && asked > longestPause)
      throw new RegistryError(
        'unavailable',
        `${registry} asks to wait for ${Math.ceil(asked / 1000)} s, longer than is waited`,
      )
    const most = Math.min(longestPause, 200 * 2 ** attempt)
    // never all at once after the same failure
    const pause = (asked ?? 0) + most * (0.5 + Math.random() / 2) * (asked === undefined ? 1 : 0.1)
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, longestPause * 1.1)))
  }

  async function ask(url: URL, given: Ask): Promise<Answer> {
    const most = given.attempts ?? attempts
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(url, given)
      } catch (error) {
        if (!(error instanceof Passing)) throw error
        if (given.attempts !== undefined && attempt >= most) throw error
        if (attempt >= most)
          throw new RegistryError('unavailable', `${error.message}, after ${attempt} attempts`)
        await wait(attempt, error.pause)
      }
    }
  }

  return { at: (path) => new URL(path, base), follow, ask, wait, attempts }
}

/** What a registry says of a refusal: its codes, since its texts are anyone's. */
export function codesOf({ body }: Answer): string {
  try {
    const { errors } = JSON.parse(new TextDecoder().decode(body)) as {
      errors?: readonly { code?: unknown }[]
    }
    const codes = (errors ?? []).map(({ code }) => String(code)).filter((code) => /^[A-Z_]{1,64}$/.test(code))
    return codes.length === 0 ? '' : ` (${codes.join(', ')})`
  } catch {
    return ''
  }
}

/** What an answer that was not asked for comes to. */
export function unexpected(answer: Answer, what: string): RegistryError {
  const { status, url } = answer
  return new RegistryError(
    status === 404 ? 'not-found' : status === 401 || status === 403 ? 'unauthorized' : 'refused',
    `${what}: ${shown(url)} answers ${status}${codesOf(answer)}`,
  )
}
