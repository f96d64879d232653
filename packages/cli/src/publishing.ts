import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DriftOptions } from './commands/drift.js'
import type { InspectOptions } from './commands/inspect.js'
import type { PublishCommandOptions } from './commands/publish.js'
import type { PullCommandOptions } from './commands/pull.js'
import type { PushCommandOptions } from './commands/push.js'
import type { ServeBundlesOptions } from './commands/serve-bundles.js'
import { publishTargets } from './publishing-options.js'
import type { ServePoliciesOptions } from './served-policies.js'
import {
  builtPolicyOption,
  celOption,
  configOption,
  holdsToOption,
  noConfigOption,
  parameterObjectsOption,
  notBeforeOption,
  parametersOption,
  signingAlgOption,
  signingKeyIdOption,
  signingKeyOption,
  signingScopeOption,
  verificationAlgOption,
  verificationKeyIdOption,
  verificationKeyOption,
  verificationScopeOption,
} from './options.js'

/** The options of a bundle that is built, as `build --target bundle` has them. */
function building(command: Command): Command {
  return command
    .addOption(builtPolicyOption)
    .addOption(
      new Option('--form <form>', 'what the bundle judges with (default: rego)').choices([
        'rego',
        'wasm',
        'both',
        'policies',
      ]),
    )
    .option('--sequence <number>', 'the number of the bundle among those before and after it')
    .addOption(signingKeyOption)
    .addOption(signingAlgOption)
    .addOption(signingKeyIdOption)
    .addOption(signingScopeOption)
    .addOption(parametersOption)
    .addOption(configOption)
    .addOption(noConfigOption)
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

/** The commands that look at bundles, and bring them to those who load them. */
export function addPublishing(program: Command): void {
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
  inClusters(
    program
      .command('publish')
      .description(
        'Build policies, run the tests, bring them into a cluster, a registry or OPA in order, and wait until they are in force.',
      )
      .addOption(publishTargetOption('--to <target>', 'where to; may be repeated')),
  )
    .option('--dry-run', 'ask the cluster what it would come to, and change nothing')
    .option('--diff', 'the same, with each difference; the exit code is 1 where there is one')
    .option('--prune', 'delete what was published under this name and comes from it no more')
    .option('--force', 'take over fields that others manage')
    .option('--timeout <seconds>', 'how long to wait for each step to be in force (default: 60)')
    .option('--no-test', 'publish without running the tests')
    .addHelpText(
      'after',
      '\nExit codes: 0 it is in force, 1 the tests do not pass or --diff has found differences, 2 usage, 3 it is refused, or not in force in time.',
    )
    .action(async (options: PublishCommandOptions) => {
      const { publish } = await import('./commands/publish.js')
      process.exitCode = await publish(options)
    })
  inClusters(
    program
      .command('drift')
      .description(
        'Tell what a cluster, a registry or OPA has otherwise than its source: missing, changed, and more than that.',
      )
      .addOption(publishTargetOption('--from <target>', 'what to look at; may be repeated')),
  )
    .option('--json', 'as JSON, also what is the same')
    .addHelpText('after', '\nExit codes: 0 it is the same, 1 it is not, 2 usage, 3 it could not be told.')
    .action(async (options: DriftOptions) => {
      const { drift } = await import('./commands/drift.js')
      process.exitCode = await drift(options)
    })
}

const publishTargetOption = (flags: string, description: string): Option =>
  new Option(flags, `${description}: ${publishTargets.join(', ')}`)
    .argParser((value: string, before: readonly string[]) => {
      if (!publishTargets.some((each) => each === value))
        throw new InvalidArgumentError(`there are ${publishTargets.join(', ')}`)
      return [...before, value]
    })
    .default([])

/** The options of what is built for a cluster, and of where the cluster is. */
function inClusters(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'the kubeconfig, instead of KUBECONFIG and ~/.kube/config')
    .option('--context <name>', 'the context of it, instead of the current one')
    .option('--reference <reference>', 'oci: the tag, as registry.example.com/team/policies:main')
    .option('--opa-url <url>', 'opa: where it listens')
    .option('--opa-token <token>', 'opa: a bearer token: a file, or env:NAME')
    .option('--plain-http', 'oci, opa: speak plain HTTP to what is not on this machine')
    .addOption(
      new Option('--form <form>', 'oci: what the bundle judges with (default: rego)').choices([
        'rego',
        'wasm',
        'both',
        'policies',
      ]),
    )
    .option('--sequence <number>', 'oci: the number of the bundle among those before and after it')
    .option('--stage <name>', 'a stage of `rollout` in the configuration')
    .option('--source <name>', 'the name that what is published carries (default: that of the repository)')
    .addOption(builtPolicyOption)
    .addOption(
      new Option(
        '--action <action>',
        'what is done about violations (default: `actions` of the configuration)',
      ).choices(['deny', 'warn', 'dryrun']),
    )
    .option(
      '--exclude-namespace <name>',
      'vap, webhook: where it is not in force (default: kube-system); may be repeated',
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    )
    .addOption(parameterObjectsOption)
    .addOption(celOption)
    .addOption(holdsToOption)
    .option('--image <image>', 'webhook, provider: an image with Node and the command gatewright')
    .option('--namespace <name>', 'webhook, provider: where it runs (default: gatewright-system)')
    .option('--replicas <n>', 'webhook, provider: how many of it run (default: 2)')
    .option('--ca <file>', 'webhook, provider: the authority of its certificate')
    .option('--mutate', 'webhook: also mend what has a fix')
    .option('--provider <name>', 'gatekeeper, provider: the Provider that judges in the place of Rego')
    .addOption(signingKeyOption)
    .addOption(verificationKeyOption)
    .addOption(signingAlgOption)
    .addOption(signingKeyIdOption)
    .addOption(signingScopeOption)
    .addOption(parametersOption)
    .addOption(configOption)
    .addOption(noConfigOption)
}
