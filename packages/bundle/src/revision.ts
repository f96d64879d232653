import { createHash } from 'node:crypto'
import { compareText } from '@gatewright/core'
import type { Files } from './archive.js'

/**
 * A revision that says in which order bundles were made and what is in them: `42-3f9a0c…`, or the digest alone where nobody counts. It
 * is made of the files and the roots, so the same bundle has the same revision.
 */
export function revisionOf(files: Files, roots: readonly string[], sequence?: number): string {
  if (sequence !== undefined && (!Number.isSafeInteger(sequence) || sequence < 1))
    throw new RangeError('the sequence of a revision is an integer from 1')
  const hash = createHash('sha256')
  const add = (bytes: Uint8Array | string): void => {
    hash.update(`${Buffer.byteLength(bytes as string)}:`)
    hash.update(bytes)
  }
  for (const root of roots.toSorted(compareText)) add(root)
  for (const [path, bytes] of [...files].toSorted(([a], [b]) => compareText(a, b))) {
    add(path)
    add(bytes)
  }
  const digest = hash.digest('hex').slice(0, 32)
  return sequence === undefined ? digest : `${sequence}-${digest}`
}

/** The number in a revision; undefined where it has none. */
export function sequenceOf(revision: string): number | undefined {
  const found = /^([1-9]\d{0,15})-[\da-f]{32}$/.exec(revision)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** How a revision stands to another one; `unordered` where one of them has no number, or both have the same and differ. */
export type RevisionOrder = 'same' | 'newer' | 'older' | 'unordered'

/** Whether a revision is newer than the one that is there. */
export function compareRevisions(revision: string, there: string): RevisionOrder {
  if (revision === there) return 'same'
  const [next, before] = [sequenceOf(revision), sequenceOf(there)]
  if (next === undefined || before === undefined || next === before) return 'unordered'
  return next > before ? 'newer' : 'older'
}
