import { isNumber, type Json, numberText, wellFormed } from '@gatewright/core'
import { type Clause, type Comparison, type Line, type Rule, type Term, variablesOf } from './syntax.js'

/** The version of Rego that is printed: v1, or v0 for Gatekeepers that know no other. */
export type Dialect = 'v1' | 'v0'

/** The function that stands for `in` where the dialect has none. */
export const membership = 'is_member'

/** Prints a rule as `opa fmt` would. */
export function printRule(rule: Rule, dialect: Dialect): string {
  return new Printer(dialect).rule(rule)
}

class Printer {
  readonly #dialect: Dialect

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  rule(rule: Rule): string {
    const { name, comment = [], parameters, isDefault, contains, otherwise = [] } = rule
    const notes = comment.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('')
    const head = `${isDefault === true ? 'default ' : ''}${name}${parameters === undefined ? '' : `(${parameters.join(', ')})`}`
    const member =
      contains === undefined
        ? ''
        : this.#dialect === 'v0'
          ? `[${this.#term(contains, 0)}]`
          : ` contains ${this.#term(contains, 0)}`
    const others = otherwise.map((clause) => `\n\nelse${this.#clause(clause, false, true)}`)
    return `${notes}${head}${member}${this.#clause(rule, contains !== undefined)}${others.join('')}`
  }

  /** `opa fmt` 1.22 prints the one-line body of an `else` twice at times, so that one is always in braces. */
  #clause({ value, body }: Clause, isMember = false, isElse = false): string {
    // `opa fmt` leaves out what a head with a body is by itself
    const isPlain = value?.kind === 'literal' && value.value === true && body.length > 0
    const given = value === undefined || isPlain ? '' : ` ${this.#assign()} ${this.#term(value, 0)}`
    return `${given}${this.#body(body, value !== undefined || isMember, isElse)}`
  }

  #assign(): string {
    return this.#dialect === 'v0' ? '=' : ':='
  }

  #body(body: readonly Line[], hasValue: boolean, inBraces: boolean): string {
    if (body.length === 0) {
      if (hasValue) return ''
      return this.#dialect === 'v0' ? ' = true' : ' := true'
    }
    if (this.#dialect === 'v0') return ` {\n${this.#lines(body, 1)}}`
    const [only] = body
    return body.length === 1 && only !== undefined && only.kind !== 'some' && !inBraces
      ? ` if ${this.#line(only, 0)}`
      : ` if {\n${this.#lines(body, 1)}}`
  }

  #lines(body: readonly Line[], depth: number): string {
    return body.map((line) => `${'\t'.repeat(depth)}${this.#line(line, depth)}\n`).join('')
  }

  #line(line: Line, depth: number): string {
    switch (line.kind) {
      case 'some':
        return this.#some(line, depth)
      case 'bind':
        return `${line.name} := ${this.#term(line.value, depth)}`
      case 'compare': {
        if (line.operator === 'in' && this.#dialect === 'v0')
          return `${membership}(${this.#term(line.right, depth)}, ${this.#term(line.left, depth)})`
        const { left, operator, right } = line.left.kind === 'literal' ? turned(line) : line
        // no term is an infix expression, so that no operand needs parentheses; a line cannot begin with a sign
        const first = this.#term(left, depth)
        return `${first.startsWith('-') ? `to_number("${first}")` : first} ${operator} ${this.#term(right, depth)}`
      }
      case 'holds':
        return this.#term(line.term, depth)
      case 'not':
        return `not ${this.#line(line.line, depth)}`
    }
  }

  #some({ key, value, of }: Extract<Line, { kind: 'some' }>, depth: number): string {
    const list = this.#term(of, depth)
    if (this.#dialect === 'v1')
      return `some ${key === undefined ? (value ?? '_') : `${key}, ${value ?? '_'}`} in ${list}`
    const element = `${list}[${key ?? '_'}]`
    return value === undefined ? `_ = ${element}` : `${value} := ${element}`
  }

  #term(term: Term, depth: number): string {
    switch (term.kind) {
      case 'literal':
        return printLiteral(term.value)
      case 'raw':
        return term.text.includes('`') || term.text.search(hidden) >= 0
          ? printLiteral(term.text)
          : `\`${term.text}\``
      case 'variable':
      case 'rule':
        return term.name
      case 'part':
        return this.#part(term, depth)
      case 'call':
        return `${term.name}(${this.#terms(term.arguments, depth)})`
      case 'list':
        return `[${this.#terms(term.items, depth)}]`
      case 'set':
        return term.items.length === 0 ? 'set()' : `{${this.#terms(term.items, depth)}}`
      case 'record':
        return this.#record(term.fields, depth)
      case 'collect':
        return this.#collect(term, depth)
    }
  }

  /** Terms on one line, unless one would begin on another: then each has its own. */
  #terms(terms: readonly Term[], depth: number): string {
    const texts = terms.map((each) => this.#term(each, depth))
    if (!texts.slice(0, -1).some((text) => text.includes('\n'))) return texts.join(', ')
    const inner = '\t'.repeat(depth + 1)
    const lines = terms.map((each) => `${inner}${this.#term(each, depth + 1)},\n`)
    return `\n${lines.join('')}${'\t'.repeat(depth)}`
  }

  #record(fields: readonly (readonly [string, Term])[], depth: number): string {
    const entries = fields.map(([key, value]) => [printLiteral(key), value] as const)
    const isShort = ([, value]: readonly [string, Term]): boolean =>
      variablesOf(value).length === 0 && value.kind !== 'record' && !this.#term(value, depth).includes('\n')
    if (entries.every(isShort))
      return `{${entries.map(([key, value]) => `${key}: ${this.#term(value, depth)}`).join(', ')}}`
    const inner = '\t'.repeat(depth + 1)
    const lines = entries.map(([key, value]) => `${inner}${key}: ${this.#term(value, depth + 1)},\n`)
    return `{\n${lines.join('')}${'\t'.repeat(depth)}}`
  }

  #collect({ element, body }: Extract<Term, { kind: 'collect' }>, depth: number): string {
    const [only] = body
    const shown = this.#term(element, depth)
    if (body.length === 1 && only !== undefined && !shown.includes('\n'))
      return `[${shown} | ${this.#line(only, depth)}]`
    return `[${shown} |\n${this.#lines(body, depth + 1)}${'\t'.repeat(depth)}]`
  }

  #part({ of, key }: Extract<Term, { kind: 'part' }>, depth: number): string {
    const parent = this.#term(of, depth)
    if (key.kind === 'literal' && typeof key.value === 'string' && !isPrintable(key.value))
      return `${parent}[concat("", [${printLiteral(key.value)}])]`
    return key.kind === 'literal' && typeof key.value === 'string' && isPlainName(key.value)
      ? `${parent}.${key.value}`
      : `${parent}[${this.#term(key, depth)}]`
  }
}

