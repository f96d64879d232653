import { matchesPattern, patternProblem } from '../../packages/core/src/values/pattern.js'
import { describe, expect, it } from 'vitest'
import { automatonOf, isProgram } from '../../packages/compiler/src/wasm/automaton.js'
import { Dice } from '../fuzz/dice.js'
import { properties, randomRegexp, randomText } from './random-regexps.js'
import { Runtime, buildRuntime } from './runtime.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 1500)

const files = ['patterns/patterns', 'patterns/machines', 'patterns/automaton', 'cells']
const runtime = new Runtime(buildRuntime(files, 'scalar'), 1 << 16)

function forget(): void {
  runtime.reset()
  runtime.call('forgetPatterns')
}

/** A string among bytes that are none of its own. */
function textCell(text: string): number {
  const bytes = Buffer.from(text)
  const at = runtime.place(bytes, 3, 0x61)
  runtime.call('setHeap', at + bytes.length + 64)
  return runtime.call('newString', at, bytes.length)
}

function textOf(cell: number): string {
  const at = runtime.view.getUint32(cell + 4, true)
  return Buffer.from(runtime.bytes.subarray(at, at + runtime.view.getUint32(cell + 8, true))).toString()
}

/** What the runtime says of a pattern: undefined, or the code and the message of its fault. */
function faultOf(pattern: number): readonly [string, string] | undefined {
  const fault = runtime.call('patternFault', pattern)
  if (fault === 0) return undefined
  expect(runtime.bytes[fault]).toBe(12)
  return [textOf(runtime.view.getUint32(fault + 4, true)), textOf(runtime.view.getUint32(fault + 8, true))]
}

/** How a constant pattern is found: by its automaton or program, laid at an address that nothing is said of. */
function constant(pattern: string): (text: number) => boolean {
  const bytes = automatonOf(pattern)
  const at = runtime.call('allocate', bytes.length)
  runtime.bytes.set(bytes, at)
  const name = isProgram(bytes) ? 'matchesProgram' : 'matchesAutomaton'
  return (text) => runtime.call(name, text, at) === 1
}

function isRefused(pattern: string): boolean {
  forget()
  return runtime.call('patternFault', textCell(pattern)) !== 0
}

/** Compares both ways with the reference. */
function compare(pattern: string, texts: readonly string[]): number {
  forget()
  const problem = patternProblem(pattern)
  const cell = textCell(pattern)
  const fault = faultOf(cell)
  const said = JSON.stringify(pattern)
  expect(fault === undefined, `${said}: ${problem ?? 'valid'}`).toBe(problem === undefined)
  if (problem !== undefined) {
    expect(() => automatonOf(pattern), said).toThrow(TypeError)
    expect(fault).toEqual(['invalid-pattern', problem.replace(/(?<= is not RE2 syntax): .*$/s, '')])
    expect(runtime.call('matches', textCell('a'), cell)).toBe(0)
    return 0
  }
  const find = constant(pattern)
  let found = 0
  for (const text of texts) {
    const expected = matchesPattern(pattern, text)
    if (expected) found++
    const at = textCell(text)
    expect(runtime.call('matches', at, cell), `${said} in ${JSON.stringify(text)}`).toBe(Number(expected))
    expect(find(at), `constant ${said} in ${JSON.stringify(text)}`).toBe(expected)
  }
  return found
}

