import { canonicalText, encodeIr, type PolicyIr, withoutSources } from '@gatewright/core'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** The SHA-256 of a text in UTF-8, in hex. */
export function digestOf(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}

/** The SHA-256 of what a policy means. */
export function policyDigest(ir: PolicyIr): string {
  return digestOf(canonicalText(withoutSources(encodeIr(ir))))
}
