import type { Json } from '@gatewright/core'
import { type DocumentLayout, LayoutRecorder } from '../layout.js'
import type { JsonObject } from '../own-property.js'
import { characterClasses, startsNoPlain } from './fast-characters.js'
import { handOver } from './fast-lines.js'
import { FastScalars } from './fast-scalars.js'

/** What the fast reader gives: the value, or why the full reader has to look. */
export type Fast = { readonly value: Json } | { readonly handOver: string }

const fastText = /^[\n\u0020-\u007E\u00A0-\u2027\u202A-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD]*$/

/** Whether a text has only characters that the fast reader takes; one with surrogates, tabs or control characters does not. */
export function isFastText(text: string): boolean {
  return fastText.test(text)
}

/**
 * Reads the plain YAML that manifests are written in, from `start` to `end` of a text with line feeds only: mappings and
 * sequences in block style, scalars on one or many lines, flow collections on one line. It never refuses: it answers as the full
 * reader would, or hands over.
 */
export function readFast(text: string, start: number, end: number): Fast {
  return reader.read(text, start, end)
}

/** Where everything in a text that `readFast` reads is written; undefined where it hands over. */
export function layOutFast(text: string, start: number, end: number): DocumentLayout | undefined {
  const recorder = new LayoutRecorder()
  return 'value' in reader.read(text, start, end, recorder) ? recorder.finish() : undefined
}

const lineFeed = 0x0a
const space = 0x20
const minus = 0x2d
const colon = 0x3a
const comma = 0x2c

/** Beyond this nesting the full reader reads. */
const deepestFast = 100

class FastReader extends FastScalars {
  private depth = 0

  read(text: string, start: number, end: number, recorder?: LayoutRecorder): Fast {
    this.text = text
    this.at = start
    this.end = end
    this.depth = 0
    this.recorder = recorder
    try {
      if (text.startsWith('---', start)) {
        this.at = start + 3
        this.endLine()
      } else {
        this.nextLine()
      }
      if (this.indent !== 0) return { handOver: this.at === end ? 'nothing in it' : 'an indented root' }
      const key = this.key()
      if (key === undefined) return { handOver: 'a root that is no mapping' }
      const value = this.mapping(0, key)
      return this.at === end ? { value } : { handOver: 'text after the root' }
    } catch (error) {
      if (error === handOver) return { handOver: handOver.reason }
      throw error
    } finally {
      this.text = ''
      this.recorder = undefined
    }
  }

  /** A mapping at a column, from behind its first key. */
  private mapping(column: number, first: string): Json {
    if (++this.depth > deepestFast) this.leave('deep nesting')
    const object: JsonObject = {}
    const { recorder } = this
    let key = first
    recorder?.open(this.lineStart + column)
    let keyStart = this.lineStart + column
    for (;;) {
      if (object[key] !== undefined && Object.hasOwn(object, key)) this.leave('a key twice')
      recorder?.key(key, keyStart, this.scalarEnd)
      object[key] = this.value(column, true)
      if (this.indent !== column) break
      keyStart = this.at
      key = this.key() ?? this.leave('a line that is no entry')
    }
    if (this.indent > column) this.leave('a line that is further right')
    recorder?.close()
    this.depth--
    return object
  }

  private sequence(column: number): Json {
    if (++this.depth > deepestFast) this.leave('deep nesting')
    const list: Json[] = []
    const { recorder } = this
    recorder?.open(this.at)
    for (;;) {
      recorder?.item(list.length)
      this.at++
      list.push(this.value(column, false))
      if (this.indent !== column || !this.atDash()) break
    }
    if (this.indent > column) this.leave('a line that is further right')
    recorder?.close()
    this.depth--
    return list
  }

  private atDash(): boolean {
    if (this.text.charCodeAt(this.at) !== minus) return false
    const next = this.text.charCodeAt(this.at + 1)
    return next === space || next === lineFeed
  }

