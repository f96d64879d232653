import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { compareText, isObject, type Json } from '@gatewright/core'
import { CompactSign, compactVerify, errors } from 'jose'
import type { Files } from './archive.js'
import { BundleError } from './bundle-error.js'
import { canonicalJson } from './canonical-json.js'
import { manifestPath, parsed } from './manifest.js'

/** How bundles are signed: the algorithms of JSON Web Signatures that OPA takes. */
export const signingAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'HS256',
  'HS384',
  'HS512',
] as const

export type SigningAlgorithm = (typeof signingAlgorithms)[number]

/** What a bundle is signed with. */
export interface SigningKey {
  readonly algorithm: SigningAlgorithm
  /** A private key in PEM, or a shared secret for `HS…`. */
  readonly key: string
  /** The id by which a reader finds the key that belongs to it. */
  readonly keyId: string
  /** What the signature is good for; a reader who asks for a scope takes no other. */
  readonly scope?: string
}

/** What a signature is checked with. The algorithm is the key's, never what the signature says of itself. */
export interface VerificationKey {
  readonly algorithm: SigningAlgorithm
  /** A public key or a certificate in PEM, or a shared secret for `HS…`. */
  readonly key: string
  readonly scope?: string
}

export interface Verification {
  readonly keys: Readonly<Record<string, VerificationKey>>
  /** The only key that is taken; without it, the one that the signature names. */
  readonly keyId?: string
  /** The scope that the signature has to have, before that of the key. */
  readonly scope?: string
}

/** Who signed a bundle. */
export interface Signer {
  readonly keyId: string
  readonly algorithm: SigningAlgorithm
  readonly scope?: string
}

export const signaturesPath = '.signatures.json'

/** The signatures file over all files of a bundle. The bytes are the same each time for all algorithms but `ES…` and `PS…`. */
export async function sign(files: Files, { algorithm, key, keyId, scope }: SigningKey): Promise<string> {
  if (keyId === '') throw new BundleError('a signature names its key: `keyId` is empty')
  const hashes = [...files]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([name, bytes]) => ({ name, hash: digestOf(name, bytes, 'sha256'), algorithm: 'SHA-256' }))
  const payload = { files: hashes, ...(scope !== undefined && { scope }), keyid: keyId }
  const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: algorithm, kid: keyId, typ: 'JWT' })
    .sign(keyOf(algorithm, key, 'private'))
    .catch((error: unknown) => {
      throw new BundleError(`it cannot be signed with ${algorithm}: ${messageOf(error)}`)
    })
  return `${JSON.stringify({ signatures: [token] })}\n`
}

/**
 * Checks that a bundle's signature is of a known key and covers exactly its files. Throws a `BundleError` for everything else: no
 * signature or several, another algorithm than the key's, another scope, a file that is changed, added or gone. Source: OPA,
 * `v1/bundle/verify.go`.
 */
export async function verify(
  files: Files,
  signatures: string | undefined,
  verification: Verification,
): Promise<Signer> {
  if (signatures === undefined) throw new BundleError('the bundle is not signed', signaturesPath)
  const { signatures: tokens, plugin } = parsed(signatures, signaturesPath)
  if (plugin !== undefined && plugin !== '_default')
    throw new BundleError(
      `it is signed by the plugin ${JSON.stringify(plugin)}, which is not known`,
      signaturesPath,
    )
  const [token, ...more] = Array.isArray(tokens) ? (tokens as readonly Json[]) : []
  if (typeof token !== 'string' || more.length > 0)
    throw new BundleError('there has to be exactly one signature', signaturesPath)
  const claimed = claimedKey(token)
  const keyId = verification.keyId ?? claimed
  if (keyId === undefined) throw new BundleError('the signature does not name its key', signaturesPath)
  const found = Object.hasOwn(verification.keys, keyId) ? verification.keys[keyId] : undefined
  if (found === undefined) throw new BundleError(`the key \`${keyId}\` is not known`, signaturesPath)
  const payload = await verified(token, found)
  const scope = verification.scope ?? found.scope ?? ''
  const signedScope = payload['scope'] ?? ''
  if (signedScope !== scope)
    throw new BundleError(
      `it is signed for ${scopeText(signedScope)}, not for ${scopeText(scope)}`,
      signaturesPath,
    )
  compareFiles(files, payload['files'])
  return { keyId, algorithm: found.algorithm, ...(scope !== '' && { scope }) }
}

/** The key that a token names, in its header or, as older ones do, in its claims. */
function claimedKey(token: string): string | undefined {
  const [header = '', payload = ''] = token.split('.')
  for (const [part, name] of [
    [header, 'kid'],
    [payload, 'keyid'],
  ] as const) {
    const id = parsed(Buffer.from(part, 'base64url').toString(), signaturesPath)[name]
    if (typeof id === 'string' && id !== '') return id
  }
  return undefined
}

