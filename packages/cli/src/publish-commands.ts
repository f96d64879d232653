import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DriftOptions } from './commands/drift.js'
import type { PublishCommandOptions } from './commands/publish.js'
import {
  builtPolicyOption,
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
import { publishTargets } from './publishing-options.js'

/** The commands that bring policies into force, and tell what is in force otherwise. */
export function addPublishCommands(program: Command): void {
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