const tricky: readonly (readonly [string, ...string[]])[] = [
  ['', '', 'a'],
  ['^$', '', '\n', 'a'],
  ['(?m)^$', '', '\n', 'a\n', 'a', 'a\nb'],
  ['$^', '', 'a'],
  ['a$', 'a', 'a\n', 'ab'],
  ['(?m)a$', 'a\nb', 'ab\n', 'b\na'],
  ['\\Aa|b\\z', 'ax', 'xb', 'xa', 'bx'],
  ['\\b', '', ' ', 'a', 'é', '_'],
  ['\\B', '', ' ', 'a', 'ab', 'é'],
  ['é\\b', 'é', 'éa', 'é '],
  ['\\bk\\b', 'k', 'K', 'ſk', 'ak', 'k-'],
  ['(?i)k', 'K', 'k', '\u{212a}'],
  ['(?i)[k]', '\u{212a}'],
  ['(?i)[^k]', '\u{212a}', 'K', 'a'],
  ['(?i)ſ', 's', 'S'],
  ['(?i)\\w', '\u{212a}', 'ſ', 'é'],
  ['(?i)\\W', '\u{212a}', 'ſ'],
  ['(?i)[[:upper:]]', 'a', 'ſ'],
  ['(?i)\\p{Lu}', 'a', 'ß', 'ǆ'],
  ['(?i)\\P{Lu}', 'a', 'A', '1'],
  ['(?i)ΑΣ', 'ας', 'ασ'],
  ['[^\\x00-\\x{10ffff}]', '', 'a'],
  ['a[^\\x00-\\x{10ffff}]*', 'a'],
  ['\\x{d800}', '\u{10000}', '\u{ffff}'],
  ['[\\x{d800}-\\x{dfff}]', '\u{10000}', 'a'],
  ['^[^\\x{d800}-\\x{dfff}]$', '\u{10000}', 'a', '\u{e000}'],
  ['\\x{d83d}\\x{de00}', '😀'],
  ['^.$', '😀', '\n', ''],
  ['(?s)^.$', '\n'],
  ['^..$', '😀', 'éé'],
  ['a**', ''],
  ['a*\\Q\\E*', ''],
  ['\\Q\\E*', ''],
  ['\\Qa.b', 'a.b', 'axb'],
  ['\\Qab\\E+', 'abb', 'a'],
  ['a{,2}', 'a{,2}', 'aa'],
  ['a{2', 'a{2'],
  ['a{1001}', ''],
  ['a{1000}', 'a'.repeat(999), 'a'.repeat(1000)],
  ['(?:a{1000}){1000}', ''],
  ['(?:a{10}){101}', ''],
  ['(?:a{10}){100}', 'a'.repeat(999), 'a'.repeat(1000)],
  ['((a{100}){10}){2}', ''],
  ['((a{100}){0}){100}', ''],
  ['a{99999999}', ''],
  ['a{999999999}', ''],
  ['a{999999999', 'a{999999999'],
  ['a{01}', 'a{01}'],
  ['a{2,1}', ''],
  ['(?i', ''],
  ['(?i)', 'a'],
  ['(?)a', 'a'],
  ['(?i-)a', ''],
  ['(?-)a', ''],
  ['(?i-s)a', 'A'],
  ['(?--i)a', ''],
  ['(?P<n>a)(?P<n>b)', ''],
  ['(?P<n>a)(?<m>b)', 'ab'],
  ['(?P<__proto__>a)', 'a'],
  ['(?P<é>a)', ''],
  ['(?P<>a)', ''],
  ['(?P=n)', ''],
  ['(?=a)', ''],
  ['(?<=a)b', 'ab'],
  ['(?<!a)b', 'b'],
  ['\\1', ''],
  ['\\8', ''],
  ['\\12', '\n'],
  ['\\08', '\u{0}8'],
  ['\\777', 'ǿ'],
  ['\\x{110000}', ''],
  ['\\x{}', ''],
  ['\\x{0000000041}', 'A'],
  ['\\xg1', ''],
  ['\\C', 'a'],
  ['\\pN', '٣'],
  ['\\p{^N}', '٣', 'a'],
  ['\\P{^N}', '٣', 'a'],
  ['\\p', ''],
  ['\\p{', ''],
  ['\\p{greek}', ''],
  ['\\p{Foo}', ''],
  ['\\p^', ''],
  ['\\p{}', ''],
  ['[\\p{Greek}]', 'α'],
  ['[]a]', ']', 'a'],
  ['[]', ''],
  ['[^]a]', ']', 'b'],
  ['[a-]', '-'],
  ['[-a]', '-'],
  ['[a-\\d]', ''],
  ['[\\d-a]', '-'],
  ['[b-a]', ''],
  ['[[:foo:]]', ''],
  ['[[:d:]]', ''],
  ['[[:]', ''],
  ['[[:a]', ':'],
  ['[[:^word:]-]', '-'],
  ['[a', ''],
  ['a|*', ''],
  ['|a', 'x'],
  ['(|a)+', 'x'],
  ['()*', ''],
  ['(^)*a', 'a'],
  ['(\\b|a)*b', 'ab', 'cb'],
  ['a|b|[cd]|.', '\n', 'x'],
  ['abc|abd|ab|x', 'ab', 'xa'],
  ['x{2}a|x{2}b', 'xxb', 'xb'],
  [')', ''],
  ['(', ''],
  ['a)(', ''],
  ['\\', ''],
  ['*', ''],
  ['a(?i)*', 'aa'],
  ['^*', ''],
  ['(?U)a+?', 'a'],
  ['a???', ''],
  ['(?:)', ''],
  ['.*foo.*\\.txt$', 'a/foo/b.txt', 'foo.txt\n'],
]

