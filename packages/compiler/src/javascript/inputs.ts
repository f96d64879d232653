import {
  inputPath,
  type InputBinding,
  type Json,
  judgedObject,
  kindOf,
  type ObjectKind,
  type Path,
  type PolicyIr,
  requestOf,
  type Review,
  type TargetIr,
  targetMismatch,
} from '@gatewright/core'
import { bail } from './frame.js'
import { ownValue } from './value.js'

/** A review as all policies see it, kept from one policy to the next. */
export interface Seen {
  readonly review: Review
  /** What the rest was worked out from: a caller may change an object between two judgements. */
  readonly apiVersion: unknown
  readonly kindName: unknown
  readonly kind: ObjectKind
  readonly key: string
}

const noKind: ObjectKind = { group: '', version: '', kind: '' }
let last: Seen | undefined

/** What a review is about. */
export function seen(review: Review): Seen {
  const object = judgedObject(review)
  const { apiVersion, kind: kindName } = (object ?? {}) as {
    readonly apiVersion?: unknown
    readonly kind?: unknown
  }
  if (last?.review !== review || last.apiVersion !== apiVersion || last.kindName !== kindName) {
    const kind = kindOf(object) ?? noKind
    last = { review, apiVersion, kindName, kind, key: `${kind.group}/${kind.kind}` }
  }
  return last
}

/** Compiles whether a target takes a review; the core says why where it does not. */
export function compileTarget(target: TargetIr): (of: Seen) => ReturnType<typeof targetMismatch> {
  const plain = target.kinds?.every(
    ({ group, kind, versions }) => group !== '*' && kind !== '*' && versions === undefined,
  )
  if (plain !== true) return ({ review }) => targetMismatch(target, review)
  const keys = new Set(target.kinds?.map(({ group, kind }) => `${group}/${kind}`))
  const operations = new Set<string | undefined>([undefined, ...(target.operations ?? ['CREATE', 'UPDATE'])])
  return ({ key, review }) =>
    keys.has(key) && operations.has(review.operation) ? undefined : targetMismatch(target, review)
}

/** Whether a target is about objects of a kind, whatever is done with them. */
export function takesKind({ kinds }: TargetIr, kind: ObjectKind): boolean {
  return (
    kinds === undefined ||
    kinds.some(
      (each) =>
        (each.group === '*' || each.group === kind.group) && (each.kind === '*' || each.kind === kind.kind),
    )
  )
}

/** The inputs of a policy, by slot: their values, and their places where they lie in the judged object. */
export interface Inputs {
  readonly values: readonly unknown[]
  readonly paths: readonly (Path | undefined)[]
}

/** Where the inputs of a policy lie in an object of one kind, by slot: in their roots, and in the judged object. */
interface Places {
  readonly key: string
  readonly inRoots: readonly (Path | undefined)[]
  readonly inObject: readonly (Path | undefined)[]
}

/** Compiles how the inputs of a policy are had from a review. */
export function compileInputs({ target }: PolicyIr): (of: Seen, parameters: Json) => Inputs {
  const bindings = Object.values(target.inputs)
  const known = new Map<string, Places>()
  let latest: Places | undefined
  return ({ key, kind, review }, parameters) => {
    if (latest?.key !== key) latest = known.get(key) ?? placesOf(key, kind)
    const { inRoots, inObject } = latest
    const values: unknown[] = []
    for (let slot = 0; slot < bindings.length; slot++) {
      const path = inRoots[slot]
      const root = rootOf(bindings[slot] as InputBinding, parameters, review) ?? undefined
      const value = path === undefined ? undefined : path.length === 0 ? root : valueAt(root, path)
      // something else than an object may stand where the input would be: the reference tells that from a missing one
      if (value === undefined && root !== undefined && path !== undefined && path.length > 0) throw bail
      values.push(value)
    }
    return { values, paths: inObject }
  }

  function placesOf(key: string, kind: ObjectKind): Places {
    const inRoots = bindings.map((binding) => inputPath(binding, kind))
    const inObject = bindings.map(({ root }, slot) =>
      root === 'object' || root === 'oldObject' ? inRoots[slot] : undefined,
    )
    const places = { key, inRoots, inObject }
    if (known.size < 1000) known.set(key, places)
    return places
  }
}

/** Offline nobody asks for anything. */
const noRequest: Json = Object.freeze({})

/** The part of a review, or the parameters, that an input lies in. */
export function rootOf({ root }: InputBinding, parameters: Json, review: Review): unknown {
  switch (root) {
    case 'object':
      return review.object
    case 'oldObject':
      return review.oldObject
    case 'parameters':
      return parameters
    case 'request':
      return review.request === undefined && review.operation === undefined ? noRequest : requestOf(review)
  }
}

/** What lies at a path of plain keys; undefined where nothing does. */
export function valueAt(root: unknown, path: Path): unknown {
  let value: unknown = root
  for (const key of path) value = ownValue(value, key as string)
  return value
}
