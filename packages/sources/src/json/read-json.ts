import { type Json, type JsonNumber, parseDecimal, wellFormed } from '@gatewright/core'
import type { LayoutRecorder } from '../layout.js'
import { deepest } from '../limits.js'
import { type JsonObject, setOwn } from '../own-property.js'
import { duplicateKey, type Range, Refusal, shown, tooDeep } from '../refusal.js'

/**
 * Reads one JSON value (RFC 8259) at an offset, with exact numbers; gives the value and where it ends. Throws a `Refusal` where
 * the syntax or the nesting ends the reading; gives it as `refusal` where the text after the value can still be read: for keys
 * that are equal once escapes are read, and for numbers beyond a double's range or of more than 1,000 characters. Escaped lone
 * surrogates become U+FFFD, as in Go.
 */
export function readJson(
  text: string,
  from: number,
  recorder?: LayoutRecorder,
): { readonly value: Json; readonly end: number; readonly refusal?: Refusal } {
  const reader = new JsonReader(text, from, recorder)
  const value = reader.value(0)
  const { at: end, refusal } = reader
  return refusal === undefined ? { value, end } : { value, end, refusal }
}

/** The offset of the first character from `at` on that is no JSON white space. */
export function skipWhiteSpace(text: string, at: number): number {
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return at
    at++
  }
}

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
/** More digits than any double has; exact arithmetic on longer ones would be slow. */
const longestNumber = 1000

const control = /[\u0000-\u001F]/
const literals: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class JsonReader {
  readonly #text: string
  readonly #recorder: LayoutRecorder | undefined
  at: number
  refusal: Refusal | undefined

  constructor(text: string, from: number, recorder: LayoutRecorder | undefined) {
    this.#text = text
    this.#recorder = recorder
    this.at = from
  }

  value(depth: number): Json {
    this.#space()
    const start = this.at
    switch (this.#text.charCodeAt(start)) {
      case 0x7b:
        if (depth >= deepest) throw tooDeep(deepest, { start, end: start + 1 })
        return this.#object(depth)
      case 0x5b:
        if (depth >= deepest) throw tooDeep(deepest, { start, end: start + 1 })
        return this.#list(depth)
      default: {
        const value = this.#scalar()
        this.#recorder?.scalar(start, this.at)
        return value
      }
    }
  }

  #scalar(): Json {
    const start = this.at
    const unit = this.#text.charCodeAt(start)
    if (unit === 0x22) return this.#string()
    if (unit === 0x2d || (unit >= 0x30 && unit <= 0x39)) return this.#number()
    for (const [word, value] of literals) {
      if (this.#text.startsWith(word, start)) {
        this.at += word.length
        return value
      }
    }
    throw this.#unexpected('a value')
  }

  #object(depth: number): Json {
    const object: JsonObject = {}
    const keys = new Map<string, Range>()
    this.#recorder?.open(this.at)
    this.at++
    if (!this.#closes(0x7d)) {
      do {
        this.#space()
        const start = this.at
        if (this.#text.charCodeAt(start) !== 0x22) throw this.#unexpected('a key in double quotes')
        const key = this.#string()
        const range = { start, end: this.at }
        const first = keys.get(key)
        if (first !== undefined) this.refusal ??= duplicateKey(key, range, first)
        keys.set(key, range)
        this.#space()
        if (this.#text.charCodeAt(this.at) !== 0x3a) throw this.#unexpected('`:`')
        this.at++
        this.#recorder?.key(key, range.start, range.end)
        setOwn(object, key, this.value(depth + 1))
      } while (this.#continues(0x7d, '`,` or `}`'))
    }
    this.#recorder?.close(this.at)
    return object
  }

  #list(depth: number): Json {
    const list: Json[] = []
    this.#recorder?.open(this.at)
    this.at++
    if (!this.#closes(0x5d)) {
      do {
        this.#recorder?.item(list.length)
        list.push(this.value(depth + 1))
      } while (this.#continues(0x5d, '`,` or `]`'))
    }
    this.#recorder?.close(this.at)
    return list
  }

  #closes(bracket: number): boolean {
    this.#space()
    if (this.#text.charCodeAt(this.at) !== bracket) return false
    this.at++
    return true
  }

  #continues(bracket: number, expected: string): boolean {
    if (this.#closes(bracket)) return false
    if (this.#text.charCodeAt(this.at) !== 0x2c) throw this.#unexpected(expected)
    this.at++
    return true
  }

  #string(): string {
    const text = this.#text
    const start = this.at
    let end = text.indexOf('"', start + 1)
    while (end !== -1 && escaped(text, start, end)) end = text.indexOf('"', end + 1)
    if (end === -1) throw this.#unexpected('the end of the string', text.length)
    this.at = end + 1
    const inner = text.slice(start + 1, end)
    if (control.test(inner)) {
      const place = start + 1 + inner.search(control)
      throw new Refusal('json-syntax', 'a control character is in a JSON string', {
        start: place,
        end: place + 1,
      })
    }
    if (!inner.includes('\\')) return inner
    try {
      return wellFormed(JSON.parse(text.slice(start, end + 1)) as string)
    } catch {
      throw new Refusal('json-syntax', 'a JSON string has an unknown escape', { start, end: end + 1 })
    }
  }

  #number(): JsonNumber {
    number.lastIndex = this.at
    const [text] = number.exec(this.#text) ?? []
    if (text === undefined) throw this.#unexpected('a number')
    const range = { start: this.at, end: this.at + text.length }
    this.at = range.end
    const double = Number(text)
    if (text === '0') return 0
    // a number that is too small for a double seems to be 0
    if (text.length <= 15 && double !== 0 && Number.isSafeInteger(double)) return double
    const value = text.length <= longestNumber && Number.isFinite(double) ? parseDecimal(text) : undefined
    if (value !== undefined) return value
    const message = `the number \`${shown(text)}\` is beyond what JSON readers take`
    this.refusal ??= new Refusal('number-out-of-range', message, range)
    return 0
  }

  #space(): void {
    this.at = skipWhiteSpace(this.#text, this.at)
  }

  #unexpected(expected: string, at: number = this.at): Refusal {
    const found = this.#text.codePointAt(at)
    const what = found === undefined ? 'the end of the text' : `\`${shown(String.fromCodePoint(found))}\``
    return new Refusal('json-syntax', `expected ${expected}, found ${what}`, { start: at, end: at + 1 })
  }
}

/** Whether an odd number of backslashes is before the quote. */
function escaped(text: string, start: number, quote: number): boolean {
  let at = quote - 1
  while (at > start && text.charCodeAt(at) === 0x5c) at--
  return (quote - at) % 2 === 0
}
