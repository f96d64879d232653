import { UsageError } from './usage-error.js'

/** The whole number that an option gives; undefined where it is not given. */
export function wholeNumber(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  if (/^[0-9]{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`\`${option} ${text}\` is no whole number`, `say ${option} 1000, for example`)
}
