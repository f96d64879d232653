import {
  encodeIr,
  isNumber,
  type Json,
  type JsonNumber,
  needsOf,
  numberText,
  type PolicyIr,
} from '@gatewright/core'
import { digestOf } from '../digest.js'
import { Bytes, Reader, sections } from './binary.js'

/** What a module says of itself, in a section that engines skip. */
export interface WasmDescription {
  readonly format: typeof descriptionFormat
  readonly policies: readonly WasmPolicyDescription[]
}

export interface WasmPolicyDescription {
  readonly id: string
  readonly title: string
  readonly severity: string
  /** By which hosts ask for its decision. */
  readonly entryPoint: string
  /** The number of its function in the module. */
  readonly function: number
  /** SHA-256 of what the policy means, wherever its source lies. */
  readonly digest: string
  /** The inputs that it reads. */
  readonly inputs: readonly string[]
  /** The resources that it looks up among the other objects. */
  readonly inventory: readonly { readonly group: string; readonly version: string; readonly kind: string }[]
}

export const descriptionFormat = 'gatewright.wasm/1'
const sectionName = 'gatewright'

export function describePolicy(ir: PolicyIr, entryPoint: string, index: number): WasmPolicyDescription {
  const { inputs, inventory } = needsOf(ir)
  const { id, title, severity } = ir
  return { id, title, severity, entryPoint, function: index, digest: policyDigest(ir), inputs, inventory }
}

/** The SHA-256 of what a policy means. */
function policyDigest(ir: PolicyIr): string {
  return digestOf(JSON.stringify(withoutSources(encodeIr(ir)), (_, each: unknown) => exactly(each)))
}

/** A number that JavaScript's own JSON cannot write, as an object with its digits. */
const exactly = (value: unknown): unknown =>
  typeof value !== 'number' && isNumber(value as Json) ? { $number: numberText(value as JsonNumber) } : value

/** An encoded policy without where its parts were written. */
function withoutSources(encoded: Json): Json {
  const policy = encoded as { readonly [key: string]: Json }
  const without = (each: Json): Json => {
    const { source: _, rules, ...others } = each as { readonly [key: string]: Json }
    return { ...others, ...(Array.isArray(rules) ? { rules: rules.map(without) } : {}) }
  }
  return {
    ...policy,
    nodes: (policy['nodes'] as readonly Json[]).map(without),
    rules: (policy['rules'] as readonly Json[]).map(without),
  }
}

export function descriptionSection(policies: readonly WasmPolicyDescription[]): Uint8Array {
  const description: WasmDescription = { format: descriptionFormat, policies }
  return customSection(sectionName, new TextEncoder().encode(JSON.stringify(description)))
}

/** A section that engines skip. */
export function customSection(name: string, content: Uint8Array): Uint8Array {
  return new Bytes().byte(sections.custom).sized(new Bytes().text(name).append(content).toBytes()).toBytes()
}

/** What a module of ours says of itself; undefined for bytes that are none. */
export function describeModule(bytes: Uint8Array): WasmDescription | undefined {
  try {
    const reader = new Reader(bytes)
    if (new TextDecoder('latin1').decode(reader.take(4)) !== '\0asm') return undefined
    reader.take(4)
    while (reader.at < bytes.length) {
      const id = reader.byte()
      const content = new Reader(reader.take(reader.unsigned()))
      if (id !== sections.custom || content.text() !== sectionName) continue
      const text = new TextDecoder('utf-8', { fatal: true }).decode(content.bytes.subarray(content.at))
      const description = JSON.parse(text) as WasmDescription
      return description.format === descriptionFormat ? description : undefined
    }
  } catch {
    // bytes that end too early, or hold no JSON there, are no module of ours
  }
  return undefined
}
