import type { Violation } from '@gatewright/core'

/** Someone's word that a violation is known and accepted. It always has a reason; it may have an end, an owner and a ticket. */
export interface Suppression {
  /** The policy's id. */
  readonly policy: string
  /** One violation of the policy only. */
  readonly code?: string
  readonly reason: string
  /** The last day on which it holds: `2027-01-31`. */
  readonly until?: string
  readonly owner?: string
  readonly ticket?: string
}

/** The marker of suppressions in YAML comments, and the annotation that carries them. */
export const suppressionMarker = 'gatewright:ignore'
export const suppressionAnnotation = 'gatewright.dev/ignore'

const target = /^([a-z0-9]+(?:-[a-z0-9]+)*(?:\/[a-z0-9]+(?:-[a-z0-9]+)*)*)(?:#([A-Za-z0-9][A-Za-z0-9._-]*))?$/
const field = /\s+([a-z]+)=(?:"([^"]*)"|([^\s"]+))/gy
const fields: readonly string[] = ['reason', 'until', 'owner', 'ticket']

/**
 * Reads a suppression: `policy-id[#code] reason="why" [until=2027-01-31] [owner=team] [ticket=ID]`. The same words stand in a
 * comment behind `gatewright:ignore`, in an annotation, and, as fields, in an exceptions file. Gives what is wrong instead when
 * it has no reason, a day that is none, or anything else in it.
 */
export function readSuppression(text: string): Suppression | { readonly problem: string } {
  const trimmed = text.trim()
  const [name = ''] = trimmed.split(/\s/, 1)
  const match = target.exec(name)
  if (match === null) return { problem: `\`${name}\` is no policy id` }
  const values: Record<string, string> = {}
  let at = name.length
  while (at < trimmed.length) {
    field.lastIndex = at
    const found = field.exec(trimmed)
    if (found === null) return { problem: `\`${trimmed.slice(at).trim()}\` is not read; write name="value"` }
    const [, key = '', quoted, plain] = found
    if (!fields.includes(key))
      return { problem: `a suppression has no \`${key}\`; it has ${fields.join(', ')}` }
    if (Object.hasOwn(values, key)) return { problem: `\`${key}\` is written twice` }
    values[key] = quoted ?? plain ?? ''
    at = field.lastIndex
  }
  return checkedSuppression({
    policy: match[1] as string,
    ...(match[2] === undefined ? {} : { code: match[2] }),
    ...values,
  })
}

/** Checks the fields of a suppression, wherever they come from. */
export function checkedSuppression(
  of: Partial<Suppression> & { readonly policy: string },
): Suppression | { readonly problem: string } {
  const { reason, until } = of
  if (reason === undefined || reason.trim() === '')
    return { problem: `the suppression of \`${of.policy}\` has no reason` }
  if (until !== undefined && !isDay(until)) return { problem: `\`${until}\` is no day; write 2027-01-31` }
  return { ...of, reason }
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** Whether a suppression has ended before a day, given as `2027-01-31`. */
export function hasEnded({ until }: Suppression, today: string): boolean {
  return until !== undefined && until < today
}

/** Whether a suppression speaks of a violation. */
export function suppresses({ policy, code }: Suppression, violation: Violation): boolean {
  return policy === violation.policy && (code === undefined || code === violation.code)
}
