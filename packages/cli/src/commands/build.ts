import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import {
  emitModule,
  emitRegoFiles,
  emitWasm,
  RegoCollision,
  RegoUnsupported,
  WasmUnsupported,
} from '@gatewright/compiler'
import { stageActions } from '@gatewright/publish'
import type { BuildOptions, BuiltFile, BuildTarget } from '../build-target.js'
import { builtBundle, checkedIr, type Configured, configuredPolicies } from '../built-bundle.js'
import { type Config, repositoryOf } from '../config.js'
import { replaceFile } from '../output.js'
import { UsageError } from '../usage-error.js'

const targets: Readonly<Record<string, BuildTarget>> = {
  javascript: (policies) =>
    policies.map(({ policy: { id, ir }, parameters }) => ({
      path: `${id}.js`,
      content: emitModule(ir, parameters),
    })),
  rego: regoFiles,
  wasm: wasmFiles,
  bundle: bundleFile,
  gatekeeper: async (...given) => (await import('../gatekeeper-target.js')).gatekeeperBuild(...given),
  vap: async (...given) => (await import('../admission-policies-target.js')).admissionPolicyBuild(...given),
  kyverno: async (...given) => (await import('../admission-policies-target.js')).kyvernoBuild(...given),
  webhook: async (...given) => (await import('../server-target.js')).webhookBuild(...given),
  provider: async (...given) => (await import('../server-target.js')).providerBuild(...given),
}

/** Folders in which a target writes all that there is: what else is in them would be applied with it. */
const ownFolders: Readonly<Record<string, readonly string[]>> = {
  gatekeeper: ['templates', 'mutations', 'constraints', 'suites'],
  vap: ['definitions', 'parameters', 'policies', 'bindings'],
  kyverno: ['policies'],
  webhook: ['server', 'configuration'],
  provider: ['server', 'configuration'],
}

/** The names that `--target` takes. */
export const targetNames: readonly string[] = Object.keys(targets)

/**
 * Writes policies in the form of a target and gives the exit code. With `--check` it writes nothing and gives 1
 * where a file is not what would be written.
 */
export async function build(options: BuildOptions): Promise<number> {
  const files = await builtFiles(options)
  const out = resolve(options.out)
  const stale = staleFiles(files, out, ownFolders[options.target] ?? [])
  return options.check === true ? compare(files, stale, out) : write(files, stale, out)
}

/** The files that a target comes to. */
export async function builtFiles(options: BuildOptions): Promise<readonly BuiltFile[]> {
  const make = Object.hasOwn(targets, options.target) ? targets[options.target] : undefined
  if (make === undefined)
    throw new UsageError(`there is no target \`${options.target}\``, `targets are ${targetNames.join(', ')}`)
  refuseForeign(options)
  // what is emitted names the TypeScript that a rule was written in, also of policies that were compiled
  process.setSourceMapsEnabled(true)
  const { policies, config } = await configuredPolicies(options)
  return make(policies, options, staged(options, config))
}

/** The configuration with what is done in the stage that is named. */
function staged({ stage, action }: BuildOptions, config: Config): Config {
  if (stage === undefined) return config
  if (action !== undefined)
    throw new UsageError('--stage and --action both say what is done', 'leave one of them out')
  if (config.rollout === undefined)
    throw new UsageError('the configuration has no stages', 'give it a `rollout`, or leave --stage out')
  try {
    return { ...config, actions: stageActions(config.rollout, stage) }
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}

/** The files in folders of a target that it does not write any more. */
function staleFiles(files: readonly BuiltFile[], out: string, folders: readonly string[]): readonly string[] {
  const written = new Set(files.map(({ path }) => join(out, path)))
  return folders
    .map((folder) => join(out, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name)),
    )
    .filter((file) => !written.has(file))
    .toSorted()
}

const servers = ['webhook', 'provider']
const bundles = ['bundle', ...servers]

/** Options of another target would be passed over, and what is built would not be what was asked for. */
function refuseForeign(options: BuildOptions): void {
  const { target, entry = 'opa', regoVersion = 'v1', simd = true } = options
  const given: readonly (readonly [option: string, isGiven: boolean, of: readonly string[]])[] = [
    ['--entry', entry !== 'opa', ['rego']],
    ['--rego-version', regoVersion !== 'v1', ['rego', 'gatekeeper']],
    ['--no-simd', !simd, ['wasm']],
    ['--form', options.form !== undefined, ['bundle']],
    ['--sequence', options.sequence !== undefined, bundles],
    ['--signing-key', options.signingKey !== undefined, bundles],
    ['--signing-alg', options.signingAlg !== undefined, bundles],
    ['--key-id', options.keyId !== undefined, bundles],
    ['--scope', options.scope !== undefined, ['bundle']],
    ['--verification-key', options.verificationKey !== undefined, servers],
    ['--image', options.image !== undefined, servers],
    ['--namespace', options.namespace !== undefined, servers],
    ['--replicas', options.replicas !== undefined, servers],
    ['--ca', options.ca !== undefined, servers],
    ['--mutate', options.mutate !== undefined, ['webhook']],
    ['--provider', options.provider !== undefined, ['gatekeeper', 'provider']],
    ['--records', options.records !== undefined, ['gatekeeper']],
    ['--action', options.action !== undefined, ['gatekeeper', 'vap', 'kyverno', 'webhook']],
    ['--stage', options.stage !== undefined, ['gatekeeper', 'vap', 'kyverno', 'webhook', 'bundle']],
    ['--parameter-objects', options.parameterObjects !== undefined, ['vap']],
    ['--cel', options.cel !== undefined, ['gatekeeper']],
    ['--holds-to', options.holdsTo !== undefined, ['gatekeeper', 'vap', 'kyverno']],
    ['--exclude-namespace', options.excludeNamespace !== undefined, ['vap', 'kyverno', 'webhook']],
  ]
  const foreign = given.find(([, isGiven, of]) => isGiven && !of.includes(target))
  if (foreign === undefined) return
  const [option, , of] = foreign
  throw new UsageError(
    `\`${option}\` is of the target \`${of.join('` and `')}\`, and this one is \`${target}\``,
    `leave it out, or say --target ${of.join(' or ')}`,
  )
}

