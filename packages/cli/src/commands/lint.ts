import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { UsageError } from '../usage-error.js'

/** The two rules that know an expression from a plain value: expressions look like promises to them. */
const rules = ['typescript/no-misused-promises', 'typescript/no-unnecessary-condition']

/**
 * Lints policy modules for JavaScript operators on expressions, which would turn a rule into a constant. It runs oxlint with
 * type information, which the user's project has installed, with just these rules.
 */
export function lint(paths: readonly string[]): number {
  const program = oxlint()
  const allowed = rules.flatMap((rule) => ['-D', rule])
  // tests ask plain values, of which the rules know too much
  const tests = ['--ignore-pattern', '**/*.test.ts']
  const { status, error } = spawnSync(
    process.execPath,
    [program, '--type-aware', '-A', 'all', ...allowed, ...tests, ...(paths.length > 0 ? paths : ['.'])],
    {
      stdio: 'inherit',
    },
  )
  if (error !== undefined) throw new UsageError(`oxlint could not be run: ${error.message}`)
  return status === 0 ? 0 : 1
}

function oxlint(): string {
  const help = 'npm install --save-dev oxlint oxlint-tsgolint'
  try {
    const require = createRequire(join(process.cwd(), 'package.json'))
    require.resolve('oxlint-tsgolint/package.json')
    return join(dirname(require.resolve('oxlint/package.json')), 'bin', 'oxlint')
  } catch {
    throw new UsageError('linting needs oxlint and its type-aware companion in this project', help)
  }
}
