/** The part of the host's WebAssembly that is used; its types come with no library that Node and browsers share. */
export interface CompiledModule {
  readonly compiledModule?: never
}

export interface Memory {
  readonly buffer: ArrayBuffer
}

interface WebAssemblyHost {
  readonly Module: {
    new (bytes: Uint8Array): CompiledModule
    exports(module: CompiledModule): readonly { readonly name: string }[]
  }
  readonly Instance: new (
    module: CompiledModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: unknown }
  readonly Memory: new (descriptor: { readonly initial: number; readonly maximum?: number }) => Memory
}

export const webAssembly: WebAssemblyHost = (
  globalThis as unknown as { readonly WebAssembly: WebAssemblyHost }
).WebAssembly
