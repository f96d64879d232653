import { isNumber, type Json, numberText, parseDecimal } from '@gatewright/core'

/** What a double may not hold to the last digit. */
const large = /[0-9]{16}|[0-9][.eE]/

const token = /"([^"\\]*(?:\\.[^"\\]*)*)"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g

/** Parses JSON text, with every digit of its numbers. Throws for what is no JSON, and for an exponent beyond ±100,000. */
export function parseExact(text: string): Json {
  const plain = JSON.parse(text) as Json
  if (!large.test(text) || !hasLargeNumber(text)) return plain
  // a letter before each text and each number tells them apart when both have become texts
  return exact(
    JSON.parse(
      text.replace(token, (found, inside?: string) =>
        inside === undefined ? `"n${found}"` : `"s${inside}"`,
      ),
    ),
  )
}

/** What looks large mostly stands in texts: versions and digests. */
function hasLargeNumber(text: string): boolean {
  for (const [found, inside] of text.matchAll(token))
    if (inside === undefined && large.test(found)) return true
  return false
}

function exact(value: unknown): Json {
  if (typeof value === 'string') return value.startsWith('s') ? value.slice(1) : exactNumber(value.slice(1))
  if (Array.isArray(value)) return value.map(exact)
  if (typeof value !== 'object' || value === null) return value as Json
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key.slice(1), exact(each)]))
}

function exactNumber(text: string): Json {
  const number = parseDecimal(text)
  if (number === undefined) throw new SyntaxError('a number has an exponent beyond ±100,000')
  return number
}

/** A value as JSON text, with every digit of its numbers; undefined where JSON cannot write a part of it. */
export function exactText(value: Json): string | undefined {
  try {
    return written(value)
  } catch {
    return undefined
  }
}

function written(value: Json | undefined): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (isNumber(value)) return numberText(value)
  if (Array.isArray(value)) return `[${value.map((each) => written(each as Json)).join(',')}]`
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    throw new TypeError('no JSON')
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}:${written(each)}`)
    .join(',')}}`
}
