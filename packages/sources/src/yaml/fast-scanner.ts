import type { Json } from '@gatewright/core'
import type { LayoutRecorder } from '../layout.js'
import { characterClasses, inFlow, inKey, startsFlow, startsKey, startsWord } from './fast-characters.js'
import { jsonOf, resolvePlain } from './resolve.js'

const lineFeed = 0x0a
const space = 0x20
const quote = 0x22
const numberSign = 0x23
const apostrophe = 0x27
const minus = 0x2d
const colon = 0x3a
const backslash = 0x5c

/** Thrown to hand over to the full reader; one object, without a stack, since it is no error. */
export const handOver: { reason: string } = { reason: '' }

/** The longest key the fast reader takes; go-yaml allows 1,024 characters before the `:`. */
const longestKey = 1000

const knownKeys: (string | undefined)[] = Array.from({ length: 2048 })
const words =
  /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON|n|N|no|No|NO|false|False|FALSE|off|Off|OFF|null|Null|NULL|~|<<|__proto__)$/

/** Reads the scalars and lines of plain YAML, by character; leaves everything out of the ordinary to the full reader. */
export class FastScanner {
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

  /** A plain scalar with all its lines; `parent` is the column of the collection it is in. */
  protected plain(parent: number): Json {
    const start = this.at
    let end = this.plainLine(start)
    if (this.text.charCodeAt(this.at) === lineFeed) {
      const next = this.continuation(this.at + 1, parent)
      if (next !== -1) return this.foldedPlain(this.text.slice(start, end), next, parent)
    }
    this.scalarEnd = end
    return this.resolve(start, end)
  }

  /** Reads a plain scalar's part on one line: gives where it ends, and stops before the comment or line break behind it. */
  private plainLine(start: number): number {
    const { text } = this
    let at = start
    for (;;) {
      const unit = text.charCodeAt(at)
      if (unit === lineFeed) break
      if (unit === colon) {
        if (blank(text.charCodeAt(at + 1))) this.leave('a colon in a plain scalar')
      } else if (unit === numberSign && text.charCodeAt(at - 1) === space) {
        at--
        break
      }
      at++
    }
    let end = at
    while (text.charCodeAt(end - 1) === space) end--
    // a comment needs a blank before it, which `endLine` must see
    this.at = text.charCodeAt(at) === lineFeed ? at : end
    return end
  }

  /** Where the next line with content begins, if it belongs to a scalar in a collection at column `parent`; else -1. */
  private continuation(from: number, parent: number): number {
    const { text, end } = this
    let at = from
    while (at < end) {
      const start = at
      let unit = text.charCodeAt(at)
      while (unit === space) unit = text.charCodeAt(++at)
      if (unit === lineFeed) at++
      else return at - start > parent && unit !== numberSign ? at : -1
    }
    return -1
  }

