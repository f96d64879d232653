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
