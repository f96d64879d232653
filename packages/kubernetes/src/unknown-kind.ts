import { type Json, kindOf } from '@gatewright/core'
import { findResource, nearestKind, servedResources } from './schemas.js'

/** A kind that Kubernetes does not have in the group that an object names. */
export interface UnknownKind {
  readonly group: string
  readonly kind: string
  /** The kind that is meant, as far as its name tells. */
  readonly nearest: { readonly apiVersion: string; readonly kind: string }
}

/** A group and a kind that the table of resources does not have: one is gone, the other only posted below a pod. */
const beyondTheTable: ReadonlySet<string> = new Set(['extensions', 'Eviction'])

/**
 * The kind of an object, where it looks like a misspelt one of Kubernetes' own: its group is built in, or has no dot, as no custom
 * resource's may; the group has no such kind; and there is one of nearly that name. Kinds of old versions, which we do not know and
 * which are like no other, are not told.
 */
export function unknownKind(object: Json): UnknownKind | undefined {
  const of = kindOf(object)
  if (of === undefined) return undefined
  const { group, kind } = of
  if (beyondTheTable.has(group) || beyondTheTable.has(kind)) return undefined
  const builtIn = !group.includes('.') || servedResources().some((each) => each.group === group)
  if (!builtIn || findResource({ group, kind }) !== undefined) return undefined
  const near = nearestKind(kind)
  if (near === undefined) return undefined
  const named = servedResources().filter((each) => each.kind === near)
  const meant = named.find((each) => each.group === group) ?? named.find(({ version }) => version === 'v1')
  const { group: itsGroup, version } = meant ?? (named[0] as (typeof named)[number])
  return {
    group,
    kind,
    nearest: { apiVersion: itsGroup === '' ? version : `${itsGroup}/${version}`, kind: near },
  }
}
