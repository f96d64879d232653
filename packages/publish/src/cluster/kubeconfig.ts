import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { isObject, type Json } from '@gatewright/core'
import { readDocuments } from '@gatewright/sources'
import { ClusterError } from './cluster-error.js'

/** Where a cluster is, and who asks it. */
export interface Connection {
  /** `https://10.0.0.1:6443`. */
  readonly server: string
  readonly certificateAuthority?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly serverName?: string
  /** The token of now; a plugin is asked again when its is about to end. */
  token?(): Promise<string | undefined>
}

export interface KubeconfigOptions {
  /** The file, instead of those of `KUBECONFIG` or `~/.kube/config`. */
  readonly kubeconfig?: string
  readonly context?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}

type Fields = Readonly<Record<string, Json>>
type Environment = NonNullable<KubeconfigOptions['environment']>

/** The folder of a Pod's own account. */
const account = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Reads where the cluster is from a kubeconfig, as kubectl does: the one that is named, those of `KUBECONFIG`, `~/.kube/config`, and in a
 * Pod its own account. Throws a `ClusterError` for what is missing, and for what is not read: passwords, plugins of old, proxies and
 * clusters that are not to be verified.
 *
 * Source: `k8s.io/client-go/tools/clientcmd/api/v1`, and `client.authentication.k8s.io/v1` for plugins.
 */
export function connectionOf(options: KubeconfigOptions = {}): Connection {
  const { environment = process.env } = options
  const named = options.kubeconfig ?? environment['KUBECONFIG']
  const files = (named ?? join(homedir(), '.kube/config')).split(delimiter).filter((file) => file !== '')
  const read = files.flatMap((file) => {
    const content = contentOf(file, named !== undefined && files.length === 1)
    return content === undefined ? [] : [{ content, folder: dirname(resolve(file)) }]
  })
  if (read.length === 0) {
    const inside = ownAccount(environment)
    if (inside !== undefined) return inside
    throw new ClusterError(
      'kubeconfig',
      `there is no kubeconfig at ${files.join(', ')}: name one with --kubeconfig`,
    )
  }
  const first = read.map(({ content }) => content['current-context']).find((each) => typeof each === 'string')
  const context = options.context ?? (first as string | undefined)
  if (context === undefined || context === '')
    throw new ClusterError('kubeconfig', 'the kubeconfig has no current context: name one with --context')
  const { cluster, user } = entry(read, 'contexts', 'context', context).fields
  const found = entry(read, 'clusters', 'cluster', textIn(cluster, `the cluster of \`${context}\``))
  const who = entry(read, 'users', 'user', textIn(user, `the user of \`${context}\``))
  return { ...serverOf(found), ...credentialsOf(who, environment) }
}

interface Entry {
  readonly fields: Fields
  readonly folder: string
}

function contentOf(file: string, isNeeded: boolean): Fields | undefined {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    if (!isNeeded && (error as { readonly code?: string }).code === 'ENOENT') return undefined
    throw new ClusterError('kubeconfig', `\`${file}\` cannot be read: ${(error as Error).message}`)
  }
  const { documents, problems } = readDocuments(bytes, { name: file, expect: 'any' })
  const value = documents[0]?.value
  if (problems.length > 0 || documents.length !== 1 || value === undefined || !isObject(value))
    throw new ClusterError(
      'kubeconfig',
      `\`${file}\` is no kubeconfig: ${problems[0]?.message ?? 'it is no map'}`,
    )
  return value
}

/** The entry of a list by its name, in the first file that has it. */
function entry(
  read: readonly { readonly content: Fields; readonly folder: string }[],
  list: string,
  key: string,
  name: string,
): Entry {
  for (const { content, folder } of read) {
    const entries = content[list]
    if (!Array.isArray(entries)) continue
    const found = (entries as readonly Json[]).find((each) => isObject(each) && each['name'] === name)
    const fields = isObject(found) ? found[key] : undefined
    if (isObject(fields)) return { fields, folder }
  }
  throw new ClusterError('kubeconfig', `the kubeconfig has no \`${name}\` among its ${list}`)
}

function textIn(value: Json | undefined, what: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new ClusterError('kubeconfig', `the kubeconfig does not say ${what}`)
}

/** What a field says, or the file that `<key>` names, against the same with `-data`, which goes first. */
function material({ fields, folder }: Entry, key: string): string | undefined {
  const data = fields[`${key}-data`]
  if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64').toString('utf8')
  const file = fields[key]
  return typeof file === 'string' && file !== '' ? fileText(resolve(folder, file)) : undefined
}

