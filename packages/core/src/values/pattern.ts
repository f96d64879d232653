import { RE2JS } from 're2js'

/** Longest pattern that is read. */
const longestPattern = 4096

/** Patterns kept compiled; a policy has a handful. */
const cacheSize = 500
const compiled = new Map<string, RE2JS | string>()

/** A pattern compiled, or what is wrong with it. */
function compile(pattern: string): RE2JS | string {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  if (compiled.size >= cacheSize) compiled.clear()
  const result = read(pattern)
  compiled.set(pattern, result)
  return result
}

function read(pattern: string): RE2JS | string {
  if (pattern.length > longestPattern) return `the pattern is longer than ${longestPattern} characters`
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return `the pattern \`${pattern}\` is not RE2 syntax: ${why.replace(/^error parsing regexp: /, '')}`
  }
}

/** What is wrong with a pattern in RE2 syntax; undefined where it is right. */
export function patternProblem(pattern: string): string | undefined {
  const result = compile(pattern)
  return typeof result === 'string' ? result : undefined
}

/** Whether a pattern in RE2 syntax is found somewhere in a text, in linear time. A pattern that is not valid is found nowhere. */
export function matchesPattern(pattern: string, text: string): boolean {
  const result = compile(pattern)
  return typeof result !== 'string' && result.matcher(text).find()
}
