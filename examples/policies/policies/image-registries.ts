import { imageRef, message, not, policy, type Policy } from 'gatewright'
import { workloads } from 'gatewright/kubernetes'
import { z } from 'zod'

/** Images come from our registries, by whole components of their names. */
export const imageRegistries: Policy = policy({
  id: 'shop/image-registries',
  title: 'Images must come from an allowed registry',
  severity: 'high',
  topic: 'image-registries',
  target: workloads,
  parameters: z.object({
    registries: z.array(z.string()).describe('Registries and repositories, such as `ghcr.io/team`.'),
  }),
  rule: ({ pod, parameters }) =>
    pod.allContainers
      // an image that cannot be read lies in no registry
      .filter((c) =>
        not(parameters.registries.some((each) => imageRef(c.image).within(each).ifMissing(false))),
      )
      .deny((c) => ({
        message: message`container ${c.name} must not use the image ${c.image}`,
        at: c.image,
      })),
})
