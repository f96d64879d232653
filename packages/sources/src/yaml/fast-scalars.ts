import type { Json } from '@gatewright/core'
import { characterClasses, inFlow, startsFlow, startsWord } from './fast-characters.js'
import { blank, FastLines } from './fast-lines.js'
import { jsonOf, resolvePlain } from './resolve.js'

const lineFeed = 0x0a
const space = 0x20
const quote = 0x22
const numberSign = 0x23
const apostrophe = 0x27
const minus = 0x2d
const colon = 0x3a
const backslash = 0x5c

/** The scalars of plain YAML: plain, quoted and block, on one or many lines. */
export class FastScalars extends FastLines {
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
