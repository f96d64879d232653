import { isObject, type Json } from '@gatewright/core'
import { type Challenge, readChallenges } from './challenge.js'
import { type Answer, isLoopback, send, shown } from './connection.js'
import type { Credential, Credentials } from './docker-config.js'
import type { Reference } from './reference.js'
import { RegistryError } from './registry-error.js'

/** What a request is allowed to do in the repository. */
export type Actions = 'pull' | 'pull,push'

/** Gives the `Authorization` of requests to one repository, and gets it where the registry asks for it. */
export interface Authorization {
  header(actions: Actions): string | undefined
  /** Takes up what the registry asks for. Throws a `RegistryError` where nothing is there to answer with. */
  answer(refusal: Answer, actions: Actions): Promise<void>
}

/** Authorization of a repository, by what is known of its registry. Tokens are kept for this repository and what is done there. */
export function authorizationOf(
  { registry, repository }: Reference,
  base: URL,
  credentials: Credentials,
  silence: number,
): Authorization {
  const headers = new Map<Actions, string>()
  let known: Promise<Credential | undefined> | undefined
  const credential = (): Promise<Credential | undefined> => (known ??= credentials(registry))

  async function answer(refusal: Answer, actions: Actions): Promise<void> {
    const challenges = readChallenges(refusal.headers.get('www-authenticate') ?? '')
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    const basic = challenges.find(({ scheme }) => scheme === 'basic')
    const own = await credential()
    if (own?.kind === 'bearer') headers.set(actions, `Bearer ${own.token}`)
    else if (bearer !== undefined) headers.set(actions, `Bearer ${await token(bearer, own, actions)}`)
    else if (basic === undefined)
      throw new RegistryError(
        'unauthorized',
        `${registry} refuses access, and does not say what it asks for: neither Basic nor Bearer`,
      )
    else if (own?.kind === 'password') headers.set(actions, basicHeader(own))
    else
      throw new RegistryError(
        'unauthorized',
        `${registry} asks for a password: run \`docker login ${registry}\``,
      )
  }

  async function token(
    { parameters: { realm = '', service } }: Challenge,
    own: Credential | undefined,
    actions: Actions,
  ): Promise<string> {
    const url = realmUrl(realm, base, registry)
    // what is asked for is what is needed: the scope that the challenge names may be wider
    const query = { ...(service !== undefined && { service }), scope: `repository:${repository}:${actions}` }
    if (own?.kind !== 'identity')
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const identity = own?.kind === 'identity' ? own.token : undefined
    const { status, body } = await send(
      url,
      identity === undefined
        ? {
            method: 'GET',
            headers: own?.kind === 'password' ? { authorization: basicHeader(own) } : {},
            most: 1 << 20,
          }
        : {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams({
              grant_type: 'refresh_token',
              client_id: 'gatewright',
              refresh_token: identity,
              ...query,
            }).toString(),
            most: 1 << 20,
          },
      silence,
    )
    if (status !== 200)
      throw new RegistryError(
        'unauthorized',
        own === undefined
          ? `${shown(url)} gives no token without credentials (${status}): run \`docker login ${registry}\``
          : `${shown(url)} refuses the credentials for ${registry} (${status})`,
      )
    const given = tokenIn(body)
    if (given === undefined) throw new RegistryError('refused', `${shown(url)} answers without a token`)
    return given
  }

  return { header: (actions) => headers.get(actions), answer }
}

const basicHeader = ({ username, password }: Credential & { readonly kind: 'password' }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/**
 * Where a registry has tokens made. It may be another host, but what comes over a line that others can write to sends no credentials
 * elsewhere.
 */
function realmUrl(realm: string, base: URL, registry: string): URL {
  const wrong = (why: string): never => {
    throw new RegistryError('refused', `${registry} has tokens made at a place that is not taken: ${why}`)
  }
  if (!URL.canParse(realm)) return wrong('it is no URL')
  const url = new URL(realm)
  if (url.username !== '' || url.password !== '') return wrong('it has credentials in it')
  if (url.protocol === 'https:') {
    if (base.protocol === 'https:' || isLoopback(base) || url.hostname === base.hostname) return url
    return wrong(`${url.host}, said over plain HTTP`)
  }
  if (url.protocol !== 'http:') return wrong(`it is neither https nor http`)
  const isOwn = base.protocol === 'http:' && url.hostname === base.hostname
  return isOwn || (isLoopback(base) && isLoopback(url)) ? url : wrong(`${shown(url)} is plain HTTP`)
}

function tokenIn(body: Uint8Array): string | undefined {
  let value: Json
  try {
    value = JSON.parse(new TextDecoder().decode(body)) as Json
  } catch {
    return undefined
  }
  const { token, access_token: accessToken } = isObject(value) ? value : {}
  const found = typeof token === 'string' && token !== '' ? token : accessToken
  return typeof found === 'string' && /^[\x21-\x7e]+$/.test(found) ? found : undefined
}
