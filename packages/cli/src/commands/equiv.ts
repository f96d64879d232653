import { distinctPolicies, type Json } from '@gatewright/core'
import { inventoryOf, normalizeJson } from '@gatewright/evaluator'
import { neutral } from '@gatewright/reports'
import {
  type ComparedEngine,
  comparedEngines,
  compareEngines,
  comparisonJson,
  comparisonReport,
  type GivenQuestion,
  type PolicyComparison,
} from '@gatewright/testing/equivalence'
import { configuration } from '../config.js'
import { jsonText } from '../json-text.js'
import { objectsIn } from '../objects-in.js'
import { parametersFor } from '../parameters.js'
import { defaultPack, loadPolicies, namedOrConfigured } from '../policies.js'
import { exitCodes, UsageError } from '../usage-error.js'
import { wholeNumber } from '../whole-number.js'

export interface EquivOptions {
  readonly engine: readonly string[]
  readonly objects: readonly string[]
  readonly runs?: string
  readonly seed?: string
  readonly parameters?: string
  readonly config?: string | false
  readonly json?: boolean
}

/** Holds the engines that are there against the reference, prints what came of it, and gives the exit code. */
export async function equiv(names: readonly string[], options: EquivOptions): Promise<number> {
  const context = { directory: process.cwd(), scanned: options.objects, trust: false }
  const { config } = await configuration(options.config, context)
  const engines = chosenEngines(options.engine)
  const chosen = await namedOrConfigured(names, config, context)
  if (chosen.length === 0) process.stderr.write(`no policies are configured: comparing ${defaultPack}\n`)
  const policies = distinctPolicies(
    chosen.length > 0 ? chosen : await loadPolicies(defaultPack, config, context),
  )
  const objects = objectsIn(options.objects, context.directory)
  const compared = compareEngines(policies, {
    engines,
    parameters: await parametersFor(policies, config, options.parameters),
    objects: questionsOf(objects),
    runs: wholeNumber(options.runs, '--runs') ?? 300,
    seed: wholeNumber(options.seed, '--seed') ?? 1,
  })
  const text =
    options.json === true ? jsonText(comparisonJson(compared)) : comparisonReport(compared).trimEnd()
  process.stdout.write(`${text.split('\n').map(neutral).join('\n')}\n`)
  return exitCode(compared, options.engine)
}

/** Objects as questions, with all of them to be looked up; files on disk are rarely all there are. */
export function questionsOf(objects: readonly Json[]): readonly GivenQuestion[] {
  const inventory = inventoryOf(objects, { complete: false })
  return objects.map((object) => {
    const normalized = normalizeJson(object)
    if ('problem' in normalized)
      throw new UsageError(`policies cannot be asked about one of the objects: ${normalized.problem.message}`)
    return { object, inventory }
  })
}

function chosenEngines(names: readonly string[]): readonly ComparedEngine[] {
  if (names.length === 0) return comparedEngines
  return names.map((name) => {
    const found = comparedEngines.find((each) => each.name === name)
    if (found !== undefined) return found
    throw new UsageError(
      `there is no engine \`${name}\` to compare`,
      `engines are ${comparedEngines.map((each) => each.name).join(', ')}; all are held against the reference`,
    )
  })
}

/** A difference is a finding; what was demanded and could not be compared, or nothing to compare at all, is no pass. */
function exitCode(compared: readonly PolicyComparison[], demanded: readonly string[]): number {
  const rows = compared.flatMap(({ engines }) => engines)
  const codes: number[] = [exitCodes.clean]
  if (rows.some(({ different }) => different > 0)) codes.push(exitCodes.findings)
  const left = rows.filter(({ notCompared, compared: count }) => notCompared !== undefined || count === 0)
  if (left.some(({ engine }) => demanded.includes(engine))) codes.push(exitCodes.unjudged)
  if (rows.every(({ compared: count }) => count === 0)) codes.push(exitCodes.nothingEvaluated)
  return Math.max(...codes)
}
