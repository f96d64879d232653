import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  compareRevisions,
  parseReference,
  pull,
  readBundle,
  type ReadBundle,
  readPolicies,
  type ReadOptions,
} from '@gatewright/bundle'
import { policyDigest } from '@gatewright/compiler'
import { canonicalText, type Json } from '@gatewright/core'
import { type Actions, enforcementActions, type Match } from '@gatewright/evaluator'
import type { PoliciesToEnforce } from '@gatewright/server'
import { type Configured, configuredPolicies, type PolicyOptions } from './built-bundle.js'
import { type VerificationOptions, verificationOf } from './bundle-keys.js'
import type { Config } from './config.js'
import { UsageError } from './usage-error.js'
import { wholeNumber } from './whole-number.js'

/** Where a server has its policies from. */
export interface FollowOptions extends PolicyOptions, VerificationOptions {
  /** A bundle of policies: a file, an address of https://, or a reference of a registry behind oci://. Without it the configuration. */
  readonly bundle?: string
  /** A file with a token for the bundle's server, or `env:NAME`. */
  readonly bundleToken?: string
  /** How often the bundle is looked for, in seconds. */
  readonly poll?: string
  readonly plainHttp?: boolean
}

/** Policies that are handed over now, and again when they are others. */
export interface FollowedPolicies {
  /** What is served, for people. */
  readonly from: string
  /**
   * Hands over the policies, and others whenever they come, until it is stopped. What is unsound or older is told, and what was handed over
   * before stays. Resolves when they were looked for once.
   */
  follow(
    put: (policies: PoliciesToEnforce) => void,
    failed: (reason: string) => void,
  ): Promise<{ stop(): void }>
}

/** The policies of a bundle, or of the configuration. Throws a `UsageError` where what is said of them is wrong. */
export async function followedPolicies(options: FollowOptions): Promise<FollowedPolicies> {
  const { bundle } = options
  if (bundle !== undefined) {
    const building = [
      options.policy.length > 0 && '--policy',
      options.parameters !== undefined && '--parameters',
      typeof options.config === 'string' && '--config',
    ].find((each) => each !== false)
    if (building !== undefined)
      throw new UsageError(`\`${building}\` is for policies that are built here`, 'leave it or --bundle out')
    return { from: bundle, follow: (put, failed) => followBundle(bundle, options, put, failed) }
  }
  if (options.verificationKey !== undefined)
    throw new UsageError('`--verification-key` is for the signature of a bundle', 'give --bundle')
  const { policies, config } = await configuredPolicies(options)
  const given: PoliciesToEnforce = {
    policies: policies.map(({ policy }) => policy),
    parameters: Object.fromEntries(policies.map(({ policy, given: own }) => [policy.id, own])),
    ...(config.actions !== undefined && { actions: config.actions }),
    ...(config.match !== undefined && { match: config.match }),
    revision: revisionOf(policies, config),
  }
  return {
    from: 'the configuration',
    follow: async (put) => {
      put(given)
      return { stop: () => {} }
    },
  }
}

/** What is in force, as a name that changes with it. */
function revisionOf(policies: readonly Configured[], { actions = {}, match = {} }: Config): string {
  const parts = policies.map(({ policy, parameters }) => [policyDigest(policy.ir), parameters])
  const text = canonicalText([parts, actions, match] as unknown as Json)
  return `configuration-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}

async function followBundle(
  source: string,
  options: FollowOptions,
  put: (policies: PoliciesToEnforce) => void,
  failed: (reason: string) => void,
): Promise<{ stop(): void }> {
  const seconds = wholeNumber(options.poll, '--poll') ?? (/^(?:https?|oci):/.test(source) ? 30 : 1)
  const verification = verificationOf(options)
  const fetched = fetcherOf(source, options)
  let revision: string | undefined
  let digest: string | undefined
  let told = ''
  const look = async (): Promise<void> => {
    try {
      const read = await fetched({ ...(verification !== undefined && { verification }) })
      if (read === undefined || read.digest === digest) return
      checkOrder(read.manifest.revision, revision)
      put(toEnforce(read))
      revision = read.manifest.revision
      digest = read.digest
      told = ''
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== told) failed(reason)
      told = reason
    }
  }
  await look()
  let isStopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const again = (): void => {
    if (isStopped) return
    timer = setTimeout(() => void look().then(again), seconds * 1000)
  }
  again()
  return {
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

/** Where nobody counts, no revision is before another. */
function checkOrder(revision: string, there: string | undefined): void {
  if (there === undefined) return
  const order = compareRevisions(revision, there)
  const isUncounted = !/^\d+-/.test(revision) && !/^\d+-/.test(there)
  if (order === 'older' || (order === 'unordered' && !isUncounted))
    throw new Error(`its revision \`${revision}\` is not newer than \`${there}\`, which is in force`)
}

