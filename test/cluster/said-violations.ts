import type { Violation } from '@gatewright/core'

/**
 * Whether the API server says what the violations do: their messages, by the order of denies and lists and not of places, joined, cut
 * and without spaces around them. What is found twice of one place, by parameters that say it twice, is said twice there.
 */
export function saysViolations(said: string, violations: readonly Violation[]): boolean {
  const messages = violations.map(({ message }) => message)
  const whole = messages.join('; ')
  const parts = (text: string): readonly string[] => [...new Set(text.split('; ').map((part) => part.trim()))]
  if (!said.endsWith(' ...'))
    return parts(said).toSorted().join('; ') === parts(whole.trim()).toSorted().join('; ')
  const known = new Set(parts(whole))
  return (
    [...said].length > 1000 &&
    parts(said)
      .slice(0, -1)
      .every((part) => known.has(part))
  )
}
