import { describe, expect, it } from 'vitest'
import { isFastText, readFast } from './read-fast.js'
import { readFull } from './read-full.js'

const fast = (text: string): unknown => {
  const result = isFastText(text) ? readFast(text, 0, text.length) : { handOver: 'characters' }
  return 'value' in result ? result.value : result.handOver
}

describe('the fast reader answers as the full one', () => {
  for (const text of [
    '---  # a separator with a comment\n\n# more\nkind: Pod\n',
    'a:\n  b:\n    c: 1\n  d: x\ne: y\n',
    'a:\n- 1\n- - 2\n  - 3\n- b: 4\n  c: 5\nd:\n  - 6\n',
    'a:\n  -\n    b: 1\n  -\n  - c\n',
    'a: two\n  more\n\n  lines # comment\nb: c\n',
    "a: \"x\n\n  y \\\n  z\\n\"\nb: 'it''s\n  folded'\n",
    'a: "\\u00e9\\t\\"\\\\"\nb: "c d"  # e\n',
    'a: |\n  x\n   y\n\n  z\n\nb: >-\n  p\n  q\n\n  r\n   s\n  t\n\nc: |+\n  k\n\nd: 1\n',
    'a: [1, "two, three", {b: c, "d": [e]}, -f, true]\nb: {}\nc: []\n',
    'a: -1\nb: 0.5\nc: 010\nd: 1_000\ne: yes\nf: null\ng: ~\nh: 1e3\ni: +1\nj: 0\n',
    '+(image): "*"\n"quoted: key": 1\n$a/b.c: 2\nx, y: 3\n',
    'url: http://x.example/a?b=c#d\ntime: 10:30\nargs: --flag=a,b\n',
    'e: ü\n',
    'constructor: 1\ntoString: {valueOf: 2}\n',
    'a:\n\nb:   \nc: # nothing\n',
  ]) {
    it(JSON.stringify(text), () => {
      expect(typeof fast(text)).toBe('object')
      expect(fast(text)).toEqual(readFull(text))
    })
  }
})

describe('the fast reader hands over', () => {
  for (const [text, reason] of [
    ['- a\n', 'a root that is no mapping'],
    ['text\n', 'a root that is no mapping'],
    ['{a: 1}\n', 'a root that is no mapping'],
    [' a: 1\n', 'an indented root'],
    ['# nothing\n', 'nothing in it'],
    ['a: 1\na: 2\n', 'a key twice'],
    ['on: 1\n', 'a key that is no text'],
    ['1: 1\n', 'a key that is no text'],
    ['<<: {a: 1}\n', 'a key that is no text'],
    ['__proto__: 1\n', 'a key that is no text'],
    ['a: &b c\n', 'an indicator before a value'],
    ['a: !!str 1\n', 'an indicator before a value'],
    ['a: b: c\n', 'a colon in a plain scalar'],
    ['a: "\\x41"\n', 'an escape'],
    ['a: "b\nc"\n', 'quoted text that is not to the right'],
    ['a: |2\n   b\n', 'the header of a block scalar'],
    ['a: |\n\nb: 1\n', 'an empty block scalar'],
    ['a: [b,\n c]\n', 'a flow collection'],
    ['a: [b: c]\n', 'a flow collection'],
    ['a: {b}\n', 'a key in a flow collection'],
    ['a: 9007199254740993\n', 'a number beyond doubles'],
    ['a: .nan\n', 'a number beyond doubles'],
    ['a: 1\n  b: 2\n', 'a colon in a plain scalar'],
    ['a: 1\n...\n', 'a key that begins with `...`'],
    ['a: 1\n... b: 2\n', 'a key that begins with `...`'],
    ['a:\n    b: 1\n  c: 2\n', 'a line that is further right'],
    ['a:\tb\n', 'characters'],
    ['a: 🔒\n', 'characters'],
  ] as const) {
    it(`${JSON.stringify(text)}: ${reason}`, () => expect(fast(text)).toBe(reason))
  }

  it('for deep nesting', () => {
    const text = Array.from({ length: 120 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')
    expect(fast(text)).toBe('deep nesting')
  })

  it('at the end of its part of a text, never reading beyond it', () => {
    const text = 'a: "b\n---\n  c"\n'
    expect(readFast(text, 0, 6)).toEqual({ handOver: 'quoted text that is not to the right' })
    const block = 'a: |\n  x\n---\n  y\n'
    expect(readFast(block, 0, 9)).toEqual({ value: { a: 'x\n' } })
  })
})
