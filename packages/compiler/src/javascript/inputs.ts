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
interface Seen {
  readonly review: Review
  /** What the rest was worked out from: a caller may change an object between two judgements. */
  readonly apiVersion: unknown
  readonly kindName: unknown
  readonly kind: ObjectKind
  readonly key: string
}

const noKind: ObjectKind = { group: '', version: '', kind: '' }
let last: Seen | undefined

function seen(review: Review): Seen {
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
export function compileTarget(target: TargetIr): (review: Review) => ReturnType<typeof targetMismatch> {
  const plain = target.kinds?.every(
    ({ group, kind, versions }) => group !== '*' && kind !== '*' && versions === undefined,
  )
  if (plain !== true) return (review) => targetMismatch(target, review)
  const keys = new Set(target.kinds?.map(({ group, kind }) => `${group}/${kind}`))
  const operations = new Set<string | undefined>([undefined, ...(target.operations ?? ['CREATE', 'UPDATE'])])
  return (review) =>
    keys.has(seen(review).key) && operations.has(review.operation)
      ? undefined
      : targetMismatch(target, review)
}

/** The inputs of a policy, by slot: their values, and their places where they lie in the judged object. */
export interface Inputs {
  readonly values: readonly unknown[]
  readonly paths: readonly (Path | undefined)[]
}

/** Compiles how the inputs of a policy are had from a review. */
export function compileInputs({ target }: PolicyIr): (parameters: Json, review: Review) => Inputs {
  const bindings = Object.values(target.inputs).map((binding) => ({
    binding,
    paths: new Map<string, Path | undefined>(),
  }))
  return (parameters, review) => {
    const { key, kind } = seen(review)
    const values: unknown[] = []
    const places: (Path | undefined)[] = []
    for (const { binding, paths } of bindings) {
      let path = paths.get(key)
      if (path === undefined && !paths.has(key)) {
        path = inputPath(binding, kind)
        if (paths.size < 1000) paths.set(key, path)
      }
      const root = rootOf(binding, parameters, review) ?? undefined
      const value = path === undefined ? undefined : valueAt(root, path)
      // something else than an object may stand where the input would be: the reference tells that from a missing one
      if (value === undefined && root !== undefined && path !== undefined && path.length > 0) throw bail
      values.push(value)
      places.push(binding.root === 'object' || binding.root === 'oldObject' ? path : undefined)
    }
    return { values, paths: places }
  }
}

function rootOf({ root }: InputBinding, parameters: Json, review: Review): unknown {
  switch (root) {
    case 'object':
      return review.object
    case 'oldObject':
      return review.oldObject
    case 'parameters':
      return parameters
    case 'request':
      return requestOf(review)
  }
}

function valueAt(root: unknown, path: Path): unknown {
  let value: unknown = root
  for (const key of path) value = ownValue(value, key as string)
  return value
}
