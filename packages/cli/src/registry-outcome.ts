import { BundleError, RegistryError } from '@gatewright/bundle'
import { neutral } from '@gatewright/reports'
import { exitCodes, UsageError } from './usage-error.js'

/** Runs what speaks to a registry, and says what went wrong there. Gives the exit code: 1 for a tag that someone else moved. */
export async function registryOutcome(name: string, run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof RegistryError && error.problem === 'reference') throw new UsageError(error.message)
    if (!(error instanceof RegistryError || error instanceof BundleError)) throw error
    process.stderr.write(`gatewright: ${neutral(`${name}: ${error.message}`)}\n`)
    return error instanceof RegistryError && error.problem === 'conflict'
      ? exitCodes.findings
      : exitCodes.unjudged
  }
}
