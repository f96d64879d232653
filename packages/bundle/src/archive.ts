import { gunzipSync } from 'node:zlib'
import { compareText } from '@gatewright/core'
import { gzipSync } from 'fflate'
import { packTar, unpackTar } from 'modern-tar'
import { BundleError } from './bundle-error.js'
import { checkDistinct, checkFilePath } from './file-path.js'

/** Files by their path: `gatewright/lib.rego`, without a slash in front. */
export type Files = ReadonlyMap<string, Uint8Array>

export interface ArchiveLimits {
  /** The most bytes that an archive may come to unpacked; 256 MiB by default. */
  readonly unpacked?: number
  /** The most files; 10,000 by default. */
  readonly files?: number
}

/** Files as a gzipped tar archive: the same bytes for the same files, on every machine. */
export async function writeArchive(files: Files): Promise<Uint8Array> {
  const paths = [...files.keys()].toSorted(compareText)
  for (const path of paths) checkFilePath(path)
  checkDistinct(paths)
  const tar = await packTar(
    paths.map((path) => {
      const body = files.get(path) as Uint8Array
      // with a slash in front, as OPA names them: tools ask for `/policy.wasm`
      const header = {
        name: `/${path}`,
        size: body.length,
        mode: 0o644,
        mtime: new Date(0),
        type: 'file',
      } as const
      return { header: { ...header, uid: 0, gid: 0, uname: '', gname: '' }, body }
    }),
  )
  // a compressor that is the same everywhere: that of Node changes with the zlib in it
  return gzipSync(tar, { level: 9, mtime: 0 })
}

/**
 * The files of a gzipped tar archive. Throws a `BundleError` for the whole of it where it is cut off or followed by something else,
 * where it is larger than the limits, and where an entry is no plain file or has a path that is another file elsewhere.
 */
export async function readArchive(bytes: Uint8Array, limits: ArchiveLimits = {}): Promise<Files> {
  const { unpacked = 256 * 1024 * 1024, files: mostFiles = 10_000 } = limits
  const tar = gunzipped(bytes, unpacked)
  const entries = await unpackTar(tar, { strict: true }).catch((error: unknown) => {
    throw new BundleError(`it is no tar archive: ${messageOf(error)}`)
  })
  if (entries.length > mostFiles) throw new BundleError(`it has more than ${mostFiles} files`)
  const files = new Map<string, Uint8Array>()
  const paths: string[] = []
  for (const { header, data } of entries) {
    // opa writes `/data.json`, and others `./data.json`
    const path = header.name.replace(/^(?:\.\/)+|^\//, '')
    if (header.type === 'directory') {
      const folder = path.replace(/\/+$/, '')
      if (folder !== '' && folder !== '.') checkFilePath(folder)
      continue
    }
    checkFilePath(path)
    if (header.type !== 'file')
      throw new BundleError(`it is no file but a ${header.type ?? 'thing of no type'}`, path)
    paths.push(path)
    files.set(path, data ?? new Uint8Array())
  }
  checkDistinct(paths)
  return files
}

function gunzipped(bytes: Uint8Array, most: number): Uint8Array {
  let result: { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } }
  try {
    result = gunzipSync(bytes, { maxOutputLength: most, info: true }) as unknown as typeof result
  } catch (error) {
    if (error instanceof RangeError) throw new BundleError(`it is more than ${most} bytes when unpacked`)
    throw new BundleError(`it is no gzipped archive: ${messageOf(error)}`)
  }
  if (result.engine.bytesWritten !== bytes.length)
    throw new BundleError(`${bytes.length - result.engine.bytesWritten} bytes follow the end of the archive`)
  return result.buffer
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
