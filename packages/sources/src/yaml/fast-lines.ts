import type { LayoutRecorder } from '../layout.js'
import { characterClasses, inKey, startsKey } from './fast-characters.js'
import { resolvePlain } from './resolve.js'

const lineFeed = 0x0a
const space = 0x20
const quote = 0x22
const numberSign = 0x23
const apostrophe = 0x27
const colon = 0x3a

/** Thrown to hand over to the full reader; one object, without a stack, since it is no error. */
export const handOver: { reason: string } = { reason: '' }

/** The longest key the fast reader takes; go-yaml allows 1,024 characters before the `:`. */
const longestKey = 1000

const knownKeys: (string | undefined)[] = Array.from({ length: 2048 })
const words =
  /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON|n|N|no|No|NO|false|False|FALSE|off|Off|OFF|null|Null|NULL|~|<<|__proto__)$/

/** The lines and keys of plain YAML, by character; everything out of the ordinary is left to the full reader. */
export class FastLines {
  protected text = ''
  /** Where reading is: at the first character of a line's content, between lines. */
  protected at = 0
  protected end = 0
  /** The column of the content at `at`; -1 at the end of the text. */
  protected indent = 0
  protected lineStart = 0
  protected recorder: LayoutRecorder | undefined
  /** Where the scalar that was read last ends, in the line of `at`. */
  protected scalarEnd = 0

  protected leave(reason: string): never {
    handOver.reason = reason
    throw handOver
  }

  /** From the start of a line to the next content: over empty lines and comments. */
  protected nextLine(): void {
    const { text, end } = this
    let at = this.at
    for (;;) {
      if (at >= end) {
        this.at = end
        this.indent = -1
        return
      }
      const start = at
      let unit = text.charCodeAt(at)
      while (unit === space) unit = text.charCodeAt(++at)
      if (unit === lineFeed) {
        at++
      } else if (unit === numberSign) {
        const lineEnd = text.indexOf('\n', at)
        this.recorder?.comment(at, lineEnd)
        at = lineEnd + 1
      } else {
        this.at = at
        this.lineStart = start
        this.indent = at - start
        return
      }
    }
  }

  /** From behind a value over blanks and a comment to the next line's content. */
  protected endLine(): void {
    const { text } = this
    const from = this.at
    let at = from
    let unit = text.charCodeAt(at)
    while (unit === space) unit = text.charCodeAt(++at)
    if (unit === numberSign && at > from) {
      const lineEnd = text.indexOf('\n', at)
      this.recorder?.comment(at, lineEnd)
      at = lineEnd
    } else if (unit !== lineFeed) {
      this.leave('text after a value')
    }
    this.at = at + 1
    this.nextLine()
  }

  /** Reads `key:` at `at` and stops behind the colon; undefined, with `at` where it was, when there is no such thing. */
  protected key(): string | undefined {
    const { text, at: start } = this
    const first = text.charCodeAt(start)
    if (first === quote || first === apostrophe) return this.quotedKey(first)
    let at = start
    let hash = 0
    let unit = first
    let flags = unit < 128 ? (characterClasses[unit] ?? 0) : 0
    if ((flags & startsKey) === 0) return undefined
    // in the first column it ends the document
    if (first === 0x2e && text.startsWith('...', start)) this.leave('a key that begins with `...`')
    while ((flags & inKey) !== 0) {
      hash = (hash * 31 + unit) | 0
      unit = text.charCodeAt(++at)
      flags = unit < 128 ? (characterClasses[unit] ?? 0) : 0
    }
    if (unit !== colon || !blank(text.charCodeAt(at + 1))) return undefined
    if (text.charCodeAt(at - 1) === space) this.leave('blanks before a colon')
    const length = at - start
    const known = knownKeys[hash & 2047]
    this.scalarEnd = at
    this.at = at + 1
    if (known !== undefined && known.length === length && text.startsWith(known, start)) return known
    if (length > longestKey) this.leave('a long key')
    const key = text.slice(start, at)
    if (words.test(key) || (!letter(first) && resolvePlain(key).kind !== 'text'))
      this.leave('a key that is no text')
    knownKeys[hash & 2047] = key
    return key
  }

  private quotedKey(mark: number): string | undefined {
    const { text, at: start } = this
    const close = text.indexOf(mark === quote ? '"' : "'", start + 1)
    if (close === -1 || text.charCodeAt(close + 1) !== colon || !blank(text.charCodeAt(close + 2)))
      return undefined
    const key = text.slice(start + 1, close)
    if (key.length > longestKey || key.includes('\n') || key.includes('\\') || key === '__proto__')
      this.leave('an odd key')
    this.scalarEnd = close + 1
    this.at = close + 2
    return key
  }
}

/** Whether a character ends a word: a space or a line break. */
export function blank(unit: number): boolean {
  return unit === space || unit === lineFeed
}

function letter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a)
}
