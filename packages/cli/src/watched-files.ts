import { readFileSync, statSync } from 'node:fs'
import { UsageError } from './usage-error.js'

/** What is made of files, again each time one of them changes. */
export interface WatchedFiles<T> {
  /** Reads them now. Throws a `UsageError` where one cannot be read, or what is in it is wrong. */
  read(): T
  /** Looks for changes until what it gives is called. What cannot be read is told, and changes nothing. */
  reload(changed: (value: T) => void, failed: (why: string) => void): () => void
}

export function watchedFiles<T>(
  named: readonly (string | undefined)[],
  make: (text: (file: string) => string) => T,
): WatchedFiles<T> {
  const files = named.filter((file) => file !== undefined)
  let seen = ''
  const read = (): T => {
    seen = lookOf(files)
    try {
      return make(textOf)
    } catch (error) {
      if (error instanceof SyntaxError) throw new UsageError(error.message)
      throw error
    }
  }
  return {
    read,
    reload: (changed, failed) => {
      const timer = setInterval(() => {
        if (lookOf(files) === seen) return
        try {
          changed(read())
        } catch (error) {
          failed(error instanceof Error ? error.message : String(error))
        }
      }, 500)
      return () => clearInterval(timer)
    },
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(
      `\`${file}\` cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

const lookOf = (files: readonly string[]): string =>
  files
    .map((file) => {
      const { mtimeMs = 0, size = 0, ino = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {}
      return `${mtimeMs}-${size}-${ino}`
    })
    .join()
