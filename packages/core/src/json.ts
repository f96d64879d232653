import { compareNumbers, Decimal, isNumber, type JsonNumber, numberText } from './values/decimal.js'
import { compareText, wellFormed } from './values/text.js'

/** A JSON value, with numbers exact. */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | { readonly [key: string]: Json }

/** Whether two values are equal as JSON: numbers by exact value, objects whatever the order of their keys (law 6). */
export function equalJson(a: Json, b: Json): boolean {
  if (a === b) return true
  if (typeof a === 'string' || typeof a === 'boolean' || a === null) return false
  if (isNumber(a)) return isNumber(b) && compareNumbers(a, b) === 0
  if (typeof b !== 'object' || b === null || b instanceof Decimal) return false
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) && a.length === b.length && a.every((item, i) => equalJson(item as Json, b[i] as Json))
    )
  }
  if (Array.isArray(b)) return false
  const x = a as Readonly<Record<string, Json>>
  const y = b as Readonly<Record<string, Json>>
  const keys = Object.keys(x)
  return (
    keys.length === Object.keys(y).length &&
    keys.every((key) => Object.hasOwn(y, key) && equalJson(x[key] as Json, y[key] as Json))
  )
}

/** The value as JSON text with keys in code-point order and every digit: equal values have equal texts. */
export function canonicalText(value: Json): string {
  if (isNumber(value)) return numberText(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText((item ?? null) as Json)).join(',')}]`
  const object = value as Readonly<Record<string, Json>>
  const keys = Object.keys(object).toSorted(compareText)
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalText(object[key] as Json)}`).join(',')}}`
}

/** Why a host value is no JSON, and where. */
export interface NotJson {
  readonly code: 'not-json' | 'too-deep' | 'too-large' | 'cyclic'
  readonly message: string
  readonly path: readonly (string | number)[]
}

export interface CloneLimits {
  /** Levels of nesting; 1,000 by default. */
  readonly depth?: number
  /** Values in all; 2,000,000 by default. */
  readonly size?: number
}

/**
 * Copies a host value as JSON, or says why it is none: a function, symbol, date, class instance, accessor, a number that is not
 * finite, a hole in an array, a cycle, or nesting beyond the limits. Strings become well formed; no own key is lost, `__proto__`
 * included, and nothing is inherited.
 */
export function cloneJson(
  value: unknown,
  limits: CloneLimits = {},
): { readonly value: Json } | { readonly problem: NotJson } {
  try {
    return { value: new Cloner(limits.depth ?? 1000, limits.size ?? 2_000_000).clone(value, []) }
  } catch (problem) {
    if (problem instanceof Problem) return { problem: problem.problem }
    // a hostile object can throw anything from its traps
    return { problem: { code: 'not-json', message: 'reading it failed', path: [] } }
  }
}

class Problem extends Error {
  readonly problem: NotJson

  constructor(problem: NotJson) {
    super(problem.message)
    this.problem = problem
  }
}

class Cloner {
  readonly #depth: number
  readonly #open = new Set<object>()
  #left: number

  constructor(depth: number, size: number) {
    this.#depth = depth
    this.#left = size
  }

  clone(value: unknown, path: (string | number)[]): Json {
    if (--this.#left < 0) this.#fail('too-large', 'it has too many values', path)
    switch (typeof value) {
      case 'string':
        return wellFormed(value)
      case 'boolean':
      case 'bigint':
        return value
      case 'number':
        if (!Number.isFinite(value)) this.#fail('not-json', `${value} is no JSON number`, path)
        return Object.is(value, -0) ? 0 : value
      case 'object':
        return value === null || value instanceof Decimal ? value : this.#container(value, path)
      default:
        return this.#fail('not-json', `a ${typeof value} is no JSON value`, path)
    }
  }

  #container(value: object, path: (string | number)[]): Json {
    if (this.#open.has(value)) this.#fail('cyclic', 'it contains itself', path)
    if (path.length >= this.#depth) this.#fail('too-deep', `it nests deeper than ${this.#depth} levels`, path)
    this.#open.add(value)
    const copy = Array.isArray(value) ? this.#list(value, path) : this.#object(value, path)
    this.#open.delete(value)
    return copy
  }

  #list(list: readonly unknown[], path: (string | number)[]): Json {
    const copy: Json[] = []
    for (let i = 0; i < list.length; i++) {
      const property = Object.getOwnPropertyDescriptor(list, i)
      if (property === undefined) this.#fail('not-json', 'an array has a hole', [...path, i])
      copy.push(this.#property(property, path, i))
    }
    return copy
  }

  #object(object: object, path: (string | number)[]): Json {
    const prototype: unknown = Object.getPrototypeOf(object)
    if (prototype !== null && prototype !== Object.prototype && !isForeignPlain(prototype)) {
      const name = object.constructor?.name ?? 'class'
      this.#fail('not-json', `an instance of ${name} is no JSON object`, path)
    }
    const copy: Record<string, Json> = {}
    for (const key of Object.keys(object)) {
      const property = Object.getOwnPropertyDescriptor(object, key)
      if (property === undefined) continue
      const value = this.#property(property, path, key)
      if (key === '__proto__') {
        Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true })
      } else {
        copy[wellFormed(key)] = value
      }
    }
    return copy
  }

  #property(property: PropertyDescriptor | undefined, path: (string | number)[], key: string | number): Json {
    path.push(key)
    if (property?.get !== undefined || property?.set !== undefined) {
      this.#fail('not-json', 'an accessor is no JSON value', path)
    }
    const copy = this.clone(property?.value, path)
    path.pop()
    return copy
  }

  #fail(code: NotJson['code'], message: string, path: readonly (string | number)[]): never {
    throw new Problem({ code, message, path: [...path] })
  }
}

/** A plain object of another realm, such as a test runner's. */
function isForeignPlain(prototype: unknown): boolean {
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'hasOwnProperty')
  )
}
