import { wellFormed } from '@gatewright/core'
import { BundleError } from './bundle-error.js'

/**
 * Refuses a path that may name another file than it says, on any machine that unpacks it: absolute ones, ones with `..` or empty
 * steps, a drive, a backslash or a control character, and what is not in Unicode's composed form.
 */
export function checkFilePath(path: string): void {
  const problem = problemOf(path)
  if (problem !== undefined) throw new BundleError(`this path ${problem}`, path)
}

function problemOf(path: string): string | undefined {
  if (path === '') return 'is empty'
  if (path.length > 1024) return 'is longer than 1,024 characters'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute'
  if (path.includes('\\')) return 'has a backslash'
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'has a control character'
  if (wellFormed(path) !== path || path !== path.normalize('NFC')) return 'is not in composed Unicode'
  const steps = path.split('/')
  if (steps.includes('') || steps.includes('.') || steps.includes('..'))
    return 'has `.`, `..` or an empty step'
  if (steps.some((step) => /[. ]$/.test(step))) return 'has a step that ends with a dot or a space'
  return undefined
}

/** Refuses paths that are the same file on a machine that does not tell upper from lower case, and a file that is a folder of others. */
export function checkDistinct(paths: readonly string[]): void {
  const known = new Map<string, string>()
  for (const path of paths) {
    const folded = path.toLowerCase()
    const other = known.get(folded)
    if (other !== undefined)
      throw new BundleError(
        other === path ? 'it is there twice' : `it differs from ${JSON.stringify(other)} only in case`,
        path,
      )
    known.set(folded, path)
  }
  for (const path of paths) {
    const steps = path.toLowerCase().split('/')
    for (let i = 1; i < steps.length; i++) {
      const folder = known.get(steps.slice(0, i).join('/'))
      if (folder !== undefined)
        throw new BundleError(`it lies in ${JSON.stringify(folder)}, which is a file`, path)
    }
  }
}