function fileText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ClusterError('kubeconfig', `\`${file}\` cannot be read: ${(error as Error).message}`)
  }
}

function serverOf(cluster: Entry): Connection {
  const { fields } = cluster
  const server = textIn(fields['server'], 'where the cluster is').replace(/\/+$/, '')
  if (!server.startsWith('https://'))
    throw new ClusterError('kubeconfig', `the cluster is at \`${server}\`, and is asked by https:// alone`)
  for (const unread of ['insecure-skip-tls-verify', 'proxy-url'])
    if (fields[unread] !== undefined && fields[unread] !== false && fields[unread] !== '')
      throw new ClusterError('kubeconfig', `\`${unread}\` of the cluster is not taken`)
  const certificateAuthority = material(cluster, 'certificate-authority')
  const serverName = fields['tls-server-name']
  return {
    server,
    ...(certificateAuthority !== undefined && { certificateAuthority }),
    ...(typeof serverName === 'string' && { serverName }),
  }
}

function credentialsOf(user: Entry, environment: Environment): Partial<Connection> {
  const { fields, folder } = user
  for (const unread of ['username', 'password', 'auth-provider', 'as'])
    if (fields[unread] !== undefined)
      throw new ClusterError(
        'kubeconfig',
        `\`${unread}\` of the user is not taken: use a certificate, a token or a plugin`,
      )
  const clientCertificate = material(user, 'client-certificate')
  const clientKey = material(user, 'client-key')
  const { token, tokenFile, exec } = fields
  const own =
    typeof token === 'string' && token !== ''
      ? async () => token
      : typeof tokenFile === 'string'
        ? // it is renewed there
          async () => fileText(resolve(folder, tokenFile)).trim()
        : undefined
  const plugin = own === undefined && isObject(exec) ? pluginOf(exec, folder, environment) : undefined
  const given = own ?? plugin
  return {
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(clientKey !== undefined && { clientKey }),
    ...(given !== undefined && { token: given }),
  }
}

/** A program that gives tokens, which is asked once for each. */
function pluginOf(exec: Fields, folder: string, environment: Environment): () => Promise<string> {
  const { command, args = [], env = [], apiVersion } = exec
  if (typeof command !== 'string' || !Array.isArray(args) || !Array.isArray(env))
    throw new ClusterError('kubeconfig', '`exec` of the user has no command')
  const version = textIn(apiVersion, 'the version of `exec`')
  const more = Object.fromEntries(
    (env as readonly Json[]).flatMap((each) =>
      isObject(each) && typeof each['name'] === 'string' ? [[each['name'], String(each['value'] ?? '')]] : [],
    ),
  )
  const program = command.includes('/') ? resolve(folder, command) : command
  let known: { readonly token: string; readonly until: number } | undefined
  return async () => {
    if (known !== undefined && Date.now() < known.until) return known.token
    const info = { apiVersion: version, kind: 'ExecCredential', spec: { interactive: false } }
    const given = { ...environment, ...more, KUBERNETES_EXEC_INFO: JSON.stringify(info) }
    // what it writes may be the token
    const { stdout } = await promisify(execFile)(program, (args as readonly Json[]).map(String), {
      env: given,
      timeout: 60_000,
    }).catch((error: unknown) => {
      const why = (error as { readonly code?: unknown }).code
      throw new ClusterError('kubeconfig', `\`${command}\` gives no token: it ended with ${String(why)}`)
    })
    const { token, until } = tokenIn(stdout, command)
    known = { token, until }
    return token
  }
}

function tokenIn(stdout: string, command: string): { readonly token: string; readonly until: number } {
  try {
    const { status } = JSON.parse(stdout) as {
      readonly status?: { readonly token?: unknown; readonly expirationTimestamp?: string }
    }
    if (typeof status?.token === 'string' && status.token !== '') {
      const end = status.expirationTimestamp === undefined ? Infinity : Date.parse(status.expirationTimestamp)
      return { token: status.token, until: end - 60_000 }
    }
  } catch {
    // said below
  }
  throw new ClusterError('kubeconfig', `\`${command}\` gives no token`)
}

/** The account of the Pod that this runs in; undefined elsewhere. */
function ownAccount(environment: Environment): Connection | undefined {
  const host = environment['KUBERNETES_SERVICE_HOST']
  if (host === undefined) return undefined
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443'
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    certificateAuthority: fileText(`${account}/ca.crt`),
    token: async () => fileText(`${account}/token`).trim(),
  }
}
