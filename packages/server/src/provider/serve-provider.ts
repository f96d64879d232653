import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Policy } from '@gatewright/core'
import { healthOf, type HealthOptions } from '../health.js'
import type { Certificates, ListenOptions } from '../listen-options.js'
import { clientNameOf, listen } from '../listening.js'
import { metrics } from '../metrics.js'
import { BodyRoom, readBody } from '../request-body.js'
import type { ServerEvent } from '../server-event.js'
import { workQueue } from '../work-queue.js'
import { type ProviderAnswer, type ProviderJudge, providerJudge } from './provider-judge.js'
import {
  answerProvider,
  providerFailure,
  type ProviderLimits,
  type ProviderResponse,
} from './provider-request.js'

export interface ProviderServerOptions extends ListenOptions, HealthOptions, ProviderLimits {
  /** The policies at the start; without them the provider is not ready, and every answer is an error. */
  readonly policies?: { readonly policies: readonly Policy[]; readonly revision: string }
  /** The name in the certificate of clients, where only one of those that the authority vouches for may ask. */
  readonly clientName?: string
  /** The most requests that wait; 256 by default. */
  readonly queue?: number
  /** The longest that a request may wait, in milliseconds; 2,500 by default, since Gatekeeper gives up after 3 seconds. */
  readonly deadline?: number
  /** The most bytes of a body; 8 MiB by default. */
  readonly bodyBytes?: number
  /** The most bytes of all bodies that are there at once; 64 MiB by default. */
  readonly allBodyBytes?: number
  readonly report?: (event: ServerEvent) => void
}

/** A provider that runs. */
export interface RunningProvider {
  readonly url: string
  /** Where health and metrics are told. */
  readonly healthUrl?: string
  /** Judges by other policies, from the next request on. */
  setPolicies(policies: { readonly policies: readonly Policy[]; readonly revision: string }): void
  /** Other certificates for connections from now on; those that are there go on. Throws where they are none. */
  setCertificates(certificates: Certificates): void
  /** Takes no more connections, and ends when all have their answer or the time is over. */
  close(milliseconds?: number): Promise<void>
}

const help = {
  gatewright_provider_requests_total: 'Requests of Gatekeeper, by outcome.',
  gatewright_provider_answers_total: 'Answers to keys, by policy and verdict.',
  gatewright_provider_duration_seconds: 'From the last byte of a request to its answer.',
  gatewright_provider_waiting: 'Requests that wait.',
  gatewright_policies: 'Policies that it judges by, with their revision.',
} as const

/** Answers Gatekeeper's templates as an external-data provider. It asks nobody. Resolves when it listens. */
export async function serveProvider(options: ProviderServerOptions): Promise<RunningProvider> {
  const {
    queue: most = 256,
    deadline = 2_500,
    bodyBytes = 8 * 1024 * 1024,
    allBodyBytes = 64 * 1024 * 1024,
    clientName,
    keys,
    report = () => {},
  } = options
  const room = new BodyRoom(allBodyBytes)
  let judge: ProviderJudge | undefined
  let isDraining = false
  const queue = workQueue(most)
  const numbers = metrics(help)
  const setPolicies: RunningProvider['setPolicies'] = ({ policies, revision }) => {
    judge = providerJudge(policies)
    numbers.set('gatewright_policies', policies.length, { revision })
  }
  if (options.policies !== undefined) setPolicies(options.policies)
  const tell = (answer: ProviderAnswer): void =>
    numbers.count(
      'gatewright_provider_answers_total',
      'problem' in answer ? { verdict: 'none' } : { policy: answer.policy, verdict: answer.verdict },
    )

  const listener: RequestListener = (request, response) => {
    response.setTimeout(60_000, () => request.socket.destroy())
    answer(request, response).catch((error: unknown) => {
      if (!request.complete) return void request.socket.destroy()
      report({ event: 'problem', reason: error instanceof Error ? error.message : String(error) })
      if (!response.headersSent) response.writeHead(500).end()
      else response.destroy()
    })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: ProviderResponse): void => {
      const { systemError } = body.response
      numbers.count('gatewright_provider_requests_total', { outcome: String(status) })
      if (systemError !== '') report({ event: 'problem', reason: systemError })
      const text = JSON.stringify(body)
      response
        .writeHead(status, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          // what is still on its way is not read
          ...((isDraining || !request.complete) && { connection: 'close' }),
        })
        .end(text)
    }
    const refuse = (status: number, reason: string): void => send(status, providerFailure(reason))
    if (clientName !== undefined && clientNameOf(request) !== clientName)
      return refuse(401, 'the certificate of the client is of another name')
    if (request.method !== 'POST') return refuse(405, 'keys are posted')
    const body = await readBody(request, bodyBytes, room)
    if (body === 'too-large') return refuse(413, `the body is larger than ${bodyBytes} bytes`)
    if (body === 'no-room') return refuse(503, 'too many bytes wait')
    const from = performance.now()
    const result = await queue
      .run(() => answerBody(body), from + deadline)
      .finally(() => room.giveBack(body.length))
    if (result === 'full') return refuse(503, 'too many requests wait')
    if (result === 'late') return refuse(504, 'it could not be judged in time')
    numbers.observe('gatewright_provider_duration_seconds', (performance.now() - from) / 1000)
    send(200, result)
  }

  function answerBody(body: Buffer): ProviderResponse {
    if (judge === undefined) return providerFailure('there are no policies yet')
    // bytes that stand for nothing must not become others that are judged
    if (!isUtf8(body)) return providerFailure('the request is not UTF-8')
    return answerProvider(body.toString('utf8'), judge, keys === undefined ? {} : { keys }, tell)
  }

  // Gatekeeper waits a few seconds; who sends for longer takes a connection from it
  const listening = await listen(options, listener, 30_000)
  const health = await healthOf(options, listening, () => {
    numbers.set('gatewright_provider_waiting', queue.waiting())
    const missing = isDraining ? 'it ends' : judge === undefined ? 'there are no policies' : undefined
    return { numbers: numbers.text(), ...(missing !== undefined && { missing }) }
  })
  return {
    url: listening.url,
    ...(health !== undefined && { healthUrl: health.url }),
    setPolicies,
    setCertificates: (given) => listening.setCertificates(given),
    close: async (milliseconds = 10_000) => {
      isDraining = true
      await listening.close(milliseconds)
      await health?.close(0)
    },
  }
}
