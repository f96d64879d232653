import { type Json, parseDecimal } from '@gatewright/core'
import fc from 'fast-check'

const words = fc.constantFrom(
  ...'y n yes No on OFF true null ~ << = none nan .inf inf - --- ... 1_000 0b-1 0o17 010 08 1e3 1:30'.split(
    ' ',
  ),
  ...'2001-01-01 0x1F +1 .5 1. 12e03 -0 _ 0_8 [a] {a} &a *a !a | > %a @a `a a: :a a:b:c 🔒 /'.split(' '),
  ...['', ' lead', 'trail ', 'a: b', 'a #b', '- a', '? a', "it's"],
  ...['tab\t', '\n', 'line\nbreak', '\u0085', '\u2028', '\uFEFF', '\u007F', '\u0000', '\u001B', '\uFFFE'],
)
const text = fc.oneof(words, fc.string({ unit: 'binary', maxLength: 8 }), fc.string({ maxLength: 8 }))
const number = fc.oneof(
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((double) => parseDecimal(String(double).replace('e+', 'e')) ?? 0),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map((big) => parseDecimal(String(big)) ?? 0),
)

const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
})).value

/** Values with every word, number form and character that YAML readers stumble over, as keys and values. */
export function randomValues(seed: number, count: number): Json[] {
  return fc.sample(fc.dictionary(text, value, { maxKeys: 4, noNullPrototype: true }), {
    seed,
    numRuns: count,
  })
}
