import { matchesPattern, patternProblem } from '../../packages/core/src/values/pattern.js'
import { describe, expect, it } from 'vitest'
import { automatonOf, isProgram } from '../../packages/compiler/src/wasm/automaton.js'
import { Dice } from '../fuzz/dice.js'
import { properties, randomRegexp, randomText } from './random-regexps.js'
import { Runtime, buildRuntime } from './runtime.js'

const seed = Number(process.env['GATEWRIGHT_FUZZ_SEED'] ?? 1)
const runs = Number(process.env['GATEWRIGHT_FUZZ_RUNS'] ?? 1500)

const files = ['patterns', 'automaton', 'cells']
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
})
