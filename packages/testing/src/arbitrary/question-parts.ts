import type { Json, Operation } from '@gatewright/core'
import { findResource, objectNamespace, podTemplatePath } from '@gatewright/kubernetes'
import { boolean, dnsLabel, text } from './leaves.js'
import { type Draft, lazyField, listOf, mapOf, type ObjectShape, type Shape } from './shape.js'

/** A question in parts that shrink each. */
export interface Parts {
  readonly object?: Json | undefined
  readonly oldObject?: Json | undefined
  readonly operation: Operation
  readonly request?: Readonly<Record<string, Json>>
  readonly parameters: Readonly<Record<string, Json>>
  readonly inventory?: { readonly objects: readonly Json[]; readonly complete: boolean }
}

const userName = text(/^[ -~]{1,200}$/, [
  'alice',
  'system:admin',
  'system:serviceaccount:kube-system:replicaset-controller',
  'system:serviceaccount:default:default',
  'system:node:node-1',
])
const groupName = text(/^[ -~]{1,200}$/, [
  'system:authenticated',
  'system:masters',
  'system:serviceaccounts',
  'developers',
])

const object = (fields: Readonly<Record<string, readonly [share: number, shape: Shape]>>): ObjectShape => ({
  is: 'object',
  fields: new Map(
    Object.entries(fields).map(([key, [share, shape]]) => [key, lazyField(share >= 1, share, () => shape)]),
  ),
})

/** What an API server says of a request beside its objects. */
export const requestShape: ObjectShape = object({
  userInfo: [
    1,
    object({
      username: [1, userName],
      groups: [0.8, listOf(groupName, { apartBy: [''] })],
      uid: [0.2, dnsLabel],
      extra: [0.05, mapOf(dnsLabel, listOf(dnsLabel))],
    }),
  ],
  dryRun: [0.1, boolean],
})

/** An object and what it was have the same name; ephemeral containers come to a pod that runs, by a way of their own. */
export function mendParts(
  draft: Draft,
  { group, kind }: { readonly group: string; readonly kind: string },
): void {
  const {
    object: now,
    oldObject: before,
    operation,
  } = draft as unknown as {
    readonly object?: Draft
    readonly oldObject?: Draft
    readonly operation: Operation
  }
  const names = now?.['metadata'] as Draft | undefined
  const old = before?.['metadata'] as Draft | undefined
  if (names !== undefined && old !== undefined) {
    for (const key of ['name', 'namespace'])
      if (names[key] === undefined) delete old[key]
      else old[key] = names[key]
  }
  const isTemplate = (podTemplatePath({ group, kind }) ?? []).length > 0
  const spec = now?.['spec'] as Draft | undefined
  if (operation !== 'UPDATE' && !isTemplate) delete spec?.['ephemeralContainers']
}

/** An AdmissionReview as an API server sends it, with whatever is in it. */
export function reviewOf({
  object: now,
  oldObject,
  operation,
  request,
}: Omit<Parts, 'parameters' | 'inventory'>): Json {
  const about = (now ?? oldObject ?? {}) as Readonly<Record<string, Json>>
  const [group, version] = String(about['apiVersion']).includes('/')
    ? String(about['apiVersion']).split('/')
    : ['', String(about['apiVersion'])]
  const kind = { group: group ?? '', version: version ?? '', kind: String(about['kind']) }
  const plural = findResource({ group: kind.group, kind: kind.kind })?.plural
  const { name } = (about['metadata'] ?? {}) as { readonly name?: Json }
  const namespace = objectNamespace(about)
  const hasEphemeral =
    ((now as { spec?: { ephemeralContainers?: unknown } } | undefined)?.spec?.ephemeralContainers ??
      undefined) !== undefined
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '00000000-0000-0000-0000-000000000001',
      kind,
      ...(plural === undefined
        ? {}
        : { resource: { group: kind.group, version: kind.version, resource: plural } }),
      ...(hasEphemeral && operation === 'UPDATE' && kind.kind === 'Pod'
        ? { subResource: 'ephemeralcontainers' }
        : {}),
      ...(typeof name === 'string' ? { name } : {}),
      ...(namespace === undefined ? {} : { namespace }),
      operation,
      ...(now === undefined ? {} : { object: now }),
      ...(oldObject === undefined ? {} : { oldObject }),
      ...request,
    },
  } as Json
}
