import { BundleError, compareRevisions, readBundle, type Verification } from '@gatewright/bundle'

/** A bundle as it is served. */
export interface Shelved {
  readonly bytes: Uint8Array
  readonly revision: string
  /** `sha256:…` of the bytes. */
  readonly digest: string
}

export interface ShelfOptions {
  /** What bundles have to be signed with; without it signatures are left to those who load them. */
  readonly verification?: Verification
  /** Take revisions that are older than those that were there, or that cannot be ordered. */
  readonly allowRollback?: boolean
  /** The revisions that were served before, by the names of bundles. */
  readonly known?: Readonly<Record<string, string>>
}

/** The bundles that a server has, each the last good one of its name. */
export interface BundleShelf {
  /**
   * Puts a bundle in the place of the one with this name. Gives false where it is the same. Throws a `BundleError` for one that is
   * hostile, not signed as asked, or goes back behind a revision that was there; then the last one stays.
   */
  put(name: string, bytes: Uint8Array): Promise<boolean>
  take(name: string): Shelved | undefined
  withdraw(name: string): void
  names(): readonly string[]
  /** The newest revision that was served, by the names of bundles. */
  revisions(): Readonly<Record<string, string>>
  /** Calls once the bundle changes. Gives what stops that. */
  onceChanged(name: string, changed: () => void): () => void
  /** Calls everyone who waits. */
  wakeAll(): void
}

/** Whether a text can be the name of a bundle: a single step of a path that needs no escapes and is no hidden file. */
export const isBundleName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)

export function bundleShelf(options: ShelfOptions = {}): BundleShelf {
  const shelved = new Map<string, Shelved>()
  const known = new Map(Object.entries(options.known ?? {}))
  const waiting = new Map<string, Set<() => void>>()

  function checkOrder(name: string, revision: string): void {
    const there = known.get(name)
    if (there === undefined || options.allowRollback === true) return
    const order = compareRevisions(revision, there)
    // where nobody counts, no revision is before another
    const isUncounted = !/^\d+-/.test(revision) && !/^\d+-/.test(there)
    if (order === 'older' || (order === 'unordered' && !isUncounted))
      throw new BundleError(
        `its revision \`${revision}\` is ${order === 'older' ? 'older than' : 'not known to be newer than'} \`${there}\`, which was served`,
      )
  }

  function wake(name: string): void {
    const callbacks = [...(waiting.get(name) ?? [])]
    waiting.delete(name)
    for (const callback of callbacks) callback()
  }

  return {
    put: async (name, bytes) => {
      if (!isBundleName(name))
        throw new BundleError(
          `\`${name}\` is no name of a bundle: letters, digits, \`.\`, \`_\` and \`-\`, at most 128`,
        )
      const copy = Uint8Array.from(bytes)
      const { verification } = options
      const { manifest, digest } = await readBundle(copy, verification === undefined ? {} : { verification })
      if (shelved.get(name)?.digest === digest) return false
      checkOrder(name, manifest.revision)
      known.set(name, manifest.revision)
      shelved.set(name, { bytes: copy, revision: manifest.revision, digest })
      wake(name)
      return true
    },
    take: (name) => shelved.get(name),
    withdraw: (name) => {
      if (shelved.delete(name)) wake(name)
    },
    names: () => [...shelved.keys()].toSorted(),
    revisions: () => Object.fromEntries(known),
    onceChanged: (name, changed) => {
      const callbacks = waiting.get(name) ?? new Set()
      waiting.set(name, callbacks.add(changed))
      return () => {
        callbacks.delete(changed)
        if (callbacks.size === 0 && waiting.get(name) === callbacks) waiting.delete(name)
      }
    },
    wakeAll: () => {
      for (const name of waiting.keys()) wake(name)
    },
  }
}