function toEnforce(bundle: ReadBundle): PoliciesToEnforce {
  const { policies, match } = readPolicies(bundle)
  const actions = policies.map(({ policy, action }) => {
    const known = enforcementActions.find((each) => each === action)
    if (known === undefined) throw new Error(`\`${policy.id}\` has the unknown action \`${action}\``)
    return [policy.id, known] as const
  })
  return {
    policies: policies.map(({ policy }) => policy),
    actions: Object.fromEntries(actions) satisfies Actions,
    ...(match !== undefined && { match: match as Json as Match }),
    revision: bundle.manifest.revision,
  }
}

/** Fetches a bundle; undefined where it is said to be what it was. */
function fetcherOf(
  source: string,
  { bundleToken, plainHttp }: FollowOptions,
): (options: ReadOptions) => Promise<ReadBundle | undefined> {
  if (source.startsWith('oci://')) {
    const reference = parseReference(source.slice('oci://'.length))
    return async (options) =>
      (await pull(reference, { ...options, ...(plainHttp !== undefined && { plainHttp }) })).bundle
  }
  if (/^https?:\/\//.test(source)) {
    const { username, password, hostname } = addressOf(source)
    // it would stand in errors and logs, and is not sent anyway
    if (username !== '' || password !== '')
      throw new UsageError(
        'the address of the bundle has a user or a password in it',
        'give --bundle-token, and the address without them',
      )
    if (source.startsWith('http:') && plainHttp !== true && !isLoopback(hostname))
      throw new UsageError(
        `\`${source}\` is plain HTTP, in which anyone on the way can change policies`,
        'take https://, or say --plain-http',
      )
    return httpFetcher(source, bundleToken === undefined ? undefined : secretOf(bundleToken))
  }
  return async (options) => readBundle(readFileSync(source), options)
}

function httpFetcher(
  url: string,
  token: string | undefined,
): (options: ReadOptions) => Promise<ReadBundle | undefined> {
  let etag: string | undefined
  return async (options) => {
    const response = await fetch(url, {
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(etag !== undefined && { 'if-none-match': etag }),
      },
      // a token is for the server that it was given for
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    })
    if (response.status === 304) return undefined
    if (response.status !== 200) throw new Error(`the server of the bundle answers ${response.status}`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    const length = response.headers.get('content-length')
    if (length !== null && Number(length) !== bytes.length) throw new Error('the bundle broke off on the way')
    const read = await readBundle(bytes, options)
    etag = response.headers.get('etag') ?? undefined
    return read
  }
}

function addressOf(source: string): URL {
  try {
    return new URL(source)
  } catch {
    throw new UsageError(
      'the address of the bundle is none',
      'say https://bundles.example.com/policies.tar.gz',
    )
  }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)

function secretOf(named: string): string {
  const text = named.startsWith('env:') ? process.env[named.slice('env:'.length)] : textOf(named)
  if (text === undefined || text.trim() === '') throw new UsageError(`\`--bundle-token ${named}\` is empty`)
  return text.trim()
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(
      `\`${file}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
