import { equalJson, isObject, type Json, type Path, pathText } from '@gatewright/core'
import type { ClusterObject } from './cluster/cluster.js'

/** A place at which an object is another than it should be. */
export interface Difference {
  readonly path: string
  /** What is there; undefined where nothing is. */
  readonly live: Json | undefined
  /** What should be there. */
  readonly wanted: Json | undefined
}

/** What a cluster writes into any object by itself. */
const kept: ReadonlySet<string> = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'uid',
  'selfLink',
  'finalizers',
])

/** Where an object differs from what it would be if it was applied, without what the cluster writes itself. */
export function differences(live: ClusterObject, wanted: ClusterObject): readonly Difference[] {
  return between(said(live), said(wanted), [])
}

function said(object: ClusterObject): Json {
  const { metadata, ...rest } = Object.fromEntries(
    Object.entries(object).filter(([key]) => key !== 'status'),
  ) as unknown as ClusterObject
  const own = Object.fromEntries(Object.entries(metadata).filter(([key]) => !kept.has(key)))
  return { ...rest, metadata: own } as unknown as Json
}

function between(live: Json | undefined, wanted: Json | undefined, at: Path): readonly Difference[] {
  if (live !== undefined && wanted !== undefined) {
    if (equalJson(live, wanted)) return []
    if (isObject(live) && isObject(wanted))
      return [...new Set([...Object.keys(live), ...Object.keys(wanted)])]
        .toSorted()
        .flatMap((key) => between(own(live, key), own(wanted, key), [...at, key]))
    if (Array.isArray(live) && Array.isArray(wanted) && live.length === wanted.length)
      return live.flatMap((item, i) => between(item as Json, wanted[i] as Json, [...at, i]))
  }
  return live === undefined && wanted === undefined ? [] : [{ path: pathText(at), live, wanted }]
}

const own = (of: Readonly<Record<string, Json>>, key: string): Json | undefined =>
  Object.hasOwn(of, key) ? of[key] : undefined

/**
 * Fields that others manage in an object of ours, and that it does not say: they are part of what is in force. Fields that the API server
 * fills in have no manager.
 *
 * Source: `FieldsV1` of `k8s.io/apimachinery/pkg/apis/meta/v1`.
 */
export function foreignFields(
  live: ClusterObject,
  source: ClusterObject,
  manager: string,
): readonly string[] {
  const { managedFields } = live.metadata as { readonly managedFields?: Json }
  if (!Array.isArray(managedFields)) return []
  const found = (managedFields as readonly Json[]).flatMap((each) => {
    if (!isObject(each) || each['manager'] === manager || each['subresource'] !== undefined) return []
    const fields = each['fieldsV1']
    if (!isObject(fields)) return []
    return Object.entries(fields)
      .filter(([key]) => !['f:metadata', 'f:status'].includes(key))
      .flatMap(([key, inner]) => unsaid(inner, key, source as unknown as Json, []))
  })
  return [...new Set(found)].toSorted()
}

/** The places below a managed field that an object does not have. */
function unsaid(inner: Json, step: string, of: Json | undefined, at: readonly string[]): readonly string[] {
  if (step === '.') return []
  const { name, value } = stepInto(step, of)
  const place = [...at, name]
  if (value === undefined) return [place.join('.').replaceAll('.[', '[')]
  if (!isObject(inner)) return []
  return Object.entries(inner).flatMap(([each, deeper]) => unsaid(deeper, each, value, place))
}

/** What stands at a step: a field `f:…`, an element by its keys `k:{…}`, by its value `v:…`, or by its index `i:…`. */
function stepInto(
  step: string,
  of: Json | undefined,
): { readonly name: string; readonly value: Json | undefined } {
  const said = step.slice(2)
  if (step.startsWith('f:'))
    return { name: said, value: of !== undefined && isObject(of) ? own(of, said) : undefined }
  const items = Array.isArray(of) ? (of as readonly Json[]) : []
  const name = `[${said}]`
  if (step.startsWith('i:')) return { name, value: items[Number(said)] }
  const wanted = JSON.parse(said) as Json
  if (step.startsWith('v:')) return { name, value: items.find((item) => equalJson(item, wanted)) }
  const keys = Object.entries(wanted as Readonly<Record<string, Json>>)
  const isIt = (item: Json): boolean =>
    isObject(item) && keys.every(([key, each]) => equalJson(own(item, key) ?? null, each))
  return { name, value: items.find(isIt) }
}
