import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { policiesOf, type Policy } from '@gatewright/core'
import { neutral } from '@gatewright/reports'
import {
  coverageHtml,
  coverageJson,
  coverageLcov,
  coverageReport,
  coverageSummary,
} from '@gatewright/testing/coverage'
import { mutationJson, mutationReport, mutationSummary } from '@gatewright/testing/mutation'
import { readRecords, type RecordedPolicy, recordVariable } from '@gatewright/testing/recording'
import { type PolicyScore, scoresOf } from '@gatewright/testing/scores'
import { configuration, repositoryOf, type TestingConfig } from '../config.js'
import { jsonText } from '../json-text.js'
import { replaceFile } from '../output.js'
import { isOwnFile } from '../own-files.js'
import { suggest } from '../suggested-files.js'
import { exitCodes, UsageError } from '../usage-error.js'
import { runVitest, type TestRun } from '../vitest-run.js'

export interface TestOptions {
  readonly watch?: boolean
  readonly shard?: string
  readonly project: readonly string[]
  readonly reporter: readonly string[]
  readonly junit?: string
  readonly coverage: boolean
  readonly mutation: boolean
  readonly details?: boolean
  readonly suggest?: boolean
  readonly lcov?: string
  readonly html?: string
  readonly json?: string
  /** A folder to keep the records of the tests in. */
  readonly records?: string
  /** Folders of records to read instead of running tests. */
  readonly scores: readonly string[]
  readonly config?: string | false
}

/** Runs the project's tests with vitest, says how good they are for each policy, and gives the exit code. */
export async function test(filters: readonly string[], options: TestOptions): Promise<number> {
  refuseTogether(options, filters)
  const directory = process.cwd()
  const { config } = await configuration(options.config, { directory, scanned: [], trust: true })
  const { testing = {} } = config
  if (options.scores.length > 0) {
    const recorded = options.scores.flatMap((folder) => recordsNamed(folder))
    return report(merged(recorded), untested(config.policies, recorded), testing, options)
  }
  const settings = {
    ...(options.shard !== undefined && { shard: options.shard }),
    projects: options.project,
    reporters: options.reporter,
    ...(options.junit !== undefined && { junit: options.junit }),
  }
  if (options.watch === true) {
    const run = await runVitest(directory, filters, { ...settings, watch: true })
    return run === undefined ? exitCodes.clean : outcomeOf(run)
  }
  const kept = options.records === undefined ? undefined : emptyFolder(options.records)
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'gatewright-records-'))
  try {
    process.env[recordVariable] = folder
    const run = await runVitest(directory, filters, settings)
    if (run === undefined) return exitCodes.clean
    return Math.max(outcomeOf(run), scored(run, folder, config.policies, testing, options))
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/** Options that cannot both be meant. */
function refuseTogether(options: TestOptions, filters: readonly string[]): void {
  const { watch, scores, shard, records, suggest, lcov, html, json } = options
  const reports = Object.entries({ '--suggest': suggest, '--lcov': lcov, '--html': html, '--json': json })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name)
  if (watch === true && (records !== undefined || reports.length > 0))
    throw new UsageError(
      `\`--watch\` runs a part of the tests at a time, of which \`${reports[0] ?? '--records'}\` says nothing`,
      'leave one of them out',
    )
  if (shard !== undefined && reports.length > 0)
    throw new UsageError(
      `a shard runs a part of the tests, of which \`${reports[0] ?? ''}\` says nothing`,
      'keep the records of all shards with --records, and read them with --scores',
    )
  if (!options.coverage && (suggest !== undefined || lcov !== undefined || html !== undefined))
    throw new UsageError('without condition coverage there is nothing to write', 'leave --no-coverage out')
  const foreign = [
    watch === true ? '--watch' : undefined,
    shard === undefined ? undefined : '--shard',
    records === undefined ? undefined : '--records',
    filters.length > 0 ? (filters[0] ?? '') : undefined,
  ].find((each) => each !== undefined)
  if (scores.length > 0 && foreign !== undefined)
    throw new UsageError(`\`--scores\` reads what was recorded and runs no test: \`${foreign}\` is for a run`)
}

