import { resolve } from 'node:path'
import { policiesOf, type Policy, type Profile } from '@gatewright/core'
import { checkTrust, type Config, importModule, type LoadContext } from './config.js'
import { UsageError } from './usage-error.js'

type Named = Policy | Profile

/** The packs that the command carries, by the names that `--policy` takes. */
const packs: Readonly<Record<string, () => Promise<Named>>> = {
  'pod-security': async () => (await import('@gatewright/pod-security/pack')).podSecurity,
  'pod-security-standards/baseline': async () =>
    (await import('@gatewright/pod-security/standards')).baseline(),
  'pod-security-standards/restricted': async () =>
    (await import('@gatewright/pod-security/standards')).restricted(),
}

/** What is judged with where nothing else is said. */
export const defaultPack = 'pod-security-standards/restricted'

/** The names of the packs. */
export const packNames: readonly string[] = Object.keys(packs)

/** Loads a pack by its name, a single policy of a pack by its id, or the policies that a module exports. */
export async function loadPolicies(name: string, options: LoadContext): Promise<readonly Named[]> {
  const pack = Object.hasOwn(packs, name) ? packs[name] : undefined
  if (pack !== undefined) return [await pack()]
  if (/\.[mc]?[jt]s$/.test(name)) {
    const path = resolve(options.directory, name)
    checkTrust(path, options.scanned, options.trust, options.directory)
    return exportedPolicies(await importModule(path), name)
  }
  const all = await Promise.all(Object.values(packs).map((load) => load()))
  const found = policiesOf(all).find(({ id }) => id === name)
  if (found !== undefined) return [found]
  throw new UsageError(
    `there is no pack or policy \`${name}\``,
    `packs are ${packNames.join(', ')}; a module of your own ends in .ts or .js`,
  )
}

/** The policies that `--policy` names, else those of the configuration. */
export async function namedOrConfigured(
  names: readonly string[],
  { policies = [] }: Config,
  context: LoadContext,
): Promise<readonly Named[]> {
  if (names.length === 0) return policies
  return (await Promise.all(names.map((name) => loadPolicies(name, context)))).flat()
}

/** The policies and profiles among the exports of a module. */
function exportedPolicies(module: Readonly<Record<string, unknown>>, name: string): readonly Named[] {
  const found = Object.values(module)
    .flatMap((value): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter(isNamed)
  if (found.length === 0)
    throw new UsageError(`\`${name}\` exports no policy`, 'export what policy(…) or profile(…) gives')
  return [...new Set(found)]
}

function isNamed(value: unknown): value is Named {
  return (
    typeof value === 'object' && value !== null && 'id' in value && ('ir' in value || 'policies' in value)
  )
}
