import type { Container, ObjectMeta, PodSpec } from '@gatewright/kubernetes'

/** A type as manifests write it: every field may be left out or null, and no text need be one that is known. */
export type Written<T> = T extends string
  ? string
  : T extends readonly (infer E)[]
    ? readonly (Written<E> | null)[]
    : T extends object
      ? { readonly [K in keyof T]?: Written<Exclude<T[K], undefined>> | null | undefined }
      : T

export type WrittenContainer = Written<Container>
export type WrittenSpec = Written<PodSpec>
/** A pod or a pod template. */
export interface WrittenPod {
  readonly metadata: Written<ObjectMeta>
  readonly spec: WrittenSpec
}

export const containerLists = ['containers', 'initContainers', 'ephemeralContainers'] as const
