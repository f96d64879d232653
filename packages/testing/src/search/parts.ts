import { isObject, type Json, type Policy } from '@gatewright/core'
import { inventoryOf, normalizeJson } from '@gatewright/evaluator'
import type { Question } from './questions.js'

type Fields = Readonly<Record<string, Json>>
/** A key of an object, or an index of a list. */
export type Step = string | number

/**
 * A question in parts that can be changed each: `object`, `oldObject`, `operation`, `request`, `parameters`, and the `inventory`
 * where it is of a search's own making.
 */
export type Parts = Fields

/** Objects that are looked up, and whether these are all. */
export interface Stored {
  readonly objects: readonly Json[]
  readonly complete: boolean
}

/** The objects that are looked up, where they are among the parts. */
export function storedOf({ inventory }: Parts): Stored | undefined {
  if (!isObject(inventory)) return undefined
  const { objects, complete } = inventory
  return { objects: Array.isArray(objects) ? (objects as readonly Json[]) : [], complete: complete === true }
}

/** The parts of a question; undefined where it is none that policies are asked. */
export function partsOf({ object, parameters }: Question): Parts | undefined {
  const normalized = normalizeJson(object)
  if ('problem' in normalized) return undefined
  const { object: own, oldObject, operation = 'CREATE', request } = normalized.review
  const { operation: _, ...fields } = request ?? {}
  return {
    ...(own === undefined ? {} : { object: own }),
    ...(oldObject === undefined ? {} : { oldObject }),
    operation,
    ...(Object.keys(fields).length === 0 ? {} : { request: fields }),
    parameters: parameters as Fields,
  }
}

/** The question that parts are: the object alone where there is no more to it. */
export function questionOf(parts: Parts, inventory: Question['inventory']): Question {
  const { object, oldObject, operation, request, parameters } = parts
  const stored = storedOf(parts)
  const isAlone =
    object !== undefined && oldObject === undefined && request === undefined && operation === 'CREATE'
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      ...(isObject(request) ? request : {}),
      ...(operation === undefined ? {} : { operation }),
      ...(object === undefined ? {} : { object }),
      ...(oldObject === undefined ? {} : { oldObject }),
    },
  } as Json
  return {
    object: isAlone ? object : review,
    parameters: isObject(parameters) ? parameters : {},
    inventory: stored === undefined ? inventory : inventoryOf(stored.objects, stored),
  }
}

/** An object of each kind that a policy takes with the fields that it reads, for suites that show none. */
export function plainParts(policy: Policy): readonly Parts[] {
  const kinds = policy.ir.target.kinds ?? [{ group: '', kind: 'Object', versions: ['v1'] }]
  return kinds.slice(0, 4).map(({ group, kind, versions: [version = 'v1'] = [] }) => ({
    object: {
      apiVersion: group === '' || group === '*' ? version : `${group}/${version}`,
      kind: kind === '*' ? 'Object' : kind,
      metadata: { name: 'example' },
    },
    operation: 'CREATE',
    parameters: {},
  }))
}

/** What stands at a path; undefined where nothing does. */
export function valueAt(value: Json | undefined, path: readonly Step[]): Json | undefined {
  let at = value
  for (const step of path) {
    if (Array.isArray(at)) at = at[Number(step)] as Json | undefined
    else if (isObject(at) && Object.hasOwn(at, step)) at = at[step]
    else return undefined
  }
  return at
}

/** A value with another one at a path, whose steps are made where they are not there; undefined takes it out. */
export function put(of: Json | undefined, path: readonly Step[], value: Json | undefined): Json | undefined {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (typeof step === 'number') {
    const list = Array.isArray(of) ? (of as readonly Json[]) : []
    const inner = put(list[step], rest, value)
    if (inner === undefined) return list.filter((_, i) => i !== step)
    return step < list.length ? list.map((each, i) => (i === step ? inner : each)) : [...list, inner]
  }
  const fields = isObject(of) ? of : {}
  const inner = put(Object.hasOwn(fields, step) ? fields[step] : undefined, rest, value)
  const entries = Object.entries(fields).filter(([key]) => key !== step)
  return Object.fromEntries(inner === undefined ? entries : [...entries, [step, inner]])
}

/** The texts and numbers in a value, at any depth. */
export function leavesOf(value: Json | undefined): readonly (string | number)[] {
  if (typeof value === 'string' || typeof value === 'number') return [value]
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(leavesOf)
  return isObject(value) ? Object.values(value).flatMap(leavesOf) : []
}
