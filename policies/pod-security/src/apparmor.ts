import { message, policy, type Policy, text } from '@gatewright/core'
import { z } from 'zod'
import { inWords } from './profile-words.js'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

/** Containers run under an allowed AppArmor profile: by their own field, that of the pod, or the old annotation. */
export const appArmor: Policy = policy({
  id: 'pod-security/apparmor',
  title: 'Containers must use an allowed AppArmor profile',
  description:
    'Profiles are written as in annotations: `runtime/default`, `unconfined`, `localhost/<name>`, with `*` as a wildcard.',
  severity: 'medium',
  topic: 'apparmor',
  controls: { 'cis-docker': ['5.2'], pss: ['baseline'] },
  target: pods,
  parameters: z.object({
    ...exemptImages,
    allowedProfiles: z
      .array(z.string().regex(/^[^[{\\]*$/))
      .default(['runtime/default'])
      .describe('Profiles that are allowed, with `*` as a wildcard.'),
  }),
  rule: ({ pod, parameters, ...bindings }) =>
    pod.allContainers
      .filter(containerIsNew(bindings))
      .filter(notExempt(parameters.exemptImages))
      .each((c) => {
        const own = c.securityContext.appArmorProfile
        const annotation = pod.metadata.annotations.get(
          text`container.apparmor.security.beta.kubernetes.io/${c.name}`,
        )
        const profile = inWords(own)
          .default(annotation)
          .default(inWords(pod.securityContext.appArmorProfile))
          .default('runtime/default')
        return parameters.allowedProfiles
          .none((each) => profile.like(each))
          .deny({
            message: message`container ${c.name} must not run under the AppArmor profile ${profile}`,
            at: own.type,
          })
      }),
})
