import { type Command, Option } from 'commander'
import type { DiffCommandOptions } from './commands/diff.js'
import type { EquivOptions } from './commands/equiv.js'
import { collect, configOption, noConfigOption, parametersOption } from './options.js'

const objectsOption: Option = new Option(
  '--objects <path>',
  'ask about these manifests too, as `check` reads them; may be repeated',
)
  .argParser(collect)
  .default([])

/** The commands that hold engines and versions of policies against each other. */
export function addComparing(program: Command): void {
  program
    .command('equiv')
    .description(
      'Hold the engines that are installed against the reference: do all say the same of policies?',
    )
    .argument('[policies...]', 'packs, policy ids or modules (default: those of the configuration)')
    .option(
      '--engine <name>',
      'compare this engine, and fail where it cannot be; may be repeated',
      collect,
      [],
    )
    .addOption(objectsOption)
    .option('--runs <n>', 'questions that are made up for each policy (default: 300)')
    .option('--seed <n>', 'what they are made from (default: 1)')
    .addOption(parametersOption)
    .option('--json', 'as JSON')
    .addOption(configOption)
    .addOption(noConfigOption)
    .addHelpText(
      'after',
      '\nExit codes: 0 no difference, 1 differences, 2 usage, 3 an engine that was named could not be compared, 4 nothing was.',
    )
    .action(async (names: string[], options: EquivOptions) => {
      const { equiv } = await import('./commands/equiv.js')
      process.exitCode = await equiv(names, options)
    })
  program
    .command('diff')
    .description('Look for objects of which two versions of policies say different things.')
    .argument('<old>', 'a module, <git-revision>:<path of a module>, a pack or a policy id')
    .argument('<new>', 'the same of the version that is to be')
    .addOption(objectsOption)
    .option('--runs <n>', 'questions that are made up for each policy (default: 5000)')
    .option('--seed <n>', 'what they are made from (default: 1)')
    .option(
      '--fail-on <what>',
      'what makes the exit code 1: any, or newly-allowed (with policies that are gone)',
      'any',
    )
    .option('--json', 'as JSON')
    .addOption(configOption)
    .addOption(noConfigOption)
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing found, 1 differences, 2 usage, 4 no policy is on both sides.',
    )
    .action(async (old: string, changed: string, options: DiffCommandOptions) => {
      const { diff } = await import('./commands/diff.js')
      process.exitCode = await diff(old, changed, options)
    })
}
