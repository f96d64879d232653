import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Api, apiPath, type Connection } from './rig/api.js'

/** An AdmissionReview as an API server sends it. */
export interface AdmissionReview {
  readonly kind: 'AdmissionReview'
  readonly apiVersion: string
  readonly request: {
    readonly uid: string
    readonly operation: string
    readonly kind: { readonly group: string; readonly version: string; readonly kind: string }
    readonly subResource?: string
    readonly name?: string
    readonly dryRun?: boolean
    readonly object: unknown
    readonly oldObject: unknown
  }
}

const configurations = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
}

/** A webhook that allows everything and keeps what it is asked, of all operations on all resources of one namespace. */
export class RecordingWebhook {
  readonly #name = 'recording.test.gatewright.dev'
  readonly #reviews: AdmissionReview[] = []
  readonly #api: Api
  readonly #server: Server

  constructor(api: Api, { keys }: Pick<Connection, 'keys'>) {
    this.#api = api
    const [key, cert] = [readFileSync(join(keys, 'tls.key')), readFileSync(join(keys, 'tls.crt'))]
    this.#server = createServer({ key, cert }, (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const review = JSON.parse(Buffer.concat(parts).toString('utf8')) as AdmissionReview
        this.#reviews.push(review)
        const { uid } = review.request
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ ...review, request: undefined, response: { uid, allowed: true } }))
      })
    })
  }

  async start(namespace: string, { keys }: Pick<Connection, 'keys'>): Promise<void> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening))
    const { port } = this.#server.address() as AddressInfo
    await this.#api.apply(apiPath(configurations, undefined, this.#name), {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: this.#name },
      webhooks: [
        {
          name: this.#name,
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          matchPolicy: 'Exact',
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          rules: [
            {
              apiGroups: ['*'],
              apiVersions: ['*'],
              operations: ['*'],
              resources: ['*/*'],
              scope: 'Namespaced',
            },
          ],
          clientConfig: {
            url: `https://127.0.0.1:${port}/`,
            caBundle: readFileSync(join(keys, 'ca.crt')).toString('base64'),
          },
        },
      ],
    })
  }

  /** What it was asked since the last time. */
  taken(): readonly AdmissionReview[] {
    return this.#reviews.splice(0)
  }

  async stop(): Promise<void> {
    await this.#api.send('DELETE', apiPath(configurations, undefined, this.#name))
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }
}
