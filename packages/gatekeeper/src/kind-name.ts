import type { Policy } from '@gatewright/core'
import { GatekeeperError } from './gatekeeper-error.js'

/** The longest name of a kind: in lower case it is a label. */
const longestKind = 63

/** The kind of a policy's constraints: `pod-security/proc-mount` is `PodSecurityProcMount`. Throws where that is no kind's name. */
export function constraintKind(policy: Pick<Policy, 'id'>, named?: string): string {
  const kind =
    named ??
    policy.id
      .split(/[-/]/)
      .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
      .join('')
  if (/^[A-Z][A-Za-z0-9]*$/.test(kind) && kind.length <= longestKind) return kind
  throw new GatekeeperError(
    'invalid-kind',
    `\`${kind}\` of policy \`${policy.id}\` cannot be the kind of a constraint`,
    `name one with \`kind\`: a capital letter, then letters and digits, ${longestKind} at most`,
  )
}

/** Throws where two policies would have one kind; case does not tell kinds apart, since their resources are in lower case. */
export function refuseCollisions(kinds: readonly (readonly [policy: string, kind: string])[]): void {
  const known = new Map<string, string>()
  for (const [policy, kind] of kinds) {
    const other = known.get(kind.toLowerCase())
    if (other !== undefined && other !== policy)
      throw new GatekeeperError(
        'kinds-collide',
        `the policies \`${other}\` and \`${policy}\` would both have the kind \`${kind}\``,
        'give one another with `kind`',
      )
    known.set(kind.toLowerCase(), policy)
  }
}
