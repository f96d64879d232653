import { type Command, Option } from 'commander'
import {
  builtPolicyOption,
  configOption,
  noConfigOption,
  parametersOption,
  signingAlgOption,
  signingKeyIdOption,
  signingKeyOption,
  signingScopeOption,
} from './options.js'

/** The options of a bundle that is built, as `build --target bundle` has them. */
export function building(command: Command): Command {
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
