import { isObject, type Json } from '@gatewright/core'
import { OpaError } from './opa-error.js'

export interface OpaConnection {
  /** Where OPA listens: `https://opa.example.com:8181`, with a path before its own where a proxy has one. */
  readonly url: string
  /** A bearer token. */
  readonly token?: string
  /** How long an answer may take, in milliseconds; 30,000 by default. */
  readonly timeout?: number
}

/** The modules and the data of a running OPA. Everything rejects with an `OpaError`. */
export interface OpaServer {
  /** Where it is, without a password that the address may have. */
  readonly url: string
  /** The text of every module, by its name in OPA. */
  modules(): Promise<ReadonlyMap<string, string>>
  putModule(name: string, text: string): Promise<void>
  removeModule(name: string): Promise<void>
  /** What stands at a path of `data`; undefined where nothing does. */
  data(path: readonly string[]): Promise<Json | undefined>
  putData(path: readonly string[], value: Json): Promise<void>
  removeData(path: readonly string[]): Promise<void>
}

/** The most bytes of an answer. */
const mostBytes = 64 * 1024 * 1024

/** Speaks to the REST API of an OPA. Source: the Open Policy Agent's documentation, "REST API". */
export function opaAt({ url, token, timeout = 30_000 }: OpaConnection): OpaServer {
  const base = new URL(url.endsWith('/') ? url : `${url}/`)
  const shown = `${base.protocol}//${base.host}${base.pathname.replace(/\/$/, '')}`
  const basic = base.username === '' && base.password === '' ? undefined : `${base.username}:${base.password}`
  base.username = base.password = ''
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : basic === undefined
        ? undefined
        : `Basic ${Buffer.from(decodeURIComponent(basic)).toString('base64')}`

  const ask = async (
    method: string,
    path: string,
    body?: { readonly type: string; readonly text: string },
  ): Promise<Answer> => {
    try {
      const response = await fetch(new URL(path, base), {
        method,
        // a token goes nowhere else
        redirect: 'error',
        signal: AbortSignal.timeout(timeout),
        headers: {
          ...(authorization !== undefined && { authorization }),
          ...(body !== undefined && { 'content-type': body.type }),
        },
        ...(body !== undefined && { body: body.text }),
      })
      return { status: response.status, text: await textOf(response) }
    } catch (error) {
      if (error instanceof OpaError) throw error
      throw new OpaError('unreachable', `${shown} does not answer: ${reasonOf(error)}`)
    }
  }
  const asked = async (...given: Parameters<typeof ask>): Promise<Json> => {
    const answer = await ask(...given)
    if (answer.status === 404) return {}
    if (answer.status >= 300) throw refusal(shown, `${given[0]} ${given[1]}`, answer)
    return answer.text.trim() === '' ? {} : parsed(answer.text, shown)
  }

  return {
    url: shown,
    modules: async () => {
      const { result } = fieldsOf(await asked('GET', 'v1/policies'))
      if (!Array.isArray(result)) throw unreadable(shown, 'no list of policies')
      return new Map(
        (result as readonly Json[]).map((each) => {
          const { id, raw } = fieldsOf(each)
          if (typeof id !== 'string' || typeof raw !== 'string')
            throw unreadable(shown, 'a policy without its name or its text')
          return [id, raw]
        }),
      )
    },
    putModule: async (name, text) => {
      await asked('PUT', `v1/policies/${pathOf(name.split('/'))}`, { type: 'text/plain', text })
    },
    removeModule: async (name) => {
      await asked('DELETE', `v1/policies/${pathOf(name.split('/'))}`)
    },
    data: async (path) => fieldsOf(await asked('GET', `v1/data/${pathOf(path)}`))['result'],
    putData: async (path, value) => {
      await asked('PUT', `v1/data/${pathOf(path)}`, { type: 'application/json', text: JSON.stringify(value) })
    },
    removeData: async (path) => {
      await asked('DELETE', `v1/data/${pathOf(path)}`)
    },
  }
}

interface Answer {
  readonly status: number
  readonly text: string
}

const pathOf = (steps: readonly string[]): string => steps.map(encodeURIComponent).join('/')

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length
    if (size > mostBytes) throw new OpaError('unreadable', `it answers more than ${mostBytes} bytes`)
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string, url: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw unreadable(url, 'what is no JSON')
  }
}

const fieldsOf = (value: Json): Readonly<Record<string, Json>> => (isObject(value) ? value : {})

const unreadable = (url: string, what: string): OpaError =>
  new OpaError('unreadable', `${url} answers ${what}: is there an OPA?`)

/** What OPA says: its message, and the errors of the compiler. */
function refusal(url: string, what: string, { status, text }: Answer): OpaError {
  let said = text.slice(0, 300)
  try {
    const { message, errors } = fieldsOf(JSON.parse(text) as Json)
    const more = Array.isArray(errors)
      ? (errors as readonly Json[])
          .map((each) => fieldsOf(each)['message'])
          .filter((each) => typeof each === 'string')
      : []
    said = [message, ...more].filter((each) => typeof each === 'string').join(': ')
  } catch {
    // it stands as it is
  }
  const help = /owned by bundle/.test(said)
    ? '; this OPA takes these paths from a bundle: publish the bundle'
    : status === 401 || status === 403
      ? '; give a token that may write'
      : ''
  return new OpaError('refused', `${url} refuses ${what} with ${status}: ${said}${help}`)
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'not in time'
  const cause = error.cause instanceof Error ? error.cause.message : undefined
  return cause ?? error.message
}