  /** What stands behind `key:` or `-` in the collection at a column; leaves at the content of the next line. */
  private value(column: number, underKey: boolean): Json {
    const { text } = this
    const before = this.at
    let at = before
    let unit = text.charCodeAt(at)
    while (unit === space) unit = text.charCodeAt(++at)
    if (unit === lineFeed || unit === 0x23) return this.valueBelow(column, underKey)
    this.at = at
    if (!underKey) {
      // an item that is a collection begins in the dash's line
      const inner = at - this.lineStart
      if (this.atDash()) {
        this.indent = inner
        return this.sequence(inner)
      }
      const key = this.key()
      if (key !== undefined) return this.mapping(inner, key)
      this.at = at
    } else if (this.atDash()) {
      this.leave('a sequence behind a key')
    }
    const value = this.inlineValue(unit, column)
    if (unit !== 0x5b && unit !== 0x7b) this.recorder?.scalar(at, this.scalarEnd)
    return value
  }

  private valueBelow(column: number, underKey: boolean): Json {
    const before = this.at
    this.endLine()
    if (this.indent > column) {
      if (this.atDash()) return this.sequence(this.indent)
      const inner = this.indent
      return this.mapping(inner, this.key() ?? this.leave('a value below its key'))
    }
    if (underKey && this.indent === column && this.atDash()) return this.sequence(column)
    this.recorder?.scalar(before, before)
    return null
  }

  private inlineValue(unit: number, column: number): Json {
    switch (unit) {
      case 0x22:
      case 0x27: {
        const value = this.quoted(column)
        this.endLine()
        return value
      }
      case 0x7c:
      case 0x3e: {
        const value = this.block(column)
        this.nextLine()
        return value
      }
      case 0x5b:
      case 0x7b: {
        const value = this.flow()
        this.endLine()
        return value
      }
      default: {
        if (unit < 128 && ((characterClasses[unit] ?? 0) & startsNoPlain) !== 0)
          this.leave('an indicator before a value')
        const value = this.plain(column)
        this.endLine()
        return value
      }
    }
  }

  private flow(): Json {
    const mapping = this.text.charCodeAt(this.at) === 0x7b
    if (++this.depth > deepestFast) this.leave('deep nesting')
    this.recorder?.open(this.at)
    const value = mapping ? this.flowMapping() : this.flowSequence()
    this.recorder?.close(this.at)
    this.scalarEnd = this.at
    this.depth--
    return value
  }

  private flowSequence(): Json {
    const list: Json[] = []
    this.at++
    if (this.skipSpaces() === 0x5d) {
      this.at++
      return list
    }
    for (;;) {
      this.recorder?.item(list.length)
      list.push(this.flowValue())
      if (this.flowEnds(0x5d)) return list
    }
  }

  private flowMapping(): Json {
    const object: JsonObject = {}
    this.at++
    if (this.skipSpaces() === 0x7d) {
      this.at++
      return object
    }
    for (;;) {
      const start = this.at
      const key = this.flowKey()
      if (object[key] !== undefined && Object.hasOwn(object, key)) this.leave('a key twice')
      this.recorder?.key(key, start, this.scalarEnd)
      this.skipSpaces()
      object[key] = this.flowValue()
      if (this.flowEnds(0x7d)) return object
    }
  }

  private flowKey(): string {
    const key = this.key()
    if (key === undefined || /[[\],]/.test(key) || key.includes('?'))
      return this.leave('a key in a flow collection')
    if (this.text.charCodeAt(this.at) === lineFeed) this.leave('a flow collection on several lines')
    return key
  }

  private flowValue(): Json {
    const { at: start } = this
    const unit = this.text.charCodeAt(start)
    if (unit === 0x5b || unit === 0x7b) return this.flow()
    let value: Json
    if (unit === 0x22 || unit === 0x27) {
      value = this.quoted(this.end)
    } else {
      const plain = this.flowPlain()
      value = this.resolve(plain.start, plain.end)
      this.scalarEnd = plain.end
    }
    this.recorder?.scalar(start, this.scalarEnd)
    return value
  }

  /** Whether the collection ends here; else goes on to the next entry. */
  private flowEnds(bracket: number): boolean {
    const unit = this.skipSpaces()
    this.at++
    if (unit === bracket) {
      if (this.text.charCodeAt(this.at) === colon) this.leave('a collection as a key')
      return true
    }
    if (unit !== comma) this.leave('a flow collection')
    const next = this.skipSpaces()
    if (next === bracket || next === comma || next === lineFeed) this.leave('a flow collection')
    return false
  }

  private skipSpaces(): number {
    const { text } = this
    let unit = text.charCodeAt(this.at)
    while (unit === space) unit = text.charCodeAt(++this.at)
    return unit
  }
}

const reader = new FastReader()
