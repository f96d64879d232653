import { needsOf } from '@gatewright/core'
import {
  policiesInForce,
  type PoliciesToEnforce,
  type RunningWebhook,
  type ServerEvent,
  serveWebhook as serve,
} from '@gatewright/server'
import {
  certificateFiles,
  type CertificateOptions,
  certificatesIn,
  refuseHalfCertificates,
} from '../certificate-files.js'
import { followedPolicies, type FollowOptions } from '../followed-policies.js'
import { log, toldToEnd } from '../serving.js'
import { exitCodes, UsageError } from '../usage-error.js'
import { watchedFiles } from '../watched-files.js'
import { wholeNumber } from '../whole-number.js'

export interface ServeWebhookOptions extends FollowOptions, CertificateOptions {
  readonly host: string
  readonly port: string
  readonly healthPort?: string
  readonly clientName?: string
  readonly queue?: string
}

/** Answers admission reviews until it is told to end, and gives the exit code. */
export async function serveWebhook(options: ServeWebhookOptions): Promise<number> {
  const { clientName } = options
  refuseHalfCertificates(options)
  if (options.tlsCert === undefined && options.plainHttp !== true)
    throw new UsageError(
      'an API server asks webhooks by HTTPS alone',
      'give --tls-cert and --tls-key, or say --plain-http where something in front speaks TLS',
    )
  if (clientName !== undefined && options.clientCa === undefined)
    throw new UsageError('--client-name is told by the certificate of a client', 'give --client-ca')
  const port = portOf(options.port, '--port')
  const healthPort =
    options.healthPort === undefined ? undefined : portOf(options.healthPort, '--health-port')
  const queue = wholeNumber(options.queue, '--queue')
  const files = watchedFiles(certificateFiles(options), (text) => certificatesIn(options, text))
  const certificates = files.read()
  const followed = await followedPolicies(options)
  let server: RunningWebhook
  try {
    server = await serve({
      host: options.host,
      port,
      report: log,
      ...(certificates !== undefined && { certificates }),
      ...(healthPort !== undefined && { healthPort }),
      ...(clientName !== undefined && { clientName }),
      ...(queue !== undefined && { queue }),
    })
  } catch (error) {
    throw new UsageError(
      `it cannot be served on ${options.host}:${port}: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  const put = (given: PoliciesToEnforce): void => {
    server.setPolicies(policiesInForce(given))
    log({ event: 'policies-in-force', revision: given.revision, policies: given.policies.length })
    tellUndetermined(given)
  }
  const following = await followed
    .follow(put, (reason) => log({ event: 'policies-refused', reason }))
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

/** A webhook has the object alone that it is asked about. */
function tellUndetermined({ policies }: PoliciesToEnforce): void {
  const looking = policies.filter(({ ir }) => needsOf(ir).inventory.length > 0).map(({ id }) => id)
  if (looking.length === 0) return
  const event: ServerEvent = {
    event: 'problem',
    reason: `a webhook sees no other objects, so that these are undetermined where they look for some: ${looking.join(', ')}`,
  }
  log(event)
}

function portOf(given: string, option: string): number {
  const port = wholeNumber(given, option) ?? 0
  if (port > 65_535)
    throw new UsageError(`\`${option} ${port}\` is no port`, `say ${option} 8443, for example`)
  return port
}
