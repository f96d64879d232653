import { DefinitionError } from './definition-error.js'
import type { Policy } from './policy.js'

/** A named set of policies: a standard's level, a team's baseline. */
export interface Profile {
  readonly id: string
  readonly title: string
  readonly description?: string
  readonly policies: readonly Policy[]
}

/**
 * Collects policies and other profiles into one. `exclude` leaves policies out by id; an id that is not among them throws.
 *
 * The same policy may come twice with the same parameters; with others it throws, since one would be lost.
 */
export function profile(definition: {
  readonly id: string
  readonly title: string
  readonly description?: string
  readonly policies: readonly (Policy | Profile)[]
  readonly exclude?: readonly string[]
}): Profile {
  const { id, title, description, exclude = [] } = definition
  const policies = new Map(
    distinctPolicies(definition.policies, `profile \`${id}\` has`).map((each) => [each.id, each] as const),
  )
  for (const excluded of exclude) {
    if (!policies.delete(excluded)) {
      throw new DefinitionError(
        'unknown-policy',
        `profile \`${id}\` excludes \`${excluded}\`, which is not among its policies`,
      )
    }
  }
  return {
    id,
    title,
    ...(description === undefined ? {} : { description }),
    policies: [...policies.values()],
  }
}

/** The policies of policies and profiles, flat. */
export function policiesOf(from: readonly (Policy | Profile)[]): readonly Policy[] {
  return from.flatMap((each) => ('policies' in each ? each.policies : [each]))
}

/**
 * The policies of policies and profiles, each once. The same policy may come twice with the same parameters; with others it
 * throws, since one would be lost: `who` begins the message.
 */
export function distinctPolicies(
  from: readonly (Policy | Profile)[],
  who: string = 'there are',
): readonly Policy[] {
  const policies = new Map<string, Policy>()
  for (const each of policiesOf(from)) {
    const known = policies.get(each.id)
    if (
      known !== undefined &&
      (known.ir !== each.ir || JSON.stringify(known.values) !== JSON.stringify(each.values))
    ) {
      throw new DefinitionError(
        'policy-twice',
        `${who} two different policies \`${each.id}\``,
        'exclude one or give it another id',
      )
    }
    policies.set(each.id, each)
  }
  return [...policies.values()]
}
