import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { SourceFile } from './discover.js'
import { largestFile } from './limits.js'
import { type Reading, readDocuments, type ReadOptions } from './read-documents.js'
import { reasonOf, type Skipped } from './skipped.js'

/**
 * Reads a file that `discover` found, or standard input, to at most 64 MiB; skipped when it is gone, cannot be read, is larger,
 * or has become something other than a regular file. Never waits for a pipe other than standard input.
 */
export function readFile(file: SourceFile, options: Omit<ReadOptions, 'name'> = {}): Reading | Skipped {
  const bytes = readBytes(file)
  return bytes instanceof Uint8Array ? readDocuments(bytes, { ...options, name: file.name }) : bytes
}

/** The bytes of a file or of standard input, by the rules of `readFile`. */
export function readBytes({ name, path }: SourceFile): Uint8Array | Skipped {
  if (path === '-') return readAll(0, name)
  let descriptor: number
  try {
    // without waiting: a pipe may have taken the file's place
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    return { name, ...reasonOf(error) }
  }
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) return { name, code: 'not-a-file', message: 'it is no regular file' }
    return stats.size > largestFile ? tooLarge(name) : readAll(descriptor, name)
  } finally {
    closeSync(descriptor)
  }
}

/** Manifests are small: most are read in one piece. */
const scratch = new Uint8Array(64 * 1024)

function readAll(descriptor: number, name: string): Uint8Array | Skipped {
  const parts: Uint8Array[] = []
  let size = 0
  for (;;) {
    let length: number
    try {
      length = readSync(descriptor, scratch)
    } catch (error) {
      if (!waits(error)) return { name, ...reasonOf(error) }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
      continue
    }
    if (length === 0) break
    size += length
    if (size > largestFile) return tooLarge(name)
    parts.push(scratch.slice(0, length))
  }
  return parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts, size)
}

/** Standard input may be a terminal or pipe that does not block. */
function waits(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
}

function tooLarge(name: string): Skipped {
  const message = `it is larger than the limit of ${largestFile / 1024 / 1024} MiB; split it into smaller files`
  return { name, code: 'file-too-large', message }
}
