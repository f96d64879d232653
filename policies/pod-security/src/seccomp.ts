import { message, policy, type Policy, text, when, type Expr } from '@gatewright/core'
import { z } from 'zod'
import { containerIsNew, exemptImages, notExempt, pods } from './selection.js'

interface Profile {
  readonly type?: 'Localhost' | 'RuntimeDefault' | 'Unconfined' | undefined
  readonly localhostProfile?: string | undefined
}

/** A profile in the words of annotations: `runtime/default`, `localhost/file`, `unconfined`. */
function inWords(profile: Expr<Profile | undefined>): Expr<string | undefined> {
  return when(profile.type.is('RuntimeDefault'), text`runtime/default`)
    .when(profile.type.is('Unconfined'), text`unconfined`)
    .otherwise(
      when(profile.type.is('Localhost'), text`localhost/${profile.localhostProfile}`).otherwise(profile.type),
    )
}

/** The words under which a profile is on the list: as it is, or with another name for the same. */
const sameAs = (profile: Expr<string | undefined>): Expr<string | undefined> =>
  when(profile.is('docker/default'), text`runtime/default`).otherwise(profile)

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
        const shared = pod.securityContext.seccompProfile
        const annotations = pod.metadata.annotations
        const profile = inWords(own)
          .default(inWords(shared))
          .default(sameAs(annotations.get(text`container.seccomp.security.alpha.kubernetes.io/${c.name}`)))
          .default(sameAs(annotations.get('seccomp.security.alpha.kubernetes.io/pod')))
          .default('unconfined')
        const type = own.type.default(shared.type)
        const file = own.localhostProfile.default(shared.localhostProfile)
        const { allowedProfiles, allowedLocalhostFiles } = parameters
        const allowed = profile.in(allowedProfiles).or(
          allowedProfiles.includes('*'),
          type.exists().and(
            type.isNot('Localhost'),
            allowedProfiles.some((each) => type.is(each).ifMissing(false)),
          ),
          profile
            .startsWith('localhost/')
            .and(
              allowedProfiles
                .includes('localhost/*')
                .or(
                  allowedProfiles
                    .includes('Localhost')
                    .and(file.in(allowedLocalhostFiles).or(allowedLocalhostFiles.includes('*'))),
                ),
            ),
        )
        return allowed.not().deny({
          message: message`container ${c.name} must not run under the seccomp profile ${profile}`,
          at: own.type,
        })
      }),
})
