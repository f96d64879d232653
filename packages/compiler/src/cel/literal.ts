import { compareText, isNumber, isObject, type Json, numberText } from '@gatewright/core'

/** A text as CEL writes it: ASCII as it is, everything else escaped, so that no reader can take it for something else. */
export function textLiteral(text: string): string {
  let printed = ''
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    if (character === '"' || character === '\\') printed += `\\${character}`
    else if (point >= 0x20 && point < 0x7f) printed += character
    else if (point <= 0xffff) printed += `\\u${point.toString(16).padStart(4, '0')}`
    else printed += `\\U${point.toString(16).padStart(8, '0')}`
  }
  return `"${printed}"`
}

/** Whether a text has half of a surrogate pair alone, which CEL cannot write. */
export const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text)

/**
 * A JSON value as a CEL expression of any type; undefined for a number that CEL would not hold exactly, and for a text that it
 * cannot write.
 */
export function literal(value: Json): string | undefined {
  if (value === null) return 'dyn(null)'
  if (typeof value === 'boolean') return `dyn(${value})`
  if (typeof value === 'string') return hasLoneSurrogate(value) ? undefined : `dyn(${textLiteral(value)})`
  if (isNumber(value)) {
    const number = numberLiteral(numberText(value))
    return number === undefined ? undefined : `dyn(${number})`
  }
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map(literal)
    return items.includes(undefined) ? undefined : `dyn([${items.join(', ')}])`
  }
  if (!isObject(value)) return undefined
  const fields = Object.entries(value)
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([key, each]) => {
      const printed = literal(each)
      return printed === undefined || hasLoneSurrogate(key) ? undefined : `${textLiteral(key)}: ${printed}`
    })
  return fields.includes(undefined) ? undefined : `dyn({${fields.join(', ')}})`
}

/** A number within ±2^53 as CEL writes it, an integer as one. */
export function numberLiteral(text: string): string | undefined {
  const number = Number(text)
  if (!Number.isFinite(number) || Math.abs(number) > Number.MAX_SAFE_INTEGER) return undefined
  if (Number.isInteger(number)) return String(number)
  // a double prints as the text that it was read from, or it is not that number
  return String(number) === text ? (/[e]/.test(text) ? undefined : text) : undefined
}
