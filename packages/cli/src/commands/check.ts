import { dirname, resolve } from 'node:path'
import type { Policy, Profile, Severity } from '@gatewright/core'
import { type Engine, engines } from '@gatewright/evaluator'
import type { OpaWasmWitness } from '@gatewright/evaluator/opa-wasm'
import { isAtLeast, type Report, severities } from '@gatewright/reports'
import { type Config, configuration, type LoadContext } from '../config.js'
import { outputTargets, wantsColor, writeReport } from '../output.js'
import { parametersFor } from '../parameters.js'
import { shownProgress } from '../progress.js'
import { defaultPack, loadPolicies, namedOrConfigured } from '../policies.js'
import type { OpaWitness, Testimony } from '../opa-witness.js'
import { scan } from '../scan.js'
import { exitCodes, UsageError } from '../usage-error.js'
import { version } from '../version.js'
import { matchProblems } from '@gatewright/evaluator'
import { nearestKind } from '@gatewright/kubernetes'

export interface CheckOptions {
  readonly policy: readonly string[]
  readonly parameters?: string
  readonly format: readonly string[]
  readonly failOn?: string
  readonly config?: string | false
  readonly exceptions?: string
  readonly engine?: string
  readonly strict?: boolean
  readonly trust?: boolean
  readonly allowEmpty?: boolean
  readonly explain?: boolean
  readonly inventoryComplete?: boolean
  readonly quiet?: boolean
}

/** Judges what the paths name, writes the reports, and gives the exit code. */
export async function check(paths: readonly string[], options: CheckOptions): Promise<number> {
  const directory = process.cwd()
  if (paths.length === 0)
    throw new UsageError('name what to check: files, folders, globs, or - for standard input')
  if (paths.includes('')) throw new UsageError('a path is empty; write . for the working directory')
  const targets = outputTargets(options.format)
  const context = { directory, scanned: paths, trust: options.trust === true }
  const { config, file } = await configuration(options.config, context)
  const failOn = severityOf(options.failOn ?? config.failOn ?? 'low')
  const { match } = config
  if (match !== undefined) {
    const [problem] = matchProblems(JSON.parse(JSON.stringify(match)), nearestKind)
    if (problem !== undefined) throw new UsageError(`the match of the configuration: ${problem}`)
  }
  const policies = await chosenPolicies(options, config, context)
  const exceptions =
    options.exceptions ??
    (config.exceptions === undefined || file === undefined
      ? undefined
      : resolve(dirname(file), config.exceptions))
  const progress = shownProgress(options.quiet !== true)
  const { loader, ...chosen } = await engineOf(options.engine)
  const report = scan({
    paths,
    directory,
    policies,
    parameters: await parametersFor(policies, config, options.parameters),
    ...(match === undefined ? {} : { match }),
    ...chosen,
    ...(exceptions === undefined ? {} : { exceptions }),
    inventoryComplete: options.inventoryComplete ?? config.inventory?.complete ?? false,
    today: new Date().toISOString().slice(0, 10),
    toolVersion: version,
    explain: options.explain === true,
    ...(progress === undefined ? {} : { progress: progress.tell }),
  })
  progress?.clear()
  if (report.testimony !== undefined) process.stderr.write(testimonyText(report.testimony))
  if (loader !== undefined) process.stderr.write(loaderText(loader))
  const color = wantsColor(process.stdout.isTTY)
  writeReport(report, targets, { color })
  return exitCode(report, {
    failOn,
    strict: options.strict === true,
    allowEmpty: options.allowEmpty === true,
  })
}

async function chosenPolicies(
  options: CheckOptions,
  config: Config,
  context: LoadContext,
): Promise<readonly (Policy | Profile)[]> {
  const policies = await namedOrConfigured(options.policy, config, context)
  if (policies.length > 0) return policies
  process.stderr.write(`no policies are configured: judging with ${defaultPack}\n`)
  return loadPolicies(defaultPack, config, context)
}

function severityOf(name: string): Severity {
  const severity = severities.find((each) => each === name)
  if (severity !== undefined) return severity
  throw new UsageError(`there is no severity \`${name}\``, `severities are ${severities.join(', ')}`)
}

interface Chosen {
  readonly engine?: Engine
  /** The `opa` on PATH, which is asked once all is judged. */
  readonly witness?: OpaWitness
  /** OPA's own loader, which is asked with each verdict; its engine is the one that judges. */
  readonly loader?: OpaWasmWitness
}

async function engineOf(name: string = 'javascript'): Promise<Chosen> {
  if (name === 'opa') {
    const { OpaWitness } = await import('../opa-witness.js')
    return { witness: new OpaWitness() }
  }
  if (name === 'opa-wasm') {
    const { OpaWasmWitness } = await import('@gatewright/evaluator/opa-wasm')
    const loader = new OpaWasmWitness()
    return { loader, engine: loader.engine }
  }
  if (Object.hasOwn(engines, name)) return { engine: engines[name as keyof typeof engines] }
  throw new UsageError(
    `there is no engine \`${name}\``,
    `engines are ${[...Object.keys(engines), 'opa', 'opa-wasm'].join(', ')}`,
  )
}

function loaderText({ asked, denied, notAsked }: OpaWasmWitness): string {
  const others = [...notAsked.values()].map((reason) => `not asked of opa-wasm: ${reason}\n`)
  return `opa-wasm confirms ${asked - denied} of ${asked} verdicts\n${others.join('')}`
}

function testimonyText({ version, asked, denied, notAsked }: Testimony): string {
  const others = [...notAsked.values()].map((reason) => `not asked of OPA: ${reason}\n`)
  const confirmed = `${asked - denied.size} of ${asked} verdicts`
  return `opa ${version} confirms ${confirmed}\n${others.join('')}`
}

function exitCode(
  { ledger, findings, problems, skipped, unjudged }: Report,
  options: { readonly failOn: Severity; readonly strict: boolean; readonly allowEmpty: boolean },
): number {
  const codes: number[] = [exitCodes.clean]
  if (findings.some(({ violation }) => isAtLeast(violation.severity, options.failOn)))
    codes.push(exitCodes.findings)
  const unreadable = problems.some(({ level }) => level === 'error') || skipped.length > 0
  const failed = unjudged.some(({ verdict }) => verdict !== 'undetermined' || options.strict)
  if (unreadable || failed) codes.push(exitCodes.unjudged)
  if (ledger.totals.evaluated === 0 && !options.allowEmpty) codes.push(exitCodes.nothingEvaluated)
  return Math.max(...codes)
}
