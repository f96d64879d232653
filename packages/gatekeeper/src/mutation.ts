import {
  childrenOf,
  describe,
  equalJson,
  inputPath,
  type Json,
  type KindPattern,
  type Node,
  type Operation,
  type Policy,
  readParameters,
} from '@gatewright/core'
import { findResource } from '@gatewright/kubernetes'
import { type ConstraintMatch, matchOf } from './constraint-match.js'
import { type FixSite, fixSites } from './fix-site.js'
import { GatekeeperError } from './gatekeeper-error.js'
import { constraintKind } from './kind-name.js'
import { type Manifest, syncWave, syncWaves } from './manifest.js'
import { constantsIn, holds, type Place, samePlace } from './partial-conditions.js'

/** For which objects mutations are, and the parameters of the constraint that they go with. */
export interface AssignOptions {
  /** What the names of the mutations begin with; by default the policy's kind. */
  readonly name?: string
  readonly match?: ConstraintMatch
  readonly parameters?: Readonly<Record<string, Json>>
}

/** An Assign. */
export interface Assign extends Manifest {
  readonly apiVersion: 'mutations.gatekeeper.sh/v1'
  readonly kind: 'Assign'
}

/**
 * The mutations that set what the fixes of a policy set, in just the objects that it denies for it. Throws a `GatekeeperError` with the
 * reason where a fix cannot be said exactly, and where there is none.
 */
export function mutationsOf(policy: Policy, options: AssignOptions = {}): readonly Assign[] {
  const read = readParameters(policy, options.parameters ?? {})
  if ('problems' in read)
    throw new GatekeeperError(
      'invalid-parameters',
      `the parameters of mutations of policy \`${policy.id}\`: ${read.problems[0]?.message ?? ''}`,
    )
  const sites = fixSites(policy.ir)
  if (sites.length === 0) throw refusal(policy, 'it has no fix')
  const changes = sites.flatMap((site) => changesOf(policy, site, read.parameters))
  const grouped = new Map<string, Change[]>()
  for (const each of changes) {
    const key = JSON.stringify([each.location, each.onlyWhereThere, each.operations, each.value])
    grouped.set(key, [...(grouped.get(key) ?? []), each])
  }
  const name = options.name ?? constraintKind(policy).toLowerCase()
  const match = matchOf(policy, options.match)
  return [...grouped.values()].map((all, i) => assign(`${name}-${i + 1}`, all, match as unknown as Json))
}

/** What is set where, in objects of one kind. */
interface Change {
  readonly kind: KindPattern
  readonly location: string
  /** Nothing is set where there is nothing yet. */
  readonly onlyWhereThere: boolean
  readonly operations: readonly Operation[]
  readonly value: Json
}

function assign(name: string, all: readonly Change[], match: Json): Assign {
  const [{ location, onlyWhereThere, operations, value }] = all as readonly [Change]
  const groups = new Map<string, Change['kind'][]>()
  for (const { kind } of all) {
    const version = findResource(kind)?.version ?? 'v1'
    const key = JSON.stringify([kind.group, version])
    groups.set(key, [...(groups.get(key) ?? []), kind])
  }
  return {
    apiVersion: 'mutations.gatekeeper.sh/v1',
    kind: 'Assign',
    metadata: { name, annotations: { [syncWave]: syncWaves.definitions } },
    spec: {
      applyTo: [...groups].map(([key, kinds]) => {
        const [group, version] = JSON.parse(key) as readonly [string, string]
        return { groups: [group], versions: [version], kinds: kinds.map(({ kind }) => kind), operations }
      }),
      match,
      location,
      parameters: {
        assign: { value },
        ...(onlyWhereThere && { pathTests: [{ subPath: location, condition: 'MustExist' }] }),
      },
    },
  }
}

/** Lists whose elements have names that tell them apart, so that a path can lead through them. */
const namedLists: ReadonlySet<string> = new Set(['containers', 'initContainers', 'volumes'])

