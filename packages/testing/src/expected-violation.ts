import { comparePaths, type Path, pathText, type Violation } from '@gatewright/core'

/** What a violation has to be like. */
export interface ExpectedViolation {
  /** The whole message, or a pattern that it has to match. */
  readonly message?: string | RegExp
  /** The place, as a path or as reports write it: `spec.containers[0].image`. */
  readonly at?: Path | string
  readonly code?: string
  /** How many violations are like that; without it, at least one. */
  readonly count?: number
}

export const expectedKeys = ['message', 'at', 'code', 'count'] as const

/** The same, with what is not given. */
type Wanted = { readonly [K in keyof ExpectedViolation]: ExpectedViolation[K] | undefined }

/** What is wrong with the violations of a verdict; undefined where they are as expected. */
export function unmet(violations: readonly Violation[], expected: Wanted): string | undefined {
  const { count } = expected
  if (count !== undefined && (!Number.isInteger(count) || count < 1)) {
    throw new TypeError('`count` is the number of violations, which is 1 or more for what is denied')
  }
  const found = violations.filter((each) => isLike(each, expected)).length
  if (count === undefined ? found > 0 : found === count) return undefined
  const wanted = count === undefined ? 'a violation' : count === 1 ? 'one violation' : `${count} violations`
  const { message, at, code } = expected
  const like = [
    ...(code === undefined ? [] : [`code \`${code}\``]),
    ...(at === undefined ? [] : [`at ${typeof at === 'string' ? at : pathText(at)}`]),
    ...(message === undefined
      ? []
      : [`message ${message instanceof RegExp ? String(message) : `\`${message}\``}`]),
  ]
  return `${wanted}${like.length === 0 ? '' : ` with ${like.join(', ')}`}, found ${found}`
}

function isLike(violation: Violation, { message, at, code }: Wanted): boolean {
  return (
    (code === undefined || violation.code === code) &&
    (at === undefined ||
      (typeof at === 'string' ? pathText(violation.at) === at : comparePaths(violation.at, at) === 0)) &&
    (message === undefined ||
      // a pattern with a memory of where it was would answer otherwise the next time
      (message instanceof RegExp
        ? new RegExp(message.source, message.flags.replace(/[gy]/g, '')).test(violation.message)
        : violation.message === message))
  )
}
