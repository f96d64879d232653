import { needsOf } from '@gatewright/core'
import type {
  Certificates,
  HealthOptions,
  ListenOptions,
  PoliciesToEnforce,
  ServerEvent,
} from '@gatewright/server'
import {
  certificateFiles,
  type CertificateOptions,
  certificatesIn,
  refuseHalfCertificates,
} from './certificate-files.js'
import { followedPolicies, type FollowOptions } from './followed-policies.js'
import { log, toldToEnd } from './serving.js'
import { exitCodes, UsageError } from './usage-error.js'
import { watchedFiles } from './watched-files.js'
import { wholeNumber } from './whole-number.js'

/** What a server that judges by policies is told on the command line. */
export interface ServePoliciesOptions extends FollowOptions, CertificateOptions {
  readonly host: string
  readonly port: string
  readonly healthPort?: string
  readonly clientName?: string
  readonly queue?: string
}

/** A server as the command runs it. */
export interface PolicyServer {
  readonly url: string
  readonly healthUrl?: string
  /** Judges by these from now on. Throws where they cannot be judged by; then those before stay. */
  setPolicies(policies: PoliciesToEnforce): void
  setCertificates(certificates: Certificates): void
  close(milliseconds?: number): Promise<void>
}

/** How a server begins. */
export interface StartOptions extends ListenOptions, HealthOptions {
  readonly clientName?: string
  readonly queue?: number
  readonly report: (event: ServerEvent) => void
}

/** Runs a server with the policies that it follows until it is told to end, and gives the exit code. */
export async function servePolicies(
  options: ServePoliciesOptions,
  start: (options: StartOptions) => Promise<PolicyServer>,
): Promise<number> {
  refuse(options)
  const { host, clientName } = options
  const port = portOf(options.port, '--port')
  const healthPort =
    options.healthPort === undefined ? undefined : portOf(options.healthPort, '--health-port')
  const queue = wholeNumber(options.queue, '--queue')
  const files = watchedFiles(certificateFiles(options), (text) => certificatesIn(options, text))
  const certificates = files.read()
  const followed = await followedPolicies(options)
  const server = await start({
    host,
    port,
    report: log,
    ...(certificates !== undefined && { certificates }),
    ...(healthPort !== undefined && { healthPort }),
    ...(clientName !== undefined && { clientName }),
    ...(queue !== undefined && { queue }),
  }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`it cannot be served on ${host}:${port}: ${why}`)
  })
  const following = await followed
    .follow(
      (given) => {
        server.setPolicies(given)
        log({ event: 'policies-in-force', revision: given.revision, policies: given.policies.length })
        tellUndetermined(given)
      },
      (reason) => log({ event: 'policies-refused', reason }),
    )
    .catch(async (error: unknown) => {
      await server.close(0)
      throw error instanceof TypeError ? new UsageError(error.message) : error
    })
  process.stdout.write(`${server.url}\n${server.healthUrl === undefined ? '' : `${server.healthUrl}\n`}`)
  const stopReloading = files.reload(
    (changed) => {
      if (changed !== undefined) server.setCertificates(changed)
    },
    (why) => log({ event: 'problem', reason: `the certificates stay as they were: ${why}` }),
  )
  await toldToEnd()
  stopReloading()
  following.stop()
  await server.close()
  return exitCodes.clean
}

function refuse(options: ServePoliciesOptions): void {
  refuseHalfCertificates(options)
  if (options.tlsCert === undefined && options.plainHttp !== true)
    throw new UsageError(
      'it is asked by HTTPS alone',
      'give --tls-cert and --tls-key, or say --plain-http where something in front speaks TLS',
    )
  if (options.clientName !== undefined && options.clientCa === undefined)
    throw new UsageError('--client-name is told by the certificate of a client', 'give --client-ca')
}

/** A server has the object alone that it is asked about. */
function tellUndetermined({ policies }: PoliciesToEnforce): void {
  const looking = policies.filter(({ ir }) => needsOf(ir).inventory.length > 0).map(({ id }) => id)
  if (looking.length === 0) return
  log({
    event: 'problem',
    reason: `no other objects are seen here, so that these are undetermined where they look for some: ${looking.join(', ')}`,
  })
}

function portOf(given: string, option: string): number {
  const port = wholeNumber(given, option) ?? 0
  if (port > 65_535)
    throw new UsageError(`\`${option} ${port}\` is no port`, `say ${option} 8443, for example`)
  return port
}
