import { Decimal, decimalOf, integerOf, isInteger, isNumber, numberText } from './decimal.js'

/** Orders two texts by Unicode code point; JavaScript's own order is by UTF-16 unit, which differs above U+FFFF. */
export function compareText(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) {
      const highX = x >= 0xd800 && x <= 0xdfff
      const highY = y >= 0xd800 && y <= 0xdfff
      return highX === highY ? x - y : highX ? 1 : -1
    }
  }
  return a.length - b.length
}

/** The number of code points. */
export function textLength(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0xd800 || unit > 0xdbff) continue
    const next = text.charCodeAt(i + 1)
    if (next >= 0xdc00 && next <= 0xdfff) {
      length--
      i++
    }
  }
  return length
}

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** The text with each lone surrogate as U+FFFD (law 7). */
export function wellFormed(text: string): string {
  return text.replace(loneSurrogate, '\uFFFD')
}

/** ASCII letters in lower case; all else as it is (law 7). */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

const controls = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g

const largestShown = 2n ** 63n

/** What a hole of a message shows (law 8): one line, whatever the value is. Undefined and null are missing. */
export function messageText(value: unknown): string {
  if (typeof value === 'string') return wellFormed(value).replace(controls, '\uFFFD')
  if (typeof value === 'boolean') return String(value)
  if (value === undefined || value === null) return '<missing>'
  if (isNumber(value)) {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return numberText(value)
    if (!isInteger(value)) return '<number>'
    if (value instanceof Decimal && decimalOf(value).exponent > 20) return '<number>'
    const integer = integerOf(value)
    return integer < largestShown && integer > -largestShown ? String(integer) : '<number>'
  }
  return Array.isArray(value) ? '<list>' : '<object>'
}
