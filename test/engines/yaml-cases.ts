/** A seeded source of numbers below 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const words = [
  'y',
  'n',
  'yes',
  'No',
  'ON',
  'off',
  'true',
  'False',
  'null',
  '~',
  '',
  'nULL',
  'tRUE',
  '.nan',
  '.inf',
  '-.Inf',
  '<<',
  '=',
  'None',
]
const edges = [
  '9223372036854775807',
  '9223372036854775808',
  '18446744073709551615',
  '18446744073709551616',
  '-9223372036854775808',
  '-9223372036854775809',
  '9007199254740991',
  '9007199254740993',
  '0x7fffffffffffffff',
  '0xffffffffffffffff',
  '0777777777777777777777',
  '01777777777777777777777',
  '3.4e38',
  '1e39',
  '1.7976931348623157e308',
  '1e309',
  '0.1',
  '1e-400',
  '2001-01-01',
  '2001-1-1',
  '2001-13-01',
  '1:30',
  '190:20:30',
  '0b',
  '0x',
  '0o8',
  '0o17',
  '08',
  '1.',
  '.5',
  '.',
  '..',
  '+.5',
  '-0',
  '+0',
  '-0.0',
  '1_000',
  '_1',
  '1__0',
  '1_',
  '0b-1',
  '-0b1',
  '+0b1',
  '1.2.3',
  '1e3',
  '12e03',
  '685_230.15',
  '0x_1',
  '0.1e1',
  '99999999999999999999',
]
const pieces = [
  '0',
  '1',
  '7',
  '8',
  '9',
  '12',
  '00',
  '0x',
  '0b',
  '0o',
  '.',
  '_',
  'e',
  'E',
  '+',
  '-',
  'f',
  'a',
  ':',
]
const texts = [
  'a',
  'abc',
  'foo bar',
  'nginx:1.2',
  'reg.io/team/app',
  'x#y',
  'x #y',
  "it's",
  'a: b',
  'a:b',
  'é',
  '~x',
  '-x',
  '- x',
  '?x',
  '? x',
  ':x',
  '*a',
  '&a x',
  '!x',
  '!!str 1',
  '@x',
  '`x',
  '%x',
  ',x',
  '[x',
  ']x',
  '{x',
  '}x',
  '|',
  '>',
  '"q"',
  "'q'",
  '"a\\n"',
  '"\\u0041"',
  '"\\/"',
  "'a''b'",
  '[]',
  '{}',
  '[a, b]',
  '[1, "2", yes]',
  '{a: 1, b: [x]}',
  '{a}',
  '{a:1}',
  '[a:, b]',
  '{"a":1}',
  '[a?b]',
  '"x" # c',
  'v # c',
  'v\t',
  '\tv',
  'a\\b',
  '!!int "1"',
  '!!bool yes',
  '!!binary ZXZpbA==',
  '!!float 1',
  '1 2',
]

/** Random YAML texts: scalars of every kind in frames, structures with their edits. */
export class YamlCases {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seeded(seed)
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  #one<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T
  }

  #number(): string {
    return Array.from({ length: 1 + this.#below(5) }, () => this.#one(pieces)).join('')
  }

  scalar(): string {
    const kind = this.#below(10)
    if (kind < 3) return this.#number()
    if (kind < 5) return this.#one(words)
    if (kind < 7) return this.#edited(this.#one(edges), 2)
    return this.#one(texts)
  }

  #edited(text: string, most: number): string {
    let edited = text
    for (let i = this.#below(most + 1); i > 0; i--) {
      const at = this.#below(edited.length + 1)
      edited =
        edited.slice(0, at) +
        (this.#random() < 0.5 ? this.#one([...'_.-+eExob:']) : '') +
        edited.slice(at + (this.#random() < 0.5 ? 1 : 0))
    }
    return edited
  }

  /** A scalar as a value, key, item, or in a flow collection. */
  scalarCase(): string {
    const scalar = this.scalar()
    const frames = [
      `a: ${scalar}\n`,
      `a: ${scalar}\nb: 1\n`,
      `${scalar}: x\n`,
      `a:\n- ${scalar}\n`,
      `a: [${scalar}]\n`,
      `a: {k: ${scalar}}\n`,
      `a: "${scalar.replaceAll(/["\\]/g, '')}"\n`,
      `a: '${scalar.replaceAll("'", "''")}'\n`,
      `a: |\n  ${scalar}\n`,
      `a: >-\n  ${scalar}\n  x\n`,
      `a: !!str ${scalar}\n`,
      `a: !!int ${scalar}\n`,
      `a: !!float ${scalar}\n`,
      `a: ${scalar}\n  ${this.scalar()}\n`,
    ]
    return this.#one(frames)
  }

  #key(): string {
    const kind = this.#below(12)
    if (kind === 0) return this.scalar()
    if (kind === 1) return '"q k"'
    return this.#one(['a', 'b', 'c', 'name', 'spec', 'on', 'x-y', 'a/b', 'metadata'])
  }

  #block(indentation: number, depth: number): string {
    const pad = ' '.repeat(indentation)
    const count = 1 + this.#below(3)
    const list = this.#random() < 0.35
    let text = ''
    for (let i = 0; i < count; i++) {
      const head = list ? '-' : `${this.#key()}:`
      const kind = this.#below(14)
      const anchor = this.#random() < 0.04 ? ` &${this.#one(['a', 'b'])}` : ''
      if (kind < 4 && depth < 4) {
        const step = this.#one([2, 2, 2, 4, 1, list ? 2 : 0])
        text += `${pad}${head}${anchor}${this.#one(['', '', '', ' # c', ' '])}\n${this.#block(indentation + step, depth + 1)}`
      } else if (kind === 4 && list && depth < 4) {
        text += `${pad}- ${this.#block(indentation + 2, depth + 1).trimStart()}`
      } else if (kind === 5) {
        const header = this.#one(['|', '>', '|-', '>-', '|+', '>+', '|2'])
        const lines = Array.from({ length: this.#below(5) }, () =>
          this.#one([
            `${pad}  text\n`,
            '\n',
            `${pad}   more\n`,
            `${pad}  # no comment\n`,
            `${pad}  a b\n`,
            `${pad}    \n`,
          ]),
        )
        text += `${pad}${head} ${header}\n${lines.join('')}`
      } else if (kind === 6) {
        text += `${pad}${head} ${this.#one(['*a', '*b', '&a v', '&b {c: d}', '{<<: *a}', '""', "''", '[a, {b: c}]', '[[], {}]'])}\n`
      } else if (kind === 7 && !list) {
        text += `${pad}<<: ${this.#one(['*a', '*b', '{z: 1}', '[*a, {q: 2}]'])}\n`
      } else {
        text += `${pad}${head}${anchor} ${this.scalar()}${this.#one(['', '', '', ' # c'])}\n`
      }
      if (this.#random() < 0.06) text += this.#one(['\n', `${pad}# comment\n`, '  \n', '# c\n', '...\n'])
    }
    return text
  }

  /** A block document, with a few random edits. */
  structureCase(): string {
    let text = this.#block(0, 0)
    const edits = this.#one([0, 0, 0, 1, 2, 3])
    for (let i = 0; i < edits; i++) text = this.mutated(text)
    return text
  }

  /** A text with one edit: a token put in, a line repeated at another column, dropped, or moved by one. */
  mutated(text: string): string {
    const lines = text.split('\n')
    const at = this.#below(lines.length)
    const line = lines[at] as string
    switch (this.#below(6)) {
      case 0: {
        const place = this.#below(line.length + 1)
        lines[at] =
          line.slice(0, place) +
          this.#one([
            ': ',
            '- ',
            '#',
            ' #',
            '"',
            "'",
            '[',
            ']',
            '{',
            '}',
            ',',
            '&a ',
            '*a',
            '!',
            '|',
            '>',
            '\t',
            ' ',
            '? ',
            '%',
            '@',
            '---',
            '\\',
            ':',
          ]) +
          line.slice(place)
        break
      }
      case 1:
        lines.splice(at, 0, ' '.repeat(this.#below(6)) + line.trimStart())
        break
      case 2:
        lines.splice(at, 1)
        break
      case 3:
        lines[at] = ` ${line}`
        break
      case 4:
        lines[at] = line.replace(/^ /, '')
        break
      default:
        lines[at] = line.replace(/: .*$/, `: ${this.scalar()}`)
    }
    return lines.join('\n')
  }
}
