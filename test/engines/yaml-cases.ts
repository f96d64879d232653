import { manifests } from './yaml-manifests.js'

/** Random YAML texts: mostly valid ones, in every style, and the same with a few edits. The same seed gives the same texts. */
export class YamlCases {
  #state: number
  /** How much of a document is out of the ordinary: most of the odd parts make the whole of it invalid. */
  #oddness = 1
  #anchors = false

  constructor(seed: number) {
    this.#state = (seed * 2654435761) >>> 0 || 1
  }

  /** A mapping of scalars that look like numbers, words and dates, as values, keys, items and under tags. */
  scalars(): string {
    const scalar = this.#oddScalar()
    const tag = this.#chance(0.3) ? `${this.#pick(tags)} ` : ''
    const quoted =
      this.#chance(0.15) && !/['"\\]/.test(scalar) ? this.#pick([`'${scalar}'`, `"${scalar}"`]) : scalar
    return this.#pick([
      `a: ${tag}${quoted}\n`,
      `${tag}${quoted}: a\n`,
      `- ${tag}${quoted}\n- b\n`,
      `a: [${tag}${quoted}, b]\n`,
      `a: {${tag}${quoted}: b}\n`,
      `a: {b: ${tag}${quoted}}\n`,
    ])
  }

  /** A document of every style; `edits` is the chance of an edit, tried up to three times. */
  structure(edits: number): string {
    this.#oddness = this.#pick([0, 0.1, 0.3, 1])
    this.#anchors = this.#chance(0.5)
    const anchors = this.#anchors ? `x: &a {k: 1}\ny: &b [1, two]\nz: &c text\nw: &d\n  l: {m: n}\n` : ''
    let text = anchors + this.#mapping(0, 0)
    for (let i = 0; i < 3; i++) if (this.#chance(edits)) text = this.mutated(text)
    return text.endsWith('\n') ? text : `${text}\n`
  }

  /** A manifest as people write them, with up to three edits. */
  manifest(): string {
    let text = this.#pick(manifests)
    for (let i = this.#below(4); i > 0; i--) text = this.mutated(text)
    return text.endsWith('\n') ? text : `${text}\n`
  }

  /** The text with a token put in, a line repeated, removed or shifted, or a piece cut out. */
  mutated(text: string): string {
    const at = this.#below(text.length + 1)
    const lines = text.split('\n')
    const line = this.#below(lines.length)
    switch (this.#below(6)) {
      case 0:
      case 1:
        return text.slice(0, at) + this.#pick(tokens) + text.slice(at)
      case 2:
        return text.slice(0, at) + text.slice(at + 1 + this.#below(4))
      case 3:
        return lines
          .toSpliced(line, 0, ' '.repeat(this.#below(5)) + (lines[this.#below(lines.length)] ?? '').trim())
          .join('\n')
      case 4:
        return lines
          .toSpliced(line, 1, ...(this.#chance(0.5) ? [` ${lines[line]}`] : [(lines[line] ?? '').slice(1)]))
          .join('\n')
      default:
        return lines.toSpliced(line, 1).join('\n')
    }
  }

  #mapping(indent: number, depth: number): string {
    const pad = ' '.repeat(indent)
    const keys = new Set<string>()
    let text = ''
    for (let i = 1 + this.#below(4); i > 0; i--) {
      const key = this.#key()
      if (keys.has(key)) continue
      keys.add(key)
      text += `${this.#filler(indent)}${pad}${key}:${this.#value(indent, depth, true)}`
    }
    return text
  }

  #sequence(indent: number, depth: number): string {
    const pad = ' '.repeat(indent)
    let text = ''
    for (let i = 1 + this.#below(3); i > 0; i--) {
      text += `${this.#filler(indent)}${pad}-`
      if (depth < 4 && this.#chance(0.4)) {
        const blanks = 1 + this.#below(2)
        const inner = this.#chance(0.8)
          ? this.#mapping(indent + 1 + blanks, depth + 1)
          : this.#sequence(indent + 1 + blanks, depth + 1)
        const trimmed = inner.replace(/^(?:[ \t]*(?:#.*)?\n)+/, '')
        text += ' '.repeat(blanks) + trimmed.trimStart()
      } else {
        text += this.#value(indent, depth, false)
      }
    }
    return text
  }

  /** What stands behind `key:` or `-`, with its line break. */
  #value(indent: number, depth: number, underKey: boolean): string {
    const properties = this.#odd(0.2) ? ` ${this.#pick(propertyTexts)}` : ''
    const end = this.#chance(0.1) ? ` # ${this.#pick(texts)}\n` : this.#chance(0.05) ? '  \n' : '\n'
    const roll = this.#below(20)
    if (depth < 4 && roll < 5) {
      const inner = underKey || this.#chance(0.5) ? 1 + this.#below(3) : 1
      const nested = this.#chance(0.6)
        ? this.#mapping(indent + inner, depth + 1)
        : this.#sequence(indent + (underKey && this.#chance(0.4) ? 0 : inner), depth + 1)
      return `${properties}${end}${nested}`
    }
    if (roll < 7) return `${properties} ${this.#blockScalar(indent)}`
    if (roll < 9) return `${properties} ${this.#flow(0)}${end}`
    if (roll < 10 && (this.#anchors || this.#odd(0.5))) return ` *${this.#pick(['a', 'b', 'c', 'd'])}${end}`
    if (roll < 12) return `${properties} ${this.#longScalar(indent)}${end}`
    if (roll < 13) return `${properties}${end}`
    return `${properties} ${this.#scalar()}${end}`
  }

  #filler(indent: number): string {
    if (this.#chance(0.9)) return ''
    return this.#pick([
      '\n',
      '  \n',
      `${' '.repeat(indent)}# ${this.#pick(texts)}\n`,
      '# c: d\n',
      '\n\n',
      '\t\n',
      '   # x\n',
    ])
  }

  #key(): string {
    if (!this.#odd(0.4)) return this.#pick(plainKeys)
    if (this.#anchors && this.#chance(0.2)) return '<<'
    return this.#pick([
      this.#scalar(),
      this.#oddScalar(),
      '<<',
      '"<<"',
      '"q k"',
      "'s'",
      '? e',
      '!!str t',
      '&k kk',
      '*c ',
      '!!merge <<',
      '1',
      '"1"',
      '[f]',
      'a:b',
      'y',
      'on',
      '~',
      '',
    ])
  }

  #scalar(): string {
    if (this.#odd(0.3)) return this.#oddScalar()
    return this.#pick([
      () => this.#text(),
      () => `"${this.#text()}${this.#escape()}"`,
      () => `'${this.#pick(texts).replaceAll("'", "''")}${this.#pick(['', "''", '\\n', '"'])}'`,
    ])()
  }

  #longScalar(indent: number): string {
    const lines = Array.from({ length: 2 + this.#below(3) }, () =>
      this.#pick(this.#odd(0.7) ? continuations : tameContinuations),
    )
    const pads = (): string =>
      ' '.repeat(Math.max(0, indent + this.#pick(this.#odd(0.4) ? [-1, 0, 0] : [1, 1, 2, 3])))
    const joined = lines.map((line, i) => (i === 0 || line === '' ? line : pads() + line)).join('\n')
    return this.#pick([
      () => joined.replace(/^\n+/, ''),
      () => `"${joined}${this.#escape()}"`,
      () => `'${joined}'`,
      () => `"${joined.replaceAll('\n', '\\\n')}"`,
    ])()
  }

  #blockScalar(indent: number): string {
    const header = this.#odd(0.2)
      ? this.#pick(['|2', '>1-', '|-2', '| # c'])
      : this.#pick(['|', '>', '|-', '>-', '|+', '>+'])
    const inner = indent + this.#pick([1, 2, 2, 2, 3])
    let text = `${header}\n`
    for (let i = this.#below(5); i > 0; i--) {
      const pad = ' '.repeat(Math.max(0, inner + this.#pick(this.#odd(0.3) ? [0, -1] : [0, 0, 0, 0, 1, 2])))
      text += this.#pick([
        `${pad}${this.#pick(continuations)}\n`,
        `${pad}${this.#pick(texts)}\n`,
        '\n',
        `${pad}\n`,
        `${pad}# c\n`,
        this.#odd(0.5) ? `${pad}\tx\n` : '',
      ])
    }
    return text
  }

  #flow(depth: number): string {
    const part = (): string =>
      depth < 3 && this.#chance(0.25) ? this.#flow(depth + 1) : this.#odd(0.1) ? '*a' : this.#flowScalar()
    const gap = (): string =>
      this.#pick(['', ' ', ' ', ' ', '  ', '\n   ', ' # c\n   '].slice(0, this.#odd(0.3) ? 7 : 5))
    const parts = Array.from({ length: this.#below(4) }, (_, i) => {
      if (this.#chance(0.6)) return part()
      return `${this.#pick(['a', '"b"', "'c'", 'd d', 'y'])}${i}${this.#odd(0.4) ? this.#pick([':', ' : ']) : ': '}${part()}`
    })
    const [open, close] = this.#pick([
      ['[', ']'],
      ['{', '}'],
    ] as const)
    return `${open}${parts.map((text) => `${gap()}${text}${gap()}`).join(',')}${this.#odd(0.3) ? ',' : ''}${close}`
  }

  #flowScalar(): string {
    return this.#pick([
      () => this.#scalar(),
      () => this.#oddScalar(),
      () => this.#pick(['a', 'b c', '1', '"q"', "'s'", 'x:y', '~', '']),
    ])()
  }

  /** Numbers of every form with up to two edits, words in any case, dates. */
  #oddScalar(): string {
    let text = this.#pick([
      () => this.#pick(words),
      () => this.#pick(edges),
      () => this.#pick(['', '+', '-']) + this.#digits(this.#pick(['0x', '0b', '0o', '0', '', '', '0X'])),
      () =>
        `${this.#pick(['', '+', '-'])}${this.#digits('')}${this.#pick(['', '.', `.${this.#digits('')}`])}${this.#pick(['', `e${this.#below(30)}`, `E-${this.#below(30)}`])}`,
      () =>
        `20${this.#below(90) + 10}-${this.#below(15)}-${this.#below(34)}${this.#pick(['', 'T1:2:3Z', ' 10:11:12', 't01:02:03.5+01:00'])}`,
    ])()
    while (this.#chance(0.15)) {
      const at = this.#below(text.length + 1)
      text = text.slice(0, at) + this.#pick([..."_.-+eExob:019'"]) + text.slice(at + this.#below(2))
    }
    return text
  }

  #digits(prefix: string): string {
    const alphabet =
      prefix.startsWith('0x') || prefix === '0X'
        ? '0123456789abcdefF_'
        : prefix === '0b'
          ? '01_'
          : prefix === ''
            ? '0123456789_'
            : '01234567_8'
    let text = prefix
    for (let i = 1 + this.#below(this.#chance(0.1) ? 24 : 5); i > 0; i--) text += this.#pick([...alphabet])
    return text
  }

  #text(): string {
    return this.#pick(this.#odd(0.5) ? texts : tameTexts)
  }

  #escape(): string {
    return this.#pick(this.#odd(0.5) ? escapes : tameEscapes)
  }

  #odd(share: number): boolean {
    return this.#chance(share * this.#oddness)
  }

  #chance(share: number): boolean {
    return this.#next() < share
  }

  #below(limit: number): number {
    return Math.floor(this.#next() * limit)
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T
  }

  /** xorshift32 */
  #next(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state / 4294967296
  }
}

