/** An expression of CEL, as far as policies are printed in it. */
export type CelExpression =
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'field'; readonly of: CelExpression; readonly name: string }
  | { readonly kind: 'index'; readonly of: CelExpression; readonly key: CelExpression }
  | {
      readonly kind: 'call'
      readonly name: string
      readonly of?: CelExpression
      readonly arguments: readonly CelExpression[]
    }
  | { readonly kind: 'operator'; readonly sign: string; readonly operands: readonly CelExpression[] }
  | { readonly kind: 'choice'; readonly branches: readonly [CelExpression, CelExpression, CelExpression] }
  | { readonly kind: 'list'; readonly items: readonly CelExpression[] }
  | { readonly kind: 'map'; readonly entries: readonly CelExpression[] }

const token =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*")|(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_]\w*)|(?<sign>\.\?|\[\?|&&|\|\||[=!<>]=|[-+!<>?:.,()[\]{}]))/y

/** Binding strength of the operators between two operands. */
const strength: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  in: 3,
  '+': 4,
  '-': 4,
}

/** Reads an expression; throws for what is none, or is not printed here. */
export function readCel(source: string): CelExpression {
  const reader = new Reader(source)
  const expression = reader.choice()
  reader.end()
  return expression
}

class Reader {
  readonly #source: string
  #token = ''
  #isText = false

  constructor(source: string) {
    this.#source = source
    token.lastIndex = 0
    this.#next()
  }

  #at = 0

  #next(): void {
    token.lastIndex = this.#at
    const found = token.exec(this.#source)
    if (found === null && this.#source.slice(this.#at).trim() !== '') throw this.#refusal()
    this.#at = found === null ? this.#source.length : token.lastIndex
    this.#token = found === null ? '' : found[0].trim()
    this.#isText = found?.groups?.['text'] !== undefined
  }

  #refusal(): Error {
    return new Error(
      `no expression of CEL that is printed here, before \`${this.#source.slice(this.#at, this.#at + 40)}\``,
    )
  }

  #takes(sign: string): boolean {
    if (this.#isText || this.#token !== sign) return false
    this.#next()
    return true
  }

  #take(sign: string): void {
    if (!this.#takes(sign)) throw this.#refusal()
  }

  end(): void {
    if (this.#token !== '') throw this.#refusal()
  }

  choice(): CelExpression {
    const condition = this.#binary(1)
    if (!this.#takes('?')) return condition
    const then = this.choice()
    this.#take(':')
    return { kind: 'choice', branches: [condition, then, this.choice()] }
  }

  #binary(least: number): CelExpression {
    let left = this.#unary()
    for (;;) {
      const sign = this.#token
      const own = this.#isText || !Object.hasOwn(strength, sign) ? 0 : (strength[sign] ?? 0)
      if (own < least) return left
      this.#next()
      left = { kind: 'operator', sign, operands: [left, this.#binary(own + 1)] }
    }
  }

  #unary(): CelExpression {
    for (const sign of ['!', '-'])
      if (this.#takes(sign)) return { kind: 'operator', sign, operands: [this.#unary()] }
    return this.#member(this.#primary())
  }

  #member(of: CelExpression): CelExpression {
    if (this.#takes('.?')) return this.#member({ kind: 'field', of, name: this.#name() })
    if (this.#takes('[?') || this.#takes('[')) {
      const key = this.choice()
      this.#take(']')
      return this.#member({ kind: 'index', of, key })
    }
    if (!this.#takes('.')) return of
    const name = this.#name()
    if (!this.#takes('(')) return this.#member({ kind: 'field', of, name })
    return this.#member({ kind: 'call', name, of, arguments: this.#several(')') })
  }

  #name(): string {
    const name = this.#token
    if (this.#isText || !/^[A-Za-z_]/.test(name)) throw this.#refusal()
    this.#next()
    return name
  }

  #primary(): CelExpression {
    if (this.#isText) {
      const text = this.#token
      this.#next()
      return { kind: 'constant', value: textOf(text) }
    }
    if (this.#takes('(')) {
      const inner = this.choice()
      this.#take(')')
      return inner
    }
    if (this.#takes('[')) return { kind: 'list', items: this.#several(']') }
    if (this.#takes('{')) return { kind: 'map', entries: this.#several('}', ':') }
    if (/^\d/.test(this.#token) || ['true', 'false', 'null'].includes(this.#token)) {
      const value = JSON.parse(this.#token) as number | boolean | null
      this.#next()
      return { kind: 'constant', value }
    }
    const name = this.#name()
    return this.#takes('(') ? { kind: 'call', name, arguments: this.#several(')') } : { kind: 'name', name }
  }

  /** What stands between commas, up to a closing sign; of a map the keys and values in turn. */
  #several(close: string, between?: string): readonly CelExpression[] {
    const found: CelExpression[] = []
    while (!this.#takes(close)) {
      if (found.length > 0) this.#take(',')
      found.push(this.choice())
      if (between === undefined) continue
      this.#take(between)
      found.push(this.choice())
    }
    return found
  }
}

/** The text that a literal is. */
function textOf(literal: string): string {
  return literal
    .slice(1, -1)
    .replaceAll(
      /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g,
      (_, four?: string, eight?: string, one?: string) => {
        const point = four ?? eight
        return point === undefined ? (one ?? '') : String.fromCodePoint(Number.parseInt(point, 16))
      },
    )
}
