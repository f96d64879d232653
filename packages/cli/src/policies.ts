import { resolve } from 'node:path'
import { distinctPolicies, nearest, policiesOf, type Policy, type Profile } from '@gatewright/core'
import { checkTrust, type Config, importModule, isNamed, type LoadContext } from './config.js'
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

/**
 * Loads a pack by its name, the policies that a module exports, or a single policy by its id: one of the configuration, as it is
 * configured there, else one of a pack.
 */
export async function loadPolicies(
  name: string,
  { policies = [] }: Config,
  options: LoadContext,
): Promise<readonly Named[]> {
  const pack = Object.hasOwn(packs, name) ? packs[name] : undefined
  if (pack !== undefined) return [await pack()]
  if (/\.[mc]?[jt]s$/.test(name)) {
    const path = resolve(options.directory, name)
    checkTrust(path, options.scanned, options.trust, options.directory)
    return exportedPolicies(await importModule(path), name)
  }
  const all = [...distinctPolicies(policies, 'the configuration has'), ...(await carriedPolicies())]
  const found = all.find(({ id }) => id === name)
  if (found !== undefined) return [found]
  const near = nearest(name, [...packNames, ...all.map(({ id }) => id)])
  throw new UsageError(
    `there is no pack or policy \`${name}\``,
    near === undefined
      ? `packs are ${packNames.join(', ')}; policies of your own are known when the configuration has them, or by their module, which ends in .ts or .js`
      : `did you mean \`${near}\`?`,
  )
}

/** Every policy of the packs. */
export async function carriedPolicies(): Promise<readonly Policy[]> {
  return policiesOf(await Promise.all(Object.values(packs).map((load) => load())))
}

/** The policies that `--policy` names, else those of the configuration. */
export async function namedOrConfigured(
  names: readonly string[],
  config: Config,
  context: LoadContext,
): Promise<readonly Named[]> {
  if (names.length === 0) return config.policies ?? []
  return (await Promise.all(names.map((name) => loadPolicies(name, config, context)))).flat()
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
