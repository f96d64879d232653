import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { BundleError } from '@gatewright/bundle'
import { neutral } from '@gatewright/reports'
import {
  type Access,
  type BundleShelf,
  bundleShelf,
  type Certificates,
  isBundleName,
  type RunningServer,
  serveBundles as serve,
  type ServerEvent,
  tokenAccess,
  watchFolder,
} from '@gatewright/server'
import { bundleOf, type BundleOptions, type PolicyOptions } from '../built-bundle.js'
import { type VerificationOptions, verificationOf } from '../bundle-keys.js'
import {
  certificateFiles,
  type CertificateOptions,
  certificatesIn,
  refuseHalfCertificates,
} from '../certificate-files.js'
import { replaceFile } from '../output.js'
import { rebuildOnChange } from '../rebuilding.js'
import { log, toldToEnd } from '../serving.js'
import { exitCodes, UsageError } from '../usage-error.js'
import { type WatchedFiles, watchedFiles } from '../watched-files.js'
import { wholeNumber } from '../whole-number.js'

export interface ServeBundlesOptions
  extends PolicyOptions, BundleOptions, VerificationOptions, CertificateOptions {
  readonly name?: string
  readonly watch?: boolean
  readonly host: string
  readonly port: string
  readonly plainHttp?: boolean
  readonly tokens?: string
  readonly reports?: string
  readonly state?: string
  readonly allowRollback?: boolean
}

/** Serves bundles until it is told to end, and gives the exit code. */
export async function serveBundles(
  folder: string | undefined,
  options: ServeBundlesOptions,
): Promise<number> {
  refuseIdle(folder, options)
  const port = wholeNumber(options.port, '--port') ?? 0
  if (port > 65_535) throw new UsageError(`\`--port ${port}\` is no port`, 'say --port 8282, for example')
  const secrets = secretsOf(options)
  const { state } = options
  const verification = folder === undefined ? undefined : verificationOf(options)
  const shelf = bundleShelf({
    known: state === undefined ? {} : revisionsIn(state),
    ...(verification !== undefined && { verification }),
    ...(options.allowRollback !== undefined && { allowRollback: options.allowRollback }),
  })
  const report = (event: ServerEvent): void => {
    if (event.event === 'bundle-served' && state !== undefined)
      replaceFile(state, `${JSON.stringify(shelf.revisions(), null, 2)}\n`)
    log(event)
  }
  let source: { stop(): Promise<void> }
  try {
    source =
      folder === undefined
        ? await builtSource(shelf, options, report)
        : await watchFolder(folder, shelf, { report })
  } catch (error) {
    if (error instanceof BundleError) {
      process.stderr.write(`gatewright: ${neutral(error.message)}\n`)
      return exitCodes.unjudged
    }
    if ((error as { readonly code?: unknown }).code === undefined) throw error
    throw new UsageError(`\`${folder ?? ''}\` cannot be served: ${(error as Error).message}`)
  }
  let server: RunningServer
  try {
    const { access, certificates } = secrets.read()
    server = await serve({
      shelf,
      host: options.host,
      port,
      report,
      ...(access !== undefined && { access }),
      ...(certificates !== undefined && { certificates }),
      ...(options.reports !== undefined && { reports: { folder: options.reports } }),
    })
  } catch (error) {
    await source.stop()
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `it cannot be served on ${options.host}:${port}: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  process.stdout.write(`${server.url}\n`)
  const stopReloading = secrets.reload(
    ({ access, certificates }) => {
      if (certificates !== undefined) server.setCertificates(certificates)
      if (access !== undefined) server.setAccess(access)
    },
    (why) => report({ event: 'problem', reason: `tokens and certificates stay as they were: ${why}` }),
  )
  await toldToEnd()
  stopReloading()
  await source.stop()
  await server.close()
  return exitCodes.clean
}

/** An option that nothing would come of is not passed over. */
function refuseIdle(folder: string | undefined, options: ServeBundlesOptions): void {
  const building = {
    '--policy': options.policy.length > 0,
    '--name': options.name !== undefined,
    '--watch': options.watch === true,
    '--form': options.form !== undefined,
    '--sequence': options.sequence !== undefined,
    '--signing-key': options.signingKey !== undefined,
    '--parameters': options.parameters !== undefined,
  }
  const idle = Object.entries(building).find(([, isGiven]) => isGiven)?.[0]
  if (folder !== undefined && idle !== undefined)
    throw new UsageError(
      `\`${idle}\` says how a bundle is built, and a folder is served`,
      'leave one of them out',
    )
  if (folder === undefined && options.verificationKey !== undefined)
    throw new UsageError(
      '`--verification-key` is for the bundles of a folder',
      'name a folder, or leave it out',
    )
  if (options.watch === true && options.sequence !== undefined)
    throw new UsageError(
      'with --watch, each bundle that is built has another content, and --sequence would number all of them the same',
      'leave one of them out',
    )
  const isLoopback =
    options.host === 'localhost' ||
    options.host === '::1' ||
    (isIP(options.host) === 4 && options.host.startsWith('127.'))
  if (!isLoopback && options.tlsCert === undefined && options.plainHttp !== true)
    throw new UsageError(
      `\`${options.host}\` is reached by other machines, and plain HTTP shows them tokens and bundles`,
      'give --tls-cert and --tls-key, or say --plain-http where something in front speaks TLS',
    )
  if (
    !isLoopback &&
    options.reports !== undefined &&
    options.tokens === undefined &&
    options.clientCa === undefined
  )
    throw new UsageError('everyone could post reports', 'give --tokens or --client-ca')
  refuseHalfCertificates(options)
}

function revisionsIn(file: string): Readonly<Record<string, string>> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ENOENT') return {}
    throw new UsageError(
      `\`${file}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  try {
    const value = JSON.parse(text) as unknown
    if (
      typeof value === 'object' &&
      value !== null &&
      Object.values(value).every((each) => typeof each === 'string')
    )
      return value as Readonly<Record<string, string>>
  } catch {
    // said below
  }
  throw new UsageError(`\`${file}\` holds no revisions by the names of bundles`, 'name another file')
}

/** What is read from files that may change while the server runs. */
interface Secrets {
  readonly access?: Access
  readonly certificates?: Certificates
}

const secretsOf = ({ tokens, ...options }: ServeBundlesOptions): WatchedFiles<Secrets> =>
  watchedFiles([tokens, ...certificateFiles(options)], (text) => {
    const certificates = certificatesIn(options, text)
    return {
      ...(tokens !== undefined && { access: tokenAccess(text(tokens)) }),
      ...(certificates !== undefined && { certificates }),
    }
  })

/** The bundle of the configuration, and with `--watch` each that its files come to later. */
async function builtSource(
  shelf: BundleShelf,
  options: ServeBundlesOptions,
  report: (event: ServerEvent) => void,
): Promise<{ stop(): Promise<void> }> {
  const { name = 'policies' } = options
  if (!isBundleName(name))
    throw new UsageError(`\`${name}\` is no name of a bundle`, 'take letters, digits, `.`, `_` and `-`')
  const put = async (bytes: Uint8Array): Promise<void> => {
    const isNew = await shelf.put(name, bytes)
    const shelved = shelf.take(name)
    if (isNew && shelved !== undefined)
      report({ event: 'bundle-served', bundle: name, revision: shelved.revision, digest: shelved.digest })
  }
  await put(await bundleOf(options))
  if (options.watch !== true) return { stop: async () => {} }
  return rebuildOnChange(options, put, (reason) => report({ event: 'bundle-refused', bundle: name, reason }))
}
