import { BundleError, RegistryError } from '@gatewright/bundle'
import { OpaError } from '@gatewright/publish'
import { neutral } from '@gatewright/reports'
import type { Destination } from './destination.js'
import { opaDestination } from './opa-destination.js'
import type { PublishingOptions, PublishTarget } from './publishing-options.js'
import { registryDestination } from './registry-destination.js'
import { exitCodes, UsageError } from './usage-error.js'

/** The destinations among targets that are no cluster, with what goes to them. */
export async function destinationsOf(
  targets: readonly PublishTarget[],
  options: PublishingOptions,
): Promise<readonly Destination[]> {
  try {
    return [
      ...(targets.includes('oci') ? [await registryDestination(options)] : []),
      ...(targets.includes('opa') ? [await opaDestination(options)] : []),
    ]
  } catch (error) {
    if (error instanceof RegistryError && error.problem === 'reference') throw new UsageError(error.message)
    throw error
  }
}

/** Does something with each destination, and says what went wrong there. Gives the exit code: 1 for a tag that someone else moved. */
export async function elsewhere(
  destinations: readonly Destination[],
  work: (destination: Destination) => Promise<void>,
): Promise<number> {
  for (const destination of destinations) {
    try {
      await work(destination)
    } catch (error) {
      if (!(error instanceof RegistryError || error instanceof BundleError || error instanceof OpaError))
        throw error
      process.stderr.write(`gatewright: ${neutral(`${destination.name}: ${error.message}`)}\n`)
      return error instanceof RegistryError && error.problem === 'conflict'
        ? exitCodes.findings
        : exitCodes.unjudged
    }
  }
  return exitCodes.clean
}
