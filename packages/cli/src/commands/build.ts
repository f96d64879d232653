import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { emitModule } from '@gatewright/compiler'
import { type Json, distinctPolicies, type Policy, readParameters } from '@gatewright/core'
import { configuration } from '../config.js'
import { replaceFile } from '../output.js'
import { parametersFor } from '../parameters.js'
import { namedOrConfigured } from '../policies.js'
import { UsageError } from '../usage-error.js'

export interface BuildOptions {
  readonly target: string
  readonly out: string
  readonly policy: readonly string[]
  readonly parameters?: string
  readonly config?: string | false
  readonly check?: boolean
}

/** A file that a target makes, by its path below the output folder. */
interface BuiltFile {
  readonly path: string
  readonly text: string
}

type Build = (policy: Policy, parameters: Json) => readonly BuiltFile[]

const targets: Readonly<Record<string, Build>> = {
  javascript: ({ id, ir }, parameters) => [{ path: `${id}.js`, text: emitModule(ir, parameters) }],
}

/** The names that `--target` takes. */
export const targetNames: readonly string[] = Object.keys(targets)

/**
 * Writes policies in the form of a target, a file a policy, and gives the exit code. With `--check` it writes nothing and gives 1
 * where a file is not what would be written.
 */
export async function build(options: BuildOptions): Promise<number> {
  const context = { directory: process.cwd(), scanned: [], trust: true }
  const { config } = await configuration(options.config, context)
  const policies = distinctPolicies(await namedOrConfigured(options.policy, config, context))
  if (policies.length === 0)
    throw new UsageError('there is nothing to build', 'name policies with --policy, or in the configuration')
  const parameters = await parametersFor(policies, config, options.parameters)
  const files = policies.flatMap((policy) => built(policy, parameters[policy.id], options.target))
  const out = resolve(options.out)
  return options.check === true ? compare(files, out) : write(files, out)
}

function built(
  policy: Policy,
  given: Readonly<Record<string, unknown>> | undefined,
  target: string,
): readonly BuiltFile[] {
  const make = Object.hasOwn(targets, target) ? targets[target] : undefined
  if (make === undefined)
    throw new UsageError(`there is no target \`${target}\``, `targets are ${targetNames.join(', ')}`)
  const read = readParameters(policy, given)
  if ('parameters' in read) return make(policy, read.parameters)
  const [problem] = read.problems
  throw new UsageError(
    `the parameters of \`${policy.id}\`: ${problem?.path.join('.') ?? ''}: ${problem?.message ?? ''}`,
    'give them with --parameters, or in the configuration',
  )
}

function write(files: readonly BuiltFile[], out: string): number {
  for (const { path, text } of files) {
    const file = join(out, path)
    mkdirSync(dirname(file), { recursive: true })
    replaceFile(file, text)
  }
  process.stderr.write(`${files.length} files in ${relative(process.cwd(), out) || '.'}\n`)
  return 0
}

function compare(files: readonly BuiltFile[], out: string): number {
  const drifted = files.filter(({ path, text }) => {
    const file = join(out, path)
    return !existsSync(file) || readFileSync(file, 'utf8') !== text
  })
  for (const { path } of drifted)
    process.stdout.write(`${relative(process.cwd(), join(out, path))} is not what the policy comes to\n`)
  return drifted.length === 0 ? 0 : 1
}
