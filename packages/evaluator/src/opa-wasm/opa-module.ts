import * as opaWasm from '@open-policy-agent/opa-wasm'
import {
  cloneJson,
  isObject,
  type Json,
  type Reason,
  type Review,
  type Severity,
  type Verdict,
} from '@gatewright/core'
import { normalizeJson } from '../normalize.js'
import { readText } from '../read-text.js'
import { exactText } from '../wasm/exact-json.js'
import { keptMemory } from '../wasm/policy-module.js'
import { type CompiledModule, webAssembly } from '../wasm/web-assembly.js'
import { OpaLoadError } from './load-error.js'
import { failure, readAnswer } from './read-answer.js'
import { isBundle, readBundle } from './read-bundle.js'

/**
 * What a module takes for its input. `object`: the object that is judged; `admission-review`: an AdmissionReview; `gatekeeper`:
 * `{ review, parameters }`. Whatever shape the input comes in, it is turned into this one. `as-given`: the input as it is, whatever
 * that means to the module.
 */
export type InputShape = 'object' | 'admission-review' | 'gatekeeper' | 'as-given'

export interface OpaModuleOptions {
  /** The rule to ask, as `opa build -e` has it; needed where a module has several. */
  readonly entrypoint?: string
  /** The data document, an object or its JSON text; in the place of that of a bundle. */
  readonly data?: unknown
  /** What the module takes for its input; needed unless Gatewright made it, whose modules take any. */
  readonly shape?: InputShape
  /** For the shape `gatekeeper`: the parameters of the constraint. */
  readonly parameters?: Readonly<Record<string, unknown>>
  /** What OPA's builtin functions are that a module leaves to its host, by their names. */
  readonly builtins?: Readonly<Record<string, (...given: never[]) => unknown>>
  /** What verdicts name as the policy; the entry point by default. */
  readonly policy?: string
  /** The severity of what the module finds; `medium` by default. */
  readonly severity?: Severity
  /** Memory in pages of 64 KiB. */
  readonly memory?: { readonly initial?: number; readonly maximum?: number }
}

/** Builtin functions that `@open-policy-agent/opa-wasm` brings along. */
const carried: readonly string[] = [
  'sprintf',
  'json.is_valid',
  'regex.split',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
]

interface Loaded {
  readonly entrypoints: Readonly<Record<string, number>>
  readonly mem: { readonly buffer: ArrayBuffer }
  readonly wasmInstance: { readonly exports: Exports }
  evaluate(input: ArrayBuffer, entrypoint: string): unknown
  setData(data: ArrayBuffer): void
}

interface Exports {
  readonly opa_wasm_abi_version: { readonly value: number }
  builtins(): number
  opa_json_dump(value: number): number
}

interface OpaWasm {
  loadPolicySync(module: CompiledModule, memory: object, builtins: OpaModuleOptions['builtins']): Loaded
}

// its types leave out the default export, where this function is
const { loadPolicySync } = (opaWasm as unknown as { readonly default: OpaWasm }).default

/**
 * Loads a module that OPA built, or a bundle with one. Throws `OpaLoadError` for all that could make it answer less than it was
 * asked: another entry point than it has, builtin functions that nobody brings, a shape of input that nobody said.
 */
export async function loadOpaModule(bytes: Uint8Array, options: OpaModuleOptions = {}): Promise<OpaModule> {
  if (!isBundle(bytes)) return new OpaModule(bytes, options)
  const { modules, data } = await readBundle(bytes)
  const named =
    options.entrypoint === undefined
      ? modules
      : modules.filter(({ entryPoint }) => entryPoint === undefined || entryPoint === options.entrypoint)
  const distinct = new Set(named.map((each) => each.bytes))
  const [module] = distinct
  if (module === undefined || distinct.size > 1)
    throw noEntryPoint(
      options.entrypoint,
      modules.map(({ entryPoint }) => String(entryPoint)),
    )
  const [only] = named.length === 1 ? named : []
  const entrypoint = options.entrypoint ?? only?.entryPoint
  return new OpaModule(module, {
    ...options,
    ...(entrypoint === undefined ? {} : { entrypoint }),
    data: options.data === undefined ? data : options.data,
  })
}

