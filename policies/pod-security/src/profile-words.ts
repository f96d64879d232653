import { type Expr, text, when } from '@gatewright/core'

interface Profile {
  readonly type?: string | undefined
  readonly localhostProfile?: string | undefined
}

/**
 * An AppArmor or seccomp profile in the words of annotations: `runtime/default`, `unconfined`, `localhost/<name>`. One that is
 * there without a name or with a type that the API does not know stands for itself too, so that no other profile is asked instead.
 */
export function inWords(profile: Expr<Profile | undefined>): Expr<string | undefined> {
  return when(profile.type.is('RuntimeDefault'), text`runtime/default`)
    .when(profile.type.is('Unconfined'), text`unconfined`)
    .when(profile.type.is('Localhost'), text`localhost/${profile.localhostProfile.default('')}`)
    .when(profile.exists(), text`<${profile.type.default('')}>`)
    .otherwise(profile.type)
}
