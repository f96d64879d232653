import { Command, CommanderError, Option } from 'commander'
import type { BuildOptions } from './build-target.js'
import type { ExplainOptions } from './commands/explain.js'
import type { LintOptions } from './commands/lint.js'
import type { ListOptions } from './commands/list.js'
import type { TestOptions } from './commands/test.js'
import { addComparing } from './comparing.js'
import {
  builtPolicyOption,
  collect,
  celOption,
  configOption,
  holdsToOption,
  noConfigOption,
  parameterObjectsOption,
  parametersOption,
  signingAlgOption,
  signingKeyIdOption,
  signingKeyOption,
  signingScopeOption,
  verificationKeyOption,
} from './options.js'
import { addBundleCommands } from './bundle-commands.js'
import { addPublishCommands } from './publish-commands.js'
import { addServeCommands } from './serve-commands.js'
import { exitCodes, UsageError } from './usage-error.js'
import { version } from './version.js'

function program(): Command {
  const command = new Command('gatewright')
    .description(
      'Security policies in typed TypeScript: judge manifests with them, explain them, start with them.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(run with --help for how it is called)')
  command
    .command('check')
    .description('Judge manifests: files, folders, globs, or - for standard input.')
    .argument('[paths...]', 'what to judge')
    .option(
      '-p, --policy <name>',
      'a pack, the id of a policy of one or of the configuration, or a module that exports policies; may be repeated',
      collect,
      [],
    )
    .addOption(parametersOption)
    .option(
      '-f, --format <format>',
      'text, json, sarif, junit or github, with =file to write to one; may be repeated',
      collect,
      [],
    )
    .option('--fail-on <severity>', 'the least severity that makes the exit code 1 (default: low)')
    .option('--exceptions <file>', 'a YAML file with suppressions')
    .addOption(configOption)
    .addOption(noConfigOption)
    .addOption(
      new Option(
        '--engine <name>',
        'the engine that judges; opa, opa-wasm: in process, with the `opa` on PATH or the npm package as a witness',
      )
        .choices(['javascript', 'wasm', 'reference', 'opa', 'opa-wasm'])
        .default('javascript'),
    )
    .option(
      '--inventory-complete',
      'the files are all objects there are: what is not among them does not exist',
    )
    .option('--explain', 'say with each finding why the policy found it')
    .option('--strict', 'what is undetermined makes the exit code 3')
    .option('--allow-empty', 'evaluating nothing is fine')
    .option('--trust', 'run configuration and policies that lie in what is judged')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      '\nExit codes: 0 clean, 1 findings, 2 usage, 3 something could not be judged, 4 nothing was evaluated.',
    )
    .action(async (paths: string[], options) => {
      const { check } = await import('./commands/check.js')
      process.exitCode = await check(paths, options)
    })
  command
    .command('test')
    .description(
      'Run the tests of policies with vitest, and say how good they are: condition coverage and mutants.',
    )
    .argument('[filters...]', 'test files whose path contains one of these (default: all)')
    .option('-w, --watch', 'run again what a change concerns; nothing is scored')
    .option('--shard <index/count>', 'run a part of the test files')
    .option('--project <name>', 'a project of the vitest configuration; may be repeated', collect, [])
    .option('--reporter <name>', 'a reporter of vitest (default: default); may be repeated', collect, [])
    .option('--junit <file>', 'write a JUnit report')
    .option('--no-coverage', 'do not measure condition coverage')
    .option('--no-mutation', 'run no mutants')
    .option(
      '--details',
      'show what no test shows: conditions with their lines, mutants with an object that tells them apart',
    )
    .option('--suggest', 'write test files for what no test shows, beside the policies')
    .option('--lcov <file>', 'write the condition coverage for tools that read lcov')
    .option('--html <file>', 'write the condition coverage as a page')
    .option('--json <file>', 'write all scores as JSON')
    .option('--records <folder>', 'keep what the tests asked, for --scores')
    .option('--scores <folder>', 'score what was recorded, and run nothing; may be repeated', collect, [])
    .addOption(configOption)
    .addOption(noConfigOption)
    .addHelpText(
      'after',
      '\nExit codes: 0 all is well, 1 a test fails or a score is below the configuration, 2 usage, 3 records cannot be read, 4 no test ran.',
    )
    .action(async (filters: string[], options: TestOptions) => {
      const { test } = await import('./commands/test.js')
      process.exitCode = await test(filters, options)
    })
  command
    .command('explain')
    .description('Print what a policy means: its parameters, its rules in words, the fields that it reads.')
    .argument('<policy>', 'a policy id, a pack, or a module')
    .option('--missing', 'for each field, whether its absence passes or denies')
    .addOption(configOption)
    .addOption(noConfigOption)
    .action(async (name: string, options: ExplainOptions) => {
      const { explain } = await import('./commands/explain.js')
      process.exitCode = await explain(name, options)
    })
  command
    .command('list')
    .description('List the packs, and what the configuration names, with their policies.')
    .argument('[names...]', 'packs, policy ids or modules')
    .option('--json', 'as JSON, with parameters')
    .addOption(configOption)
    .addOption(noConfigOption)
    .action(async (names: string[], options: ListOptions) => {
      const { list } = await import('./commands/list.js')
      process.exitCode = await list(names, options)
    })
  command
    .command('lint')
    .description('Find what is allowed in policies and hardly meant.')
    .argument('[paths...]', 'modules to look through for JavaScript operators on expressions (default: all)')
    .option(
      '-p, --policy <name>',
      'look at this pack, policy or module instead of what the configuration names; may be repeated',
      collect,
      [],
    )
    .addOption(configOption)
    .addOption(noConfigOption)
    .action(async (paths: string[], options: LintOptions) => {
      const { lint } = await import('./commands/lint.js')
      process.exitCode = await lint(paths, options)
    })
  command
    .command('build')
    .description(
      'Write policies in another form: a file a policy, one module of WebAssembly, an OPA bundle, or manifests for Gatekeeper, Kyverno and the API server.',
    )
    .requiredOption(
      '-t, --target <target>',
      'javascript: an ES module that judges, its parameters in it; rego: modules for OPA or Gatekeeper; wasm: a module of all policies that hosts of OPA load; bundle: an OPA bundle; gatekeeper: templates, constraints, a sync set and suites; vap: admission policies of the API server itself; webhook, provider: what runs `serve webhook` and `serve provider` in a cluster',
    )
    .addOption(
      new Option('--entry <who>', 'rego: who asks, with what input')
        .choices(['opa', 'gatekeeper'])
        .default('opa'),
    )
    .addOption(
      new Option('--rego-version <version>', 'rego, gatekeeper: v0 is for Gatekeepers that know no other')
        .choices(['v1', 'v0'])
        .default('v1'),
    )
    .option('--no-simd', 'wasm: for hosts that know no 128-bit SIMD')
    .option('-o, --out <folder>', 'where to', 'build')
    .addOption(builtPolicyOption)
    .addOption(
      new Option('--form <form>', 'what a bundle judges with (default: rego)').choices([
        'rego',
        'wasm',
        'both',
        'policies',
      ]),
    )
    .option('--records <folder>', 'gatekeeper: write suites of gator from what `test --records` kept')
    .addOption(
      new Option(
        '--action <action>',
        'gatekeeper, vap, webhook: what is done about violations (default: `actions` of the configuration, or deny)',
      ).choices(['deny', 'warn', 'dryrun']),
    )
    .option(
      '--exclude-namespace <name>',
      'vap, kyverno, webhook: where it is not in force (default: kube-system; kyverno in kyverno too); may be repeated',
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    )
    .addOption(parameterObjectsOption)
    .addOption(celOption)
    .addOption(holdsToOption)
    .option(
      '--stage <name>',
      'gatekeeper, vap, kyverno, webhook, bundle: a stage of `rollout` in the configuration',
    )
    .option('--image <image>', 'webhook, provider: an image with Node and the command gatewright')
    .option('--namespace <name>', 'webhook, provider: where it runs (default: gatewright-system)')
    .option('--replicas <n>', 'webhook, provider: how many of it run (default: 2)')
    .option(
      '--ca <file>',
      'webhook, provider: the authority of its certificate; without it cert-manager makes one',
    )
    .option('--mutate', 'webhook: also mend what has a fix')
    .option('--provider <name>', 'gatekeeper, provider: the Provider that judges in the place of Rego')
    .addOption(verificationKeyOption)
    .option('--sequence <number>', 'the number of a bundle among those before and after it, in its revision')
    .addOption(signingKeyOption)
    .addOption(signingAlgOption)
    .addOption(signingKeyIdOption)
    .addOption(signingScopeOption)
    .addOption(parametersOption)
    .addOption(configOption)
    .addOption(noConfigOption)
    .option(
      '--check',
      'write nothing; the exit code is 1 where a file is not what the same options would write',
    )
    .action(async (options: BuildOptions) => {
      const { build } = await import('./commands/build.js')
      process.exitCode = await build(options)
    })
  addComparing(command)
  addBundleCommands(command)
  addServeCommands(command)
  addPublishCommands(command)
  command
    .command('types')
    .description('Write TypeScript types and schemas for CustomResourceDefinitions.')
    .argument('<paths...>', 'files with definitions')
    .option('-o, --out <file>', 'the file to write')
    .action(async (paths: string[], options: { readonly out?: string }) => {
      const { types } = await import('./commands/types.js')
      process.exitCode = types(paths, options)
    })
  command
    .command('init')
    .description('Write a working project: a policy, its test, a configuration.')
    .argument('[folder]', 'where', '.')
    .action(async (folder: string) => {
      const { init } = await import('./commands/init.js')
      process.exitCode = init(folder)
    })
  return command
}

async function run(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // a reader that has seen enough closes the pipe; that is no error of ours
    if (error.code === 'EPIPE') return
    process.stderr.write(`gatewright: standard output could not be written: ${error.message}\n`)
    process.exit(exitCodes.usage)
  })
  // nobody is left to tell
  process.stderr.on('error', () => {})
  try {
    await program().parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.clean : exitCodes.usage
    } else if (error instanceof UsageError) {
      await tell(error.message, error.help)
      process.exitCode = exitCodes.usage
    } else if (error instanceof Error && error.name === 'DefinitionError') {
      // by its name, since the language is loaded only where it is needed
      await tell(error.message)
      process.exitCode = exitCodes.usage
    } else {
      await tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
      process.exitCode = exitCodes.unjudged
    }
  }
}

/** Says on standard error what went wrong; names in it may come from files, and write no escapes. */
async function tell(message: string, help?: string): Promise<void> {
  const { neutral } = await import('@gatewright/reports')
  const text = `gatewright: ${message}${help === undefined ? '' : `\n  ${help}`}`
  process.stderr.write(`${text.split('\n').map(neutral).join('\n')}\n`)
}

await run()
