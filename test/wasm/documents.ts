import { parseDecimal } from '@gatewright/core'
import type { Dice } from '../fuzz/dice.js'
import type { Trie } from './runtime.js'

/** A JSON value as it is written: numbers keep their text, and objects all their entries. */
export type Written =
  | null
  | boolean
  | string
  | WrittenNumber
  | readonly Written[]
  | ReadonlyMap<string, Written>

export class WrittenNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const keys = [
  'a',
  'b',
  'name',
  'spec',
  'image',
  'privileged',
  'securityContext',
  'eight-by',
  'eight-bytes',
  'sixteen-by-tes-s',
  'a-key-of-more-than-16-bytes',
  'a-key-of-more-than-16-bytez',
  '',
  'é',
  '😀',
  'ｆ',
  '__proto__',
  '"\\',
  'a\u0000',
  '\n',
]

const letters = [...'abc {}[]:,"\\/\b\f\n\r\t\u0000\u001f\u007fé\u2028\u2029\uffff😀\u{10ffff}']

function text(dice: Dice): string {
  if (dice.chance(0.3)) return dice.one(keys)
  const most = dice.chance(0.1) ? 200 : 20
  if (dice.chance(0.5)) return 'x'.repeat(dice.below(most))
  return dice.several(most, () => dice.one(letters)).join('')
}

const digits = (dice: Dice, least: number, most: number): string =>
  Array.from({ length: least + dice.below(most - least + 1) }, () => dice.below(10)).join('')

/** A number in JSON grammar, now and then one with an exponent that is refused. */
export function randomNumber(dice: Dice): string {
  const sign = dice.chance(0.3) ? '-' : ''
  const whole = dice.chance(0.3) ? '0' : `${1 + dice.below(9)}${digits(dice, 0, dice.chance(0.2) ? 25 : 4)}`
  const fraction = dice.chance(0.2) ? `.${digits(dice, 1, 5)}` : ''
  const power = dice.chance(0.1) ? digits(dice, 5, 9) : digits(dice, 1, 3)
  const exponent = dice.chance(0.2) ? dice.one(['e', 'E']) + dice.one(['', '+', '-']) + power : ''
  return sign + whole + fraction + exponent
}

export function randomDocument(dice: Dice, depth = 0): Written {
  const kind = depth === 0 ? dice.below(4) : dice.below(depth > 4 ? 8 : 12)
  if (depth > 0 && kind < 8) {
    if (kind === 0) return null
    if (kind === 1) return dice.chance(0.5)
    if (kind > 4) return text(dice)
    for (;;) {
      const number = randomNumber(dice)
      if (parseDecimal(number) !== undefined) return new WrittenNumber(number)
    }
  }
  const most = dice.chance(0.05) ? 60 : 6
  if (kind % 4 === 0) return dice.several(most, () => randomDocument(dice, depth + 1))
  return new Map(
    dice.several(most, (i) => [
      most > 6 ? `${dice.one(keys)}${i}` : dice.one(keys),
      randomDocument(dice, depth + 1),
    ]),
  )
}

/** A trie that has much in common with random documents. */
export function randomTrie(dice: Dice, depth = 0): Trie {
  if (depth > 3 || dice.chance(0.1)) return dice.chance(0.5) ? { whole: true } : {}
  const fields = dice.several(5, () => [dice.one(keys), randomTrie(dice, depth + 1)] as const)
  return {
    fields: new Map(dice.chance(0.8) ? fields : []),
    ...(dice.chance(0.7) ? { elements: randomTrie(dice, depth + 1) } : {}),
    ...(dice.chance(0.4) ? { values: randomTrie(dice, depth + 1) } : {}),
  }
}

const space = (dice: Dice): string =>
  dice.chance(0.7) ? '' : dice.several(dice.chance(0.1) ? 40 : 3, () => dice.one([...' \n\r\t '])).join('')

const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function layOutText(dice: Dice, value: string): string {
  const escaping = dice.chance(0.3) ? 0.3 : 0
  const units = [...value].map((letter) => {
    const must = letter < ' ' || letter === '"' || letter === '\\'
    if (!must && !dice.chance(escaping)) return letter
    if (short[letter] !== undefined && dice.chance(0.7)) return short[letter]
    const hex = (i: number): string => `\\u${letter.charCodeAt(i).toString(16).padStart(4, '0')}`
    const escape = letter.length === 1 ? hex(0) : hex(0) + hex(1)
    return dice.chance(0.5) ? escape : escape.replaceAll(/[a-f]/g, (digit) => digit.toUpperCase())
  })
  return `"${units.join('')}"`
}

/** A text of a value: white space, escapes, and entries that a later one with the same key replaces are random. */
export function layOut(dice: Dice, value: Written): string {
  const s = (): string => space(dice)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return layOutText(dice, value)
  if (value instanceof WrittenNumber) return value.text
  if (value instanceof Map) {
    const entries = [...value].map(
      ([key, inner]) => `${s()}${layOutText(dice, key)}${s()}:${s()}${layOut(dice, inner)}${s()}`,
    )
    if (entries.length > 0 && dice.chance(0.3)) {
      const again = dice.one([...value.keys()])
      entries.unshift(
        `${s()}${layOutText(dice, again)}${s()}:${s()}${layOut(dice, randomDocument(dice, 3))}${s()}`,
      )
    }
    return `{${entries.join(',') || s()}}`
  }
  const elements = (value as readonly Written[]).map((element) => `${s()}${layOut(dice, element)}${s()}`)
  return `[${elements.join(',') || s()}]`
}

/** What a trie leaves of a value. */
export function project(value: Written, trie: Trie): Written {
  if (value instanceof Map) {
    const kept = new Map<string, Written>()
    for (const [key, inner] of value) {
      const child = trie.whole === true ? trie : (trie.fields?.get(key) ?? trie.values)
      if (child !== undefined) kept.set(key, project(inner, child))
    }
    return kept
  }
  if (!Array.isArray(value)) return value
  const child = trie.whole === true ? trie : trie.elements
  return child === undefined ? [] : value.map((element: Written) => project(element, child))
}

/** The text that the runtime writes of a value. */
export function canonical(value: Written): string {
  if (value instanceof WrittenNumber) return value.text === '-0' ? '0' : value.text
  if (value instanceof Map) {
    const entries = [...value].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  return JSON.stringify(value)
}

/** Whether bytes are a document: what `JSON.parse` takes, in UTF-8, without exponents beyond the limit. */
export function isDocument(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    JSON.parse(text)
    const numbers = text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '').match(/-?\d[-+.\deE]*/g) ?? []
    return numbers.every((number) => parseDecimal(number) !== undefined)
  } catch {
    return false
  }
}

/** Bytes with a few changes. */
export function mutate(dice: Dice, bytes: Uint8Array): Uint8Array {
  const changed = [...bytes]
  const times = 1 + dice.below(3)
  for (let i = 0; i < times; i++) {
    const at = dice.below(changed.length)
    const byte = dice.chance(0.8)
      ? dice.one([...Buffer.from('{}[]:,"\\u0-1.eE tfn\n\u0001')])
      : dice.below(256)
    const kind = dice.below(4)
    if (kind === 0) changed.splice(at, 1)
    else if (kind === 1) changed.splice(at, 0, byte)
    else if (kind === 2) changed[at] = byte
    else changed.splice(at, 0, ...changed.slice(at, at + dice.below(8)))
  }
  return Uint8Array.from(changed)
}
