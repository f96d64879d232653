import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { TLSSocket } from 'node:tls'

/** How a server proves who it is, and who gets through to it; all in PEM. */
export interface Certificates {
  readonly certificate: string
  readonly key: string
  /** The authorities of the clients; where it is given, only clients with a certificate of theirs get through. */
  readonly clientAuthority?: string
}

export interface ListenOptions {
  /** This machine alone by default: `127.0.0.1`. */
  readonly host?: string
  /** A free one by default. */
  readonly port?: number
  readonly certificates?: Certificates
  /** The most connections at once; 1,024 by default. */
  readonly connections?: number
}

/** A server that listens. */
export interface Listening {
  /** Where it listens: `https://127.0.0.1:8181`. */
  readonly url: string
  /** Other certificates for connections from now on; those that are there go on. Throws where they are none. */
  setCertificates(certificates: Certificates): void
  /** Takes no more connections, and ends when all have their answer or the time is over, after which they are cut off. */
  close(milliseconds: number, whileClosing?: () => void): Promise<void>
}

const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 2_000,
}

/** Listens, by HTTPS where there are certificates, and within limits of what a client may take. Rejects where it cannot. */
export async function listen(options: ListenOptions, listener: RequestListener): Promise<Listening> {
  const { host = '127.0.0.1', port = 0, certificates, connections = 1024 } = options
  const server: Server | SecureServer =
    certificates === undefined
      ? createServer(limits, listener)
      : createSecureServer({ ...limits, handshakeTimeout: 10_000, ...contextOf(certificates) }, listener)
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
