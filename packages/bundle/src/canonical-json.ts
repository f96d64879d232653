import { compareText, wellFormed } from '@gatewright/core'
import { BundleError } from './bundle-error.js'

/**
 * A JSON text as OPA hashes it: keys in order of their bytes, no spaces, numbers as they are written, texts as Go prints them. Throws a
 * `BundleError` for what is no JSON, and for a key that is there twice, of which readers take different ones. Source: OPA,
 * `v1/bundle/hash.go`.
 */
export function canonicalJson(text: string, file: string): string {
  const reader = new Reader(text, file)
  const value = reader.value(0)
  reader.end()
  return value
}

/** Deep enough for any data; as deep as a stack goes. */
const deepest = 1000

const tokens =
  /[\t\n\r ]*(?:([[\]{},:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y

class Reader {
  readonly #text: string
  readonly #file: string
  #at = 0

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
  }

  value(depth: number): string {
    if (depth > deepest) throw new BundleError(`it is nested more than ${deepest} levels deep`, this.#file)
    const token = this.#next()
    if (token === '{') return this.#object(depth)
    if (token === '[') return this.#list(depth)
    if (token.startsWith('"')) return goText(JSON.parse(token) as string)
    if (/^[\]},:]$/.test(token)) throw this.#refusal()
    return token
  }

  end(): void {
    if (this.#text.slice(this.#at).trim() !== '') throw this.#refusal()
  }

  #object(depth: number): string {
    const fields = new Map<string, string>()
    if (this.#peek() === '}') {
      this.#next()
      return '{}'
    }
    for (;;) {
      const token = this.#next()
      if (!token.startsWith('"')) throw this.#refusal()
      const key = wellFormed(JSON.parse(token) as string)
      if (fields.has(key)) throw new BundleError(`the key ${JSON.stringify(key)} is there twice`, this.#file)
      if (this.#next() !== ':') throw this.#refusal()
      fields.set(key, this.value(depth + 1))
      const after = this.#next()
      if (after === '}') break
      if (after !== ',') throw this.#refusal()
    }
    const sorted = [...fields].toSorted(([a], [b]) => compareText(a, b))
    return `{${sorted.map(([key, value]) => `${goText(key)}:${value}`).join(',')}}`
  }

  #list(depth: number): string {
    const items: string[] = []
    if (this.#peek() === ']') {
      this.#next()
      return '[]'
    }
    for (;;) {
      items.push(this.value(depth + 1))
      const after = this.#next()
      if (after === ']') return `[${items.join(',')}]`
      if (after !== ',') throw this.#refusal()
    }
  }

  #peek(): string {
    const at = this.#at
    const token = this.#next()
    this.#at = at
    return token
  }

  #next(): string {
    tokens.lastIndex = this.#at
    const found = tokens.exec(this.#text)
    if (found === null) throw this.#refusal()
    this.#at = tokens.lastIndex
    return found[1] ?? found[2] ?? found[3] ?? found[4] ?? ''
  }

  #refusal(): BundleError {
    const line = this.#text.slice(0, this.#at).split('\n').length
    return new BundleError(`it is no JSON, in line ${line}`, this.#file)
  }
}

const short: Readonly<Record<string, string>> = {
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
}

/** A text as Go's encoder prints it when it leaves HTML alone. */
const goText = (text: string): string =>
  `"${wellFormed(text).replaceAll(
    // oxlint-disable-next-line no-control-regex
    /[\u0000-\u001f"\\\u2028\u2029]/g,
    (each) => short[each] ?? `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}"`
