import { isNumber, type Json, numberText, wellFormed } from '@gatewright/core'
import { shown } from './refusal.js'

const plain = /^[A-Za-z_/][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)*$/
const word = /^(?:y|n|yes|no|on|off|true|false|null|none|nan|inf)$/i

/** What every reader takes raw in double quotes, but some take for a line break or refuse. */
const escaped = /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g

/** The longest key that all readers take. */
const longestKey = 1000

/** How YAML is written where there is a choice. */
export interface YamlStyle {
  /** Texts of several lines stand line under line behind `|`, where that gives the same text to every reader. */
  readonly blocks?: boolean
}

/**
 * Writes a value as one YAML document in block style, so that every reader gives the same value back: texts are plain only where
 * no reader takes them for anything else, double-quoted otherwise. Throws a `TypeError` for a lone surrogate, a key of more than
 * 1,000 characters, and a number that is not finite.
 */
export function writeYaml(value: Json, style: YamlStyle = {}): string {
  if (isCollection(value) && !isEmpty(value)) return lines(value, 0, style).join('\n').concat('\n')
  return `${scalar(value)}\n`
}

type Collection = readonly Json[] | { readonly [key: string]: Json }

function isCollection(value: Json): value is Collection {
  return typeof value === 'object' && value !== null && !isNumber(value)
}

function isEmpty(value: Collection): boolean {
  return Object.keys(value).length === 0
}

function lines(value: Collection, indent: number, style: YamlStyle): string[] {
  const pad = ' '.repeat(indent)
  if (isList(value)) {
    return value.flatMap((item) => {
      if (!isCollection(item) || isEmpty(item)) return [`${pad}- ${scalar(item)}`]
      const [first = '', ...rest] = lines(item, indent + 2, style)
      return [`${pad}- ${first.slice(indent + 2)}`, ...rest]
    })
  }
  return Object.entries(value).flatMap(([name, item]) => {
    const start = `${pad}${key(name)}:`
    if (style.blocks === true && typeof item === 'string' && isBlock(item))
      return [`${start} |`, ...indented(item, indent + 2)]
    if (!isCollection(item) || isEmpty(item)) return [`${start} ${scalar(item)}`]
    return [start, ...lines(item, indent + 2, style)]
  })
}

const indented = (text: string, indent: number): readonly string[] =>
  text
    .slice(0, -1)
    .split('\n')
    .map((line) => (line === '' ? '' : `${' '.repeat(indent)}${line}`))

/** Lines that each end with a line break, the first of them at the margin, with nothing in them that a reader takes for another break. */
function isBlock(text: string): boolean {
  if (!text.endsWith('\n') || text.search(escaped) >= 0 || wellFormed(text) !== text) return false
  const inside = text.slice(0, -1).split('\n')
  return (
    /^[!-~]/.test(text) &&
    inside.at(-1) !== '' &&
    inside.every((line) => line === '' || (line.trim() !== '' && !unprintable.test(line)))
  )
}

const unprintable = /[\u0000-\u0008\u000B-\u001F]/

function isList(value: Collection): value is readonly Json[] {
  return Array.isArray(value)
}

function key(name: string): string {
  const written = text(name)
  if (written.length > longestKey) {
    throw new TypeError(
      `the key \`${shown(name)}\` is longer than the ${longestKey} characters that all readers take`,
    )
  }
  return written
}

function scalar(value: Json): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'boolean' || value === null) return String(value)
  if (isNumber(value)) return number(numberText(value))
  return Array.isArray(value) ? '[]' : '{}'
}

/** An exponent needs a point before it for YAML 1.1 readers, and a sign. */
function number(digits: string): string {
  const [mantissa = '', power] = digits.split('e')
  if (power === undefined) return digits
  const sign = power.startsWith('-') ? '' : '+'
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}e${sign}${power}`
}

function text(value: string): string {
  if (plain.test(value) && !word.test(value)) return value
  if (wellFormed(value) !== value) {
    throw new TypeError(`the text \`${shown(value)}\` has half a surrogate pair, which no file can hold`)
  }
  return JSON.stringify(value).replace(escaped, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
