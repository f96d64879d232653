import { isObject, type Json, kindOf } from '@gatewright/core'
import { podTemplatePath } from '@gatewright/kubernetes'
import { type Step, valueAt } from '../search/parts.js'
import { placed } from './placed.js'
import type { Question } from '../search/questions.js'

export const containerLists = ['containers', 'initContainers', 'ephemeralContainers'] as const
export type ContainerList = (typeof containerLists)[number]

/** The pod of an object that has one. */
export interface PodIn {
  /** Where the pod template is in the object. */
  readonly path: readonly string[]
  readonly spec: Json
}

/** The pod in an object; undefined where it has none. */
export function podIn(object: Json): PodIn | undefined {
  const path = podTemplatePath(kindOf(object) ?? { group: '', kind: '' })
  const spec = path === undefined ? undefined : valueAt(object, [...path, 'spec'])
  return path === undefined || !isObject(spec) ? undefined : { path, spec }
}

/** The containers of a list of a pod. */
export function containersIn({ spec }: PodIn, list: ContainerList): readonly Json[] {
  const found = valueAt(spec, [list])
  return Array.isArray(found) ? (found as readonly Json[]) : []
}

/** An object whose pod has these containers, and no others. A list without any is left out, but for the one that is required. */
export function withContainers(
  object: Json,
  { path }: PodIn,
  lists: { readonly [list in ContainerList]?: readonly Json[] },
): Json {
  return containerLists.reduce((of, list) => {
    const given = lists[list] ?? []
    const at: readonly Step[] = [...path, 'spec', list]
    const value = given.length === 0 && list !== 'containers' ? undefined : given
    if (value === undefined && valueAt(of, at) === undefined) return of
    return placed(of, at, value)
  }, object)
}

/** All containers of a pod, with the lists that they are in. */
export const allContainers = (
  pod: PodIn,
): readonly { readonly list: ContainerList; readonly container: Json }[] =>
  containerLists.flatMap((list) => containersIn(pod, list).map((container) => ({ list, container })))

/** A container that asks for nothing. */
export const plainContainer: Json = { name: 'beside', image: 'registry.example.com/beside:1.0.0' }

/** A question about an object with a pod, whatever else it is. */
export interface PodQuestion {
  readonly question: Question
  readonly pod: PodIn
}
