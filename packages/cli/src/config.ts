import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Policy, type Profile, type Severity, thrownAt } from '@gatewright/core'
import { type Actions, enforcementActions, type Match } from '@gatewright/evaluator'
import type { Constraint, Manifest } from '@gatewright/gatekeeper'
import type { Rollout } from '@gatewright/publish'
import type { Explanations } from '@gatewright/testing/scores'
import { UsageError } from './usage-error.js'

/** The configuration of a repository, in `gatewright.config.ts`. */
export interface Config {
  /** The policies that are judged with: policies and profiles, of packs and of one's own. */
  readonly policies?: readonly (Policy | Profile)[]
  /** Parameters by policy id. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** What a cluster does about violations, by policy id; of policies that are not here it is `deny`. */
  readonly actions?: Actions
  /** The stages in which policies come into force, made with `rollout()`; `--stage` names one. */
  readonly rollout?: Rollout
  /** Which objects are judged: Gatekeeper's `match`. */
  readonly match?: Match
  /** A YAML file with suppressions, from this file's folder. */
  readonly exceptions?: string
  /** The least severity that makes the run fail; `low` by default. */
  readonly failOn?: Severity
  /** Whether the files that are judged are all objects there are, so that what is not among them does not exist. */
  readonly inventory?: { readonly complete: boolean }
  /** How good the tests of policies have to be, for `gatewright test`. */
  readonly testing?: TestingConfig
  /** What is written for Gatekeeper, for `gatewright build --target gatekeeper`. */
  readonly gatekeeper?: GatekeeperConfig
}

export interface GatekeeperConfig {
  /** Constraints, made with `constraint()`. A policy that has none here gets one for all objects that it is about. */
  readonly constraints?: readonly Constraint[]
  /** Kinds of constraints by policy id, where they are not to follow from it. */
  readonly kinds?: Readonly<Record<string, string>>
  /** Mutations, made with `mutationsOf()`. */
  readonly mutations?: readonly Manifest[]
  /** Whether policies about Pods are asked of Deployments, Jobs and the like too, by the Pods that these would make. */
  readonly expansion?: boolean
}

export interface TestingConfig {
  /** The least part of each policy's conditions that its tests have to cover, from 0 to 1. */
  readonly coverage?: number
  /** The least part of each policy's mutants that its tests have to kill, from 0 to 1. */
  readonly mutation?: number
  /** Why conditions cannot be covered: reasons by policy id and by the condition's id. */
  readonly conditions?: Explanations
  /** Why mutants survive: reasons by policy id and by the mutant's id. */
  readonly survivors?: Explanations
}

/** What code is loaded for: from where, and what is judged with it. */
export interface LoadContext {
  readonly directory: string
  /** The paths that are judged; code that lies in them is not run. */
  readonly scanned: readonly string[]
  /** Code may lie in what is judged. */
  readonly trust: boolean
}

/** Types a configuration. */
export function defineConfig(config: Config): Config {
  return config
}

const names = [
  'gatewright.config.ts',
  'gatewright.config.mts',
  'gatewright.config.js',
  'gatewright.config.mjs',
]

/**
 * Finds the configuration: upwards from a directory, and no further than the repository that it lies in. Outside of one it is
 * looked for in the directory alone: above it, others may write.
 */
export function findConfig(directory: string): string | undefined {
  for (const folder of foldersToRepository(resolve(directory))) {
    const found = names.map((name) => join(folder, name)).find((path) => existsSync(path))
    if (found !== undefined) return found
  }
  return undefined
}

/** The root of the repository that a directory lies in; outside of one, the directory. */
export function repositoryOf(directory: string): string {
  const folders = foldersToRepository(resolve(directory))
  return folders[folders.length - 1] ?? directory
}

function foldersToRepository(directory: string): readonly string[] {
  const folders = [directory]
  for (let folder = directory; !existsSync(join(folder, '.git'));) {
    const parent = dirname(folder)
    if (parent === folder) return [directory]
    folders.push((folder = parent))
  }
  return folders
}

/**
 * Refuses to run code that is no file, and code that lies in what is judged: whoever wrote the manifests could then write their
 * own verdict. `--trust` says that it may.
 */