const plainKeys = [
  'a',
  'b',
  'c',
  'name',
  'x.y/z',
  'kind',
  'spec-1',
  'd e',
  '_f',
  'A',
  'image',
  'e',
  'f',
  'g',
  '"q"',
  "'r'",
  '+(x)',
  'i,j',
  'k[0]',
]
const tameTexts = [
  'text',
  'two words',
  'a:b',
  'x#y',
  'nginx:1.25',
  '/bin/sh',
  'é ü',
  '100m',
  '-dash',
  '--flag',
  '12',
  '1.5',
  'true',
  'yes',
  'key=value',
  'x  y',
  '0755',
]
const tameContinuations = ['text', 'two words', '', 'é', 'a=b', '100m', '/x/y']
const tameEscapes = ['', '', '\\n', '\\"', '\\\\', '\\t', '\\u00e9']
const texts = [
  'text',
  'two words',
  'a:b',
  'x#y',
  'nginx:1.25',
  '/bin/sh',
  'é ü',
  "it's",
  '-dash',
  'a, b',
  'a [b] {c}',
  'key=value',
  '*.example',
  '🔒',
  '--flag',
  'q?',
  'a\tb',
  '100m',
  '-',
  'x  y',
  '@at',
  '%d',
  '!bang',
  '&amp',
  ': x',
  'e:',
]
const continuations = [
  'text',
  'two words',
  'more  text',
  '',
  'x: y',
  '# no comment',
  '- item',
  'a # b',
  'é',
  '"quoted"',
  'last ',
  ' deeper',
  'tab\there',
  ':',
  "it's",
]
const escapes = [
  '',
  '',
  '',
  '\\n',
  '\\"',
  '\\\\',
  '\\t',
  '\\x41',
  '\\u00e9',
  '\\U0001F512',
  '\\e',
  '\\ ',
  '\\/',
  "\\'",
  '\\ud83d\\ude00',
  '\\N',
  '\\_',
  '\\P',
  '\\0',
  '\\z',
  '\\',
  ' ',
  '\\r',
  '\\v',
]
const tags = [
  '!!str',
  '!!int',
  '!!float',
  '!!bool',
  '!!null',
  '!!binary',
  '!!timestamp',
  '!',
  '!x',
  '!!set',
  '!!foo',
  '!<tag:yaml.org,2002:int>',
  '!!seq',
  '!!map',
  '!!merge',
  '!a.b',
  '&anchor',
  '!!omap',
]
const propertyTexts = [...tags, '&a', '&d', '&b !!str', '!!int &c', '&x-1_Y', '&a:b']
const words = `
  y Y yes Yes YES n N no on On ON off OFF true True TRUE tRUE false null Null nULL NULL ~ .nan .NaN
  .inf -.Inf +.INF .iNF nan << = None yEs 0 00 -0 -0.0 +0 .0 0. . - + _ ._1 ZXZpbA== AA= /w== 1:30 0x
  0b 0o8 08 010 1_000 0b-1 -0b-1 0b+11 1e400 1e-400 0x1p3 1.2.3 12e03 1e3 1E+2 .5e1 1__0 +_1 _1 .1_0
  .1__0
`
  .trim()
  .split(/\s+/)
