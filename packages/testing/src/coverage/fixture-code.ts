import { isObject, type Json, kindOf } from '@gatewright/core'
import {
  configMaps,
  cronJobs,
  daemonSets,
  deployments,
  jobs,
  namespaces,
  networkPolicies,
  pods,
  replicaSets,
  type Resource,
  services,
  statefulSets,
} from '@gatewright/kubernetes'
import { container, object } from '../objects.js'
import { review } from '../review.js'
import { fits } from './fits.js'
import { type Code, codeOf, textCode } from './typescript.js'

/** An object as a test would write it: the code, the value that it has, and what it imports from `gatewright/testing`. */
export interface Fixture {
  readonly code: Code
  readonly value: Json
  readonly imports: readonly string[]
}

type Fields = Readonly<Record<string, Json>>

// the resources are of many types, of which only the schema is asked
const builders: Readonly<Record<string, Resource<never>>> = {
  configMap: configMaps,
  cronJob: cronJobs,
  daemonSet: daemonSets,
  deployment: deployments,
  job: jobs,
  namespace: namespaces,
  networkPolicy: networkPolicies,
  pod: pods,
  replicaSet: replicaSets,
  service: services,
  statefulSet: statefulSets,
} as unknown as Readonly<Record<string, Resource<never>>>

/** How an input may be written, the most natural first; the last is the input itself. What the others come to has to be judged. */
export function fixturesOf(input: Json): readonly Fixture[] {
  const plain = literal(input)
  const { request } = (isObject(input) ? input : {}) as { readonly request?: Json }
  if (isObject(request) && kindOf(input)?.kind === 'AdmissionReview')
    return [...reviewFixtures(request), plain]
  return [...builtFixtures(input), plain]
}

const literal = (value: Json): Fixture => ({ code: codeOf(value), value, imports: [] })

/** An object by its builder, where what is given to it is of the right types. */
function builtFixtures(value: Json): readonly Fixture[] {
  const kind = kindOf(value)
  if (kind === undefined || !isObject(value)) return []
  return Object.entries(builders).flatMap(([name, resource]): readonly Fixture[] => {
    const { group, version, kind: own } = resource.resource
    if (group !== kind.group || version !== kind.version || own !== kind.kind) return []
    const given = Object.fromEntries(
      Object.entries(value).filter(([key]) => key !== 'apiVersion' && key !== 'kind'),
    )
    const imports = new Set([name])
    const { value: filled, code } = withContainers(given, imports)
    if (!fits(resource.schema, filled)) return []
    const built = object(resource, filled as never) as Json
    const isEmpty = Object.keys(given).length === 0
    return [{ code: { calls: name, with: isEmpty ? [] : [code] }, value: built, imports: [...imports] }]
  })
}

const containerLists = new Set(['containers', 'initContainers'])

/** A value whose containers have what a container needs. */
function withContainers(value: Json, imports: Set<string>): { readonly value: Json; readonly code: Code } {
  if (!isObject(value)) return { value, code: codeOf(value) }
  const entries = Object.entries(value).map(([key, each]) => {
    if (!containerLists.has(key) || !Array.isArray(each) || !each.every((item) => isObject(item as Json)))
      return [key, withContainers(each, imports)] as const
    imports.add('container')
    const items = (each as readonly Fields[]).map((given) => ({
      value: container(given) as unknown as Json,
      code: { calls: 'container', with: Object.keys(given).length === 0 ? [] : [codeOf(given)] } as Code,
    }))
    return [
      key,
      { value: items.map((item) => item.value) as Json, code: { items: items.map((item) => item.code) } },
    ] as const
  })
  return {
    value: Object.fromEntries(entries.map(([key, each]) => [key, each.value])),
    code: { entries: entries.map(([key, each]) => [key, each.code] as const) },
  }
}

/** An AdmissionReview by `review`, with its objects by their builders or as they are. */
function reviewFixtures(request: Fields): readonly Fixture[] {
  const { object: own, oldObject, operation, subResource, ...rest } = request
  if (Object.keys(rest).some((key) => key !== 'uid')) return []
  const ways = (of: Json | undefined): readonly (Fixture | undefined)[] =>
    of === undefined ? [undefined] : [...builtFixtures(of), literal(of)]
  return ways(own).flatMap((first) =>
    ways(oldObject).flatMap((second): readonly Fixture[] => {
      const natural = first === undefined ? 'DELETE' : second === undefined ? 'CREATE' : 'UPDATE'
      const entries: (readonly [string, Code])[] = [
        ...(operation === undefined || operation === natural
          ? []
          : [['operation', codeOf(operation)] as const]),
        ...(first === undefined ? [] : [['object', first.code] as const]),
        ...(second === undefined ? [] : [['oldObject', second.code] as const]),
        ...(typeof subResource === 'string' ? [['subResource', textCode(subResource)] as const] : []),
      ]
      try {
        const value = review({
          ...(operation === undefined ? {} : { operation: operation as 'CREATE' }),
          ...(first === undefined ? {} : { object: first.value as object }),
          ...(second === undefined ? {} : { oldObject: second.value as object }),
          ...(typeof subResource === 'string' ? { subResource } : {}),
        }) as unknown as Json
        const imports = ['review', ...(first?.imports ?? []), ...(second?.imports ?? [])]
        return [{ code: { calls: 'review', with: [{ entries }] }, value, imports }]
      } catch (error) {
        // a review that no API server sends is written as it is
        if (error instanceof TypeError) return []
        throw error
      }
    }),
  )
}