function changesOf(policy: Policy, site: FixSite, parameters: Json): readonly Change[] {
  const { fix, place } = site
  if (fix.kind === 'remove')
    throw refusal(policy, `\`${describe(fix.at)}\` is removed, and an Assign only sets`)
  if (fix.value.kind !== 'literal') throw refusal(policy, `\`${describe(fix.value)}\` is no constant`)
  if (place === undefined) throw refusal(policy, `\`${describe(fix.at)}\` is no place that a path leads to`)
  // containers that are added to a Pod that runs come by a subresource, which no mutation is asked about
  if (place.steps.includes('ephemeralContainers')) return []
  const { value } = fix.value
  return (policy.ir.target.kinds ?? []).flatMap((kind) => {
    if (findResource(kind) === undefined) return []
    const location = locationOf(policy, place, kind)
    const operations = ((policy.ir.target.operations ?? ['CREATE', 'UPDATE']) as readonly Operation[]).filter(
      (each) => each === 'CREATE' || each === 'UPDATE',
    )
    const reasons: GatekeeperError[] = []
    const all = operations.flatMap((operation) => {
      const changed = changedValues(policy, site, place, { kind, operation, parameters, value })
      if (changed instanceof GatekeeperError) reasons.push(changed)
      return typeof changed === 'string' && changed !== 'nothing' ? [[operation, changed] as const] : []
    })
    // an operation of which it cannot be said is left to the policy, which denies it
    if (all.length === 0 && reasons[0] !== undefined) throw reasons[0]
    return (['all', 'what is there'] as const).flatMap((changed) => {
      const operations = all.filter((each) => each[1] === changed).map(([operation]) => operation)
      return operations.length === 0
        ? []
        : [{ kind, location, onlyWhereThere: changed === 'what is there', operations, value }]
    })
  })
}

function locationOf(policy: Policy, { root, steps }: Place, kind: KindPattern): string {
  const binding = policy.ir.target.inputs[root]
  const before = binding?.root === 'object' ? inputPath(binding, kind) : undefined
  if (before === undefined) throw refusal(policy, `\`${root}\` is no part of the object`)
  const path = [...before, ...steps]
  if (path[0] === 'metadata') throw refusal(policy, 'an Assign does not change metadata')
  return path.reduce((text, step, i) => {
    if (step !== '*')
      return `${text}${text === '' ? '' : '.'}${/^[A-Za-z][A-Za-z0-9]*$/.test(step) ? step : JSON.stringify(step)}`
    const list = path[i - 1] ?? ''
    if (!namedLists.has(list))
      throw refusal(policy, `the elements of \`${list}\` have no names that tell them apart`)
    return `${text}[name: *]`
  }, '')
}

interface Circumstances {
  readonly kind: KindPattern
  readonly operation: Operation
  readonly parameters: Json
  readonly value: Json
}

/** Which values an Assign has to change to change just what is denied: all, those that are there, or nothing. */
function changedValues(
  policy: Policy,
  { conditions, variables, fix }: FixSite,
  place: Place,
  { kind, operation, parameters, value }: Circumstances,
): 'all' | 'what is there' | 'nothing' | GatekeeperError {
  const isDenied = (candidate: Json | undefined): boolean | Node => {
    const answers = conditions.map((condition) =>
      holds(condition, {
        variables,
        parameters,
        valueAt: (at) => {
          if (samePlace(at, place)) return { is: candidate }
          if (at.root === 'request' && at.steps.join('.') === 'operation') return { is: operation }
          // Gatekeeper's mutations are not asked about subresources
          if (at.root === 'request' && at.steps.join('.') === 'subResource') return { is: undefined }
          if (at.root === 'object' && at.steps.join('.') === 'kind') return { is: kind.kind }
          return operation === 'CREATE' && at.root.startsWith('old') ? { is: undefined } : undefined
        },
      }),
    )
    if (answers.includes(false)) return false
    return conditions[answers.indexOf(undefined)] ?? true
  }
  const there = candidates(fix.at.kind === 'field' ? fix.at.type : 'unknown', conditions)
  const answers = new Map([undefined, value, ...there].map((each) => [each, isDenied(each)]))
  const unknown = [...answers.values()].find((each) => typeof each !== 'boolean')
  if (unknown !== undefined)
    return refusal(policy, `whether \`${describe(fix.at)}\` is wrong also hangs on \`${describe(unknown)}\``)
  const denied = there.filter((each) => answers.get(each) === true)
  const isMissingDenied = answers.get(undefined) === true
  if (!isMissingDenied && denied.length === 0) return 'nothing'
  if (answers.get(value) === true) return refusal(policy, `\`${JSON.stringify(value)}\` is denied itself`)
  const spared = there.find((each) => !denied.includes(each) && !equalJson(each, value))
  if (spared !== undefined)
    return refusal(policy, `\`${JSON.stringify(spared)}\` is allowed too, and an Assign would change it`)
  return isMissingDenied ? 'all' : 'what is there'
}

/** Values of each sort that conditions tell apart: those that they compare with, and another one. */
function candidates(type: string, conditions: readonly Node[]): readonly Json[] {
  if (type === 'boolean') return [true, false]
  const constants = constantsIn(conditions, (node) => childrenOf(node).map(([child]) => child))
  return [
    ...new Set(constants.filter((each) => typeof each === 'string' || typeof each === 'number')),
    'another text',
    -7.25,
  ]
}

const refusal = (policy: Policy, reason: string): GatekeeperError =>
  new GatekeeperError(
    'fix-not-exact',
    `a mutation cannot do what the fix of policy \`${policy.id}\` does: ${reason}`,
    'leave it to people, or write the mutation by hand',
  )
