import { type Command, Option } from 'commander'
import { building } from './bundle-options.js'
import type { InspectOptions } from './commands/inspect.js'
import type { PullCommandOptions } from './commands/pull.js'
import type { PushCommandOptions } from './commands/push.js'
import {
  notBeforeOption,
  verificationAlgOption,
  verificationKeyIdOption,
  verificationKeyOption,
  verificationScopeOption,
} from './options.js'

/** The commands that look at bundles, and bring them to registries and back. */
export function addBundleCommands(program: Command): void {
  program
    .command('inspect')
    .description('Say what an OPA bundle or a WebAssembly module holds, and check the signature of a bundle.')
    .argument('<file>', 'a bundle, or a module that `build --target wasm` made')
    .option('--json', 'as JSON')
    .addOption(verificationKeyOption)
    .addOption(verificationAlgOption)
    .addOption(verificationKeyIdOption)
    .addOption(verificationScopeOption)
    .addOption(notBeforeOption)
    .addHelpText('after', '\nExit codes: 0 it is sound, 2 usage, 3 a bundle is refused.')
    .action(async (file: string, options: InspectOptions) => {
      const { inspect } = await import('./commands/inspect.js')
      process.exitCode = await inspect(file, options)
    })
  building(
    program
      .command('push')
      .description('Push a bundle to an OCI registry, built now or there already.')
      .argument('<reference>', 'where to: registry.example.com/team/policies:1.4')
      .addOption(
        new Option('--layout <layout>', 'who pulls it').choices(['opa', 'conftest', 'gator']).default('opa'),
      )
      .option('--bundle <file>', 'push this bundle, and build none')
      .option('--manifests <folder>', 'gator: push the manifests of Kubernetes in this folder')
      .option('--if-digest <digest>', 'move the tag only where it is this digest, or `none`: not there')
      .option('--plain-http', 'speak plain HTTP to a registry that is not on this machine'),
  )
    .addHelpText(
      'after',
      '\nCredentials are those of `docker login`.\nExit codes: 0 it is there, 1 the tag is another one than was said or someone else moved it, 2 usage, 3 it could not be pushed.',
    )
    .action(async (reference: string, options: PushCommandOptions) => {
      const { push } = await import('./commands/push.js')
      process.exitCode = await push(reference, options)
    })
  program
    .command('pull')
    .description('Pull a bundle from an OCI registry, and write it where all of it is sound.')
    .argument('<reference>', 'what: registry.example.com/team/policies:1.4, or @sha256:…')
    .requiredOption('-o, --out <file>', 'the file to write')
    .addOption(verificationKeyOption)
    .addOption(verificationAlgOption)
    .addOption(verificationKeyIdOption)
    .addOption(verificationScopeOption)
    .addOption(notBeforeOption)
    .option('--max-bytes <n>', 'the most bytes that are pulled (default: 67108864)')
    .option('--plain-http', 'speak plain HTTP to a registry that is not on this machine')
    .addHelpText(
      'after',
      '\nCredentials are those of `docker login`.\nExit codes: 0 it is written, 2 usage, 3 it is refused or could not be pulled.',
    )
    .action(async (reference: string, options: PullCommandOptions) => {
      const { pull } = await import('./commands/pull.js')
      process.exitCode = await pull(reference, options)
    })
}
