import { type Json, kindOf } from '@gatewright/core'
import { findResource } from './schemas.js'

/**
 * The namespace that an object is in; undefined where it names none, and for kinds of the cluster whatever they name: the API
 * server clears it (`EnsureObjectNamespaceMatchesRequestNamespace` of `k8s.io/apiserver`), so it must exempt nothing.
 */
export function objectNamespace(object: Json | undefined): string | undefined {
  const kind = kindOf(object)
  if (kind !== undefined && findResource({ group: kind.group, kind: kind.kind })?.namespaced === false)
    return undefined
  const { metadata } = (object ?? {}) as { readonly metadata?: { readonly namespace?: Json } | null }
  const namespace = metadata?.namespace
  return typeof namespace === 'string' && namespace !== '' ? namespace : undefined
}
