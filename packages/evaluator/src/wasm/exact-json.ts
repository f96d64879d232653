import { type Json, parseDecimal } from '@gatewright/core'

/** What a double may not hold to the last digit. */
const large = /[0-9]{16}|[0-9][.eE]/

const token = /"((?:[^"\\]|\\.)*)"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g

/** Parses JSON text that is known to be valid, with every digit of its numbers. */
export function parseExact(text: string): Json {
  if (!large.test(text)) return JSON.parse(text) as Json
  // a letter before each text and each number tells them apart when both have become texts
  return exact(
    JSON.parse(
      text.replace(token, (found, inside?: string) =>
        inside === undefined ? `"n${found}"` : `"s${inside}"`,
      ),
    ),
  )
}

function exact(value: unknown): Json {
  if (typeof value === 'string')
    return value.startsWith('s') ? value.slice(1) : (parseDecimal(value.slice(1)) ?? 0)
  if (Array.isArray(value)) return value.map(exact)
  if (typeof value !== 'object' || value === null) return value as Json
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key.slice(1), exact(each)]))
}
