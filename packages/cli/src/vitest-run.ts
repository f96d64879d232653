import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as VitestNode from 'vitest/node'
import { UsageError } from './usage-error.js'

/** What vitest is told beside its own configuration. */
export interface VitestRunOptions {
  readonly watch?: boolean
  readonly shard?: string
  readonly projects: readonly string[]
  readonly reporters: readonly string[]
  /** A file that a JUnit report goes to. */
  readonly junit?: string
}

/** What became of a run. */
export interface TestRun {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Errors outside of tests: a file that does not load, a hook that throws, a promise that nobody waited for, coverage that is too low. */
  readonly errors: number
}

/**
 * Runs the project's vitest, with the project's configuration, in this process; resolves when the run ends, and when watching never
 * but by the person who watches. A `UsageError` where vitest is not there.
 */
export async function runVitest(
  directory: string,
  filters: readonly string[],
  options: VitestRunOptions,
): Promise<TestRun | undefined> {
  const { startVitest } = await vitestOf(directory)
  const { watch = false, shard, projects, reporters, junit } = options
  const all = reporters.length === 0 ? ['default'] : reporters
  // vitest says by the exit code that a run is no success, and a run before it may have
  process.exitCode = undefined
  const vitest = await startVitest('test', [...filters], {
    root: directory,
    watch,
    run: !watch,
    ...(shard !== undefined && { shard }),
    ...(projects.length > 0 && { project: [...projects] }),
    reporters: junit === undefined ? [...all] : [...all, 'junit'],
    ...(junit !== undefined && { outputFile: { junit } }),
  })
  if (watch && vitest.shouldKeepServer()) return undefined
  const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()])
  const count = (state: string): number => tests.filter((test) => test.result().state === state).length
  const [passed, failed] = [count('passed'), count('failed')]
  const modules = vitest.state.getTestModules()
  const broken = [...modules, ...modules.flatMap((module) => [...module.children.allSuites()])].filter(
    (each) => each.errors().length > 0,
  ).length
  const errors = broken + vitest.state.getUnhandledErrors().length
  const run = {
    passed,
    failed,
    skipped: count('skipped'),
    errors: passed > 0 && failed + errors === 0 && hasFailed() ? 1 : errors,
  }
  await vitest.close()
  return run
}

/** Whether vitest calls a run failed, for whatever reason: thresholds of its own coverage, snapshots that are obsolete. */
const hasFailed = (): boolean => (process.exitCode ?? 0) !== 0

async function vitestOf(directory: string): Promise<typeof VitestNode> {
  let path: string
  try {
    path = createRequire(join(directory, 'package.json')).resolve('vitest/node')
  } catch (error) {
    throw new UsageError(
      `vitest is not there: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
      'install it beside gatewright: npm install --save-dev vitest',
    )
  }
  return (await import(pathToFileURL(path).href)) as typeof VitestNode
}
