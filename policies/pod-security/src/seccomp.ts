import { define, message, policy, type Policy, text, when, type Expr } from '@gatewright/core'
import { z } from 'zod'
import { inWords } from './profile-words.js'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

const runtimeDefault = text`runtime/default`

/** An annotation, in which the default of the runtime has an older name too. */
const annotated = (profile: Expr<string | undefined>): Expr<string | undefined> =>
  when(profile.is('docker/default'), runtimeDefault).otherwise(profile)

/** A profile of the list in the words of annotations. */
const listed = (profile: Expr<string>): Expr<string> =>
  when(profile.in(['docker/default', 'RuntimeDefault']), runtimeDefault)
    .when(profile.is('Unconfined'), text`unconfined`)
    .otherwise(profile)

/** Containers run under an allowed seccomp profile: by their own field, that of the pod, or the old annotations. */
export const seccomp: Policy = policy({
  id: 'pod-security/seccomp',
  title: 'Containers must use an allowed seccomp profile',
  description:
    'Profiles are written as in annotations: `runtime/default`, `unconfined`, `localhost/<file>`, or by their types. `localhost/*` allows every file, also those that `allowedLocalhostFiles` does not list.',
  severity: 'medium',
  topic: 'seccomp',
  controls: { 'cis-kubernetes': ['5.6.2'], 'cis-docker': ['5.22'], pss: ['baseline', 'restricted'] },
  target: pods,
  parameters: z.object({
    ...exemptImages,
    allowedProfiles: z
      .array(z.string())
      .default(['runtime/default'])
      .describe('Profiles that are allowed; `*` for any.'),
    allowedLocalhostFiles: z
      .array(z.string())
      .default([])
      .describe('Files that profiles on the node may be in; `*` for any.'),
  }),
  rule: ({ pod, parameters, ...bindings }) =>
    pod.allContainers
      .filter(containerIsNew(bindings))
      .filter(notExempt(parameters.exemptImages))
      .each((c) => {
        const own = c.securityContext.seccompProfile
        const annotations = pod.metadata.annotations
        const profile = define(
          'profile',
          inWords(own)
            .default(inWords(pod.securityContext.seccompProfile))
            .default(
              annotated(annotations.get(text`container.seccomp.security.alpha.kubernetes.io/${c.name}`)),
            )
            .default(annotated(annotations.get('seccomp.security.alpha.kubernetes.io/pod')))
            .default('unconfined'),
        )
        const { allowedProfiles, allowedLocalhostFiles } = parameters
        const isAllowedFile = allowedLocalhostFiles.some((file) =>
          profile.is(text`localhost/${file}`).or(file.is('*')),
        )
        const allowed = define(
          'allowed',
          profile
            .in(allowedProfiles.map(listed))
            .or(
              allowedProfiles.includes('*'),
              profile
                .startsWith('localhost/')
                .and(
                  allowedProfiles
                    .includes('localhost/*')
                    .or(allowedProfiles.includes('Localhost').and(isAllowedFile)),
                ),
            ),
        )
        return allowed.not().deny({
          message: message`container ${c.name} must not run under the seccomp profile ${profile}`,
          at: own.type,
        })
      }),
})
