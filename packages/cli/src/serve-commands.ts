import type { Command } from 'commander'
import { building } from './bundle-options.js'
import type { ServeBundlesOptions } from './commands/serve-bundles.js'
import {
  builtPolicyOption,
  configOption,
  noConfigOption,
  parametersOption,
  verificationAlgOption,
  verificationKeyIdOption,
  verificationKeyOption,
  verificationScopeOption,
} from './options.js'
import type { ServePoliciesOptions } from './served-policies.js'

/** The commands that serve policies to those who load them or ask them. */
export function addServeCommands(program: Command): void {
  const serve = program.command('serve').description('Serve policies to those who load them.')
  building(
    serve
      .command('bundles')
      .description(
        'Serve bundles to OPA, of a folder or built now, and keep the status and decisions that it posts.',
      )
      .argument('[folder]', 'serve <name>.tar.gz of this folder as /bundles/<name>.tar.gz, and build none')
      .option('--name <name>', 'serve what is built as /bundles/<name>.tar.gz (default: policies)')
      .option('-w, --watch', 'build again when a file below this folder changes')
      .option('--host <host>', 'where to listen', '127.0.0.1')
      .option('--port <port>', 'where to listen; 0 for a free one', '8282')
      .option('--tokens <file>', 'who may have what: on each line a bundle, *, /status or /logs, and a token')
      .option('--tls-cert <file>', 'speak HTTPS with this certificate, in PEM')
      .option('--tls-key <file>', 'its private key')
      .option('--client-ca <file>', 'let through only clients with a certificate of this authority')
      .option('--plain-http', 'speak plain HTTP also where other machines listen in')
      .option('--reports <folder>', 'keep what OPA posts to /status and /logs in this folder')
      .option(
        '--verification-key <key>',
        'serve from the folder only what this key signed: a public key or a certificate in PEM, or a secret: a file, or env:NAME',
      )
      .option('--state <file>', 'remember the newest revisions here, so that none goes back after a restart')
      .option('--allow-rollback', 'serve revisions also where they are older'),
  )
    .addHelpText(
      'after',
      '\nWrites its address to standard output and its log, in JSON, to standard error; ends on SIGTERM when all have their answer.\nExit codes: 0 it was told to end, 2 usage, 3 a bundle is refused at the start.',
    )
    .action(async (folder: string | undefined, options: ServeBundlesOptions) => {
      const { serveBundles } = await import('./commands/serve-bundles.js')
      process.exitCode = await serveBundles(folder, options)
    })
  following(
    serve
      .command('webhook')
      .description(
        'Answer the admission reviews of an API server: /validate denies and warns, /mutate mends.',
      ),
  ).action(async (options: ServePoliciesOptions) => {
    const { serveWebhook } = await import('./commands/serve-webhook.js')
    process.exitCode = await serveWebhook(options)
  })
  following(
    serve
      .command('provider')
      .description(
        'Judge for Gatekeeper, as the external-data provider of `build --target gatekeeper --provider`.',
      ),
  ).action(async (options: ServePoliciesOptions) => {
    const { serveProvider } = await import('./commands/serve-provider.js')
    process.exitCode = await serveProvider(options)
  })
}

/** The options of a server that judges by policies, which it follows as they change. */
function following(command: Command): Command {
  return command
    .addOption(builtPolicyOption)
    .option('--bundle <source>', 'judge by the policies of this bundle: a file, https://…, or oci://…')
    .option('--bundle-token <token>', 'the token for the server of the bundle: a file, or env:NAME')
    .option('--poll <seconds>', 'how often to look for another bundle (default: 1 for a file, else 30)')
    .addOption(verificationKeyOption)
    .addOption(verificationAlgOption)
    .addOption(verificationKeyIdOption)
    .addOption(verificationScopeOption)
    .option('--tls-cert <file>', 'speak HTTPS with this certificate, in PEM')
    .option('--tls-key <file>', 'its private key')
    .option('--client-ca <file>', 'let through only clients with a certificate of this authority')
    .option('--client-name <name>', 'let through only a client whose certificate has this name')
    .option('--plain-http', 'speak plain HTTP, and fetch bundles by it from other machines')
    .option('--host <host>', 'where to listen', '127.0.0.1')
    .option('--port <port>', 'where to listen; 0 for a free one', '8443')
    .option('--health-port <port>', 'tell /livez, /readyz and /metrics here, in plain HTTP')
    .option('--queue <n>', 'how many requests may wait (default: 256)')
    .addOption(parametersOption)
    .addOption(configOption)
    .addOption(noConfigOption)
    .addHelpText(
      'after',
      '\nWrites its addresses to standard output and its log, in JSON, to standard error; ends on SIGTERM when all have their answer.\nExit codes: 0 it was told to end, 2 usage.',
    )
}
