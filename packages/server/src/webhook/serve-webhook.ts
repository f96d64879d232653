import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Evaluation } from '@gatewright/evaluator'
import { healthOf, type HealthOptions } from '../health.js'
import type { Certificates, ListenOptions } from '../listen-options.js'
import { clientNameOf, listen } from '../listening.js'
import { metrics } from '../metrics.js'
import { BodyRoom, readBody } from '../request-body.js'
import type { ServerEvent } from '../server-event.js'
import { workQueue } from '../work-queue.js'
import { type AdmissionReview, readAdmissionReview } from './admission-review.js'
import { type AdmissionResponse, admissionResponse, effectOf, refusal } from './admission-response.js'
import { mutationOf } from './mutation.js'
import type { PoliciesInForce } from './policies-in-force.js'

export interface WebhookOptions extends ListenOptions, HealthOptions {
  /** What is in force at the start; without it the webhook is not ready, and refuses. */
  readonly policies?: PoliciesInForce
  /** The name in the certificate of clients, where only one of those that the authority vouches for may ask. */
  readonly clientName?: string
  /** The most requests that wait; 256 by default. */
  readonly queue?: number
  /** The longest that a request may wait, in milliseconds, where the API server does not say how long it waits; 9,000 by default. */
  readonly deadline?: number
  /** The most bytes of a body; 8 MiB by default, which is above what an API server takes. */
  readonly bodyBytes?: number
  /** The most bytes of all bodies that are there at once; 64 MiB by default. */
  readonly allBodyBytes?: number
  readonly report?: (event: ServerEvent) => void
}

/** A webhook that runs. */
export interface RunningWebhook {
  /** Where it listens: `https://127.0.0.1:8443`. */
  readonly url: string
  /** Where health and metrics are told. */
  readonly healthUrl?: string
  /** Puts other policies in force, from the next request on. */
  setPolicies(policies: PoliciesInForce): void
  /** Other certificates for connections from now on; those that are there go on. Throws where they are none. */
  setCertificates(certificates: Certificates): void
  /** Takes no more connections, and ends when all have their answer or the time is over. */
  close(milliseconds?: number): Promise<void>
}

const help = {
  gatewright_admission_requests_total: 'Requests, by path, operation and outcome.',
  gatewright_admission_verdicts_total:
    'Verdicts that are no plain pass, by policy, verdict and what is done about it.',
  gatewright_admission_duration_seconds: 'From the last byte of a request to its answer.',
  gatewright_admission_waiting: 'Requests that wait.',
  gatewright_policies: 'Policies in force, with their revision.',
  gatewright_reloads_total: 'Times that other policies were put in force.',
} as const

/**
 * Answers the admission reviews of an API server: `/validate` denies and warns, `/mutate` mends what policies with a `fix` deny. What
 * cannot be judged is refused. Resolves when it listens.
 */
