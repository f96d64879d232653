import { ModuleInstance, type RawVerdict, readVerdicts, WasmFailure } from './module-instance.js'
import { type CompiledModule, webAssembly } from './web-assembly.js'

/** Memory that an instance may keep from one evaluation to the next; one that grew further makes room for a new one. */
export const keptMemory: number = 64 << 20

/**
 * A module that Gatewright compiled, with an instance at the ready. After an evaluation that broke off, the next has a fresh
 * instance: what memory held then says nothing any more.
 */
export class PolicyModule {
  readonly #module: CompiledModule
  readonly #pages: number | undefined
  #instance: ModuleInstance | undefined
  #data: string | undefined

  /** @param pages - memory that an instance may have, in pages of 64 KiB */
  constructor(bytes: Uint8Array, pages?: number) {
    this.#module = new webAssembly.Module(bytes)
    this.#pages = pages
  }

  /** Bytes of memory that the instance has. */
  get memorySize(): number {
    return this.#instance?.memorySize ?? 0
  }

  /** Judges a document with a data document, by one policy or with entry 0 by all. Throws `WasmFailure` for all that goes wrong. */
  judge(
    document: Uint8Array | string,
    data: string,
    options: { readonly entry?: number; readonly strict?: boolean } = {},
  ): readonly RawVerdict[] {
    const text = this.judgeToText(document, data, options)
    try {
      return readVerdicts(text)
    } catch {
      this.#drop()
      throw new WasmFailure('aborted', 'the module wrote verdicts that are no JSON')
    }
  }

  /** As `judge`; the verdicts as text, which `readVerdicts` reads. */
  judgeToText(
    document: Uint8Array | string,
    data: string,
    { entry = 0, strict = true }: { readonly entry?: number; readonly strict?: boolean } = {},
  ): string {
    try {
      const instance = (this.#instance ??= new ModuleInstance(this.#module, this.#pages))
      if (this.#data !== data) {
        instance.setData(data)
        this.#data = data
      }
      const verdicts = instance.judgeToText(document, entry, strict)
      if (instance.memorySize > keptMemory) this.#drop()
      return verdicts
    } catch (error) {
      if (error instanceof WasmFailure && error.code === 'unreadable' && this.#data === data) throw error
      this.#drop()
      if (error instanceof WasmFailure) throw error
      const message = error instanceof Error ? error.message : String(error)
      throw new WasmFailure('aborted', `the evaluation broke off: ${message}`)
    }
  }

  #drop(): void {
    this.#instance = undefined
    this.#data = undefined
  }
}