/**
 * Modules of Rego. Plain OPA finds the parameters that are given in a data file, where they can be changed without a build; in
 * Gatekeeper they are the defaults of a constraint's.
 */
function regoFiles(policies: readonly Configured[], options: BuildOptions): readonly BuiltFile[] {
  const entry = options.entry ?? 'opa'
  const dialect = options.regoVersion ?? 'v1'
  if (entry === 'opa' && dialect === 'v0')
    throw new UsageError(
      'Rego v0 is for Gatekeepers that know no other',
      'say --entry gatekeeper, or leave --rego-version out',
    )
  const printed = policies.map(({ policy: { ir, values }, given }) => ({
    ir: checkedIr(ir),
    values: entry === 'gatekeeper' ? { ...values, ...given } : values,
  }))
  try {
    const files = emitRegoFiles(printed, { entry, dialect, root: repositoryOf(process.cwd()) })
    const data = Object.fromEntries(
      policies.flatMap(({ policy: { id }, given }) => (Object.keys(given).length === 0 ? [] : [[id, given]])),
    )
    const written = files.map(({ path, text }) => ({ path, content: text }))
    return entry === 'gatekeeper' || Object.keys(data).length === 0
      ? written
      : [
          ...written,
          { path: 'gatewright/parameters/data.json', content: `${JSON.stringify(data, null, 2)}\n` },
        ]
  } catch (error) {
    if (error instanceof RegoCollision)
      throw new UsageError(error.message, 'rename one, or build them apart with --policy and --out')
    if (!(error instanceof RegoUnsupported)) throw error
    throw new UsageError(error.message, 'build the other policies with --policy')
  }
}

/** One module of all policies, with its source map. Parameters that are given are built in; a host's data stands before them. */
function wasmFiles(policies: readonly Configured[], options: BuildOptions): readonly BuiltFile[] {
  try {
    const { bytes, sourceMap } = emitWasm(
      policies.map(({ policy: { ir, values }, given }) => ({
        ir: checkedIr(ir),
        values: { ...values, ...given },
      })),
      { simd: options.simd ?? true, sourceMap: 'policies.wasm.map', root: repositoryOf(process.cwd()) },
    )
    return [
      { path: 'policies.wasm', content: bytes },
      { path: 'policies.wasm.map', content: `${sourceMap ?? ''}\n` },
    ]
  } catch (error) {
    if (!(error instanceof WasmUnsupported)) throw error
    throw new UsageError(error.message, 'build the other policies with --policy')
  }
}

/** One OPA bundle of all policies. Parameters that are given are data in it. */
async function bundleFile(
  policies: readonly Configured[],
  options: BuildOptions,
  config: Config,
): Promise<readonly BuiltFile[]> {
  const { check: isCheck, signingAlg = '' } = options
  if (isCheck === true && options.signingKey !== undefined && /^[EP]S/.test(signingAlg))
    throw new UsageError(
      `a signature of ${signingAlg} is another one each time, so that there is nothing to compare`,
      'compare bundles that are not signed, or sign with RS256 or EdDSA',
    )
  return [{ path: 'bundle.tar.gz', content: await builtBundle(policies, options, config) }]
}

function write(files: readonly BuiltFile[], stale: readonly string[], out: string): number {
  for (const { path, content } of files) {
    const file = join(out, path)
    mkdirSync(dirname(file), { recursive: true })
    replaceFile(file, content)
  }
  process.stderr.write(
    `${files.length} ${files.length === 1 ? 'file' : 'files'} in ${relative(process.cwd(), out) || '.'}\n`,
  )
  for (const file of stale)
    process.stderr.write(`${relative(process.cwd(), file)} is none of them, and stays: delete it\n`)
  return 0
}

function compare(files: readonly BuiltFile[], stale: readonly string[], out: string): number {
  const drifted = files.filter(({ path, content }) => {
    const file = join(out, path)
    return !existsSync(file) || !readFileSync(file).equals(Buffer.from(content))
  })
  for (const { path } of drifted)
    process.stdout.write(
      `${relative(process.cwd(), join(out, path))} is not ${existsSync(join(out, path)) ? 'what the policy comes to' : 'there'}\n`,
    )
  for (const file of stale)
    process.stdout.write(`${relative(process.cwd(), file)} is there, and nothing comes to it\n`)
  if (drifted.length > 0)
    process.stderr.write('build with the same options and without --check to write what they come to\n')
  return drifted.length + stale.length === 0 ? 0 : 1
}
