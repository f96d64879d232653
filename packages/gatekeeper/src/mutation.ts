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
import { type IsDenied, mergedValues, prunedValues, type SetChange } from './set-values.js'

/** For which objects mutations are, and the parameters of the constraint that they go with. */
export interface MutationOptions {
  /** What the names of the mutations begin with; by default the policy's kind. */
  readonly name?: string
  readonly match?: ConstraintMatch
  readonly parameters?: Readonly<Record<string, Json>>
}

/** What mends objects: an Assign sets a value, a ModifySet puts values into a list or takes them out. */
export interface Mutation extends Manifest {
  readonly apiVersion: 'mutations.gatekeeper.sh/v1'
  readonly kind: 'Assign' | 'ModifySet'
}

/**
 * The mutations that mend what the fixes of a policy mend, in just the objects that it denies for it. A list that is set to what it lacks
 * keeps what else it has. Throws a `GatekeeperError` with the reason where a fix cannot be said exactly, and where there is none.
 */
export function mutationsOf(policy: Policy, options: MutationOptions = {}): readonly Mutation[] {
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
    const key = JSON.stringify([each.location, each.onlyWhereThere, each.operations, each.does])
    grouped.set(key, [...(grouped.get(key) ?? []), each])
  }
  const name = options.name ?? constraintKind(policy).toLowerCase()
  const match = matchOf(policy, options.match)
  return [...grouped.values()].map((all, i) => mutation(`${name}-${i + 1}`, all, match as unknown as Json))
}

/** What is set where, in objects of one kind. */
interface Change {
  readonly kind: KindPattern
  readonly location: string
  /** Nothing is set where there is nothing yet. */
  readonly onlyWhereThere: boolean
  readonly operations: readonly Operation[]
  readonly does: { readonly value: Json } | SetChange
}

function mutation(name: string, all: readonly Change[], match: Json): Mutation {
  const [{ location, onlyWhereThere, operations, does }] = all as readonly [Change]
  const groups = new Map<string, Change['kind'][]>()
  for (const { kind } of all) {
    const version = findResource(kind)?.version ?? 'v1'
    const key = JSON.stringify([kind.group, version])
    groups.set(key, [...(groups.get(key) ?? []), kind])
  }
  return {
    apiVersion: 'mutations.gatekeeper.sh/v1',
    kind: 'value' in does ? 'Assign' : 'ModifySet',
    metadata: { name, annotations: { [syncWave]: syncWaves.definitions } },
    spec: {
      applyTo: [...groups].map(([key, kinds]) => {
        const [group, version] = JSON.parse(key) as readonly [string, string]
        return { groups: [group], versions: [version], kinds: kinds.map(({ kind }) => kind), operations }
      }),
      match,
      location,
      parameters: {
        ...('value' in does
          ? { assign: { value: does.value } }
          : { operation: does.operation, values: { fromList: [...does.values] } }),
        ...(onlyWhereThere && { pathTests: [{ subPath: location, condition: 'MustExist' }] }),
      },
    },
  }
}

/** Lists whose elements have names that tell them apart, so that a path can lead through them. */
const namedLists: ReadonlySet<string> = new Set(['containers', 'initContainers', 'volumes'])

