import { canonicalText, type Json, needsOf } from '@gatewright/core'
import { policyDigest } from '../digest.js'
import { Bytes, Reader, sections } from './binary.js'
import type { WasmPolicy } from './module.js'

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
  /** The parameters that are built in; they stand before those of a host. */
  readonly values: Readonly<Record<string, Json>>
  /** The inputs that it reads. */
  readonly inputs: readonly string[]
  /** The resources that it looks up among the other objects. */
  readonly inventory: readonly { readonly group: string; readonly version: string; readonly kind: string }[]
}

export const descriptionFormat = 'gatewright.wasm/1'
const sectionName = 'gatewright'

export function describePolicy(
  { ir, values = {} }: WasmPolicy,
  entryPoint: string,
  index: number,
): WasmPolicyDescription {
  const { inputs, inventory } = needsOf(ir)
  const { id, title, severity } = ir
  const digest = policyDigest(ir)
  return { id, title, severity, entryPoint, function: index, digest, values, inputs, inventory }
}

export function descriptionSection(policies: readonly WasmPolicyDescription[]): Uint8Array {
  const description: WasmDescription = { format: descriptionFormat, policies }
  return customSection(sectionName, new TextEncoder().encode(canonicalText(description as unknown as Json)))
}

/** A section that engines skip. */
export function customSection(name: string, content: Uint8Array): Uint8Array {
  return new Bytes().byte(sections.custom).sized(new Bytes().text(name).append(content).toBytes()).toBytes()
}

/** What a module of ours says of itself; undefined for bytes that are none, and for a module that is cut off or says it twice. */
export function describeModule(bytes: Uint8Array): WasmDescription | undefined {
  let found: WasmDescription | undefined
  try {
    const reader = new Reader(bytes)
    if (new TextDecoder('latin1').decode(reader.take(4)) !== '\0asm') return undefined
    reader.take(4)
    while (reader.at < bytes.length) {
      const id = reader.byte()
      const content = new Reader(reader.take(reader.unsigned()))
      if (id !== sections.custom || content.text() !== sectionName) continue
      const text = new TextDecoder('utf-8', { fatal: true }).decode(content.bytes.subarray(content.at))
      const description = JSON.parse(text) as unknown
      if (found !== undefined || !isDescription(description)) return undefined
      found = description
    }
  } catch {
    // bytes that end too early, or hold no JSON there, are no module of ours
    return undefined
  }
  return found
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isListOf = (value: unknown, is: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(is)

const isDescription = (value: unknown): value is WasmDescription =>
  isRecord(value) &&
  value['format'] === descriptionFormat &&
  isListOf(
    value['policies'],
    (each) =>
      isRecord(each) &&
      ['id', 'title', 'severity', 'entryPoint', 'digest'].every((key) => isText(each[key])) &&
      Number.isInteger(each['function']) &&
      isRecord(each['values']) &&
      isListOf(each['inputs'], isText) &&
      isListOf(
        each['inventory'],
        (resource) =>
          isRecord(resource) && ['group', 'version', 'kind'].every((key) => isText(resource[key])),
      ),
  )
