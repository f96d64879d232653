import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { lintPolicy, policiesOf, type SourceLocation, sourceText } from '@gatewright/core'
import { blocksFinalizerRemoval, lintKubernetesPolicy } from '@gatewright/kubernetes'
import { configuration } from '../config.js'
import { wantsColor } from '../output.js'
import { carriedPolicies, namedOrConfigured } from '../policies.js'
import { UsageError } from '../usage-error.js'

/** The two rules that know an expression from a plain value: expressions look like promises to them. */
const rules = ['typescript/no-misused-promises', 'typescript/no-unnecessary-condition']

/** What the words of those rules, which are oxlint's, come to. */
const operatorsHelp = `
to these rules an expression is a promise: what they point at is an operator that does not see the input
  write .and(), .or() and .not() for \`&&\`, \`||\` and \`!\`, and when(…) for \`? :\`; an \`if\` is a filter or onlyIf(…)

`
export interface LintOptions {
  readonly policy: readonly string[]
  readonly config?: string | false
}

/**
 * Lints policies in two ways: their modules for JavaScript operators on expressions, which would turn a rule into a constant
 * (by oxlint with type information, which the user's project has installed, with just these rules), and what they came to for
 * conditions that nothing changes and parts that are forgotten. Gives the exit code: 1 where something was found.
 */
export async function lint(paths: readonly string[], options: LintOptions): Promise<number> {
  const operators = lintOperators(paths)
  const context = { directory: process.cwd(), scanned: [], trust: true }
  const { config } = await configuration(options.config, context)
  const policies = policiesOf(await namedOrConfigured(options.policy, config, context))
  const found = policies.flatMap(({ ir }) =>
    [...lintPolicy(ir), ...lintKubernetesPolicy(ir)].map((each) => ({ id: ir.id, ...each })),
  )
  for (const { id, name, message, source } of found) {
    process.stdout.write(
      `${source === undefined ? '' : `${placeText(source)}: `}${id}: ${message} [${name}]\n`,
    )
  }
  // what a configuration takes from a pack is not its author's to change
  const others = options.policy.length > 0 ? [] : (await carriedPolicies()).map(({ id }) => id)
  const held = policies.filter(({ id, ir }) => !others.includes(id) && blocksFinalizerRemoval(ir))
  if (held.length > 0) {
    process.stderr.write(
      `note: in a cluster, what these deny and what was there before them cannot be deleted while it has finalizers; \`when: allowFinalizerRemoval\` lets it go: ${held.map(({ id }) => id).join(', ')}\n`,
    )
  }
  process.stderr.write(
    policies.length === 0
      ? 'no policies are configured, so only the modules were looked at: name some with --policy\n'
      : `${policies.length} ${policies.length === 1 ? 'policy' : 'policies'}, ${found.length} odd ${found.length === 1 ? 'thing' : 'things'}\n`,
  )
  return operators === 0 && found.length === 0 ? 0 : 1
}

const placeText = (source: SourceLocation): string =>
  sourceText({ ...source, file: relative(process.cwd(), source.file) })

function lintOperators(paths: readonly string[]): number {
  const program = oxlint()
  const allowed = rules.flatMap((rule) => ['-D', rule])
  // tests ask plain values, of which the rules know too much
  const tests = ['--ignore-pattern', '**/*.test.ts']
  const { status, error } = spawnSync(
    process.execPath,
    [program, '--type-aware', '-A', 'all', ...allowed, ...tests, ...(paths.length > 0 ? paths : ['.'])],
    { stdio: 'inherit', env: environment() },
  )
  if (error !== undefined) throw new UsageError(`oxlint could not be run: ${error.message}`)
  if (status === 1) process.stderr.write(operatorsHelp)
  return status ?? 1
}

/** The linter takes `CI` for a wish for colour, whatever `NO_COLOR` says. */
function environment(): NodeJS.ProcessEnv {
  if (wantsColor(process.stdout.isTTY)) return process.env
  const { CI: _, FORCE_COLOR: __, ...others } = process.env
  return { ...others, NO_COLOR: '1' }
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
