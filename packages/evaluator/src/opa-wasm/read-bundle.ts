import { isObject, type Json } from '@gatewright/core'
import { parseExact } from '../wasm/exact-json.js'
import { OpaLoadError } from './load-error.js'
import { readTar } from './read-tar.js'

/** What a bundle holds that is needed to judge by it. */
export interface OpaBundle {
  /** Modules by the entry point that they are for; of one without a manifest, the module alone. */
  readonly modules: readonly { readonly entryPoint?: string; readonly bytes: Uint8Array }[]
  readonly data: Json
}

/** A bundle may be this large, unpacked. */
const largest = 256 << 20

/** Whether bytes are packed as a bundle is. */
export const isBundle = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Reads a bundle that `opa build -t wasm` made. Its signature, where it has one, is not looked at. */
export async function readBundle(bytes: Uint8Array): Promise<OpaBundle> {
  const files = readTar(await unpacked(bytes))
  const manifest = jsonOf(files, '.manifest') ?? {}
  const listed = isObject(manifest) && Array.isArray(manifest['wasm']) ? (manifest['wasm'] as Json[]) : []
  const modules = listed.map((each) => {
    const { entrypoint, module } = (isObject(each) ? each : {}) as Readonly<Record<string, Json | undefined>>
    const bytes = typeof module === 'string' ? files.get(module.replace(/^\//, '')) : undefined
    if (typeof entrypoint !== 'string' || bytes === undefined)
      throw new OpaLoadError('bad-bundle', 'the manifest of the bundle names a module that is not there')
    return { entryPoint: entrypoint, bytes }
  })
  const only = files.get('policy.wasm')
  if (modules.length === 0 && only === undefined) {
    throw new OpaLoadError(
      'bad-bundle',
      'the bundle has no WebAssembly module: build it with `opa build -t wasm -e …`',
    )
  }
  if (modules.length === 0 && only !== undefined) return { modules: [{ bytes: only }], data: dataOf(files) }
  return { modules, data: dataOf(files) }
}

async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
      .stream()
      .pipeThrough(new DecompressionStream('gzip'))
    const reader = stream.getReader() as ReadableStreamDefaultReader<Uint8Array>
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      size += value.length
      if (size > largest) {
        await reader.cancel()
        break
      }
      chunks.push(value)
    }
  } catch {
    throw new OpaLoadError('bad-bundle', 'the bundle cannot be unpacked')
  }
  if (size > largest) throw new OpaLoadError('bad-bundle', `the bundle is larger than ${largest >> 20} MiB`)
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

function jsonOf(files: ReadonlyMap<string, Uint8Array>, name: string): Json | undefined {
  const bytes = files.get(name)
  if (bytes === undefined) return undefined
  try {
    return parseExact(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new OpaLoadError('bad-bundle', `\`${name}\` of the bundle is no JSON`)
  }
}

/** The data of the bundle: that of each folder stands under the folder's name. */
function dataOf(files: ReadonlyMap<string, Uint8Array>): Json {
  let data: Json = {}
  for (const name of files.keys()) {
    const steps = name.split('/')
    const file = steps.pop()
    if (file === 'data.yaml' || file === 'data.yml')
      throw new OpaLoadError('bad-bundle', `\`${name}\`: data is read as JSON only`)
    if (file !== 'data.json') continue
    const inner = jsonOf(files, name) as Json
    data = merged(
      data,
      steps.reduceRight<Json>((of, step) => Object.fromEntries([[step, of]]), inner),
      name,
    )
  }
  return data
}

function merged(one: Json, other: Json, name: string): Json {
  if (!isObject(one) || !isObject(other))
    throw new OpaLoadError('bad-bundle', `\`${name}\` of the bundle says again what other data says`)
  const entries = new Map(Object.entries(one))
  for (const [key, value] of Object.entries(other)) {
    const known = entries.get(key)
    entries.set(key, known === undefined ? value : merged(known, value, name))
  }
  return Object.fromEntries(entries)
}
