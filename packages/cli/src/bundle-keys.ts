import { readFileSync } from 'node:fs'
import {
  signingAlgorithms,
  type SigningAlgorithm,
  type SigningKey,
  type Verification,
} from '@gatewright/bundle'
import { nearest } from '@gatewright/core'
import { UsageError } from './usage-error.js'

/** What the command line says of how a bundle is signed. */
export interface SigningOptions {
  /** A file in PEM or with a secret, or `env:NAME` for a variable that holds it. */
  readonly signingKey?: string
  readonly signingAlg?: string
  readonly keyId?: string
  readonly scope?: string
}

/** What it says of how a signature is checked. */
export interface VerificationOptions extends Omit<SigningOptions, 'signingKey'> {
  readonly verificationKey?: string
}

const defaultKeyId = 'default'

/** The key that a bundle is signed with; undefined where none is asked for. */
export function signingKey(options: SigningOptions): SigningKey | undefined {
  const { signingKey: named, keyId = defaultKeyId, scope } = options
  if (named === undefined) {
    refuseAlone(options, '--signing-key')
    return undefined
  }
  return {
    algorithm: algorithmOf(options.signingAlg),
    key: keyFrom(named, '--signing-key'),
    keyId,
    ...(scope !== undefined && { scope }),
  }
}

/** What a signature is checked with; undefined where that is not asked for. */
export function verificationOf(options: VerificationOptions): Verification | undefined {
  const { verificationKey: named, keyId, scope } = options
  if (named === undefined) {
    refuseAlone(options, '--verification-key')
    return undefined
  }
  const id = keyId ?? defaultKeyId
  return {
    keys: { [id]: { algorithm: algorithmOf(options.signingAlg), key: keyFrom(named, '--verification-key') } },
    keyId: id,
    ...(scope !== undefined && { scope }),
  }
}

/** An option about a key that is not there would be passed over. */
function refuseAlone({ signingAlg, keyId, scope }: SigningOptions, key: string): void {
  const given = Object.entries({ '--signing-alg': signingAlg, '--key-id': keyId, '--scope': scope })
  const alone = given.find(([, value]) => value !== undefined)?.[0]
  if (alone !== undefined)
    throw new UsageError(`\`${alone}\` says something of a key, and there is none`, `give ${key}`)
}

function algorithmOf(named = 'RS256'): SigningAlgorithm {
  const found = signingAlgorithms.find((each) => each === named)
  if (found !== undefined) return found
  const near = nearest(named, signingAlgorithms)
  throw new UsageError(
    `there is no algorithm \`${named}\``,
    near === undefined ? `there are ${signingAlgorithms.join(', ')}` : `did you mean \`${near}\`?`,
  )
}

function keyFrom(named: string, option: string): string {
  if (named.startsWith('env:')) {
    const value = process.env[named.slice('env:'.length)]
    if (value !== undefined && value !== '') return value
    throw new UsageError(`\`${option}\`: the variable \`${named.slice('env:'.length)}\` is not set`)
  }
  try {
    const text = readFileSync(named, 'utf8')
    // a secret in a file ends with its line
    return text.includes('-----BEGIN') ? text : text.replace(/\r?\n$/, '')
  } catch (error) {
    throw new UsageError(
      `\`${option}\`: \`${named}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'give a file, or env:NAME for a variable that holds the key',
    )
  }
}