async function verified(
  token: string,
  { algorithm, key }: VerificationKey,
): Promise<Readonly<Record<string, Json>>> {
  const publicKey = keyOf(algorithm, key, 'public')
  try {
    const { payload } = await compactVerify(token, publicKey, { algorithms: [algorithm] })
    return parsed(new TextDecoder('utf-8', { fatal: true }).decode(payload), signaturesPath)
  } catch (error) {
    if (error instanceof BundleError) throw error
    const why =
      error instanceof errors.JOSEAlgNotAllowed
        ? `it is not signed with ${algorithm}, which the key is for`
        : error instanceof errors.JWSSignatureVerificationFailed
          ? 'it is not signed with this key, or was changed afterwards'
          : messageOf(error)
    throw new BundleError(`the signature does not hold: ${why}`, signaturesPath)
  }
}

const hashes: Readonly<Record<string, string>> = {
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  'SHA-512-224': 'sha512-224',
  'SHA-512-256': 'sha512-256',
}

function compareFiles(files: Files, signed: Json | undefined): void {
  const left = new Set(files.keys())
  if (!Array.isArray(signed)) throw new BundleError('the signature lists no files', signaturesPath)
  for (const each of signed as readonly Json[]) {
    const { name, hash, algorithm } = isObject(each) ? each : {}
    if (typeof name !== 'string' || typeof hash !== 'string' || typeof algorithm !== 'string')
      throw new BundleError('the signature lists a file without its name, hash and algorithm', signaturesPath)
    const bytes = files.get(name)
    if (bytes === undefined) throw new BundleError('it is signed, and is not there', name)
    if (!left.delete(name)) throw new BundleError('it is signed twice', name)
    const hashed = Object.hasOwn(hashes, algorithm) ? hashes[algorithm] : undefined
    if (hashed === undefined)
      throw new BundleError(`it is signed by its ${algorithm}, which proves nothing`, name)
    if (digestOf(name, bytes, hashed) !== hash.toLowerCase())
      throw new BundleError('it is not what was signed', name)
  }
  const [unsigned] = left
  if (unsigned !== undefined) throw new BundleError('it is there, and is not signed', unsigned)
}

/** The digest of a file as OPA takes it: of JSON, that of its meaning. */
function digestOf(name: string, bytes: Uint8Array, algorithm: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1)
  if (base === 'data.yaml' || base === 'data.yml')
    throw new BundleError('data in YAML cannot be verified: OPA signs what its reader makes of it', name)
  const isJson = base === 'data.json' || base === manifestPath
  return createHash(algorithm)
    .update(isJson ? canonicalJson(textOf(bytes, name), name) : bytes)
    .digest('hex')
}

/** A file as text, which it has to be. */
export function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new BundleError('it is not in UTF-8', file)
  }
}

function keyOf(algorithm: SigningAlgorithm, key: string, kind: 'private' | 'public'): KeyObject | Uint8Array {
  if (!(signingAlgorithms as readonly string[]).includes(algorithm))
    throw new BundleError(`\`${algorithm}\` is no algorithm; there are ${signingAlgorithms.join(', ')}`)
  if (algorithm.startsWith('HS')) {
    // a public key is no secret: whoever has it could sign
    if (key.includes('-----BEGIN'))
      throw new BundleError(`${algorithm} takes a shared secret, and this is a key in PEM`)
    if (key === '') throw new BundleError(`${algorithm} takes a shared secret, and this one is empty`)
    return new TextEncoder().encode(key)
  }
  const read = readKey(algorithm, key, kind)
  const wanted = algorithm === 'EdDSA' ? 'ed' : algorithm.startsWith('ES') ? 'ec' : 'rsa'
  const found = read.asymmetricKeyType ?? 'other'
  if (!found.startsWith(wanted)) {
    const name = { ed: 'an Ed25519', ec: 'an elliptic-curve', rsa: 'an RSA' }[wanted]
    throw new BundleError(`${algorithm} takes ${name} key, and this is one of the kind \`${found}\``)
  }
  return read
}

function readKey(algorithm: SigningAlgorithm, key: string, kind: 'private' | 'public'): KeyObject {
  try {
    if (kind === 'private') return createPrivateKey(key)
    return key.includes('BEGIN CERTIFICATE') ? new X509Certificate(key).publicKey : createPublicKey(key)
  } catch (error) {
    throw new BundleError(`${algorithm} takes a ${kind} key in PEM, and this is none: ${messageOf(error)}`)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const scopeText = (scope: unknown): string =>
  scope === '' ? 'no scope' : `the scope ${JSON.stringify(scope)}`