/** A folder for records of this run alone: those of another one would count as its tests. */
function emptyFolder(named: string): string {
  const folder = resolve(named)
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new UsageError(
      `\`${named}\` is not empty, and what is in it would count as this run's`,
      'name another folder',
    )
  // so that a run that asked nothing can be told from a folder that is not there
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The records of a run that was kept: what is not there may hold what lowers a score. */
function recordsNamed(named: string): readonly RecordedPolicy[] {
  const folder = resolve(named)
  if (!existsSync(folder))
    throw new UsageError(`\`${named}\` is not there`, 'name folders that `--records` made')
  return readRecords(folder)
}

/** One list of what several runs recorded. */
function merged(recorded: readonly RecordedPolicy[]): readonly RecordedPolicy[] {
  const byDigest = new Map<string, RecordedPolicy>()
  for (const each of recorded) {
    const key = `${each.policy.id} ${each.digest}`
    const known = byDigest.get(key)
    byDigest.set(
      key,
      known === undefined
        ? each
        : { ...known, suite: [...known.suite, ...each.suite], leftOut: known.leftOut + each.leftOut },
    )
  }
  return [...byDigest.values()]
}

const outcomeOf = ({ passed, failed, errors }: TestRun): number =>
  failed > 0 || errors > 0 ? exitCodes.findings : passed === 0 ? exitCodes.nothingEvaluated : exitCodes.clean

function scored(
  run: TestRun,
  folder: string,
  policies: TestPolicies,
  testing: TestingConfig,
  options: TestOptions,
): number {
  const say = (text: string): void => void process.stderr.write(`${text}\n`)
  if (!options.coverage && !options.mutation) return exitCodes.clean
  if (options.shard !== undefined) {
    const kept =
      options.records === undefined
        ? 'keep its records with --records <folder>'
        : `its records are in ${options.records}`
    say(
      `a shard is not scored by itself: ${kept}, and read those of all shards with \`gatewright test --scores <folders…>\``,
    )
    return exitCodes.clean
  }
  if (run.failed > 0 || run.errors > 0) {
    say('the tests of policies are scored once they pass')
    return exitCodes.clean
  }
  const recorded = readRecords(folder)
  return report(recorded, untested(policies, recorded), testing, options)
}

type TestPolicies = Parameters<typeof policiesOf>[0] | undefined

/** Whether a policy is written in the repository, and not in a package that has its own tests. */
const isOwn = ({ source }: Policy): boolean => source !== undefined && isOwnFile(source)

/** Policies of the configuration that no test asks. */
function untested(policies: TestPolicies, recorded: readonly RecordedPolicy[]): readonly Policy[] {
  const asked = new Set(recorded.map(({ policy }) => policy.id))
  return policiesOf(policies ?? []).filter((policy) => isOwn(policy) && !asked.has(policy.id))
}

function report(
  recorded: readonly RecordedPolicy[],
  untestedOnes: readonly Policy[],
  testing: TestingConfig,
  options: TestOptions,
): number {
  const own = recorded.filter(({ policy }) => isOwn(policy))
  const root = repositoryOf(process.cwd())
  const scores = scoresFor(own, testing, options)
  const lines = [
    ...scores.flatMap((score) => scoreLines(score, options, root)),
    ...untestedOnes.map(({ id }) => `${id}: no test asks it`),
    ...foreignLines(recorded.filter(({ policy }) => !isOwn(policy))),
  ]
  if (lines.length === 0) lines.push('no test asked a policy: there is nothing to score')
  const below = [
    ...scores.flatMap((score) => belowLines(score, testing)),
    ...untestedBelow(untestedOnes, testing),
  ]
  process.stdout.write(
    `\n${[...lines, ...below].map((line) => line.split('\n').map(neutral).join('\n')).join('\n')}\n`,
  )
  writeReports(scores, options, root)
  if (options.suggest === true) suggest(scores, testing)
  const hasGaps = scores.some(
    ({ coverage, mutation }) => (coverage?.missed ?? 0) > 0 || (mutation?.survived ?? 0) > 0,
  )
  if (hasGaps && options.details !== true && options.suggest !== true)
    process.stderr.write('--details shows what no test shows, --suggest writes tests for it\n')
  if (below.length > 0) return exitCodes.findings
  // what is empty has no score that could be below
  return hasLeast(testing) && scores.length === 0 ? exitCodes.nothingEvaluated : exitCodes.clean
}

const hasLeast = ({ coverage = 0, mutation = 0 }: TestingConfig): boolean => coverage > 0 || mutation > 0

function scoresFor(
  recorded: readonly RecordedPolicy[],
  { conditions, survivors }: TestingConfig,
  { coverage, mutation, details, json }: TestOptions,
): readonly PolicyScore[] {
  try {
    return scoresOf(recorded, {
      coverage,
      mutation,
      ...(coverage && conditions !== undefined && { conditions }),
      ...(mutation && survivors !== undefined && { survivors }),
      isOwn: isOwnFile,
      // witnesses are looked for where somebody sees them
      ...(details !== true && json === undefined && { budget: 0 }),
    })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UsageError(error.message, 'mend `testing` in the configuration')
  }
}

function scoreLines(
  { recorded, coverage, mutation }: PolicyScore,
  { details }: TestOptions,
  root: string,
): readonly string[] {
  if (coverage === undefined && mutation === undefined)
    return [`${recorded.policy.id}: its match left all objects out, so no test asks it`]
  if (details === true)
    return [
      ...(coverage === undefined ? [] : [coverageReport(coverage, { root })]),
      ...(mutation === undefined ? [] : [mutationReport(mutation, { root })]),
    ]
  return [
    ...(coverage === undefined ? [] : [coverageSummary(coverage)]),
    ...(mutation === undefined ? [] : [mutationSummary(mutation)]),
  ]
}

function foreignLines(recorded: readonly RecordedPolicy[]): readonly string[] {
  if (recorded.length === 0) return []
  const count = recorded.length === 1 ? '1 policy of a package' : `${recorded.length} policies of packages`
  return [`${count} not scored: ${recorded.map(({ policy }) => policy.id).join(', ')}`]
}

/** What is below the thresholds of the configuration. */
function belowLines(
  { recorded, coverage, mutation }: PolicyScore,
  testing: TestingConfig,
): readonly string[] {
  const below = (what: string, score: number, least: number | undefined): readonly string[] =>
    least === undefined || score >= least
      ? []
      : [`${recorded.policy.id}: ${what} is ${shown(score)}, and has to be ${shown(least)}`]
  return [
    ...below('condition coverage', coverage?.score ?? (mutation === undefined ? 0 : 1), testing.coverage),
    ...below('the mutation score', mutation?.score ?? (coverage === undefined ? 0 : 1), testing.mutation),
  ]
}

function untestedBelow(policies: readonly Policy[], testing: TestingConfig): readonly string[] {
  if (!hasLeast(testing)) return []
  return policies.map(({ id }) => `${id}: has to be tested, and no test asks it`)
}

/** Rounded down, so that what is below a threshold does not read as if it were not. */
const shown = (score: number): string => `${Math.floor(score * 1000) / 10} %`

function writeReports(scores: readonly PolicyScore[], { lcov, html, json }: TestOptions, root: string): void {
  const coverages = scores.flatMap(({ coverage }) => (coverage === undefined ? [] : [coverage]))
  const mutations = scores.flatMap(({ mutation }) => (mutation === undefined ? [] : [mutation]))
  if (lcov !== undefined) replaceFile(lcov, coverageLcov(coverages, { root }))
  if (html !== undefined) replaceFile(html, coverageHtml(coverages, { root }))
  if (json !== undefined) {
    const value = {
      coverage: coverageJson(coverages, { root }),
      mutation: mutations.map((each) => mutationJson(each, { root })),
    }
    replaceFile(json, `${jsonText(value)}\n`)
  }
}