function noEntryPoint(asked: string | undefined, there: readonly string[]): OpaLoadError {
  const names = there.map((each) => `\`${each}\``).join(', ')
  return new OpaLoadError(
    'no-entry-point',
    asked === undefined
      ? `say which entry point to ask: there are ${names}`
      : `there is no entry point \`${asked}\`: there are ${names}`,
  )
}

/** A module of OPA at the ready. Evaluations follow one another; after one that broke off the next has a fresh instance. */
export class OpaModule {
  /** What can be asked. */
  readonly entryPoints: readonly string[]
  /** What is asked. */
  readonly entryPoint: string
  readonly #module: CompiledModule
  readonly #options: OpaModuleOptions
  readonly #shape: InputShape
  #data: ArrayBuffer
  #loaded: Loaded | undefined

  constructor(bytes: Uint8Array, options: OpaModuleOptions = {}) {
    this.#options = options
    this.#data = dataOf(options.data === undefined ? {} : options.data)
    try {
      this.#module = new webAssembly.Module(bytes)
    } catch (error) {
      throw new OpaLoadError('bad-module', `it is no WebAssembly module: ${textOf(error)}`)
    }
    if (!webAssembly.Module.exports(this.#module).some(({ name }) => name === 'opa_wasm_abi_version'))
      throw new OpaLoadError('bad-module', 'the module is none of OPA')
    const loaded = this.#instance()
    this.entryPoints = Object.keys(loaded.entrypoints)
    const { entrypoint = this.entryPoints.length === 1 ? this.entryPoints[0] : undefined } = options
    if (entrypoint === undefined || !this.entryPoints.includes(entrypoint))
      throw noEntryPoint(options.entrypoint, this.entryPoints)
    this.entryPoint = entrypoint
    const isOurs = /^gatewright\/.*\/decision$/.test(entrypoint)
    const { shape = isOurs ? 'as-given' : undefined } = options
    if (shape === undefined || !shapes.includes(shape)) {
      throw new OpaLoadError(
        'unknown-shape',
        `say what \`${entrypoint}\` takes for its input, or it may find nothing for want of looking: ${shapes.join(', ')}`,
      )
    }
    this.#shape = shape
  }

  /** Judges an input: an object, or the JSON text of one as a string or bytes. Whatever is not plainly allowed or denied is an error. */
  evaluate(input: unknown): Verdict {
    const read = this.#input(input)
    if ('problem' in read) return failure(read.problem.code, read.problem.message)
    let answer: unknown
    try {
      const instance = this.#instance()
      answer = instance.evaluate(read.text, this.entryPoint)
      if (instance.mem.buffer.byteLength > keptMemory) this.#loaded = undefined
    } catch (error) {
      this.#loaded = undefined
      return failure('engine-failed', `OPA's module did not judge it: ${textOf(error)}`)
    }
    const { policy = this.entryPoint, severity = 'medium' } = this.#options
    return readAnswer(answer, { policy, severity })
  }

  /** Sets the data document for the evaluations to come. */
  setData(data: unknown): void {
    this.#data = dataOf(data)
    const loaded = this.#loaded
    this.#loaded = undefined
    if (loaded === undefined) return
    loaded.setData(this.#data)
    this.#loaded = loaded
  }

  #instance(): Loaded {
    if (this.#loaded !== undefined) return this.#loaded
    const { builtins = {}, memory = {} } = this.#options
    let loaded: Loaded
    let missing: readonly string[]
    try {
      loaded = loadPolicySync(this.#module, { maximum: 16_384, ...memory }, builtins)
      missing = builtinsOf(loaded).filter((name) => !carried.includes(name) && !Object.hasOwn(builtins, name))
    } catch (error) {
      throw new OpaLoadError('bad-module', `the module cannot be loaded: ${textOf(error)}`)
    }
    if (loaded.wasmInstance.exports.opa_wasm_abi_version.value !== 1)
      throw new OpaLoadError('bad-module', 'the module does not follow the ABI of OPA')
    if (missing.length > 0) {
      const names = missing.map((name) => `\`${name}\``).join(', ')
      throw new OpaLoadError(
        'missing-builtins',
        `the module needs builtin functions that are not there: ${names}`,
      )
    }
    try {
      loaded.setData(this.#data)
    } catch (error) {
      throw new OpaLoadError('bad-data', `the module does not take the data: ${textOf(error)}`)
    }
    return (this.#loaded = loaded)
  }

  /** The input as text, checked: what OPA cannot read it takes for no input, which violates nothing. */
  #input(input: unknown): { readonly text: ArrayBuffer } | { readonly problem: Reason } {
    const read = isText(input) ? readText(input) : { value: input }
    if ('problem' in read) return read
    const cloned = cloneJson(read.value)
    if ('problem' in cloned) return bad(`the input is no JSON object: ${cloned.problem.message}`)
    if (!isObject(cloned.value)) return bad('the input is not an object')
    if (this.#shape === 'as-given') return asText(cloned.value)
    const normalized = normalizeJson(cloned.value)
    if ('problem' in normalized) return normalized
    return shaped(normalized.review, this.#shape, this.#options.parameters)
  }
}

const shapes: readonly string[] = [
  'object',
  'admission-review',
  'gatekeeper',
  'as-given',
] satisfies readonly InputShape[]

const isText = (of: unknown): of is string | Uint8Array => typeof of === 'string' || of instanceof Uint8Array

const bad = (message: string): { readonly problem: Reason } => ({ problem: { code: 'bad-input', message } })

function asText(value: Json): { readonly text: ArrayBuffer } | { readonly problem: Reason } {
  const text = exactText(value)
  return text === undefined ? bad('the input is no JSON object') : { text: bufferOf(text) }
}

function shaped(
  { object, oldObject, operation, request }: Review,
  shape: Exclude<InputShape, 'as-given'>,
  given: OpaModuleOptions['parameters'] = {},
): { readonly text: ArrayBuffer } | { readonly problem: Reason } {
  if (shape === 'object')
    return object === undefined ? bad('the request has no object, which is what is judged') : asText(object)
  const review = {
    ...request,
    ...(operation === undefined ? {} : { operation }),
    ...(object === undefined ? {} : { object }),
    ...(oldObject === undefined ? {} : { oldObject }),
    kind: kindIn(object ?? oldObject),
  }
  if (shape === 'admission-review')
    return asText({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: { uid: '', ...review },
    })
  const parameters = cloneJson(given)
  return 'problem' in parameters
    ? bad('the parameters are no JSON')
    : asText({ review, parameters: parameters.value })
}

/** The kind as an API server tells it. */
function kindIn(object: Json | undefined): Json {
  const { apiVersion, kind } = (isObject(object ?? null) ? object : {}) as Readonly<Record<string, Json>>
  const [version = '', group = ''] = typeof apiVersion === 'string' ? apiVersion.split('/').toReversed() : []
  return { group, version, kind: kind ?? '' }
}

function dataOf(data: unknown): ArrayBuffer {
  const read = isText(data) ? readText(data) : { value: data }
  const cloned = 'problem' in read ? read : cloneJson(read.value)
  const text = 'problem' in cloned || !isObject(cloned.value) ? undefined : exactText(cloned.value)
  if (text === undefined) throw new OpaLoadError('bad-data', 'the data is no JSON object')
  return bufferOf(text)
}

// of all that it takes, opa-wasm hands an ArrayBuffer alone on as it is
function bufferOf(text: string): ArrayBuffer {
  const bytes = new TextEncoder().encode(text)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}

function builtinsOf({ wasmInstance: { exports }, mem }: Loaded): readonly string[] {
  const at = exports.opa_json_dump(exports.builtins())
  const bytes = new Uint8Array(mem.buffer)
  const text = new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)))
  return Object.keys(JSON.parse(text) as object)
}

/** What a failure says of itself: opa-wasm throws texts and plain objects too. */
function textOf(error: unknown): string {
  if (typeof error === 'string') return error
  const { message } = (error ?? {}) as { readonly message?: unknown }
  return typeof message === 'string' ? message : 'it broke off'
}