const turnedOperators: Readonly<Record<Comparison, Comparison | undefined>> = {
  '==': '==',
  '!=': '!=',
  '>': '<',
  '>=': '<=',
  '<': '>',
  '<=': '>=',
  '=': undefined,
  in: undefined,
}

/** A comparison with its constant on the right. */
function turned(line: Extract<Line, { kind: 'compare' }>): Extract<Line, { kind: 'compare' }> {
  const operator = turnedOperators[line.operator]
  return operator === undefined || line.right.kind === 'literal'
    ? line
    : { ...line, left: line.right, operator, right: line.left }
}

/** `opa fmt` writes a key with other characters in escapes of Go, which Rego does not have. */
const isPrintable = (key: string): boolean => /^[\x20-\x7E\n\r\t\p{L}\p{M}\p{N}\p{P}\p{S}]*$/u.test(key)

const isPlainName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)

/** Characters that end a line, that nobody sees, or that turn the text around: who reviews the Rego shall read what there is. */
export const hidden: RegExp = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g

/** A character as an escape, which Rego and YAML read alike. */
export const escaped = (character: string): string =>
  escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** A constant. One function prints them all, so that no text can become anything else. */
export function printLiteral(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (isNumber(value)) return numberText(value)
  if (typeof value === 'string') {
    const text = wellFormed(value).replace(/["\\]/g, escaped).replace(hidden, escaped)
    return `"${text}"`
  }
  if (Array.isArray(value)) return `[${value.map((each) => printLiteral(each as Json)).join(', ')}]`
  const fields = Object.entries(value).map(
    ([key, each]) => `${printLiteral(key)}: ${printLiteral(each as Json)}`,
  )
  return `{${fields.join(', ')}}`
}
