import { GatekeeperError } from './gatekeeper-error.js'
import { type Manifest, syncWave, syncWaves } from './manifest.js'

/** Where an external-data provider is. */
export interface ProviderOptions {
  readonly name: string
  /** Where `gatewright serve provider` answers Gatekeeper: `https://gatewright-provider.gatewright-system.svc:8443/`. */
  readonly url: string
  /** The authority of its certificate, in PEM. */
  readonly certificateAuthority: string
  /** How long Gatekeeper waits, in seconds; 3 by default, which has to be less than what the API server waits for Gatekeeper. */
  readonly timeoutSeconds?: number
}

/** A Provider of Gatekeeper. */
export interface Provider extends Manifest {
  readonly apiVersion: 'externaldata.gatekeeper.sh/v1beta1'
  readonly kind: 'Provider'
}

/** The Provider that templates ask. Throws a `GatekeeperError` for an address or an authority that Gatekeeper would refuse, or take without effect. */
export function providerOf({
  name,
  url,
  certificateAuthority,
  timeoutSeconds = 3,
}: ProviderOptions): Provider {
  if (!/^https:\/\/[^\s/?#@]+(?:[/?#]|$)/.test(url))
    throw new GatekeeperError(
      'invalid-provider',
      `\`${url}\` is no address of a provider`,
      'Gatekeeper asks providers by https:// alone',
    )
  if (!/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(certificateAuthority))
    throw new GatekeeperError(
      'invalid-provider',
      `the authority of provider \`${name}\` is no certificate in PEM`,
      'give the certificate of the authority, not its key',
    )
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > 30)
    throw new GatekeeperError(
      'invalid-provider',
      `provider \`${name}\` is waited for ${timeoutSeconds} seconds`,
      'say a whole number from 1 to 30',
    )
  return {
    apiVersion: 'externaldata.gatekeeper.sh/v1beta1',
    kind: 'Provider',
    metadata: { name, annotations: { [syncWave]: syncWaves.definitions } },
    spec: {
      url,
      timeout: timeoutSeconds,
      caBundle: Buffer.from(certificateAuthority, 'utf8').toString('base64'),
    },
  }
}
