import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BundleError } from '@gatewright/bundle'
import type { BundleShelf } from './bundle-shelf.js'
import type { ServerEvent } from '../server-event.js'

const ending = '.tar.gz'

export interface FolderOptions {
  /** How often the folder is looked at, in milliseconds; 100 by default. */
  readonly interval?: number
  readonly report: (event: ServerEvent) => void
}

/**
 * Puts the bundles of a folder, `<name>.tar.gz`, on a shelf, and looks for new ones until it is stopped. Throws a `BundleError` where one
 * that is there at the start is refused; one that is refused later is reported, and the last good one stays.
 */
export async function watchFolder(
  folder: string,
  shelf: BundleShelf,
  options: FolderOptions,
): Promise<{ stop(): Promise<void> }> {
  const { interval = 100, report } = options
  /** What a file looked like when it was read last, by the name of its bundle. */
  const seen = new Map<string, string>()
  const missing = new Set<string>()

  async function look(isStart: boolean): Promise<void> {
    const names = (await readdir(folder))
      .filter((file) => file.endsWith(ending) && !file.startsWith('.'))
      .map((file) => file.slice(0, -ending.length))
    for (const name of names) {
      missing.delete(name)
      const file = join(folder, `${name}${ending}`)
      const look = await lookOf(file)
      // one that is gone again is looked for the next time
      if (look === undefined || seen.get(name) === look) continue
      try {
        const bytes = await readFile(file)
        if ((await lookOf(file)) !== look && !isStart) continue
        const isNew = await shelf.put(name, bytes)
        seen.set(name, look)
        const shelved = shelf.take(name)
        if (isNew && shelved !== undefined)
          report({ event: 'bundle-served', bundle: name, revision: shelved.revision, digest: shelved.digest })
      } catch (error) {
        if (isStart)
          throw error instanceof BundleError ? new BundleError(`${name}${ending}: ${error.message}`) : error
        seen.set(name, look)
        report({ event: 'bundle-refused', bundle: name, reason: messageOf(error) })
      }
    }
    for (const name of [...seen.keys()]) {
      if (names.includes(name)) continue
      // a file that is being replaced may be gone for a moment
      if (!missing.has(name)) missing.add(name)
      else {
        missing.delete(name)
        seen.delete(name)
        if (shelf.take(name) !== undefined) report({ event: 'bundle-withdrawn', bundle: name })
        shelf.withdraw(name)
      }
    }
  }

  await look(true)
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> = Promise.resolve()
  let isStopped = false
  let problem = ''
  const again = (): void => {
    if (isStopped) return
    timer = setTimeout(() => {
      running = look(false)
        .then(
          () => {
            problem = ''
          },
          (error: unknown) => {
            const reason = `the folder cannot be read: ${messageOf(error)}`
            if (reason !== problem) report({ event: 'problem', reason })
            problem = reason
          },
        )
        .then(again)
    }, interval)
  }
  again()
  return {
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await running
    },
  }
}

async function lookOf(file: string): Promise<string | undefined> {
  try {
    const { mtimeNs, size, ino } = await stat(file, { bigint: true })
    return `${mtimeNs}-${size}-${ino}`
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'ENOENT') return undefined
    throw error
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
