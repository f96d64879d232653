import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isObject, type Json } from '@gatewright/core'
import { RegistryError } from './registry-error.js'

/** What a registry is asked with. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** A token that is traded for others, as `docker-credential-…` gives it under the name `<token>`. */
  | { readonly kind: 'identity'; readonly token: string }
  /** A token that the registry takes as it is. */
  | { readonly kind: 'bearer'; readonly token: string }

type Environment = Readonly<Record<string, string | undefined>>

/** Gives the credential of a registry, by its host with its port; undefined where there is none. */
export type Credentials = (registry: string) => Promise<Credential | undefined>

/**
 * The credentials that `docker login` keeps: in `config.json` of the folder that `DOCKER_CONFIG` names, or of `~/.docker`, or with the
 * helper that it names. A file that is not there holds none; throws a `RegistryError` for one that cannot be read.
 */
export function dockerCredentials(environment: Environment = process.env): Credentials {
  const folder = environment['DOCKER_CONFIG'] ?? join(environment['HOME'] ?? homedir(), '.docker')
  const file = join(folder, 'config.json')
  let config: Promise<Readonly<Record<string, Json>>> | undefined
  return async (registry) => {
    config ??= readConfig(file)
    const { auths, credHelpers, credsStore } = await config
    const key = credentialKey(registry)
    const helpers = isObject(credHelpers) ? credHelpers : {}
    const helper = Object.hasOwn(helpers, key) ? helpers[key] : credsStore
    if (typeof helper === 'string' && helper !== '') return fromHelper(helper, key, environment)
    return isObject(auths) ? fromEntry(auths, key) : undefined
  }
}

const dockerHub = 'https://index.docker.io/v1/'

/** The name that Docker keeps credentials of a registry under. */
const credentialKey = (registry: string): string =>
  ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(registry) ? dockerHub : registry

async function readConfig(file: string): Promise<Readonly<Record<string, Json>>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return {}
    throw new RegistryError('unauthorized', `the credentials in \`${file}\` cannot be read: ${code ?? ''}`)
  }
  try {
    const value = JSON.parse(text) as Json
    if (isObject(value)) return value
  } catch {
    // what the parser says quotes the file, which holds passwords
  }
  throw new RegistryError('unauthorized', `\`${file}\` is no JSON object`)
}

function fromEntry(auths: Readonly<Record<string, Json>>, key: string): Credential | undefined {
  const host = (name: string): string => name.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  const name = Object.hasOwn(auths, key)
    ? key
    : key === dockerHub
      ? undefined
      : Object.keys(auths).find((each) => host(each) === key)
  const entry = name === undefined ? undefined : auths[name]
  if (!isObject(entry)) return undefined
  const text = (field: string): string | undefined => {
    const value = entry[field]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const [bearer, identity, auth] = [text('registrytoken'), text('identitytoken'), text('auth')]
  if (bearer !== undefined) return { kind: 'bearer', token: bearer }
  if (identity !== undefined) return { kind: 'identity', token: identity }
  const pair = auth === undefined ? undefined : Buffer.from(auth, 'base64').toString('utf8')
  const colon = pair?.indexOf(':') ?? -1
  // docker pads what it writes with a zero byte
  const username = pair === undefined ? text('username') : pair.slice(0, Math.max(colon, 0))
  const password = pair === undefined ? text('password') : pair.slice(colon + 1).replace(/\0+$/, '')
  return username === undefined || username === '' || password === undefined
    ? undefined
    : { kind: 'password', username, password }
}

async function fromHelper(
  name: string,
  key: string,
  environment: Environment,
): Promise<Credential | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new RegistryError('unauthorized', 'the credential helper that is configured has no plain name')
  const program = `docker-credential-${name}`
  const { code, output } = await run(program, key, environment)
  if (code !== 0) {
    if (/credentials not found/i.test(output)) return undefined
    throw new RegistryError('unauthorized', `\`${program} get\` ended with ${String(code)}`)
  }
  let answer: Json
  try {
    answer = JSON.parse(output) as Json
  } catch {
    throw new RegistryError('unauthorized', `\`${program} get\` wrote no JSON`)
  }
  const { Username: username, Secret: secret } = isObject(answer) ? answer : {}
  if (typeof username !== 'string' || typeof secret !== 'string')
    throw new RegistryError('unauthorized', `\`${program} get\` gave no \`Username\` and \`Secret\``)
  if (secret === '') return undefined
  return username === '<token>'
    ? { kind: 'identity', token: secret }
    : { kind: 'password', username, password: secret }
}

function run(
  program: string,
  input: string,
  environment: Environment,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], {
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: 30_000,
    })
    const chunks: Buffer[] = []
    let size = 0
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > 1 << 20) child.kill()
      else chunks.push(chunk)
    })
    child.on('error', ({ message }) =>
      reject(
        new RegistryError('unauthorized', `the credential helper \`${program}\` cannot be run: ${message}`),
      ),
    )
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString('utf8') }))
    // a helper that ends without reading is told by its exit code
    child.stdin.on('error', () => {})
    child.stdin.end(`${input}\n`)
  })
}
