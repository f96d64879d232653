import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

export interface StoreOptions {
  readonly folder: string
  /** What the names of the files begin with: `decisions`. */
  readonly prefix: string
  /** When a file is full and the next one begins, in bytes; 64 MiB by default. */
  readonly fileBytes?: number
  /** How many files are kept; the oldest goes first. 100 by default. */
  readonly keep?: number
}

/** Keeps lines in files that follow each other: `decisions-20260131T120000000Z-4711-0001.jsonl`. */
export interface LineStore {
  /** Resolves when the lines are on disk. After a failure the next lines go to a new file, so that only the end of one can be cut off. */
  append(lines: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** The names of the files of a store, the oldest first. */
export async function storedFiles(folder: string, prefix: string): Promise<readonly string[]> {
  const pattern = new RegExp(`^${prefix}-\\d{8}T\\d{9}Z-\\d+-\\d{4,}\\.jsonl$`)
  return (await readdir(folder)).filter((name) => pattern.test(name)).toSorted()
}

export async function lineStore(options: StoreOptions): Promise<LineStore> {
  const { folder, prefix, fileBytes = 64 * 1024 * 1024, keep = 100 } = options
  // inputs may hold secrets
  await mkdir(folder, { recursive: true, mode: 0o700 })
  let file: Awaited<ReturnType<typeof open>> | undefined
  let size = 0
  let count = 0
  let last: Promise<void> = Promise.resolve()

  async function next(): Promise<NonNullable<typeof file>> {
    const time = new Date().toISOString().replaceAll(/[-:.]/g, '')
    const number = String(++count).padStart(4, '0')
    const opened = await open(join(folder, `${prefix}-${time}-${process.pid}-${number}.jsonl`), 'ax', 0o600)
    const files = await storedFiles(folder, prefix)
    for (const old of files.slice(0, Math.max(0, files.length - keep))) await rm(join(folder, old))
    size = 0
    return opened
  }

  async function write(lines: readonly string[]): Promise<void> {
    try {
      if (file !== undefined && size >= fileBytes) {
        const full = file
        file = undefined
        await full.close()
      }
      file ??= await next()
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
      await file.appendFile(bytes)
      await file.datasync()
      size += bytes.length
    } catch (error) {
      const broken = file
      file = undefined
      await broken?.close().catch(() => {})
      throw error
    }
  }

  return {
    append: (lines) => {
      if (lines.length === 0) return Promise.resolve()
      const written = last.then(() => write(lines))
      last = written.catch(() => {})
      return written
    },
    close: async () => {
      await last
      await file?.close()
      file = undefined
    },
  }
}
