import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Compiles a file of the WebAssembly back end's runtime to the bytes of a module. */
export async function assembled(file: string): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array | undefined
  const options = '--runtime stub --use abort= --importMemory --enable simd --memoryBase 1024 -O2'
  const { error, stderr } = await asc.main(
    [file, '--baseDir', root, '--outFile', 'values.wasm', ...options.split(' ')],
    {
      writeFile: (_name, contents) => {
        bytes = contents as Uint8Array
      },
    },
  )
  if (error !== null || bytes === undefined) throw new Error(`${error?.message}\n${stderr.toString()}`)
  return new Uint8Array(bytes)
}