function changesOf(policy: Policy, site: FixSite, parameters: Json): readonly Change[] {
  const { fix, place } = site
  if (place === undefined) throw refusal(policy, `\`${describe(fix.at)}\` is no place that a path leads to`)
  // containers that are added to a Pod that runs come by a subresource, which no mutation is asked about
  if (place.steps.includes('ephemeralContainers')) return []
  if (fix.kind === 'set' && fix.value.kind !== 'literal')
    throw refusal(policy, `\`${describe(fix.value)}\` is no constant`)
  const isElement = place.steps.at(-1) === '*'
  if (fix.kind === 'remove' && !isElement)
    throw refusal(
      policy,
      `\`${describe(fix.at)}\` is removed, and a mutation only sets, or takes values out of a list`,
    )
  const target = fix.kind === 'remove' ? { ...place, steps: place.steps.slice(0, -1) } : place
  return (policy.ir.target.kinds ?? []).flatMap((kind) => {
    if (findResource(kind) === undefined) return []
    const location = locationOf(policy, target, kind)
    const operations = ((policy.ir.target.operations ?? ['CREATE', 'UPDATE']) as readonly Operation[]).filter(
      (each) => each === 'CREATE' || each === 'UPDATE',
    )
    const reasons: GatekeeperError[] = []
    const changes = operations.flatMap((operation) => {
      const done = doneTo(policy, site, place, { kind, operation, parameters })
      if (done instanceof GatekeeperError) reasons.push(done)
      return done instanceof GatekeeperError || done === undefined ? [] : [{ operation, ...done }]
    })
    // an operation of which it cannot be said is left to the policy, which denies it
    if (changes.length === 0 && reasons[0] !== undefined) throw reasons[0]
    const alike = new Map<string, Omit<Change, 'operations'> & { readonly operations: Operation[] }>()
    for (const { operation, onlyWhereThere, does } of changes) {
      const key = JSON.stringify([onlyWhereThere, does])
      const known = alike.get(key)
      if (known === undefined)
        alike.set(key, { kind, location, onlyWhereThere, does, operations: [operation] })
      else known.operations.push(operation)
    }
    return [...alike.values()]
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
}

/** What a mutation does to mend just what is denied; undefined where nothing is. */
function doneTo(
  policy: Policy,
  site: FixSite,
  place: Place,
  circumstances: Circumstances,
): Pick<Change, 'does' | 'onlyWhereThere'> | undefined | GatekeeperError {
  const { fix, conditions } = site
  const isDenied = deniedAt(site, place, circumstances)
  const hangsOn = (node: Node): GatekeeperError =>
    refusal(policy, `whether \`${describe(fix.at)}\` is wrong also hangs on \`${describe(node)}\``)
  if (fix.kind === 'remove') {
    const values = prunedValues(scalarsIn(conditions), isDenied)
    if (values === undefined)
      return refusal(policy, `\`${describe(fix.at)}\` is removed for more values than can be named`)
    return Array.isArray(values)
      ? { does: { operation: 'prune', values: values as readonly Json[] }, onlyWhereThere: true }
      : hangsOn(values as Node)
  }
  const { value } = fix.value as Node & { readonly kind: 'literal' }
  if (Array.isArray(value)) {
    const wanted = value as readonly Json[]
    const values = mergedValues(wanted, scalarsIn(conditions), isDenied)
    if (Array.isArray(values))
      return { does: { operation: 'merge', values: values as readonly Json[] }, onlyWhereThere: false }
    return values === undefined
      ? refusal(
          policy,
          `\`${describe(fix.at)}\` is denied for more than what it lacks of \`${JSON.stringify(value)}\``,
        )
      : hangsOn(values as Node)
  }
  const there = candidates(fix.at.kind === 'field' ? fix.at.type : 'unknown', conditions)
  const answers = new Map([undefined, value, ...there].map((each) => [each, isDenied(each)]))
  const unknown = [...answers.values()].find((each) => typeof each !== 'boolean')
  if (unknown !== undefined) return hangsOn(unknown)
  const denied = there.filter((each) => answers.get(each) === true)
  const isMissingDenied = answers.get(undefined) === true
  if (!isMissingDenied && denied.length === 0) return undefined
  if (answers.get(value) === true) return refusal(policy, `\`${JSON.stringify(value)}\` is denied itself`)
  const spared = there.find((each) => !denied.includes(each) && !equalJson(each, value))
  if (spared !== undefined)
    return refusal(policy, `\`${JSON.stringify(spared)}\` is allowed too, and an Assign would change it`)
  return { does: { value }, onlyWhereThere: !isMissingDenied }
}

/** Whether an object is denied for what stands at a place, by all that leads to a fix. */
function deniedAt(
  { conditions, variables }: FixSite,
  place: Place,
  { kind, operation, parameters }: Circumstances,
): IsDenied {
  return (candidate) => {
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
}

/** Values of each sort that conditions tell apart: those that they compare with, and another one. */
function candidates(type: string, conditions: readonly Node[]): readonly Json[] {
  if (type === 'boolean') return [true, false]
  return [...scalarsIn(conditions), 'another text', -7.25]
}

/** The texts and numbers that conditions compare with. */
function scalarsIn(conditions: readonly Node[]): readonly Json[] {
  const constants = constantsIn(conditions, (node) => childrenOf(node).map(([child]) => child))
  return [...new Set(constants.filter((each) => typeof each === 'string' || typeof each === 'number'))]
}

const refusal = (policy: Policy, reason: string): GatekeeperError =>
  new GatekeeperError(
    'fix-not-exact',
    `a mutation cannot do what the fix of policy \`${policy.id}\` does: ${reason}`,
    'leave it to people, or write the mutation by hand',
  )
