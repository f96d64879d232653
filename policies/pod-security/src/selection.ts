import { allOf, anyOf, type Condition, define, type Expr, not } from '@gatewright/core'
import {
  type Container,
  type WorkloadOperationBindings,
  type Workloads,
  workloads,
} from '@gatewright/kubernetes'
import { z } from 'zod'

/** What the pack is about: pods and workloads, when they are made and when they are changed. */
export const pods: ReturnType<Workloads['on']> = workloads.on('CREATE', 'UPDATE')

/** The parameter that leaves containers out by their image. */
export const exemptImages: { exemptImages: z.ZodDefault<z.ZodArray<z.ZodString>> } = {
  exemptImages: z
    .array(z.string().regex(/^[^[{\\]*$/))
    .default([])
    .describe('Images whose containers are left out: whole references, with `*` for any run of characters.'),
}

/** Whether no pattern of the list matches a container's image. */
export function notExempt(patterns: Expr<string[]>): (container: Expr<Container>) => Condition {
  return (container) =>
    not(
      define(
        'exempt',
        patterns.some((pattern) => container.image.like(pattern).ifMissing(false)),
      ),
    )
}

type Change = Pick<WorkloadOperationBindings, 'request' | 'object'>

/**
 * Whether a pod's own fields can be of this request's making. The spec of a Pod that exists cannot be changed, but for its
 * images and for ephemeral containers, which come by a subresource of their own; refusing such an update would only keep people
 * from labelling a pod or letting it go. The templates of workloads can change, so they are always judged.
 */
export function specIsNew({ request, object }: Change): Condition {
  return not(
    define(
      'spec is old',
      allOf(
        request.operation.is('UPDATE'),
        object.kind.is('Pod'),
        request.subResource.isNot('ephemeralcontainers'),
      ),
    ),
  )
}

/**
 * Whether a container can be of this request's making: as `specIsNew`, or its image is another one than before, so that an
 * exemption by image no longer speaks for it.
 */
export function containerIsNew(
  bindings: Change & Pick<WorkloadOperationBindings, 'oldPod'>,
): (container: Expr<Container>) => Condition {
  return (container) =>
    define(
      'container is new',
      anyOf(
        specIsNew(bindings),
        define(
          'image changes',
          bindings.oldPod.allContainers.some((old) =>
            allOf(old.name.is(container.name).ifMissing(false), old.image.differsFrom(container.image)),
          ),
        ),
      ),
    )
}