  private foldedPlain(first: string, from: number, parent: number): string {
    let value = first
    let next = from
    while (next !== -1) {
      const breaks = this.breaksBetween(this.at, next)
      const end = this.plainLine(next)
      value += (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)) + this.text.slice(next, end)
      this.scalarEnd = end
      next = this.text.charCodeAt(this.at) === lineFeed ? this.continuation(this.at + 1, parent) : -1
    }
    return value
  }

  private breaksBetween(from: number, to: number): number {
    let breaks = 0
    for (let at = this.text.indexOf('\n', from); at !== -1 && at < to; at = this.text.indexOf('\n', at + 1))
      breaks++
    return breaks
  }

  /** The value of a plain scalar on one line. */
  protected resolve(start: number, end: number): Json {
    const { text } = this
    const first = text.charCodeAt(start)
    if (first >= 0x30 && first <= 0x39) {
      const length = end - start
      if (length <= 15 && (first !== 0x30 || length === 1)) {
        let number = 0
        let at = start
        for (; at < end; at++) {
          const digit = text.charCodeAt(at) - 0x30
          if (digit < 0 || digit > 9) break
          number = number * 10 + digit
        }
        if (at === end) return number
      }
    } else if (first >= 128 || ((characterClasses[first] ?? 0) & startsWord) === 0) {
      return text.slice(start, end)
    } else if (first > 0x39 && end - start > 5) {
      // the longest word is `false`
      return text.slice(start, end)
    }
    const value = jsonOf(resolvePlain(text.slice(start, end)))
    if (value === undefined || typeof value === 'bigint') return this.leave('a number beyond doubles')
    return value
  }

  /** A quoted scalar with all its lines. */
  protected quoted(parent: number): string {
    const { text } = this
    const start = this.at + 1
    const mark = text.charCodeAt(this.at)
    let at = start
    for (;;) {
      const unit = text.charCodeAt(at)
      if (unit === mark) break
      if (unit === lineFeed || unit === backslash) {
        if (unit === lineFeed || mark === quote) return this.quotedLines(mark, at, parent)
      }
      at++
    }
    if (mark === apostrophe && text.charCodeAt(at + 1) === apostrophe)
      return this.quotedLines(mark, at, parent)
    this.scalarEnd = at + 1
    this.at = at + 1
    return text.slice(start, at)
  }

  /** The general case, with escapes and line breaks; `from` is the first of them. */
  private quotedLines(mark: number, from: number, parent: number): string {
    const { text, end } = this
    let value = text.slice(this.at + 1, from)
    // blanks before a line break are dropped, but not those that were escaped
    let kept = 0
    let at = from
    while (at < end) {
      const unit = text.charCodeAt(at)
      if (unit === mark) {
        if (mark === quote || text.charCodeAt(at + 1) !== apostrophe) {
          this.scalarEnd = at + 1
          this.at = at + 1
          return value
        }
        value += "'"
        at += 2
      } else if (unit === lineFeed) {
        let trimmed = value.length
        while (trimmed > kept && value.charCodeAt(trimmed - 1) === space) trimmed--
        const next = this.quotedContinuation(at, parent)
        const breaks = this.breaksBetween(at, next)
        value = value.slice(0, trimmed) + (breaks === 1 ? ' ' : '\n'.repeat(breaks - 1))
        kept = value.length
        at = next
      } else if (unit === backslash && mark === quote) {
        const escaped = text.charCodeAt(at + 1)
        if (escaped === lineFeed) {
          const next = this.quotedContinuation(at + 1, parent)
          if (this.breaksBetween(at, next) > 1) this.leave('an empty line after an escaped line break')
          at = next
        } else if (escaped === 0x75) {
          value += this.unicodeEscape(at + 2)
          at += 6
        } else {
          value += simpleEscapes[escaped] ?? this.leave('an escape')
          at += 2
        }
        kept = value.length
      } else {
        let stop = at + 1
        for (;;) {
          const next = text.charCodeAt(stop)
          if (next === mark || next === lineFeed || next === backslash) break
          stop++
        }
        value += text.slice(at, stop)
        at = stop
      }
    }
    return this.leave('a quote that is not closed')
  }

  /** Where the next line with content in a quoted scalar begins; it must be right of the parent. */
  private quotedContinuation(lineBreak: number, parent: number): number {
    const { text, end } = this
    let at = lineBreak + 1
    while (at < end) {
      const start = at
      let unit = text.charCodeAt(at)
      while (unit === space) unit = text.charCodeAt(++at)
      if (unit === lineFeed) at++
      else if (at - start > parent) return at
      else break
    }
    return this.leave('quoted text that is not to the right')
  }

  private unicodeEscape(at: number): string {
    const digits = this.text.slice(at, at + 4)
    const code = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : 0xd800
    if (code >= 0xd800 && code <= 0xdfff) this.leave('an escape')
    return String.fromCharCode(code)
  }

  /** A block scalar without an indentation digit; stops at the start of the line behind it. */
  protected block(parent: number): string {
    const { text, end } = this
    const folded = text.charCodeAt(this.at) === 0x3e
    let at = this.at + 1
    const chomp = text.charCodeAt(at)
    const strip = chomp === minus
    const keep = chomp === 0x2b
    if (strip || keep) at++
    at = this.blockHeaderEnd(at)
    const indent = this.blockIndent(at, parent)
    let value = ''
    let pending = ''
    let breaks = 0
    let afterBlank = true
    while (at < end) {
      let content = at
      const limit = at + indent
      while (content < limit && text.charCodeAt(content) === space) content++
      const unit = text.charCodeAt(content)
      if (content < limit) {
        if (unit !== lineFeed) break
        breaks++
        at = content + 1
        continue
      }
      const lineEnd = text.indexOf('\n', content)
      if (unit === lineFeed) {
        breaks++
      } else {
        const blankFirst = unit === space
        if (folded && !afterBlank && !blankFirst) value += breaks === 0 ? ' ' : '\n'.repeat(breaks)
        else value += breaks === 0 ? pending : pending + '\n'.repeat(breaks)
        value += text.slice(content, lineEnd)
        afterBlank = blankFirst
        pending = '\n'
        breaks = 0
      }
      at = lineEnd + 1
    }
    this.at = at
    this.scalarEnd = trimmedEnd(text, at)
    if (strip) return value
    return keep ? value + pending + '\n'.repeat(breaks) : value + pending
  }

  private blockHeaderEnd(from: number): number {
    const { text } = this
    let at = from
    let unit = text.charCodeAt(at)
    while (unit === space) unit = text.charCodeAt(++at)
    if (unit === numberSign && at > from) {
      const lineEnd = text.indexOf('\n', at)
      this.recorder?.comment(at, lineEnd)
      at = lineEnd
    } else if (unit !== lineFeed) {
      this.leave('the header of a block scalar')
    }
    return at + 1
  }

  /** The column of a block scalar's first line with content. */
  private blockIndent(from: number, parent: number): number {
    const { text, end } = this
    let widest = 0
    let at = from
    while (at < end) {
      const start = at
      let unit = text.charCodeAt(at)
      while (unit === space) unit = text.charCodeAt(++at)
      const width = at - start
      if (unit === lineFeed) {
        if (width > widest) widest = width
        at++
      } else {
        if (width <= parent || widest > width) break
        return width
      }
    }
    return this.leave('an empty block scalar')
  }

  /** A plain scalar in a flow collection on one line. */
  protected flowPlain(): { readonly start: number; readonly end: number } {
    const { text, at: start } = this
    let at = start
    let unit = text.charCodeAt(at)
    const flags = unit < 128 ? (characterClasses[unit] ?? 0) : 0
    const dash = unit === minus && ((characterClasses[text.charCodeAt(start + 1)] ?? 0) & startsFlow) === 0
    if (dash || (flags & startsFlow) === 0) this.leave('a scalar in a flow collection')
    while (unit < 128 && ((characterClasses[unit] ?? 0) & inFlow) !== 0) unit = text.charCodeAt(++at)
    this.at = at
    let end = at
    while (text.charCodeAt(end - 1) === space) end--
    return { start, end }
  }
}

const simpleEscapes: Readonly<Record<number, string>> = {
  0x6e: '\n',
  0x22: '"',
  0x5c: '\\',
  0x74: '\t',
  0x72: '\r',
  0x20: ' ',
}

/** Where the text before an offset ends, without the blanks and line breaks behind it. */
export function trimmedEnd(text: string, from: number): number {
  let end = from
  while (text.charCodeAt(end - 1) === space || text.charCodeAt(end - 1) === lineFeed) end--
  return end
}

function blank(unit: number): boolean {
  return unit === space || unit === lineFeed
}

function letter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a)
}