export async function serveWebhook(options: WebhookOptions): Promise<RunningWebhook> {
  const {
    queue: most = 256,
    deadline = 9_000,
    bodyBytes = 8 * 1024 * 1024,
    allBodyBytes = 64 * 1024 * 1024,
    clientName,
    report = () => {},
  } = options
  const room = new BodyRoom(allBodyBytes)
  let inForce = options.policies
  let isDraining = false
  const queue = workQueue(most)
  const numbers = metrics(help)
  const tellPolicies = (): void => {
    if (inForce === undefined) return
    numbers.set('gatewright_policies', inForce.evaluator.policies.length, { revision: inForce.revision })
  }
  tellPolicies()

  const listener: RequestListener = (request, response) => {
    response.setTimeout(60_000, () => request.socket.destroy())
    answer(request, response).catch((error: unknown) => {
      // who hung up is not answered, and is no problem of ours
      if (!request.complete) return void request.socket.destroy()
      report({ event: 'problem', reason: error instanceof Error ? error.message : String(error) })
      if (!response.headersSent) response.writeHead(500).end()
      else response.destroy()
    })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [asked, query] = (request.url ?? '').split('?', 2)
    const path = paths.find((each) => each === asked)
    const refuse = (status: number, reason: string): void => {
      numbers.count('gatewright_admission_requests_total', { path: path ?? 'other', outcome: String(status) })
      response
        .writeHead(status, {
          'content-type': 'text/plain',
          // what is still on its way is not read; who is there in whole may ask again without another handshake
          ...((isDraining || !request.complete) && { connection: 'close' }),
        })
        .end(`${reason}\n`)
    }
    if (clientName !== undefined && clientNameOf(request) !== clientName)
      return refuse(401, 'the certificate of the client is of another name')
    if (path === undefined) return refuse(404, 'there are /validate and /mutate')
    if (request.method !== 'POST') return refuse(405, 'reviews are posted')
    const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers
    if (!/^application\/json\s*(?:;|$)/i.test(type)) return refuse(415, 'the body has to be application/json')
    if (encoding !== 'identity') return refuse(415, 'the body has to be sent as it is')
    const body = await readBody(request, bodyBytes, room)
    if (body === 'too-large') return refuse(413, `the body is larger than ${bodyBytes} bytes`)
    if (body === 'no-room') return refuse(503, 'too many bytes wait')
    try {
      const until = performance.now() + timeOf(new URLSearchParams(query).get('timeout'), deadline)
      await answerBody(path, body, until, refuse, response)
    } finally {
      room.giveBack(body.length)
    }
  }

  async function answerBody(
    path: Path,
    body: Buffer,
    until: number,
    refuse: (status: number, reason: string) => void,
    response: ServerResponse,
  ): Promise<void> {
    const from = performance.now()
    // who is not judged anyway is not read either
    if (queue.waiting() >= most) return refuse(503, 'too many requests wait')
    const read = readAdmissionReview(body)
    if ('problem' in read) return refuse(400, read.problem)
    const { review } = read
    const waited = queue.run(() => judged(path, review, body), until)
    numbers.set('gatewright_admission_waiting', queue.waiting())
    const result = await waited
    if (result === 'full') return refuse(503, 'too many requests wait')
    const { uid } = review
    const given: AdmissionResponse =
      result === 'late'
        ? refusal(
            uid,
            504,
            'Timeout',
            'it could not be judged in time, since too many requests were before it',
          )
        : result
    const seconds = (performance.now() - from) / 1000
    const outcome = given.patch === undefined ? (given.allowed ? 'allowed' : 'denied') : 'patched'
    numbers.observe('gatewright_admission_duration_seconds', seconds)
    const operation = operations.find((each) => each === review.operation) ?? 'other'
    numbers.count('gatewright_admission_requests_total', { path, operation, outcome })
    report({
      event: 'admission',
      path,
      uid: shown(uid),
      about: shown(review.about),
      operation,
      outcome,
      dryRun: review.isDryRun,
      milliseconds: Math.round(seconds * 1000),
      ...(given.auditAnnotations?.['denied'] !== undefined && { denied: given.auditAnnotations['denied'] }),
    })
    const text = JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: given,
    })
    // with its length a text goes out in one piece, without it in chunks
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        // said as late as can be: who was asked before the end began must not hold it up
        ...(isDraining && { connection: 'close' }),
      })
      .end(text)
  }

  function judged(path: Path, { uid, mismatch }: AdmissionReview, body: Buffer): AdmissionResponse {
    if (inForce === undefined) return refusal(uid, 503, 'ServiceUnavailable', 'there are no policies yet')
    if (mismatch !== undefined) return refusal(uid, 400, 'BadRequest', mismatch)
    if (path === '/mutate') {
      const patch = mutationOf(body, inForce, performance.now() + longestMending)
      return {
        uid,
        allowed: true,
        ...(patch !== undefined && {
          patchType: 'JSONPatch' as const,
          patch: Buffer.from(patch, 'utf8').toString('base64'),
        }),
      }
    }
    const evaluation = inForce.evaluator.evaluateText(body)
    tellVerdicts(evaluation, inForce)
    return admissionResponse(uid, evaluation, inForce)
  }

  function tellVerdicts({ judgements }: Evaluation, by: PoliciesInForce): void {
    for (const judgement of judgements) {
      const effect = effectOf(judgement, by)
      const { policy, verdict } = judgement
      if (effect !== 'allow')
        numbers.count('gatewright_admission_verdicts_total', {
          policy: policy.id,
          verdict: verdict.verdict,
          effect,
        })
    }
  }

  const listening = await listen(options, listener, longestWait * 1_000)
  const health = await healthOf(options, listening, () => {
    numbers.set('gatewright_admission_waiting', queue.waiting())
    const missing = isDraining ? 'it ends' : inForce === undefined ? 'there are no policies' : undefined
    return { numbers: numbers.text(), ...(missing !== undefined && { missing }) }
  })
  return {
    url: listening.url,
    ...(health !== undefined && { healthUrl: health.url }),
    setPolicies: (policies) => {
      inForce = policies
      numbers.count('gatewright_reloads_total')
      tellPolicies()
    },
    setCertificates: (given) => listening.setCertificates(given),
    close: async (milliseconds = 10_000) => {
      isDraining = true
      await listening.close(milliseconds)
      await health?.close(0)
    },
  }
}

/** The longest that is told of what a request says, in units of UTF-16: who asks must not fill the log. */
const longestShown = 512
const shown = (text: string): string =>
  text.length > longestShown ? `${text.slice(0, longestShown)}…` : text

const paths = ['/validate', '/mutate'] as const
type Path = (typeof paths)[number]

/** Operations that are counted by their names: what anybody sends must not make numbers of its own. */
const operations: readonly string[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']

/** How long policies are mended one after the other, in milliseconds; what is left is for `/validate`. */
const longestMending = 1_000

/** The longest that an API server waits, in seconds. */
const longestWait = 30

/** How long the API server waits, as it says in the address: `10s`, less half a second on the way. */
function timeOf(said: string | null, otherwise: number): number {
  const seconds = Number(/^(\d{1,3})s$/.exec(said ?? '')?.[1])
  return Number.isNaN(seconds) ? otherwise : Math.max(250, Math.min(seconds, longestWait) * 1000 - 500)
}
