import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { Certificates, Listening, ListenOptions } from './listen-options.js'

const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 2_000,
}

/**
 * Listens, by HTTPS where there are certificates, and within limits of what a client may take. Rejects where it cannot.
 *
 * @param requestTimeout - how long a client may take to send a request, in milliseconds
 */
export async function listen(
  options: ListenOptions,
  listener: RequestListener,
  requestTimeout: number = 60_000,
): Promise<Listening> {
  const { host = '127.0.0.1', port = 0, certificates, connections = 1024 } = options
  const server: Server | SecureServer =
    certificates === undefined
      ? createServer({ ...limits, requestTimeout }, listener)
      : createSecureServer(
          { ...limits, requestTimeout, handshakeTimeout: 10_000, ...contextOf(certificates) },
          listener,
        )
  server.maxConnections = connections
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  const shownHost = host.includes(':') ? `[${host}]` : host
  return {
    url: `${certificates === undefined ? 'http' : 'https'}://${shownHost}:${bound}`,
    setCertificates: (given) => {
      if (!('setSecureContext' in server)) throw new Error('this server speaks plain HTTP')
      server.setSecureContext(contextOf(given))
    },
    close: async (milliseconds, whileClosing = () => {}) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      whileClosing()
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), milliseconds)
      await closed
      clearTimeout(timer)
    },
  }
}

const contextOf = ({ certificate, key, clientAuthority }: Certificates): object => ({
  cert: certificate,
  key,
  minVersion: 'TLSv1.2',
  ...(clientAuthority !== undefined && { ca: clientAuthority, requestCert: true, rejectUnauthorized: true }),
})

/** The name in the certificate of a client. */
export function clientNameOf({ socket }: IncomingMessage): string | undefined {
  if (!('getPeerCertificate' in socket)) return undefined
  const { subject } = (socket as TLSSocket).getPeerCertificate()
  const name = (subject as { readonly CN?: string | readonly string[] } | undefined)?.CN
  return typeof name === 'string' ? name : undefined
}
