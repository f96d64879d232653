import { isAbsolute, relative, sep } from 'node:path'
import type { SourceLocation } from '@gatewright/core'
import { repositoryOf } from './config.js'

/** Whether something is written in the repository, and not in a package that has its own tests. */
export function isOwnFile({ file }: SourceLocation): boolean {
  const inside = relative(repositoryOf(process.cwd()), file)
  return !isAbsolute(inside) && !inside.split(sep).some((step) => step === '..' || step === 'node_modules')
}
