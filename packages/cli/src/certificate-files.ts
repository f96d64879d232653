import type { Certificates } from '@gatewright/server'
import { UsageError } from './usage-error.js'

/** The files that a server proves with who it is, and who gets through to it. */
export interface CertificateOptions {
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly clientCa?: string
}

export const certificateFiles = ({
  tlsCert,
  tlsKey,
  clientCa,
}: CertificateOptions): readonly (string | undefined)[] => [tlsCert, tlsKey, clientCa]

/** The certificates of these files; undefined where none are named. */
export function certificatesIn(
  { tlsCert, tlsKey, clientCa }: CertificateOptions,
  text: (file: string) => string,
): Certificates | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  return {
    certificate: text(tlsCert),
    key: text(tlsKey),
    ...(clientCa !== undefined && { clientAuthority: text(clientCa) }),
  }
}

export function refuseHalfCertificates({ tlsCert, tlsKey, clientCa }: CertificateOptions): void {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new UsageError('--tls-cert and --tls-key belong together')
  if (clientCa !== undefined && tlsCert === undefined)
    throw new UsageError('--client-ca needs --tls-cert and --tls-key')
}