export function checkTrust(
  module: string,
  scanned: readonly string[],
  trust: boolean,
  directory: string,
): void {
  if (!statSync(module, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`there is no file \`${relative(directory, module) || '.'}\``)
  if (trust) return
  const real = realpathSync(module)
  for (const path of scanned) {
    const folder = judgedFolder(resolve(directory, path), path)
    if (folder === undefined) continue
    const inside = relative(folder, real)
    const within = inside !== '' && !inside.startsWith(`..${sep}`) && inside !== '..' && !isAbsolute(inside)
    if (!within) continue
    throw new UsageError(
      `\`${relative(directory, real)}\` lies in \`${path}\`, which is judged, so it is not run`,
      'judge the folder of the manifests only, or say --trust if you trust whoever wrote both',
    )
  }
}

/** The folder that a path judges with all that is in it: itself, or of a pattern with `**` what stands before. */
function judgedFolder(full: string, path: string): string | undefined {
  if (path === '-') return undefined
  if (existsSync(full)) return statSync(full).isDirectory() ? realpathSync(full) : undefined
  if (!path.includes('**')) return undefined
  const base = full.slice(0, full.search(/[*?[\]{}()!+@]/))
  const folder = base.endsWith(sep) ? base : dirname(base)
  return existsSync(folder) ? realpathSync(folder) : undefined
}

/** Imports a module of the user's, TypeScript or JavaScript. */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  // the user's line is the outermost of what an error passed through, and some come from deep inside
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 100
  try {
    if (/\.m?js$/.test(path))
      return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
    const { createJiti } = await import('jiti')
    const jiti = createJiti(pathToFileURL(path).href, { interopDefault: false, tryNative: false })
    return await jiti.import(path)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new UsageError(
      `\`${relative(process.cwd(), path)}\` could not be loaded: ${message}`,
      error instanceof Error ? placeOf(error) : undefined,
    )
  } finally {
    Error.stackTraceLimit = limit
  }
}

const ownFolder = fileURLToPath(new URL('.', import.meta.url))
/** Where our packages lie beside each other; alone, where each is installed as any other. */
const beside = fileURLToPath(new URL('../../', import.meta.url))
const ourPackages = beside.endsWith(`${sep}node_modules${sep}`) ? ownFolder : beside

/**
 * The line of the user's code that an error comes from, unless its message says so or it comes from elsewhere. Columns are those of
 * what TypeScript was turned into, so they are left out.
 */
function placeOf(error: Error): string | undefined {
  const source = thrownAt(error, ourPackages)
  if (source === undefined || error.message.includes(source.file)) return undefined
  if (source.file.includes(`${sep}node_modules${sep}`)) return undefined
  return `at ${relative(process.cwd(), source.file)}:${source.line}`
}

/** Reads a configuration file. */
export async function loadConfig(path: string): Promise<Config> {
  const module = await importModule(path)
  const config = module['default']
  if (typeof config !== 'object' || config === null) {
    throw new UsageError(
      `\`${relative(process.cwd(), path)}\` has no default export`,
      'export default defineConfig({ … })',
    )
  }
  const known = [
    'policies',
    'parameters',
    'actions',
    'rollout',
    'match',
    'exceptions',
    'failOn',
    'inventory',
    'testing',
    'gatekeeper',
  ]
  const unknown = Object.keys(config).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    throw new UsageError(
      `\`${relative(process.cwd(), path)}\` has \`${unknown}\`, which a configuration does not know`,
      `it knows ${known.join(', ')}`,
    )
  }
  const problem = configProblem(config as Readonly<Record<string, unknown>>)
  if (problem !== undefined) throw new UsageError(`\`${relative(process.cwd(), path)}\`: ${problem}`)
  return config as Config
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a value is a policy or a profile. */
export function isNamed(value: unknown): value is Policy | Profile {
  return (
    isMap(value) &&
    typeof value['id'] === 'string' &&
    (isMap(value['ir']) || Array.isArray(value['policies']))
  )
}