const edges = `
  9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809
  18446744073709551615 18446744073709551616 9007199254740991 9007199254740992 9007199254740993
  -9007199254740993 0x7fffffffffffffff 0x8000000000000000 0xffffffffffffffff 0x10000000000000000
  -0x8000000000000000 0b1111111111111111111111111111111111111111111111111111111111111111
  01777777777777777777777 02000000000000000000000 16777216 16777217.0 3.4028235e38 1e39
  1.7976931348623157e308 1.7976931348623159e308 5e-324 1e-45 0.1 1e6 123456.0 1234567.0 12345678.0
  1e21 1e20 0.00001 0.0001 0.3 1.10 100000.5 1e-7
`
  .trim()
  .split(/\s+/)
const tokens = [
  ' ',
  '  ',
  '\n',
  '\n  ',
  ':',
  ': ',
  '- ',
  '-',
  '#',
  ' #',
  '"',
  "'",
  ',',
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a',
  '!',
  '!!str ',
  '|',
  '>',
  '|\n',
  '?',
  '? ',
  '%',
  '@',
  '`',
  '\t',
  '...',
  '...\n',
  '... ',
  '<<: ',
  '~',
  '\\',
  '=',
  '0',
  '_',
  '{{',
  '\n\n',
  ' : ',
  '\n# c\n',
  "''",
  '""',
  '\\\n',
  '*a: ',
  '\n- ',
  ':\n',
  '<<: *a\n',
  '\n...\n',
  '|+\n',
  '>-\n ',
  '"\\\n"',
  '\u00a0',
  '\u2028',
  '\ufeff',
  '\u0085',
  '\r',
  '\u0000',
]