describe('patterns in the runtime', () => {
  it.each(tricky)('%j', (pattern, ...texts) => {
    compare(pattern, texts)
  })

  it(`agrees with the reference on random patterns (seed ${seed})`, () => {
    const dice = new Dice(seed)
    let [valid, pairs, found] = [0, 0, 0]
    for (let run = 0; run < runs; run++) {
      const pattern = randomRegexp(dice)
      const texts = dice.several(14, () => randomText(dice, pattern))
      found += compare(pattern, texts)
      if (patternProblem(pattern) !== undefined) continue
      valid++
      pairs += texts.length
    }
    // most are valid, and neither answer is rare
    expect(valid).toBeGreaterThan(runs * 0.6)
    expect(found).toBeGreaterThan(pairs * 0.2)
    expect(found).toBeLessThan(pairs * 0.8)
    if (runs > 1500) console.log({ runs, valid, pairs, found })
  }, 3_600_000)

  it('knows the tables of the reference', () => {
    const texts = ['A', 'a', 'ſ', 'é', '٣', '漢', '😀', '\u{10ffff}', '\u{300}', 'ᾳ', 'ǅ', '\u{378}']
    for (const name of properties) {
      for (const flags of ['', '(?i)']) {
        compare(`${flags}^\\p{${name}}$`, texts)
        compare(`${flags}^[^\\p{${name}}]$`, texts)
      }
    }
  })

  it('refuses what is nested too deeply or too large where the reference does', () => {
    const nested = [
      ['(', ')'],
      ['(a', ')'],
      ['(?:', ')*'],
      ['(?:(?:', ')*)+'],
      ['(?:ab|a', ')*'],
      ['([ab]c|[ab]', ')'],
    ] as const
    for (const [open, close] of nested) {
      const limit = Math.floor(4095 / (open.length + close.length))
      const of = (levels: number) => `${open.repeat(levels)}a${close.repeat(levels)}`
      let [low, high] = [1, limit]
      while (high - low > 1) {
        const middle = (low + high) >> 1
        if (patternProblem(of(middle)) === undefined) low = middle
        else high = middle
      }
      for (const levels of [low - 1, low, high, Math.min(high + 1, limit), limit]) {
        expect(isRefused(of(levels)), `${levels} × ${open}${close}`).toBe(
          patternProblem(of(levels)) !== undefined,
        )
      }
    }
    for (const [body, times] of [
      ['ab*c'.repeat(500), 559],
      ['(?:xy|xz)a'.repeat(200), 1000],
      ['.[ab]x?'.repeat(400), 873],
    ] as const) {
      for (const more of [0, 1]) {
        const pattern = `(?:${body}){${Math.min(times + more, 1000)}}b{2}`
        expect(isRefused(pattern), `${body.slice(0, 12)} ${times + more}`).toBe(
          patternProblem(pattern) !== undefined,
        )
      }
    }
    expect(isRefused('a'.repeat(4096))).toBe(false)
    expect(isRefused('a'.repeat(4097))).toBe(true)
    expect(isRefused('😀'.repeat(2048))).toBe(false)
    expect(isRefused(`${'😀'.repeat(2048)}a`)).toBe(true)
    forget()
    expect(faultOf(textCell('é'.repeat(4097)))).toEqual([
      'invalid-pattern',
      'the pattern is longer than 4096 characters',
    ])
    expect(() => automatonOf('a\ud800')).toThrow(TypeError)
  })

  it('takes time linear in the text, whatever the pattern', () => {
    const dice = new Dice(seed)
    const random = Array.from({ length: 100_000 }, () => dice.one(['a', 'b'])).join('')
    const hostile: readonly (readonly [string, string, boolean])[] = [
      ['(a*)*b', 'a'.repeat(1_000_000), false],
      ['^(a|a)*$', `${'a'.repeat(1_000_000)}!`, false],
      ['(x+x+)+y', 'x'.repeat(1_000_000), false],
      ['(.*)(.*)(.*)(.*)(.*)!', 'x'.repeat(300_000), false],
      ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(300_000), false],
      ['(?:a?){500}a{500}$', 'a'.repeat(100_000), true],
      // more states than are ever kept
      ['a[ab]{16}c', random, false],
      ['a[ab]{300}c', random, false],
      ['\\p{L}{500}\\d', 'é'.repeat(100_000), false],
    ]
    for (const [pattern, text, expected] of hostile) {
      forget()
      const cell = textCell(pattern)
      const long = textCell(text)
      const begin = performance.now()
      expect(runtime.call('matches', long, cell) === 1, pattern).toBe(expected)
      expect(constant(pattern)(long), pattern).toBe(expected)
      expect(performance.now() - begin, pattern).toBeLessThan(5000)
    }
  })

  it('compiles a pattern once in an evaluation', () => {
    forget()
    const [pattern, text] = [textCell('^(?i)[a-k]+-\\pL{2}$'), textCell('bad-éé')]
    expect(runtime.call('patternFault', pattern)).toBe(0)
    expect(runtime.call('matches', text, pattern)).toBe(1)
    const heap = runtime.global('heap')
    for (let i = 0; i < 100; i++) expect(runtime.call('matches', text, pattern)).toBe(1)
    expect(runtime.call('patternFault', pattern)).toBe(0)
    expect(runtime.global('heap')).toBe(heap)
    // another pattern at the same address
    forget()
    expect(textCell('^(?i)[l-z]+-\\pL{2}$')).toBe(pattern)
    expect(runtime.call('matches', textCell('bad-éé'), pattern)).toBe(0)
  })

  it('uses programs where automata are large', () => {
    const patterns = [
      'a[ab]{14}c?b$',
      '(?:\\pL\\d|\\pN\\w){40}!',
      '(?i)(?:straße|größe|ΑΣ)[^a-f]{9}b[ab]{12}c',
    ]
    const dice = new Dice(seed)
    for (const pattern of patterns) {
      expect(isProgram(automatonOf(pattern)), pattern).toBe(true)
      const texts = Array.from({ length: 200 }, () =>
        dice.several(80, () => dice.one(['a', 'b', 'b', 'é1', '3', 'STRAßE', '!', 'c'])).join(''),
      )
      compare(pattern, texts)
    }
  })
})
