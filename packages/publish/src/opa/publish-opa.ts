import { equalJson, isObject, type Json } from '@gatewright/core'
import type { OpaServer } from './opa-server.js'

/** What a source has in an OPA. */
export interface OpaPlan {
  /** Who it is of: what carries this name and comes from it no more can be told. */
  readonly source: string
  /** Modules of Rego by their paths. */
  readonly modules: ReadonlyMap<string, string>
  /** What stands in `data`, each by its path. */
  readonly data: readonly OpaData[]
}

export interface OpaData {
  readonly path: readonly string[]
  readonly value: Json
}

/** What was done with a module or with data, or would be. */
export interface OpaOutcome {
  /** `module team/labels.rego`, `data gatewright/parameters/team/labels`. */
  readonly name: string
  readonly did: 'created' | 'configured' | 'unchanged' | 'pruned' | 'left'
}

export interface OpaPublishOptions {
  readonly dryRun?: boolean
  readonly prune?: boolean
  readonly report?: (outcome: OpaOutcome) => void
}

/** The names of a source's modules in OPA begin with this. */
const prefixOf = (source: string): string => `gatewright/${source}/`
/** Where OPA keeps which data are of a source: modules tell by their names. */
const recordOf = (source: string): readonly string[] => ['gatewright', 'published', source]

/**
 * Brings modules and data into an OPA: data first, since modules that lack their parameters judge otherwise, then the modules. What comes from
 * the source no more is taken away last, where that is asked. OPA knows no transaction over several of these: a bundle is changed in one.
 * Rejects with an `OpaError`; the same again goes on from where it broke off.
 */
export async function publishToOpa(
  opa: OpaServer,
  plan: OpaPlan,
  { dryRun = false, prune = false, report = () => undefined }: OpaPublishOptions = {},
): Promise<readonly OpaOutcome[]> {
  const outcomes: OpaOutcome[] = []
  const tell = (name: string, did: OpaOutcome['did']): void => {
    outcomes.push({ name, did })
    report({ name, did })
  }
  const there = await stateOf(opa, plan)
  for (const { path, value, live } of there.data) {
    const isSame = live !== undefined && equalJson(live, value)
    if (!isSame && !dryRun) await opa.putData(path, value)
    tell(dataName(path), live === undefined ? 'created' : isSame ? 'unchanged' : 'configured')
  }
  // before the modules: what broke off is found again
  if (!dryRun && !equalJson(there.record, recordText(there)))
    await opa.putData(recordOf(plan.source), recordText(there))
  for (const [path, text] of plan.modules) {
    const live = there.modules.get(path)
    if (live !== text && !dryRun) await opa.putModule(prefixOf(plan.source) + path, text)
    tell(moduleName(path), live === undefined ? 'created' : live === text ? 'unchanged' : 'configured')
  }
  const did = prune ? 'pruned' : 'left'
  for (const path of there.strayModules) {
    if (prune && !dryRun) await opa.removeModule(prefixOf(plan.source) + path)
    tell(moduleName(path), did)
  }
  for (const path of there.strayData) {
    if (prune && !dryRun) await opa.removeData(path)
    tell(dataName(path), did)
  }
  if (prune && !dryRun && there.strayData.length > 0)
    await opa.putData(recordOf(plan.source), recordText({ ...there, strayData: [] }))
  return outcomes
}

/** How something in an OPA stands to its source. */
export interface OpaDrift {
  readonly name: string
  readonly is: 'same' | 'missing' | 'changed' | 'extra'
}

/** Tells what an OPA has otherwise than a source. Changes nothing. Rejects with an `OpaError`. */
export async function opaDrift(opa: OpaServer, plan: OpaPlan): Promise<readonly OpaDrift[]> {
  const there = await stateOf(opa, plan)
  return [
    ...there.data.map(({ path, value, live }): OpaDrift => ({
      name: dataName(path),
      is: live === undefined ? 'missing' : equalJson(live, value) ? 'same' : 'changed',
    })),
    ...[...plan.modules].map(([path, text]): OpaDrift => {
      const live = there.modules.get(path)
      return {
        name: moduleName(path),
        is: live === undefined ? 'missing' : live === text ? 'same' : 'changed',
      }
    }),
    ...there.strayModules.map((path): OpaDrift => ({ name: moduleName(path), is: 'extra' })),
    ...there.strayData.map((path): OpaDrift => ({ name: dataName(path), is: 'extra' })),
  ]
}

interface State {
  readonly data: readonly (OpaData & { readonly live: Json | undefined })[]
  /** The modules of the source, by their paths. */
  readonly modules: ReadonlyMap<string, string>
  readonly strayModules: readonly string[]
  readonly strayData: readonly (readonly string[])[]
  readonly record: Json
}

async function stateOf(opa: OpaServer, { source, modules, data }: OpaPlan): Promise<State> {
  const prefix = prefixOf(source)
  const live = new Map(
    [...(await opa.modules())].flatMap(([name, text]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), text] as const] : [],
    ),
  )
  const record = (await opa.data(recordOf(source))) ?? null
  const kept = isObject(record) && Array.isArray(record['data']) ? (record['data'] as readonly Json[]) : []
  const known = kept.filter(
    (each): each is readonly string[] & Json =>
      Array.isArray(each) && (each as readonly Json[]).every((step) => typeof step === 'string'),
  )
  const planned = new Set(data.map(({ path }) => JSON.stringify(path)))
  const found: (OpaData & { readonly live: Json | undefined })[] = []
  for (const each of data) found.push({ ...each, live: await opa.data(each.path) })
  return {
    data: found,
    modules: live,
    strayModules: [...live.keys()].filter((path) => !modules.has(path)).toSorted(),
    strayData: known.filter((path) => !planned.has(JSON.stringify(path))),
    record,
  }
}

/** What is remembered of a source: the paths of its data, those that are there still among them. */
const recordText = ({ data, strayData }: Pick<State, 'data' | 'strayData'>): Json => ({
  data: [...data.map(({ path }) => path), ...strayData] as unknown as Json,
})

const moduleName = (path: string): string => `module ${path}`
const dataName = (path: readonly string[]): string => `data ${path.join('/')}`
