import type { Json, Reason } from '@gatewright/core'
import { parseExact } from './wasm/exact-json.js'

/** Reads a document from its text; or says that it is no JSON. What it holds is not told: it may be a secret. */
export function readText(
  input: string | Uint8Array,
): { readonly value: Json } | { readonly problem: Reason } {
  try {
    return { value: parseExact(typeof input === 'string' ? input : decode(input)) }
  } catch {
    return { problem: { code: 'bad-input', message: 'the input is no JSON document' } }
  }
}

// a byte-order mark is no JSON, and what is no UTF-8 must not become something else
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const decode = (bytes: Uint8Array): string => decoder.decode(bytes)