/** What is wrong with a configuration in JavaScript, which no types have checked. */
function configProblem(config: Readonly<Record<string, unknown>>): string | undefined {
  const { policies, parameters, actions, rollout, exceptions, failOn, inventory, testing, gatekeeper } =
    config
  if (policies !== undefined && !(Array.isArray(policies) && policies.every(isNamed)))
    return '`policies` is a list of policies and profiles'
  if (parameters !== undefined && !(isMap(parameters) && Object.values(parameters).every(isMap)))
    return '`parameters` is a map of policy ids to parameters'
  const isAction = (each: unknown): boolean => enforcementActions.some((action) => action === each)
  if (actions !== undefined && !(isMap(actions) && Object.values(actions).every(isAction)))
    return `\`actions\` is a map of policy ids to ${enforcementActions.join(', ')}`
  if (rollout !== undefined && !(isMap(rollout) && Array.isArray(rollout['stages'])))
    return '`rollout` is what `rollout()` makes'
  if (exceptions !== undefined && typeof exceptions !== 'string') return '`exceptions` is the path of a file'
  if (failOn !== undefined && typeof failOn !== 'string') return '`failOn` is a severity'
  if (inventory !== undefined && !(isMap(inventory) && typeof inventory['complete'] === 'boolean'))
    return '`inventory` is `{ complete: true }` or `{ complete: false }`'
  return (
    (testing === undefined ? undefined : testingProblem(testing)) ??
    (gatekeeper === undefined ? undefined : gatekeeperProblem(gatekeeper))
  )
}

function gatekeeperProblem(gatekeeper: unknown): string | undefined {
  if (!isMap(gatekeeper)) return '`gatekeeper` is a map'
  const known = ['constraints', 'kinds', 'mutations', 'expansion']
  const unknown = Object.keys(gatekeeper).find((key) => !known.includes(key))
  if (unknown !== undefined) return `\`gatekeeper\` has \`${unknown}\`; it knows ${known.join(', ')}`
  const { constraints = [], kinds = {}, mutations = [], expansion = false } = gatekeeper
  if (typeof expansion !== 'boolean') return '`gatekeeper.expansion` is true or false'
  const isManifest = (each: unknown): boolean => isMap(each) && isMap(each['metadata']) && isMap(each['spec'])
  if (!Array.isArray(constraints) || !constraints.every(isManifest))
    return '`gatekeeper.constraints` is a list of what `constraint()` makes'
  if (!Array.isArray(mutations) || !mutations.every(isManifest))
    return '`gatekeeper.mutations` is a list of what `mutationsOf()` makes'
  if (!isMap(kinds) || !Object.values(kinds).every((each) => typeof each === 'string'))
    return '`gatekeeper.kinds` is a map of policy ids to kinds'
  return undefined
}

function testingProblem(testing: unknown): string | undefined {
  if (!isMap(testing)) return '`testing` is a map'
  const known = ['coverage', 'mutation', 'conditions', 'survivors']
  const unknown = Object.keys(testing).find((key) => !known.includes(key))
  if (unknown !== undefined) return `\`testing\` has \`${unknown}\`; it knows ${known.join(', ')}`
  for (const key of ['coverage', 'mutation']) {
    const least = testing[key]
    if (least !== undefined && !(typeof least === 'number' && least >= 0 && least <= 1))
      return `\`testing.${key}\` is a number from 0 to 1`
  }
  for (const key of ['conditions', 'survivors']) {
    const reasons = testing[key]
    const isRight =
      reasons === undefined ||
      (isMap(reasons) &&
        Object.values(reasons).every(
          (each) => isMap(each) && Object.values(each).every((reason) => typeof reason === 'string'),
        ))
    if (!isRight) return `\`testing.${key}\` is a map of policy ids to reasons by id`
  }
  return undefined
}

/** The configuration of a run: the file that `--config` names, none for `--no-config`, else the one that is found. */
export async function configuration(
  named: string | false | undefined,
  { directory, scanned, trust }: LoadContext,
): Promise<{ readonly config: Config; readonly file?: string }> {
  if (named === false) return { config: {} }
  const file = named === undefined ? findConfig(directory) : resolve(directory, named)
  if (file === undefined) return { config: {} }
  checkTrust(file, scanned, trust, directory)
  return { config: await loadConfig(file), file }
}
